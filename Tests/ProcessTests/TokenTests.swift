import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The session token: its file, its end, and what stands on it.
  @Suite struct TokenTests {
    private static let seed: UInt64 = 20_261_122
    private static let file = "data/tokens/tokens.enc"

    private let account = RiskdStage.account

    @Test func `a token file that others may read keeps riskd from starting`() throws {
      try RiskdStage.play { stage in
        try stage.stopRiskd()
        chmod(stage.root.folder.file(Self.file), 0o644)
        let child = try RiskdChild(root: stage.root, log: stage.root.log, venue: stage.venue)
        let end = try child.end(within: .seconds(20))
        stage.check(end == .exited(code: 78), "it ended with \(end.map { "\($0)" } ?? "nothing")")
        stage.check(
          !stage.logLines("run chmod 600 data/tokens.enc").isEmpty,
          "it does not say what to do")
        chmod(stage.root.folder.file(Self.file), 0o600)
        let signIns = stage.venue.requests(.login).count
        try stage.startRiskd()
        stage.check(stage.venue.requests(.login).count == signIns, "the token was not used")
        stage.checkConduct()
      }
    }

    @Test func `a damaged token file leads to one sign-in and is replaced`() throws {
      try RiskdStage.play { stage in
        try stage.stopRiskd()
        let path = stage.root.folder.file(Self.file)
        var bytes = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
        try #require(bytes.count > 40)
        bytes[30] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        let signIns = stage.venue.requests(.login).count
        try stage.startRiskd()
        stage.check(!stage.logLines("cannot be decrypted").isEmpty, "nobody is told")
        stage.check(stage.venue.requests(.login).count == signIns + 1, "not one sign-in")
        var status = stat()
        stage.check(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600, "its mode")
        try stage.stopRiskd()
        try stage.startRiskd()
        stage.check(stage.venue.requests(.login).count == signIns + 1, "it was not replaced")
        stage.checkConduct()
      }
    }

    /// Tokens live for eight seconds, end at once now and then, and hubs end with them.
    @Test func `tokens that end in the middle of everything delay no flatten for good`() throws {
      let seed = getenv("RISKD_TOKEN_SEED").flatMap { UInt64(String(cString: $0)) } ?? Self.seed
      let breaches = getenv("RISKD_TOKEN_ENDS").flatMap { Int(String(cString: $0)) } ?? 12
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.hurriesHubs()
      options.venue.gateway.tokenLifetime = .seconds(8)
      options.venue.gateway.validateEndsOldToken = true
      options.venue.hub.tokenExpiry = .aborts
      print("tokens: seed \(seed), \(breaches) breaches")
      try RiskdStage.play(options) { stage in
        var generator = RiskTestKit.SeededGenerator(seed: seed)
        var slowest = TimeSpan.zero
        var closed: Int64 = 0
        for number in 0..<breaches {
          if generator.chance(50) { stage.venue.endTokens() }
          usleep(UInt32(generator.below(1_500)) * 1_000)
          let size = Int64(generator.below(3)) + 1
          let began = StageClock.now()
          try stage.buy(account, Sample.rty, size)
          closed += size
          try stage.wait(for: "no RTY, breach \(number)", atMost: .seconds(60)) {
            stage.venue.signedSize(account, Sample.rty) == 0
          }
          slowest = max(slowest, StageClock.now() - began)
        }
        try stage.wait(for: "the market hub and the user hub") {
          stage.venue.liveConnections(.user) > 0 && stage.venue.liveConnections(.market) > 0
        }
        let signIns = stage.venue.requests(.login).count
        print(
          "tokens: seed \(seed), slowest flat after \(slowest.milliseconds) ms, \(signIns) sign-ins"
        )
        stage.check(stage.audit(account).closed(Sample.rty) == closed, "closed otherwise than once")
        stage.check(signIns > 1, "no token ended")
        stage.checkConduct()
      }
    }
  }
}
