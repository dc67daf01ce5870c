import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// After signing in, renewals, refusals and errors of all kinds neither key nor token nor user name
  /// is in any file of riskd's, nor in what other users of the machine can see of its processes.
  @Suite struct SecretTests {
    private static let user = "Wq7trader.Karlsson"
    private static let key = "K3y-9f27c1d0aa51e6b8-zz"
    private static let storeKey =
      "d891ede0938860570808e43678f2b229a3f2cfa20bc37ff1e3a9423f0563a5fb"

    private let account = RiskdStage.account

    private func options() throws -> StageOptions {
      let now = SystemClock().now()
      let anchor = Instant(nanosSinceEpoch: now.nanosSinceEpoch / 1_000_000 * 1_000_000)
      var options = StageOptions()
      // Tuesday, 16 March 2027, 09:00 in Chicago; a minute of the venue is a second here.
      options.goes(
        by: ClockPace(
          anchor: anchor,
          offset: .milliseconds(
            (Instant(secondsSinceEpoch: 1_805_205_600) - anchor).milliseconds),
          rate: 60_000))
      options.toleratesDeaths()
      options.ignoresRequestLimit()
      options.venue.gateway.tokenLifetime = .seconds(600)
      options.venue.user = Self.user
      options.venue.key = Self.key
      options.mainChanges.append(("\nlogging:\n", "\nlogging:\n  level: \"DEBUG\"\n"))
      options.files[".env"] = try StageRoot.shipped("demo/env.example")
        .replacing("demo-key", with: Self.key)
        .replacing("TOPSTEPX_USERNAME=demo", with: "TOPSTEPX_USERNAME=\(Self.user)")
      return options
    }

    @Test func `no key, token or user name is in a log, a database or a process list`() throws {
      try RiskdStage.play(options()) { stage in
        try provoke(stage)
        let tokens = stage.venue.issuedTokens
        stage.check(tokens.count >= 3, "only \(tokens.count) tokens were issued")
        let search = SecretSearch(words: [Self.user, Self.key, Self.storeKey], tokens: tokens)
        try searchProcesses(stage, search)
        let (shown, _) = try stage.riskctl(["config", "show"])
        stage.check(search.found(in: Data(shown.utf8)).isEmpty, "riskctl config show tells")
        try stage.stopRiskd()
        try searchFiles(stage, search)
      }
    }

    /// Everything that may make riskd say something about its session.
    private func provoke(_ stage: RiskdStage) throws {
      let venue = stage.venue
      try stage.wait(for: "a renewal") {
        !stage.logLines("Token Manager: Token refreshed successfully").isEmpty
      }
      // A renewal that fails, and a sign-in that fails, with pages and broken JSON.
      venue.addFault(.request(.validate, .html(502, applied: false)))
      venue.addFault(.request(.login, .truncated))
      let refreshed = stage.logLines("Token refreshed successfully").count
      try stage.wait(for: "a renewal after both failed") {
        venue.counters.faultsStruck == 2
          && stage.logLines("Token refreshed successfully").count > refreshed
      }
      // Refusals and lost replies of what enforcement does.
      venue.addFault(
        .request(
          .closeContract,
          .envelope(success: false, code: 6, message: "Order rejected", applied: false)))
      venue.addFault(.request(.closeContract, .dropConnection(applied: true, reset: true), skip: 1))
      try stage.buy(account, Sample.rty, 2)
      try stage.wait(for: "no RTY") { venue.signedSize(account, Sample.rty) == 0 }
      // Hubs that refuse the upgrade, send nonsense and end the session.
      venue.addFault(.hub(.user, .upgrade, .refuse(status: 401)))
      venue.addFault(.hub(.market, .handshake, .fail("Handshake was canceled.")))
      venue.addFault(.hub(.user, .event(.order), .garble))
      venue.addFault(.hub(.market, .reset))
      venue.addFault(.hub(.user, .logout(message: "signed in elsewhere", endsToken: true)))
      try stage.wait(for: "reconnected hubs") {
        venue.liveConnections(.user) > 0 && venue.liveConnections(.market) > 0
      }
      try stage.kill(.gateway)
      try stage.kill(.monitor)
      try stage.awaitProtection()
      // Both are refused in the end.
      venue.addFault(
        .request(
          .login, .envelope(success: false, code: 3, message: nil, applied: false), count: nil))
      venue.endTokens()
      try stage.buy(account, Sample.rty, 1)
      venue.addFault(.hub(.user, .logout(message: nil, endsToken: true)))
      try stage.wait(for: "both are refused") {
        !stage.logLines("The enforcer cannot sign in").isEmpty
          && !stage.logLines("The venue refuses to sign in").isEmpty
      }
    }

    private func searchProcesses(_ stage: RiskdStage, _ search: SecretSearch) throws {
      let pids = [stage.riskd.pid] + stage.pids.values
      stage.check(pids.count == 5, "\(pids.count) processes")
      for pid in pids {
        for file in ["cmdline", "environ"] {
          let path = "/proc/\(pid)/\(file)"
          guard let bytes = FileManager.default.contents(atPath: path) else {
            throw StageFailure("\(path) cannot be read")
          }
          stage.check(!bytes.isEmpty, "\(path) is empty")
          stage.check(search.found(in: bytes).isEmpty, "\(path): \(search.found(in: bytes))")
        }
      }
    }

    private func searchFiles(_ stage: RiskdStage, _ search: SecretSearch) throws {
      let root = stage.root.path
      guard let names = FileManager.default.enumerator(atPath: root) else {
        throw StageFailure("\(root) cannot be read")
      }
      var searched: Set<String> = []
      for case let name as String in names where name != ".env" {
        var isFolder: ObjCBool = false
        let path = root + "/" + name
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
          !isFolder.boolValue, let bytes = FileManager.default.contents(atPath: path)
        else { continue }
        searched.insert(name)
        let found = search.found(in: bytes)
        stage.check(found.isEmpty, "\(name) has \(found)")
      }
      let expected = ["daemon", "enforcement", "api", "errors", "alerts"].map { "logs/\($0).log" }
      for name in expected + [
        "data/audit.log", "data/risk_manager.db", "data/metrics.db", "data/tokens/tokens.enc",
        "logs/stage.log",
      ] {
        stage.check(searched.contains(name), "\(name) is not there: \(searched.sorted())")
        stage.check(stage.root.size(name) > 0, "\(name) is empty")
      }
      // The search finds what is there.
      let environment = FileManager.default.contents(atPath: root + "/.env") ?? Data()
      stage.check(
        search.found(in: environment) == ["word 0", "word 1", "word 2"], "the search is blind")
    }
  }
}

/// Looks for secrets in bytes and tells which were found, never the secrets.
struct SecretSearch {
  private let needles: [(name: String, bytes: Data)]

  /// Of a token its claims and its signature are looked for too: a file may cut it in pieces.
  init(words: [String], tokens: [String]) {
    var needles = words.enumerated().flatMap { number, word in
      [word, word.lowercased()].map { ("word \(number)", Data($0.utf8)) }
    }
    for (number, token) in tokens.enumerated() {
      for part in token.split(separator: ".").dropFirst() {
        needles.append(("token \(number)", Data(part.utf8)))
      }
    }
    self.needles = needles
  }

  func found(in data: Data) -> [String] {
    let found = needles.filter { data.range(of: $0.bytes) != nil }
    return Set(found.map(\.name)).sorted()
  }
}
