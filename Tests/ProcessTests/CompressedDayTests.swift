import Checklist
import ControlPlane
import Foundation
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Supervision
import Testing

extension ProcessTests {
  /// A day of real processes in less than two minutes, by the test clock.
  @Suite struct CompressedDayTests {
    /// A minute and a half are a day and a bit.
    private static let rate: Int64 = 900
    /// Tuesday, 16 March 2027, 08:00 in Chicago, by summer time.
    private static let morning = Instant(secondsSinceEpoch: 1_805_202_000)
    private static let resetTime = morning + .seconds(9 * 3_600)
    /// A day after the start there is something to say about a whole day.
    private static let length = TimeSpan.seconds(24 * 3_600 + 1_800)
    private static let sizeLimit: Int64 = 100_000_000

    private func options(_ pace: ClockPace) -> StageOptions {
      var options = StageOptions()
      options.goes(by: pace)
      options.awaitsProtection = false
      options.ignoresRequestLimit()
      return options
    }

    @Test func `a day passes, and each defect of it turns its line`() throws {
      let anchor = SystemClock().now()
      let pace = ClockPace(
        anchor: Instant(nanosSinceEpoch: anchor.nanosSinceEpoch / 1_000_000 * 1_000_000),
        offset: .milliseconds((Self.morning - anchor).milliseconds), rate: Self.rate * 1_000)
      let clock = SystemClock(pace: pace)
      try RiskdStage.play(options(pace)) { stage in
        try stage.awaitProtection()
        try leaveOldRows(stage)
        checkClock(stage, pace)
        try trade(stage, clock)
        try seeReset(stage, clock)
        try restartMonitor(stage)
        try stage.wait(for: "the end of the day", atMost: .seconds(150)) {
          clock.now() >= Self.morning + Self.length
        }
        checkSize(stage)
        try seeEvaluations(stage)
        let authority = try passDay(stage)
        try spoil(stage)
        try stage.stopRiskd()
        let day = try RecordedDay(stage.root, authority)
        defer { day.remove() }
        try look(at: day, stage)
      }
    }

    /// As if riskd had run for years.
    private func leaveOldRows(_ stage: RiskdStage) throws {
      try stage.wait(for: "old rows") {
        (try? RawDatabase.change(stage.root.database, DayDefect.oldRows)) != nil
      }
    }

    private func checkClock(_ stage: RiskdStage, _ pace: ClockPace) {
      let report = stage.status()
      stage.check(
        report?.testClock?.ratePerMille == pace.rate
          && report?.testClock?.anchor == pace.anchor.timestamp, "no clock in \(report as Any)")
      stage.check(
        report?.line.contains("TEST CLOCK") == true && report?.line.contains("900 times") == true,
        "no clock in \(report?.line ?? "")")
      stage.check(stage.log.contains("riskd goes by a clock for tests"), "no clock in the log")
    }

    /// Six hours of round turns under quotes, a forbidden symbol, and one account that loses more than
    /// its limit.
    private func trade(_ stage: RiskdStage, _ clock: SystemClock) throws {
      stage.venue.startTraffic(
        TrafficPlan(
          account: RiskdStage.account, contract: Sample.mes, ordersPerSecond: 8,
          quotesPerSecond: 60, duration: .seconds(24)))
      try stage.buy(RiskdStage.account, Sample.rty, 1)
      try stage.wait(for: "no RTY") {
        stage.venue.signedSize(RiskdStage.account, Sample.rty) == 0
      }
      try stage.lockOut(RiskdStage.otherAccount)
      stage.check(clock.now() < Self.resetTime, "the lockout came behind the reset")
    }

    /// The reset is the end of the lockout, by riskd's clock and by the venue's.
    private func seeReset(_ stage: RiskdStage, _ clock: SystemClock) throws {
      try stage.wait(for: "the daily reset", atMost: .seconds(90)) {
        stage.root.text("logs/daemon.log").contains("Daily reset")
      }
      stage.check(clock.now() >= Self.resetTime, "the reset came early")
      try stage.wait(for: "the end of the lockout") {
        try !stage.openTargets(RiskdStage.otherAccount).contains(where: \.isLockout)
      }
    }

    /// Its record goes on, and that is no crash.
    private func restartMonitor(_ stage: RiskdStage) throws {
      let monitor = stage.pid(of: .monitor)
      let (text, code) = try stage.riskctl(["restart", "monitor", "--wait"])
      stage.check(code == 0, "riskctl restart monitor: \(text)")
      try stage.wait(for: "the next monitor") {
        stage.isProtecting && stage.pid(of: .monitor) != monitor
      }
    }

