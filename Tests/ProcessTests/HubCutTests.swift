import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Testing

extension ProcessTests {
  /// The hubs are cut in three ways while the trader and the market go on. `RISKD_CUTS` is the number
  /// of cuts of each test, `RISKD_CUT_SEED` makes it another run.
  @Suite struct HubCutTests {
    /// What is cut at one moment.
    enum Reach: String, CaseIterable {
      case user = "the user hub"
      case market = "the market hub"
      case both = "both hubs"

      var hubs: [VenueHub] {
        switch self {
        case .user: [.user]
        case .market: [.market]
        case .both: [.user, .market]
        }
      }

      /// How many cuts make a sample.
      var sample: Int { self == .user ? 36 : 15 }
    }

    private static let seed: UInt64 = 20_261_122
    /// For the handshake, the subscriptions and the log, on a machine that does other things as well.
    private static let allowance = TimeSpan.milliseconds(1_500)

    /// The schedule, beside which there is the allowance alone: what tells of a cut does so at once,
    /// a hub that stalls is given up for its silence, and three attempts are made after their delays.
    private static func schedule(_ cut: HubEffect) -> TimeSpan {
      let notice = cut == .stall ? StageOptions.hurriedSilence : .zero
      return StageOptions.hurriedDelays.reduce(notice, +)
    }

    private let account = RiskdStage.account

    private struct Run {
      var journal = JournalAudit()
      var late = 0
      var slowest: [String: TimeSpan] = [:]
      var working: OrderID?
      /// Ticks from the market's first price.
      var level: Int64 = 0
    }

    @Test(arguments: Reach.allCases)
    func `after every cut what riskd knows is what the venue lists and quotes`(
      reach: Reach
    ) throws {
      let seed = number("RISKD_CUT_SEED") ?? Self.seed
      let count = number("RISKD_CUTS").map(Int.init) ?? reach.sample
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.hurriesHubs()
      print("cuts: seed \(seed); thresholds:\n\(options.mainChanges.map(\.new).joined())")
      try RiskdStage.play(options) { stage in
        var generator = RiskTestKit.SeededGenerator(seed: seed)
        let kinds: [HubEffect] = [.cut, .reset, .stall]
        let cuts = (0..<count).map { kinds[$0 % kinds.count] }.shuffled(using: &generator)
        let began = StageClock.now()
        var run = Run()
        try stage.buy(account, Sample.mnq, 1)
        for (number, cut) in cuts.enumerated() {
          try survive(cut, of: reach, number: number, on: stage, &run, with: &generator)
        }
        let duration = (StageClock.now() - began).milliseconds
        let slowest = run.slowest.sorted { $0.key < $1.key }
          .map { "\($0.key) \($0.value.milliseconds) ms" }
        print(
          "cuts: seed \(seed), \(count) cuts of \(reach.rawValue) in \(duration) ms, \(count - run.late) reconnected "
            + "within the schedule and \(Self.allowance.milliseconds) ms, slowest: \(slowest.joined(separator: ", "))"
        )
        let causes = Dictionary(grouping: run.journal.differences, by: \.cause.rawValue)
          .mapValues(\.count)
        print("cuts: differences in the journal, by cause: \(causes)")
        // What a cut of the market hub hides is told by the next quote.
        stage.check(
          causes.isEmpty == (reach == .market), "the journal says that the cuts hid \(causes)")
        stage.check(run.late * 100 <= count, "\(run.late) of \(count) cuts lasted too long")
        // What is forbidden and happens during a cut is undone after it.
        for hub in reach.hubs { stage.venue.addFault(.hub(hub, .reset)) }
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        try stage.awaitProtection()
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    private func number(_ variable: String) -> UInt64? {
      getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }

    private func survive(
      _ cut: HubEffect, of reach: Reach, number: Int, on stage: RiskdStage, _ run: inout Run,
      with generator: inout RiskTestKit.SeededGenerator
    ) throws {
      let lines = reach.hubs.map { $0 == .user ? "User Hub reconnected" : "Market Hub reconnected" }
      let reconnected = lines.map { stage.logLines($0).count }
      let began = StageClock.now()
      for hub in reach.hubs { stage.venue.addFault(.hub(hub, cut)) }
      try trade(on: stage, &run, with: &generator)
      _ = try quote(on: stage, &run)
      try stage.wait(for: "reconnection \(number) after \(cut.word)") {
        zip(lines, reconnected).allSatisfy { stage.logLines($0).count > $1 }
      }
      let duration = StageClock.now() - began
      run.slowest[cut.word] = max(run.slowest[cut.word] ?? .zero, duration)
      if duration > Self.schedule(cut) + Self.allowance { run.late += 1 }
      try equal(number, cut, stage, &run)
      try hear(number, cut, stage, &run)
    }

    /// The market moves to a price that it did not have in the last thousand moves.
    private func quote(on stage: RiskdStage, _ run: inout Run) throws -> Price {
      let tick: Int64 = 250_000_000
      run.level = (run.level + 1) % 1_000
      let price = Price(nanos: RiskdStage.startMNQ.nanos + run.level * tick)
      try stage.venue.setPrice(Sample.mnq, last: price)
      return price
    }

    /// A price of after the cut counts for what is held.
    private func hear(
      _ number: Int, _ cut: HubEffect, _ stage: RiskdStage, _ run: inout Run
    ) throws {
      let store = try Store.open(
        path: stage.root.database, readOnly: true, inspection: .none, now: StageClock.now())
      defer { try? store.close() }
      var quoted: Set<Price> = []
      let first = run.journal.marks.count
      let isHeard = try StageClock.poll(atMost: .seconds(20)) {
        quoted.insert(try quote(on: stage, &run))
        try run.journal.advance(store)
        return run.journal.marks.dropFirst(first).contains {
          $0.contract == Sample.mnq && quoted.contains($0.price)
        }
      }
      guard isHeard else {
        throw StageFailure("after cut \(number), \(cut.word): no price of \(quoted) counts")
      }
    }

    /// A fill, and an order that comes or goes: what the cut must not hide. Between one and two
    /// contracts, so that the position is listed and always another one.
    private func trade(
      on stage: RiskdStage, _ run: inout Run,
      with generator: inout RiskTestKit.SeededGenerator
    ) throws {
      if stage.venue.signedSize(account, Sample.mnq) == 1 {
        try stage.buy(account, Sample.mnq, 1)
      } else {
        try stage.sell(account, Sample.mnq, 1)
      }
      if let order = run.working {
        try stage.venue.trader.cancel(order)
        run.working = nil
      } else if generator.chance(50) {
        run.working = try stage.venue.trader.place(
          account, Sample.mnq, .sell, size: 1, type: .limit, limit: .at("21900"))
      }
    }

    private func equal(
      _ number: Int, _ cut: HubEffect, _ stage: RiskdStage, _ run: inout Run
    ) throws {
      let store = try Store.open(
        path: stage.root.database, readOnly: true, inspection: .none, now: StageClock.now())
      defer { try? store.close() }
      var differences: [String] = []
      let isEqual = try StageClock.poll(atMost: .seconds(20)) {
        try run.journal.advance(store)
        differences = stage.differences(from: run.journal, [account])
        return differences.isEmpty
      }
      guard isEqual else {
        throw StageFailure("after cut \(number), \(cut.word): \(differences)")
      }
    }
  }
}
