import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// A lockout outlives everything but its end.
  @Suite struct LockoutTests {
    private let account = RiskdStage.account

    @Test func `a trader who comes back while locked is closed out each time`() throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        for round in 1...4 {
          try stage.buy(account, round.isMultiple(of: 2) ? Sample.mnq : Sample.mes, 1)
          try stage.wait(for: "a flat account, round \(round)") { stage.isFlat(account) }
          try stage.wait(for: "the count of round \(round)") {
            stage.logLines("Exposure came back").count >= round
          }
        }
        let audit = stage.audit(account)
        stage.check(audit.closings.count == 4, "closings: \(audit.closings)")
        stage.check(
          stage.logLines("Exposure came back").count == 4, "the comebacks are not counted once")
        stage.checkConduct()
      }
    }

    @Test func `a restart keeps the loss of the day and then the lockout`() throws {
      try RiskdStage.play { stage in
        try stage.realizeLoss(of: 80, contracts: 1, account)
        try stage.buy(account, Sample.mes, 1)
        try stage.wait(for: "the position in the journal") {
          stage.logLines("position \(Sample.mes) 1").isEmpty == false
        }
        try stage.stopRiskd()
        stage.check(stage.venue.signedSize(account, Sample.mes) == 1, "stopping closed something")
        try stage.realizeLoss(of: 80, contracts: 1, account)
        try stage.startRiskd()
        stage.check(stage.venue.signedSize(account, Sample.mes) == 1, "starting closed something")
        stage.check(try stage.openTargets(account).isEmpty, "a breach that is none")
        // 320 dollars are lost by now; another 200 is too much only together with them.
        try stage.realizeLoss(of: 100, contracts: 1, account)
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        let targets = try stage.openTargets(account)
        stage.check(targets.contains { $0.isLockout && $0.goal == .flatAccount }, "no lockout")
        let breach = stage.logLines("reason=DAILY_LOSS_REACHED").first ?? "nothing"
        let loss = stage.lossAtBreach()
        stage.check(
          breach.contains("Today's result is \(loss) realized"), "lost \(loss), said: \(breach)")

        try stage.stopRiskd()
        try stage.buy(account, Sample.mnq, 1)
        try stage.startRiskd()
        try stage.wait(for: "a flat account after the restart") { stage.isFlat(account) }
        try stage.buy(account, Sample.mes, 2)
        try stage.wait(for: "a flat account again") { stage.isFlat(account) }
        stage.check(try stage.openTargets(account) == targets, "the lockout is not the same")
        stage.checkConduct()
      }
    }
  }
}

extension RiskdStage {
  /// The gross result of the trader's own round trips; what riskd closed came after the breach.
  func lossAtBreach() -> Money {
    let closings = Set(audit(Self.account).closings.map(\.order))
    return venue.trades(Self.account).filter { !closings.contains($0.order) }
      .reduce(.zero) { $0 + ($1.profit ?? .zero) }
  }
}
