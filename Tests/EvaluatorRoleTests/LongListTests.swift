import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Many accounts at once: what arrives is worked through in pieces, and what leaves fits its frames.
@Suite struct LongListTests {
  private let rules = RiskConfiguration(maxContracts: .init(limit: 2))

  private func position(_ number: Int64) -> FeedMessage {
    .event(
      .position(
        Position(
          id: 1, account: Sample.account, contract: Sample.mnq, openedAt: Sample.morning,
          signedSize: number % 2 + 1, averagePrice: .at("20000"))), receivedAt: Sample.morning,
      readAt: MonotonicInstant(nanos: 1))
  }

  private func stage(arrivals: Int64) -> EvaluatorStage {
    var settings = EvaluatorRole.Settings()
    settings.arrivalsPerTurn = 10
    let stage = EvaluatorStage(rules, settings: settings)
    stage.turn()
    stage.gateway.committed = []
    for number in 1...arrivals {
      stage.role.received(position(number), at: StreamPosition(producerEpoch: 9, sequence: number))
    }
    return stage
  }

  @Test func `a turn takes a part, lets it out, and asks for another turn`() {
    let stage = stage(arrivals: 25)
    #expect(stage.host.turnsWanted == 1)
    for end in [Int64(10), 20] {
      stage.host.turnsWanted = 0
      stage.role.turn()
      #expect(stage.host.turnsWanted == 1)
      #expect(stage.gateway.committed.last?.sequence == end)
    }
    stage.host.turnsWanted = 0
    stage.role.turn()
    #expect(stage.host.turnsWanted == 0)
    #expect(stage.gateway.committed.map(\.sequence) == [10, 20, 25])
    stage.role.received(position(26), at: StreamPosition(producerEpoch: 9, sequence: 26))
    #expect(stage.host.turnsWanted == 1)
  }

  @Test func `one tick waits, and goes by the latest time of the venue`() {
    let stage = EvaluatorStage(RiskConfiguration(noStopLossGrace: .init(grace: .seconds(30))))
    stage.hold(Sample.mnq, 1)
    stage.journal.batches = []
    stage.clock.instant = stage.clock.instant + .seconds(31)
    let later = stage.clock.instant
    stage.role.received(
      .venueTime(later, receivedAt: later), at: StreamPosition(producerEpoch: 9, sequence: 1))
    for _ in 0..<5 { stage.role.tick() }
    stage.turn()
    let ticks = stage.journal.entries.compactMap { entry -> Instant? in
      if case .tick(let venueTime) = entry.input { venueTime } else { nil }
    }
    #expect(!ticks.isEmpty && ticks.count <= 2, "\(ticks)")
    #expect(ticks.allSatisfy { $0 == later }, "\(ticks)")
    #expect(
      stage.gateway.sent.contains {
        if case .query(_, .workingOrders(Sample.account)) = $0 { true } else { false }
      })
  }

  @Test func `a stop takes all of it`() {
    let stage = stage(arrivals: 45)
    stage.role.stop()
    #expect(stage.gateway.committed.last?.sequence == 45)
    #expect(stage.role.isRecorded)
  }

  private func target(_ number: Int64, contracts: Int) -> Target {
    let names = (0..<contracts).map { ContractID("CON.F.US.SYMBOL\($0).Z26") }
    let goal: Goal =
      number % 2 == 0
      ? .flatAccount
      : .noNewExposure(names.map { Baseline(contract: $0, signedSize: -1_000_000) })
    let episodes = names.map {
      PositionEpisode(
        contract: $0, position: 9_000_000_000, openedAt: Sample.morning, side: .sell,
        leftovers: (0..<5).map { OrderID(4_000_000_000 + $0) })
    }
    return Target(
      id: TargetID(inputOrdinal: 1_800_000_000_000 + number, index: 100),
      account: AccountID(2_000_000_000 + number), goal: goal,
      cause: Cause(
        rule: .dailyRealizedLoss,
        reason: .dailyLossReached(
          realized: .of("-1234567.89"), open: .of("-1234567.89"), limit: .of("1234567.89"))),
      end: .dailyReset(CivilDate(year: 2026, month: 11, day: 23)), adoptedAt: Sample.morning,
      episodes: number % 2 == 0 ? episodes : nil)
  }

  @Test(arguments: [(0, 0), (1, 0), (3, 200), (1_500, 0), (1_500, 3), (60, 200)])
  func `targets leave in parts that fit`(count: Int, contracts: Int) throws {
    let targets = (0..<count).map { target(Int64($0), contracts: contracts) }
    let parts = TargetParts(targets).all
    #expect(parts.flatMap(\.self) == targets)
    for part in parts {
      let bytes = try MessageCoder().encode(VerdictMessage.targetsAhead(part))
      #expect(!part.isEmpty && bytes.count <= LinkLimits.bodyBytes)
    }
    if count > 1_000 { #expect(parts.count > 1) }
  }

  @Test func `a few targets are told as one set`() {
    let stage = EvaluatorStage(rules)
    stage.hold(Sample.mnq, 3)
    let sets = stage.role.enforcerNeedsEverything().filter {
      switch $0 {
      case .targets, .targetsAhead: true
      default: false
      }
    }
    #expect(sets.count == 1)
  }

  @Test func `of many accounts those with something in them are to be read first`() {
    var engine = RiskEngine()
    let accounts = (1...12).map { AccountID($0) }
    let configuration = Dictionary(uniqueKeysWithValues: accounts.map { ($0, rules) })
    _ = engine.apply(.configuration(configuration), at: Sample.morning)
    for id in [AccountID(3), AccountID(11)] {
      _ = engine.apply(
        .event(
          .position(
            Position(
              id: 1, account: id, contract: Sample.mnq, openedAt: Sample.morning,
              signedSize: 1, averagePrice: .at("20000")))), at: Sample.morning)
    }
    let stage = EvaluatorStage(configuration, engine: engine)
    #expect(
      stage.role.gatewayNeedsEverything().contains(.readFirst([AccountID(3), AccountID(11)])))
    #expect(
      !EvaluatorStage(rules).role.gatewayNeedsEverything().contains {
        if case .readFirst = $0 { true } else { false }
      })
  }
}
