import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// What went wrong in other risk managers, as scenario files, each with what riskd has to do.
  @Suite struct PeerScenarioTests {
    /// Scenarios of locked accounts, one account each, all at the same time.
    private static let locked: [(file: String, account: AccountID)] = [
      ("s01-own-close", 1101), ("s02-exit-by-hand", 1102), ("s03-lost-answer", 1103),
      ("s04-filled-and-not-listed", 1104), ("s08-lock-and-exit", 1108),
      ("s09-close-fails-once", 1109),
      ("s15-too-many-requests", 1115), ("s17-no-progress", 1117), ("s18-foreign-account", 1118),
      ("s19-reentry", 1119), ("s21-market-closed", 1121),
    ].map { ($0.0, AccountID($0.1)) }

    private static let foreign = AccountID(1118)

    private static var lockedOptions: StageOptions {
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.venue.accounts = locked.map {
        TradingAccount(id: $0.account, name: "SIM-\($0.account)")
      }
      options.accounts =
        "accounts:\n"
        + locked.filter { $0.account != foreign }.map {
          """
            - account_id: \($0.account)
              name: "SIM-\($0.account)"
              rules:
                daily_realized_loss: {loss_limit: 100.00}
                daily_unrealized_loss: {enabled: false}

          """
        }.joined()
      return options
    }

    private func run(_ name: String, on stage: RiskdStage) throws {
      try stage.venue.run(scenarioFile: PeerScenario.path(name))
    }

    @Test func `locked accounts, their exits and what the venue answers`() throws {
      try RiskdStage.play(Self.lockedOptions) { stage in
        for scenario in Self.locked { try run(scenario.file, on: stage) }
        try stage.wait(for: "the end of the scenarios", atMost: .seconds(60)) {
          !stage.venue.isBusy
        }
        for (file, account) in Self.locked where account != Self.foreign {
          try stage.wait(for: "\(file): flat and locked", atMost: .seconds(60)) {
            try stage.isFlat(account)
              && stage.openTargets(account).contains { $0.isLockout && $0.goal == .flatAccount }
          }
          // The enforcer is done and proves it.
          try stage.wait(for: "\(file): the proof") {
            stage.provenRules(account).contains(RuleID.dailyRealizedLoss.rawValue)
          }
        }
        try stage.stays("flat", during: .seconds(3)) {
          Self.locked.allSatisfy { $0.account == Self.foreign || stage.isFlat($0.account) }
        }
        check(stage)
        stage.checkConduct()
      }
    }

    private func check(_ stage: RiskdStage) {
      func closed(_ account: Int64) -> Int64 { stage.audit(AccountID(account)).closed(Sample.mnq) }
      func closes(_ account: Int64) -> Int { stage.asked(.closeContract, AccountID(account)) }
      // S1: its own closing order does its work.
      stage.check(closed(1101) == 1 && stage.isFlat(AccountID(1101)), "S1")
      // S2: the exit by hand filled, and riskd added nothing to it.
      stage.check(closed(1102) == 0 && closes(1102) >= 1, "S2: closed \(closed(1102))")
      // S3: sent once, in effect once; no flip.
      stage.check(closed(1103) == 1, "S3: \(closes(1103)) closes")
      // S4: the position is consulted before anything is sent again.
      stage.check(closed(1104) == 1, "S4: \(closes(1104)) closes, closed \(closed(1104))")
      // S8: what was left is out although the account is locked.
      stage.check(closed(1108) == 1, "S8: closed \(closed(1108))")
      // S9: repeated until it worked.
      stage.check(closed(1109) == 1 && closes(1109) >= 2, "S9: \(closes(1109)) closes")
      // S15: enforcement goes on through 429.
      stage.check(closed(1115) == 1 && closes(1115) >= 3, "S15: \(closes(1115)) closes")
      // S17: bounded and loud, and done as soon as it can be.
      let isLoud = !stage.logLines("on account 1117 is not reached after").isEmpty
      stage.check(
        closed(1117) == 1 && (5...7).contains(closes(1117)) && isLoud,
        "S17: \(closes(1117)) closes, loud: \(isLoud)")
      // S21: goes on until the market opens, says so, and does it once.
      let isTold = !stage.logLines("on account 1121 is not reached after").isEmpty
      stage.check(
        stage.audit(AccountID(1121)).closed(Sample.mes) == 1 && (3...8).contains(closes(1121))
          && isTold, "S21: \(closes(1121)) closes, told: \(isTold)")
      // S18: nothing is done to an account that is not ours.
      stage.check(
        stage.changes(Self.foreign).isEmpty
          && stage.venue.signedSize(Self.foreign, Sample.mnq) == 3, "S18")
      // S19: closed each time, counted and reported.
      let comebacks = stage.logLines("Exposure came back").filter { $0.contains("account=1119") }
      stage.check(closed(1119) == 3 && comebacks.count >= 3, "S19: \(comebacks.count) comebacks")
    }

    @Test func `streams that lie, break and end`() throws {
      try RiskdStage.play { stage in
        let account = RiskdStage.account
        var bought: Int64 = 0
        for (file, size) in [
          ("s05-lost-frames", 1), ("s06-cut-in-a-batch", 3), ("s07-second-session", 1),
        ] as [(String, Int64)] {
          let logins = stage.venue.requests(.login).count
          try run(file, on: stage)
          bought += size
          try stage.wait(for: "\(file): bought and closed again", atMost: .seconds(60)) {
            !stage.venue.isBusy && stage.isFlat(account)
              && stage.audit(account).closed(Sample.rty) == bought
          }
          if file == "s07-second-session" {
            stage.check(stage.venue.requests(.login).count > logins, "S7: no new login")
          }
          try stage.wait(for: "\(file): protection") { stage.isProtecting }
        }
        // S11: the absurd print does nothing, the gap does.
        try run("s11-absurd-print", on: stage)
        try stage.wait(for: "S11: the position") {
          stage.venue.signedSize(account, Sample.mnq) == 2
        }
        try stage.stays("S11: the position", during: .seconds(4)) {
          stage.venue.signedSize(account, Sample.mnq) == 2
        }
        try stage.wait(for: "S11: closed after the gap") { stage.isFlat(account) }
        stage.check(
          stage.logLines("is far from the last one").isEmpty == false, "S11: nothing was held back")
        stage.checkConduct()
      }
    }
  }
}
