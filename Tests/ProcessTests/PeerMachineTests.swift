import Foundation
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

/// The scenario files of what went wrong in other risk managers.
enum PeerScenario {
  static func path(_ name: String) -> String {
    let here = URL(filePath: #filePath)
    return here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "config/scenarios/peers/\(name).json").path
  }
}

extension ProcessTests {
  /// The scenarios that need another time of day, or another disk.
  @Suite struct PeerMachineTests {
    private static let loser = AccountID(1113)
    private static let holder = AccountID(1213)
    private static let locked = AccountID(1116)

    private static func options(_ rules: [(account: AccountID, rules: String)]) -> StageOptions {
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.venue.accounts = rules.map {
        TradingAccount(id: $0.account, name: "SIM-\($0.account)")
      }
      options.accounts =
        "accounts:\n"
        + rules.map {
          "  - account_id: \($0.account)\n    name: \"SIM-\($0.account)\"\n    rules: {\($0.rules)}\n"
        }.joined()
      return options
    }

    private static let lossLimit =
      "daily_realized_loss: {loss_limit: 100.00}, daily_unrealized_loss: {enabled: false}"

    private func isLocked(_ account: AccountID, _ stage: RiskdStage) throws -> Bool {
      try stage.openTargets(account).contains { $0.isLockout && $0.goal == .flatAccount }
    }

    private func play(_ name: String, _ round: Int, on stage: RiskdStage) throws {
      try stage.venue.run(scenarioFile: PeerScenario.path(name))
      try stage.wait(for: "the end of \(name)") { !stage.venue.isBusy }
      try stage.wait(for: "round \(round) in the journal") {
        stage.logLines("position \(Sample.mnq) 0").count >= round
      }
    }

    private func resets(_ stage: RiskdStage) -> [String] {
      stage.logLines("Daily reset").filter { $0.contains("account=\(Self.loser)") }
    }

    /// 17:00 in Chicago on a day in winter and on both days on which the clocks change.
    @Test(
      arguments: [
        (1_796_166_000, -1, "2026-12-01"), (1_805_061_600, 1, "2027-03-14"),
        (1_825_628_400, -1, "2027-11-07"),
      ] as [(Int64, Int64, String)])
    func `S13: a restart around the reset gives one reset, and the loss of one day each`(
      reset: Int64, seconds: Int64, date: String
    ) throws {
      let reset = Instant(secondsSinceEpoch: reset)
      var options = Self.options([(Self.loser, Self.lossLimit)])
      options.clockLead = reset - .seconds(600) - StageClock.now()
      try RiskdStage.play(options) { stage in
        try play("s13-restart-at-the-reset", 1, on: stage)
        try stage.stopRiskd()
        stage.check(resets(stage).isEmpty, "a reset before its time: \(resets(stage))")
        try stage.setTime(reset + .seconds(seconds))
        try stage.startRiskd()
        try stage.wait(for: "the reset") { !resets(stage).isEmpty }
        // The loss of yesterday and this one together would be too much.
        try play("s13-restart-at-the-reset", 2, on: stage)
        try stage.stays("not locked", during: .seconds(2)) { try !isLocked(Self.loser, stage) }
        try play("s13-restart-at-the-reset", 3, on: stage)
        try stage.wait(for: "locked") { try isLocked(Self.loser, stage) }
        let told = resets(stage)
        stage.check(
          told.count == 1 && told[0].contains("ended=\(date)") && told[0].contains("realized=-60"),
          "resets: \(told)")
        stage.checkConduct()
      }
    }

