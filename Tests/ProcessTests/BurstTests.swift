import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// 130 quotes a second, bursts of ten times as many, and readers that are slow. `scripts/prove`
  /// measures half an hour of it.
  @Suite struct BurstTests {
    private static let quotesPerSecond = 130
    private static let burstFactor = 10
    private static let burst = TimeSpan.seconds(5)
    /// What a process may grow by in a burst, in kB: it is a bound, not a figure.
    private static let growth: Int64 = 40_000

    private let account = RiskdStage.account

    private func residentKilobytes(_ stage: RiskdStage, _ worker: WorkerName) throws -> Int64 {
      guard let pid = stage.pid(of: worker),
        let file = fopen("/proc/\(pid)/status", "r")
      else { throw StageFailure("the \(worker.rawValue) has no process") }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), file) != nil {
        let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("VmRSS:") else { continue }
        return text.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int64($0) }
          ?? 0
      }
      throw StageFailure("no memory of the \(worker.rawValue)")
    }

    private func memory(_ stage: RiskdStage) throws -> [WorkerName: Int64] {
      var memory: [WorkerName: Int64] = [:]
      for worker in WorkerName.allCases { memory[worker] = try residentKilobytes(stage, worker) }
      return memory
    }

    /// Workers that are given a new process in between would begin anew.
    private func checkMemory(
      _ stage: RiskdStage, before: [WorkerName: Int64], pids: [WorkerName: Int32]
    ) throws {
      stage.check(stage.pids == pids, "a worker died: \(pids), now \(stage.pids)")
      let after = try memory(stage)
      for worker in WorkerName.allCases {
        let grown = after[worker, default: 0] - before[worker, default: 0]
        stage.check(grown < Self.growth, "the \(worker.rawValue) grew by \(grown) kB")
      }
      print("burst: kB before \(before), after \(after)")
    }

    private func quotes(_ stage: RiskdStage, perSecond: Int, _ duration: TimeSpan) {
      stage.venue.startTraffic(
        TrafficPlan(
          account: account, contract: Sample.mes, quotesPerSecond: perSecond, duration: duration))
    }

    @Test func `in a burst a reader that stops misses quotes and no event, and memory is flat`()
      throws
    {
      var options = StageOptions()
      options.ignoresRequestLimit()
      try RiskdStage.play(options) { stage in
        try stage.buy(account, Sample.mes, 1)
        quotes(stage, perSecond: Self.quotesPerSecond, .seconds(25))
        let sent = stage.venue.counters.marketEvents
        try stage.wait(for: "quotes") { stage.venue.counters.marketEvents > sent + 500 }
        let before = try memory(stage)
        let pids = stage.pids
        let evaluator = try #require(pids[.evaluator])
        quotes(stage, perSecond: Self.quotesPerSecond * (Self.burstFactor - 1), Self.burst)
        // Shorter than what counts as a hang.
        Glibc.kill(evaluator, SIGSTOP)
        defer { Glibc.kill(evaluator, SIGCONT) }
        let end = StageClock.now() + .seconds(1)
        var turns = 0
        while StageClock.now() < end {
          try stage.buy(account, Sample.mnq, 1)
          try stage.sell(account, Sample.mnq, 1)
          turns += 1
          usleep(50_000)
        }
        Glibc.kill(evaluator, SIGCONT)
        // What is forbidden is seen behind all of it.
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        try stage.wait(for: "most of the burst") {
          stage.venue.counters.marketEvents - sent > Self.quotesPerSecond * Self.burstFactor * 3
        }
        var journal = JournalAudit()
        try stage.wait(for: "every execution in the journal") {
          try stage.reading { try journal.advance($0) }
          return stage.differences(from: journal, [account]).isEmpty
        }
        stage.check(
          journal.trades.count == 2 * turns + 3, "only \(journal.trades.count) executions")
        stage.check(journal.missed.isEmpty, "reads had to tell: \(journal.missed)")
        stage.check(stage.logLines("reconnected (onreconnected)").isEmpty, "a hub was lost")
        try checkMemory(stage, before: before, pids: pids)
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    @Test func `a gateway that reads too slowly is dropped, says so and reads what it missed`()
      throws
    {
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.toleratesDeaths()
      options.venue.hub.maximumBacklog = 64 << 10
      try RiskdStage.play(options) { stage in
        let gateway = try #require(stage.pid(of: .gateway))
        Glibc.kill(gateway, SIGSTOP)
        defer { Glibc.kill(gateway, SIGCONT) }
        // More than the kernel keeps for a reader, and the venue for a client.
        try stage.wait(for: "the venue to drop it") {
          stage.venue.emitBurst(orders: 2_000, account: account, contract: Sample.mnq)
          return stage.venue.happenings().contains {
            if case .hub(.user, _, "reads too slowly") = $0.matter { true } else { false }
          }
        }
        try stage.buy(account, Sample.rty, 1)
        Glibc.kill(gateway, SIGCONT)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        try stage.wait(for: "a gap that is told") {
          !stage.logLines("User Hub is lost").isEmpty || stage.pid(of: .gateway) != gateway
        }
        try stage.awaitProtection()
        var journal = JournalAudit()
        try stage.wait(for: "every execution in the journal", atMost: .seconds(60)) {
          try stage.reading { try journal.advance($0) }
          return stage.differences(from: journal, [account]).isEmpty
        }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }
  }
}
