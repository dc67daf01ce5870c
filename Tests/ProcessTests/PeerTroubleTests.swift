import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// The scenarios in which riskd is restarted, or the whole venue behaves in another way.
  @Suite struct PeerTroubleTests {
    private static let lossLimit =
      "daily_realized_loss: {loss_limit: 100.00}, daily_unrealized_loss: {enabled: false}"

    private static var options: StageOptions {
      var options = StageOptions()
      let session = RuleStage.own.first { $0.rule == .sessionBlockOutside }
      let rules: [(account: Int64, rules: String)] = [
        (1110, lossLimit), (1112, lossLimit), (1122, lossLimit),
        (1114, "session_block_outside: {enabled: true, \(session?.values ?? "")}"),
      ]
      options.ignoresRequestLimit()
      options.venue.accounts = rules.map {
        TradingAccount(id: AccountID($0.account), name: "SIM-\($0.account)")
      }
      options.accounts =
        "accounts:\n"
        + rules.map {
          "  - account_id: \($0.account)\n    name: \"SIM-\($0.account)\"\n    rules: {\($0.rules)}\n"
        }.joined()
      return options
    }

    private func run(_ name: String, on stage: RiskdStage) throws {
      try stage.venue.run(scenarioFile: PeerScenario.path(name))
      try stage.wait(for: "the end of \(name)") { !stage.venue.isBusy }
    }

    private func isLocked(_ account: AccountID, _ stage: RiskdStage) throws -> Bool {
      try stage.openTargets(account).contains { $0.isLockout && $0.goal == .flatAccount }
    }

    @Test func `answers without content, restarts, missed minutes and partial closes`() throws {
      try RiskdStage.play(Self.options) { stage in
        try noContent(stage)
        try restart(stage)
        try partialClose(stage)
        stage.checkConduct()
      }
    }

    /// S10: what is not known is not taken for nothing. Nothing may be added, protection goes on, and
    /// once the account is read the trader is free again.
    private func noContent(_ stage: RiskdStage) throws {
      let blind = AccountID(1110)
      try run("s10-no-content", on: stage)
      try stage.wait(for: "S10: the blocked symbol and the entry are closed", atMost: .seconds(60))
      {
        stage.isFlat(blind) && stage.audit(blind).closed(Sample.rty) == 1
          && stage.audit(blind).closed(Sample.mnq) == 1
      }
      let barred = stage.logLines(BreachReason.cannotEvaluate(.accountUnread).sentence)
      stage.check(!barred.isEmpty, "S10: no entry was barred")
      try stage.awaitProtection()
      try stage.wait(for: "S10: entries are free again", atMost: .seconds(60)) {
        try stage.openTargets(blind).allSatisfy { $0.end != .evaluationRestored }
      }
      try stage.buy(blind, Sample.mnq, 1)
      try stage.wait(for: "S10: the entry in the journal") {
        !stage.logLines("position \(Sample.mnq) 1").isEmpty
      }
      stage.check(stage.venue.signedSize(blind, Sample.mnq) == 1, "S10: a free entry was closed")
    }

    /// S12 and S14: what was before the restart, and what happened while nobody watched.
    private func restart(_ stage: RiskdStage) throws {
      let loser = AccountID(1112)
      let late = AccountID(1114)
      try run("s12-loss-before-a-restart", on: stage)
      try stage.wait(for: "S12: the position in the journal") {
        !stage.logLines("position \(Sample.mes) 1").isEmpty
      }
      try stage.stopRiskd()
      try run("s14-minute-missed", on: stage)
      try stage.startRiskd()
      try stage.wait(for: "S14: acted late") { stage.isFlat(late) }
      stage.check(stage.audit(late).closed(Sample.mnq) == 2, "S14: not closed once")
      stage.check(stage.venue.signedSize(loser, Sample.mes) == 1, "S12: closed by the restart")
      stage.check(try !isLocked(loser, stage), "S12: locked by the restart")
      // Too much only together with what was lost before.
      try stage.realizeLoss(of: 30, contracts: 1, loser)
      try stage.wait(for: "S12: locked and flat") {
        try stage.isFlat(loser) && isLocked(loser, stage)
      }
    }

    /// S22: nothing is left of the bracket, and nothing is sold that is not held.
    private func partialClose(_ stage: RiskdStage) throws {
      let account = AccountID(1122)
      try run("s22-partial-close", on: stage)
      try stage.wait(for: "S22: flat and locked", atMost: .seconds(60)) {
        try stage.isFlat(account) && isLocked(account, stage)
      }
      try stage.stays("S22: flat without an order", during: .seconds(3)) {
        stage.isFlat(account) && stage.venue.workingOrders(account).isEmpty
      }
      let pieces = stage.audit(account).closings.filter { $0.contract == Sample.mnq }
      stage.check(pieces.map(\.size) == [1, 1], "S22: closed \(pieces)")
    }
  }
}