    @Test(arguments: [-1, 1])
    func `S13: a restart around an early close closes once, and not before`(seconds: Int64) throws {
      // 12:15 in Chicago on the day after Thanksgiving.
      let end = Instant(secondsSinceEpoch: 1_795_803_300)
      var options = Self.options([
        (
          Self.holder,
          "session_block_outside: {enabled: true, allowed_hours: {start: \"08:30\", end: \"15:00\"}}"
        )
      ])
      options.holidays =
        "timezone: \"America/Chicago\"\nholidays: []\nearly_close:\n"
        + "  - {date: 2026-11-27, close_time: \"12:15\"}\n"
      options.clockLead = end - .seconds(300) - StageClock.now()
      try RiskdStage.play(options) { stage in
        try stage.venue.run(scenarioFile: PeerScenario.path("s13-early-close"))
        try stage.wait(for: "the position in the journal") {
          !stage.logLines("position \(Sample.mnq) 1").isEmpty
        }
        try stage.stopRiskd()
        stage.check(stage.venue.signedSize(Self.holder, Sample.mnq) == 1, "closed before its time")
        try stage.setTime(end + .seconds(seconds))
        try stage.startRiskd()
        try stage.wait(for: "flat") { stage.isFlat(Self.holder) }
        try stage.wait(for: "locked") { try isLocked(Self.holder, stage) }
        stage.check(stage.audit(Self.holder).closed(Sample.mnq) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    @Test func `S16: a clock that is set forward opens nothing until the venue's has come`() throws
    {
      // Noon in Chicago, five hours before the reset.
      let noon = Instant(secondsSinceEpoch: 1_796_148_000)
      var options = Self.options([(Self.locked, Self.lossLimit)])
      options.clockLead = noon - StageClock.now()
      try RiskdStage.play(options) { stage in
        let account = Self.locked
        try stage.venue.run(scenarioFile: PeerScenario.path("s16-clock-set-forward"))
        try stage.wait(for: "locked") { try isLocked(account, stage) }
        try stage.stopRiskd()
        try stage.setTime(noon + .seconds(6 * 3_600), venueToo: false)
        try stage.startRiskd()
        try stage.wait(for: "closed again", atMost: .seconds(60)) {
          !stage.venue.isBusy && stage.isFlat(account)
            && stage.audit(account).closed(Sample.mnq) == 1
        }
        stage.check(try isLocked(account, stage), "the lockout did not hold")
        stage.check(stage.logLines("Daily reset").isEmpty, "reset by the clock of the machine")
        try stage.setTime(noon + .seconds(5 * 3_600 + 1))
        try stage.wait(for: "the end of the lockout") { try !isLocked(account, stage) }
        try stage.buy(account, Sample.mnq, 1)
        try stage.stays("the position of the next day", during: .seconds(3)) {
          stage.venue.signedSize(account, Sample.mnq) == 1
        }
        stage.checkConduct()
      }
    }

    @Test(.enabled(if: ProcessTests.mayMount, "mounting a small disk needs root"))
    func `S20: a full disk keeps nothing from being closed, and entries out`() throws {
      let busy = AccountID(1120)
      let blocked = AccountID(1220)
      var options = Self.options([
        (busy, "max_contracts: {limit: 5}"), (blocked, "max_contracts: {limit: 5}"),
      ])
      options.dataMount = "size=6m"
      try RiskdStage.play(options) { stage in
        let filling = try stage.fillDisk()
        try stage.venue.run(scenarioFile: PeerScenario.path("s20-disk-full"))
        try stage.wait(for: "the alarm", atMost: .seconds(60)) {
          !stage.logLines("The journal cannot be written").isEmpty
        }
        try stage.wait(for: "closed on both accounts", atMost: .seconds(60)) {
          !stage.venue.isBusy && stage.audit(busy).closed(Sample.mnq) == 1
            && stage.audit(blocked).closed(Sample.rty) == 1
        }
        stage.check(stage.isFlat(blocked), "the blocked symbol is held")
        filling.remove()
        try stage.wait(for: "the journal is written again", atMost: .seconds(60)) {
          !stage.logLines("The journal can be written again").isEmpty
        }
        try stage.awaitProtection()
        stage.checkConduct()
      }
    }
  }
}