    private func checkSize(_ stage: RiskdStage) {
      let data = stage.root.folder.file("data")
      func size(_ name: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(data)/\(name)")
        return (attributes?[.size] as? Int64) ?? 0
      }
      let database = size("risk_manager.db") + size("risk_manager.db-wal")
      let audit = size("audit.log")
      let trades = stage.venue.trades(RiskdStage.account).count
      print(
        "a day with \(trades) executions: database \(database) bytes, audit log \(audit), "
          + "metrics \(size("metrics.db"))")
      stage.check(trades > 100, "only \(trades) executions")
      stage.check(audit > 0, "no audit log")
      stage.check(database + audit < Self.sizeLimit, "\(database) and \(audit) bytes")
    }

    /// Every execution of the day was evaluated, and the token's refresh is where it has to be.
    private func seeEvaluations(_ stage: RiskdStage) throws {
      let (text, _) = try stage.riskctl(["checklist", "hour", "--json"])
      let report = try JSONDecoder().decode(ChecklistReport.self, from: Data(text.utf8))
      for line in report.checks { print("\(line.verdict.mark) \(line.id): \(line.evidence)") }
      let unseen = report.checks.filter {
        ["8", "10", "11"].contains($0.id) && $0.verdict != .pass
      }
      stage.check(unseen.isEmpty, "\(unseen.map { "\($0.id): \($0.evidence)" })")
    }

    /// What riskctl says beside the riskd that runs, and what the supervisor says.
    private func passDay(_ stage: RiskdStage) throws -> RecordedDay.Authority {
      let (text, code) = try stage.riskctl(["checklist", "day", "--json"])
      let report = try JSONDecoder().decode(ChecklistReport.self, from: Data(text.utf8))
      for line in report.checks { print("\(line.verdict.mark) \(line.id): \(line.evidence)") }
      let failed = report.checks.filter { $0.verdict != .pass && !isSlow($0) }
      stage.check(failed.isEmpty, "\(failed.map { "\($0.id): \($0.evidence)" })")
      stage.check(code == (report.passed ? 0 : 1), "it ended with \(code ?? -1)")
      let client = ControlClient(path: stage.root.controlSocket)
      guard case .status(let status) = try client.ask(.status),
        case .history(let history) = try client.ask(
          .history(limit: ControlRequest.historyLimit))
      else { throw StageFailure("riskd answers something else") }
      if !failed.isEmpty {
        for entry in history where entry.event == .death { stage.check(false, "\(entry)") }
      }
      return RecordedDay.Authority(status: status, history: history)
    }

    /// While riskd runs, each defect turns its line and no other; undone, nothing is left of it.
    private func spoil(_ stage: RiskdStage) throws {
      func failures() throws -> [String] {
        let (text, _) = try stage.riskctl(["checklist", "day", "--json"])
        let report = try JSONDecoder().decode(ChecklistReport.self, from: Data(text.utf8))
        return report.checks.filter { $0.verdict == .fail && !isSlow($0) }.map {
          "\($0.id): \($0.evidence)"
        }
      }
      for defect in LiveDefect.all {
        let undo = try defect.make(stage)
        let spoilt = try failures()
        try undo()
        stage.check(
          spoilt.count == 1 && spoilt[0].hasPrefix(defect.line + ": "),
          "\(defect.what): \(spoilt)")
      }
      let left = try failures()
      stage.check(left.isEmpty, "after all defects: \(left)")
    }

    /// How fast an event is decided is a matter of the build and of what else the machine does;
    /// `riskbench` measures it.
    private func isSlow(_ line: ChecklistReport.Line) -> Bool {
      line.id == "20" && line.evidence.contains(" below 10 ms, the worst ")
    }

    private func look(at day: RecordedDay, _ stage: RiskdStage) throws {
      try day.quicken()
      let good = try day.copied { try $0.report() }
      stage.check(good.isComplete, "the record: \(good.text)")
      for defect in DayDefect.all {
        let report = try day.copied { copy in
          var copy = copy
          try defect.make(&copy)
          return try copy.report()
        }
        let failed = report.checks.filter { $0.verdict == .fail }
        stage.check(
          failed.map(\.id) == [defect.line],
          "\(defect.what): \(failed.map { "\($0.id): \($0.evidence)" })")
      }
    }
  }
}
