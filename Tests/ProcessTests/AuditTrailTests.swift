import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The audit log of a riskd that does everything that has to stand in it (D41): each thing once,
  /// in its place, with who, what and how much.
  @Suite(.enabled(if: ProcessTests.mayMount, "ending a lockout is for root alone"))
  struct AuditTrailTests {
    private let account = RiskdStage.account
    private let other = RiskdStage.otherAccount
    private static let password = "demo-admin"
    private static let root = "uid 0 (root), pid "

    /// A lockout of the first account is ended by an administrator only.
    private static var options: StageOptions {
      var options = StageOptions()
      options.accounts = """
        accounts:
          - account_id: 1001
            name: "SIM-50K-1001"
            rules:
              daily_realized_loss: {lockout_until: permanent}
          - account_id: 1002
            name: "SIM-50K-1002"

        """
      return options
    }

    @Test func `all that happens stands in the audit log, and what was done to it is found`()
      throws
    {
      try RiskdStage.play(Self.options) { stage in
        let began = StageClock.now().timestamp
        var trail = AuditTrail()
        try seeStart(stage, &trail)
        try seeBreach(stage, &trail)
        let lockout = try seeLockout(stage, &trail)
        try seeConfiguration(stage, &trail)
        try seeCommands(stage, &trail)
        try seeEnd(of: lockout, stage, &trail)
        try seeStop(stage, &trail)
        let ended = StageClock.now().timestamp
        stage.check(
          trail.records.dropFirst(4).allSatisfy { $0.time >= began && $0.time <= ended },
          "somebody goes by another clock: \(trail.records.map(\.time))")
        try verify(stage, trail, lockout)
        stage.checkConduct()
      }
    }

    private func configured(_ account: AccountID, limit: Int64) -> AuditTrail.Expected {
      .by(
        .evaluator, "configuration.changed", ["account": "\(account)", "accounts": "1001 1002"],
        saying: ["RULE-003", "\"lossLimit\":\(limit)000000"])
    }

    private func seeStart(_ stage: RiskdStage, _ trail: inout AuditTrail) throws {
      try trail.expect(
        stage,
        [
          .by(.supervisor, "riskd.started", who: "supervisor", saying: ["riskd "]),
          .by(.evaluator, "evaluator.started", ["ordinal": "0", "targets": "0"]),
          configured(account, limit: 500), configured(other, limit: 500),
        ])
      stage.check(trail.records.first?.what == "riskd.started", "riskd starts behind something")
    }

    /// One contract too many is taken off, and the venue shows it.
    private func seeBreach(_ stage: RiskdStage, _ trail: inout AuditTrail) throws {
      try stage.buy(other, Sample.mes, 4)
      try stage.wait(for: "three contracts") { stage.venue.signedSize(other, Sample.mes) == 3 }
      let what = ["account": "\(other)", "rule": "RULE-002"]
      let code = ["code": "CONTRACTS_ABOVE_INSTRUMENT_LIMIT"].merging(what) { $1 }
      try trail.expect(
        stage,
        [
          .by(.evaluator, "target.adopted", code, saying: ["\"size\":3", "\(Sample.mes)"]),
          .by(.evaluator, "breach", code, saying: ["You hold 4 MES; the limit for MES is 3."]),
          .by(.evaluator, "target.ended", ["ending": "proven"].merging(what) { $1 }),
        ])
      let targets = Set(trail.records.suffix(3).map { $0.detail["target"] })
      stage.check(targets.count == 1, "they are about several targets: \(targets)")
    }

    private func seeLockout(_ stage: RiskdStage, _ trail: inout AuditTrail) throws -> String {
      try stage.lockOut(account)
      let targets = try stage.openTargets(account).filter(\.isLockout).map { "\($0.id)" }
      guard targets.count == 1 else { throw StageFailure("the lockouts: \(targets)") }
      let detail = [
        "target": targets[0], "account": "\(account)", "rule": "RULE-003",
        "code": "DAILY_LOSS_REACHED",
      ]
      let sentence =
        "Today's result is \(stage.lossAtBreach()) realized; the daily loss limit is 500.00."
      try trail.expect(
        stage,
        [
          .by(.evaluator, "lockout.begun", detail, saying: ["permanent", "flatAccount"]),
          .by(.evaluator, "breach", detail, saying: [sentence]),
        ])
      return targets[0]
    }

    /// One that is refused, and one that gives the accounts another limit.
    private func seeConfiguration(_ stage: RiskdStage, _ trail: inout AuditTrail) throws {
      try stage.changeRules("loss_limit: 500.00", to: "loss_limit: none")
      let slip = try stage.riskctl(["reload", "--wait"])
      stage.check(slip.code == 1, "\(slip)")
      try trail.expect(
        stage,
        [
          .by(
            .supervisor, "configuration.reload.refused", who: Self.root,
            saying: ["daily_realized_loss.loss_limit"])
        ])
      try stage.changeRules("loss_limit: none", to: "loss_limit: 54321.00")
      let reload = try stage.riskctl(["reload", "--wait"])
      stage.check(reload.code == 0, "\(reload)")
      try trail.expect(
        stage,
        [
          .by(
            .supervisor, "configuration.reload.accepted", who: Self.root,
            saying: ["restarting: evaluator"]),
          .by(
            .supervisor, "worker.restart.asked", who: "supervisor", ["worker": "evaluator"],
            saying: ["new configuration"]),
          .by(.evaluator, "evaluator.stopped"),
          .by(.evaluator, "evaluator.started", ["targets": "1"]),
          configured(account, limit: 54_321), configured(other, limit: 54_321),
        ])
    }

    private func seeCommands(_ stage: RiskdStage, _ trail: inout AuditTrail) throws {
      let restart = try stage.riskctl(
        ["restart", "evaluator", "--wait", "--reason", "to see it recorded"])
      stage.check(restart.code == 0, "\(restart)")
      try trail.expect(
        stage,
        [
          .by(
            .supervisor, "worker.restart.asked", who: Self.root, ["worker": "evaluator"],
            saying: ["to see it recorded"]),
          .by(.evaluator, "evaluator.stopped"),
          .by(.evaluator, "evaluator.started", ["targets": "1"]),
        ])
      let backup = try stage.riskctl(["db", "backup"])
      stage.check(backup.code == 0, "\(backup)")
      try trail.expect(
        stage,
        [
          .by(
            .riskctl, "db.backup", who: "riskctl uid 0", ["code": "0"],
            saying: [backup.text.trimmingCharacters(in: .newlines)])
        ])
    }

    private func seeEnd(
      of lockout: String, _ stage: RiskdStage, _ trail: inout AuditTrail
    ) throws {
      let answer = try stage.riskctl(
        ["lockouts", "end", lockout], typing: [Self.password, lockout])
      stage.check(answer.code == 0, "\(answer)")
      try trail.expect(
        stage,
        [
          .by(.evaluator, "lockout.end.asked", ["target": lockout], saying: [Self.root]),
          .by(
            .evaluator, "lockout.ended",
            [
              "target": lockout, "account": "\(account)", "rule": "RULE-003",
              "ending": "administrator",
            ]),
        ])
    }

    private func seeStop(_ stage: RiskdStage, _ trail: inout AuditTrail) throws {
      try stage.stopRiskd()
      try trail.expect(
        stage,
        [
          .by(.supervisor, "riskd.stop.asked", who: "SIGTERM of \(getpid())"),
          .by(.evaluator, "evaluator.stopped"),
          .by(.supervisor, "riskd.stopped", who: "supervisor"),
        ])
      stage.check(trail.records.last?.what == "riskd.stopped", "something comes behind the stop")
    }

    /// The lockout's record is the one that somebody would want to have otherwise.
    private func verify(_ stage: RiskdStage, _ trail: AuditTrail, _ lockout: String) throws {
      let name = "data/audit.log"
      let right = stage.root.text(name)
      let lines = right.split(separator: "\n").map(String.init)
      let whole = try stage.riskctl(["audit", "verify"])
      stage.check(
        whole.code == 0 && whole.text.hasPrefix("\(trail.records.count) records")
          && whole.text.hasSuffix("\nintact\n"), "\(whole)")
      guard let place = trail.records.firstIndex(where: { $0.what == "lockout.begun" }) else {
        throw StageFailure("there is no lockout in the log")
      }
      let number = place + 1
      var changed = lines
      changed[place] = lines[place].replacing("\"account\":\"1001\"", with: "\"account\":\"1009\"")
      stage.check(changed != lines, "nothing is changed: \(lines[place])")
      var short = lines
      short.remove(at: place)
      var swapped = lines
      swapped.swapAt(place, place + 1)
      for (manipulated, findings) in [
        (changed, ["record \(number) was changed"]),
        (short, ["record \(number) is missing in front of it"]),
        (
          swapped,
          [
            "record \(number) is missing in front of it",
            "line \(number + 1): record \(number) stands where record \(number + 2) belongs",
          ]
        ),
      ] {
        try stage.root.write(name, manipulated.map { $0 + "\n" }.joined())
        let found = try stage.riskctl(["audit", "verify"])
        stage.check(
          found.code == 1 && findings.allSatisfy { found.text.contains($0) }
            && !found.text.contains("intact"), "\(findings): \(found)")
      }
      try stage.root.write(name, right)
      let again = try stage.riskctl(["audit", "verify"])
      stage.check(again == whole, "\(again)")
    }
  }
}
