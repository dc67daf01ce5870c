import ControlPlane
import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing
import Workers

extension ProcessTests {
  /// The trader pulls the plug: what had not reached the disk is forgotten in part. What riskd had
  /// decided for good stands all the same.
  @Suite struct PowerCutTests {
    private static let seed: UInt64 = 20_261_122
    /// `RISKD_POWER_CUTS` says how many; each has a day of its own.
    private static let cuts = 4
    /// A lockout is on the disk this soon after it was decided.
    private static let durableAfter = TimeSpan.milliseconds(500)

    private let account = RiskdStage.account

    @Test func `lockouts and what is held survive the pulled plug`() throws {
      let cuts = getenv("RISKD_POWER_CUTS").flatMap { Int(String(cString: $0)) } ?? Self.cuts
      var generator = RiskTestKit.SeededGenerator(seed: Self.seed)
      var atStake: [String: Int] = [:]
      var locked = 0
      for _ in 0..<cuts {
        let found = try play(with: &generator)
        atStake.merge(found.atStake, uniquingKeysWith: +)
        if found.isLocked, found.atStake.keys.contains(where: { $0.hasPrefix("risk_manager.db") }) {
          locked += 1
        }
      }
      // A shim that sees nothing would make every cut harmless.
      #expect(atStake.keys.contains { $0.hasPrefix("risk_manager.db") }, "\(atStake)")
      #expect(locked > 0, "no lockout stood while writes of its database were at stake")
      print(
        "power cuts: seed \(Self.seed), \(cuts) cuts, \(locked) of them with a lockout, "
          + "writes at stake \(atStake)")
    }

    private func play(
      with generator: inout RiskTestKit.SeededGenerator
    ) throws -> (atStake: [String: Int], isLocked: Bool) {
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.losesPower = true
      var atStake: [String: Int] = [:]
      var isLocked = false
      try RiskdStage.play(options) { stage in
        let cut = PowerCut(stage.root.folder.file("data"))
        var lockouts: [Target] = []
        if generator.chance(70) {
          try stage.lockOut()
          lockouts = try stage.lockouts(account)
          isLocked = true
          usleep(UInt32(Self.durableAfter.milliseconds * 1_000))
        }
        try trade(on: stage, with: &generator)
        try stage.killEverything()
        atStake = try cut.apply(with: &generator)
        try stage.startRiskd()
        stage.check(
          try stage.lockouts(account).map(\.id) == lockouts.map(\.id), "a lockout is gone")
        try stage.wait(for: "an end of the breach", atMost: .seconds(60)) {
          stage.isFlat(account) && stage.venue.signedSize(RiskdStage.otherAccount, Sample.rty) == 0
        }
        _ = try stage.comeToRest([account, RiskdStage.otherAccount])
        try stage.stopRiskd()
        stage.checkConduct()
        let replay = JournalReplay.verify(root: stage.root.path, asJSON: false)
        stage.check(replay.code == .yes, "replay: \(replay.output)\(replay.complaint)")
        let audit = AuditCommands.verify(root: stage.root.path)
        stage.check(audit.code == .yes, "audit: \(audit.output)\(audit.complaint)")
      }
      return (atStake, isLocked)
    }

    /// Something happens that riskd has to write down, and is cut off at any moment of it.
    private func trade(
      on stage: RiskdStage, with generator: inout RiskTestKit.SeededGenerator
    ) throws {
      for _ in 0...generator.below(3) {
        try stage.buy(account, Sample.rty, 1)
        try stage.buy(RiskdStage.otherAccount, Sample.rty, 1)
        usleep(UInt32(generator.below(150_000)))
      }
    }
  }
}
