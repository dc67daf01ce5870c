import Foundation
import Glibc
import Logging
import NIOCore
import ProcessControl
import RequestWindow
import RiskModel
import RiskTestKit
import Settings
import SimulatedVenue
import Synchronization
import Testing
import TokenStore
import VenueAPI
import VenueREST

@testable import Workers

/// The venue side of a worker, on a reactor of its own, against a simulated venue.
final class EdgeBench {
  let folder = TemporaryFolder("riskd-edge")
  let venue: SimulatedVenueServer
  let reactor: Reactor
  let briefing: WorkerBriefing
  let credentials: VenueCredentials
  let connections: VenueConnections
  private let lines = BenchLines()

  init(
    _ configuration: SimulatedVenueConfiguration = SimulatedVenueConfiguration(),
    mainLines: String = ""
  ) throws {
    venue = try SimulatedVenueServer.start(configuration)
    reactor = try Reactor()
    for name in ["config", "data", "run"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
    for (name, target) in [
      ("config.yaml", "config/config.yaml"), ("risk_config.yaml", "config/risk_config.yaml"),
      ("accounts.yaml", "config/accounts.yaml"), ("env.example", ".env"),
    ] {
      var text = try String(contentsOfFile: Self.demonstration(name), encoding: .utf8)
      if name == "config.yaml" { text += "\n" + mainLines }
      let isWritten = FileManager.default.createFile(
        atPath: folder.file(target), contents: Data(text.utf8),
        attributes: [.posixPermissions: 0o600])
      try #require(isWritten)
    }
    let outcome = SettingsLoader.load(
      root: folder.path,
      environment: [
        "RISKD_VENUE_BASE_URL": venue.baseURL, "RISKD_USER_HUB_URL": venue.userHubURL,
        "RISKD_MARKET_HUB_URL": venue.marketHubURL,
      ])
    guard case .accepted(let settings, let credentials, _) = outcome else {
      throw EdgeProblem(text: "\(outcome)")
    }
    self.credentials = credentials
    briefing = WorkerBriefing(root: folder.path, settings: settings, credentials: credentials)
    if let problem = TokenPlace.prepare(settings, root: folder.path) {
      throw EdgeProblem(text: problem)
    }
    connections = try VenueConnections(
      settings.venue, authorityFile: nil, warmConnections: 2, reactor: reactor)
  }

  func close() {
    connections.close()
    // Many of them in one process: none leaves its thread behind.
    connections.group.shutdownGracefully { _ in }
    venue.stop()
    folder.remove()
  }

  static func demonstration(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "config/demo/\(name)").path()
  }

  var key: SignInKey {
    SignInKey(userName: credentials.userName.revealed, apiKey: credentials.apiKey.revealed)
  }

  var store: TokenStore { TokenStore(briefing, credentials) }

  var logger: Logger { Logger(label: "edge") { [lines] _ in BenchLog(lines: lines) } }

  func logged(_ text: String) -> Int { lines.count(text) }

  /// Turns the reactor until it is so, for at most twenty seconds.
  @discardableResult
  func turn(
    until condition: @escaping () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Bool {
    var isLate = false
    let end = reactor.schedule(after: .seconds(20)) { [reactor] in
      isLate = true
      reactor.stop()
    }
    func look() {
      if condition() { return reactor.stop() }
      if !isLate { reactor.schedule(after: .milliseconds(2)) { look() } }
    }
    look()
    if !condition() { reactor.run() }
    reactor.cancel(end)
    if !condition() { Issue.record("in vain waited for", sourceLocation: sourceLocation) }
    return condition()
  }

  /// Sends a request once and waits for its answer.
  func ask(
    _ request: VenueRequest, _ token: VenueToken? = nil, within limit: TimeSpan = .seconds(10)
  ) -> VenueAPI.VenueAnswer {
    var result: VenueAPI.VenueAnswer?
    connections.send(
      request, token: token, deadline: reactor.clock.monotonicNow() + limit, priority: .normal
    ) { answer, _ in result = answer }
    turn { result != nil }
    return result ?? .failed(.timedOut)
  }

  func signIn() throws -> VenueToken {
    guard case .token(let token) = ask(.loginKey(key)).decodeSignIn() else {
      throw EdgeProblem(text: "no token")
    }
    return token
  }
}

struct EdgeProblem: Error {
  var text: String
}

private final class BenchLines: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: String) { lines.withLock { $0.append(line) } }
  func count(_ text: String) -> Int { lines.withLock { $0.count { $0.contains(text) } } }
}

private struct BenchLog: LogHandler {
  let lines: BenchLines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  init(lines: BenchLines) { self.lines = lines }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.append("\(event.level) \(event.message) \(event.metadata ?? [:])")
  }
}
