import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct EvaluatorRoleTests {
  private let rules = RiskConfiguration(
    maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 2, SymbolRoot("ES"): 2]),
    dailyRealizedLoss: .init(lossLimit: .of("500")),
    dailyUnrealizedLoss: .init(lossLimit: .of("300")))

  @Test func `an event is recorded with its decisions before they leave`() {
    let stage = EvaluatorStage(rules)
    stage.journal.order = []
    stage.hold(Sample.mnq, 3)
    #expect(stage.adopted.map(\.goal) == [.atMost(Sample.mnq, size: 2)])
    #expect(stage.journal.order.first == "commit")
    #expect(stage.journal.order.dropFirst().contains("enforcer"))
    let entry = stage.journal.entries.last
    #expect(entry?.effects.goals == [.atMost(Sample.mnq, size: 2)])
    #expect(entry?.ordinal == stage.role.engineState.ordinal)
  }

  @Test func `the enforcer hears the event before the target`() {
    let stage = EvaluatorStage(rules)
    stage.enforcer.sent = []
    stage.hold(Sample.mnq, 3)
    guard case .venue(.position) = stage.enforcer.sent.first,
      case .adopt = stage.enforcer.sent.last
    else {
      Issue.record("unexpected order: \(stage.enforcer.sent)")
      return
    }
  }

  @Test func `an input is acknowledged with the commit that holds its effect`() {
    let stage = EvaluatorStage(rules)
    stage.hold(Sample.mnq, 1)
    #expect(stage.gateway.committed.last == stage.journal.batches.last?.feed)
    stage.report(.adopted(revision: 4))
    #expect(stage.enforcer.committed.last == stage.journal.batches.last?.verdict)
    #expect(stage.role.figures.adoptedRevision == 4)
  }

  @Test func `inputs that arrive together are one transaction`() {
    let stage = EvaluatorStage(rules)
    let batches = stage.journal.batches.count
    for id in 0..<10 {
      stage.role.received(
        .event(
          .contract(Sample.contracts[id % 3]), receivedAt: stage.clock.instant,
          readAt: MonotonicInstant(nanos: 0)),
        at: StreamPosition(producerEpoch: 1, sequence: Int64(100 + id)))
    }
    #expect(stage.host.turnsWanted == 1)
    stage.turn()
    #expect(stage.journal.batches.count == batches + 1)
    #expect(stage.journal.batches.last?.entries.count == 10)
  }

  @Test func `a lockout is made durable after it has left`() {
    let stage = EvaluatorStage(rules)
    stage.journal.order = []
    stage.trade("-600", id: 1)
    #expect(stage.adopted.map(\.goal) == [.flatAccount])
    #expect(stage.journal.order.first == "commit")
    #expect(stage.journal.order.last == "durable")
    #expect(stage.journal.durablePoints == 1)
  }

  @Test func `quotes are recorded only where they move the mark of something held`() {
    let stage = EvaluatorStage(rules)
    let before = stage.journal.entries.count
    stage.feed(.quote(Quote(contract: Sample.mnq, last: .at("20000"))))
    #expect(stage.journal.entries.count == before)
    stage.hold(Sample.mnq, 1)
    // The price that was seen before the position counts from its first moment.
    #expect(stage.role.engineState.books[Sample.mnq]?.last == .at("20000"))
    let held = stage.journal.entries.count
    stage.feed(.quote(Quote(contract: Sample.mnq, last: .at("20000"))))
    #expect(stage.journal.entries.count == held)
    stage.feed(.quote(Quote(contract: Sample.mnq, last: .at("20001"))))
    #expect(stage.journal.entries.count == held + 1)
    #expect(!stage.enforcer.sent.contains { if case .venue(.quote) = $0 { true } else { false } })
  }

  @Test func `a proof ends a one-shot target and is recorded`() throws {
    let stage = EvaluatorStage(rules)
    stage.hold(Sample.mnq, 3)
    let target = try #require(stage.adopted.first)
    let summary = EnforcementSummary(requests: 3, passes: 1, duration: .milliseconds(12))
    stage.report(.proven(target.id, summary, at: stage.clock.instant))
    #expect(stage.journal.batches.flatMap(\.proofs).map(\.target) == [target.id])
    #expect(
      stage.enforcer.sent.contains {
        if case .end(_, target.id, .proven) = $0 { true } else { false }
      })
    // A proof of a target that is gone changes nothing.
    stage.report(.proven(target.id, summary, at: stage.clock.instant))
    #expect(stage.role.figures.proofs == 2)
  }

  @Test func `steps are recorded and surprises make the gateway read again`() {
    let stage = EvaluatorStage(rules)
    let step = EnforcementStep(
      target: TargetID(inputOrdinal: 1, index: 0), account: Sample.account,
      action: .close(Sample.mnq), outcome: .accepted, sentAt: stage.clock.instant,
      duration: .milliseconds(3), reaction: .microseconds(300))
    stage.report(.step(step))
    stage.report(
      .failing(step.target, passes: 3, problem: "market closed", at: stage.clock.instant))
    #expect(stage.journal.batches.flatMap(\.steps) == [step])
    stage.report(.surprised(Sample.account, at: stage.clock.instant))
    #expect(stage.gateway.sent.last == .refresh(Sample.account))
  }

  @Test func `a message that was given up makes everything be read again`() {
    let stage = EvaluatorStage(rules)
    stage.role.skippedFeed(at: StreamPosition(producerEpoch: 1, sequence: 99))
    stage.turn()
    #expect(stage.gateway.sent.last == .refresh(Sample.account))
    #expect(stage.gateway.committed.last?.sequence == 99)
    stage.role.skippedReport(at: StreamPosition(producerEpoch: 2, sequence: 7))
    stage.turn()
    #expect(stage.enforcer.committed.last?.sequence == 7)
  }

  @Test func `other messages pass through or change figures only`() {
    let stage = EvaluatorStage(rules)
    stage.feed(.hub(.user, isConnected: true, receivedAt: stage.clock.instant))
    stage.feed(.unknown(Sample.account, reason: "payload", receivedAt: stage.clock.instant))
    stage.feed(.canary(number: 4, sentAt: MonotonicInstant(nanos: 1_000)))
    #expect(
      stage.enforcer.sent.last == .canary(number: 4, sentAt: MonotonicInstant(nanos: 1_000)))
    stage.report(
      .canary(
        number: 4, sentAt: MonotonicInstant(nanos: 1_000),
        enforcerAt: MonotonicInstant(nanos: 91_000)))
    #expect(stage.role.figures.canaryTrip == .microseconds(90))
    stage.feed(.unprotectable(Sample.account, reason: "name", receivedAt: stage.clock.instant))
    stage.trade("-900", id: 9)
    #expect(stage.adopted.isEmpty)
  }

  @Test func `an answer to a question comes in as an input`() {
    let stage = EvaluatorStage(rules)
    let unknown = ContractID("CON.F.US.XYZ.Z26")
    stage.hold(unknown, 1, at: "100")
    let ids = stage.gateway.sent.compactMap { request -> QueryID? in
      if case .query(let id, .contract(unknown)) = request { id } else { nil }
    }
    #expect(ids.count == 1)
    #expect(stage.role.gatewayNeedsEverything().count == 2)
    let data = ContractSpecification(
      id: unknown, name: "XYZ", tickSize: .at("1"), tickValue: .of("1"))
    stage.feed(.answer(ids[0], .contract(data), receivedAt: stage.clock.instant))
    #expect(stage.role.engineState.contracts[unknown] == data)
    #expect(stage.role.gatewayNeedsEverything() == [.watch([unknown])])
  }

  @Test func `an enforcer that starts over gets accounts, what is known, and all targets`() {
    let stage = EvaluatorStage(rules)
    stage.feed(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
          positions: [], workingOrders: [], trades: [], startedAt: stage.clock.instant),
        receivedAt: stage.clock.instant))
    stage.trade("-600", id: 1)
    let all = stage.role.enforcerNeedsEverything()
    #expect(all.first == .accounts([Sample.account]))
    guard case .snapshot(let snapshot) = all[1], case .targets(let revision, let targets) = all[2]
    else {
      Issue.record("unexpected: \(all)")
      return
    }
    #expect(snapshot.account.id == Sample.account)
    #expect(targets.map(\.goal) == [.flatAccount])
    let sent = stage.enforcer.sent.compactMap { message -> Int64? in
      if case .adopt(let revision, _, _) = message { revision } else { nil }
    }
    #expect(sent.allSatisfy { $0 < revision })
  }

  @Test func `ticks are recorded only when they change something`() {
    let stage = EvaluatorStage(rules)
    stage.trade("-600", id: 1)
    let before = stage.journal.entries.count
    stage.clock.instant = stage.clock.instant + .seconds(60)
    stage.role.tick()
    stage.turn()
    #expect(stage.journal.entries.count == before)
    stage.clock.instant = stage.clock.instant + .seconds(9 * 3_600)
    stage.role.tick()
    stage.turn()
    // The machine's clock alone ends nothing.
    #expect(stage.journal.entries.count == before)
    stage.feed(.venueTime(stage.clock.instant, receivedAt: stage.clock.instant))
    stage.role.tick()
    stage.turn()
    #expect(stage.role.engineState.targets.isEmpty)
  }

  @Test func `a checkpoint comes after enough inputs, with a new configuration, and at the stop`() {
    var settings = EvaluatorRole.Settings()
    settings.checkpointEvery = 20
    let stage = EvaluatorStage(rules, settings: settings)
    #expect(stage.journal.batches.first?.beginsSegment == true)
    #expect(stage.journal.batches.first?.checkpoint != nil)
    for id in 0..<25 { stage.trade("-1", id: Int64(id)) }
    #expect(stage.journal.batches.dropFirst().contains { $0.checkpoint != nil })
    stage.role.stop()
    #expect(stage.journal.batches.last?.checkpoint == stage.role.engineState)
    #expect(stage.journal.durablePoints == 1)
  }

  @Test func `a restart with the same configuration goes on without an input`() {
    let first = EvaluatorStage(rules)
    first.trade("-600", id: 1)
    let second = EvaluatorStage(
      rules, engine: RiskEngine(state: first.role.engineState), quietStart: true)
    #expect(second.host.turnsWanted == 0)
    #expect(second.role.engineState == first.role.engineState)
    let all = second.role.enforcerNeedsEverything()
    #expect(all.last.map { "\($0)".contains("flatAccount") } == true)
  }
}
