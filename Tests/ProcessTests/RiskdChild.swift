import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue

/// One riskd, from its start to its end.
struct RiskdChild {
  private static let passedOn: Set<String> = [
    "HOME", "LANG", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "PATH", "TZ",
  ]

  private let process: ChildProcess

  var pid: Int32 { process.pid }

  /// Starts it; what it says is added to the log file.
  init(
    root: StageRoot, log: String, venue: SimulatedVenueServer, environment: [String: String] = [:]
  ) throws {
    try self.init(
      executable: RiskdProgram.path, arguments: ["--root", root.path], log: log, venue: venue,
      environment: environment)
  }

  /// Starts something that starts it.
  init(
    executable: String, arguments: [String], log: String, venue: SimulatedVenueServer,
    environment: [String: String] = [:]
  ) throws {
    let number = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw StageFailure("\(log) cannot be written") }
    let output = Descriptor(owning: number)
    defer { output.close() }
    let addresses = [
      "RISKD_VENUE_BASE_URL": venue.baseURL, "RISKD_USER_HUB_URL": venue.userHubURL,
      "RISKD_MARKET_HUB_URL": venue.marketHubURL,
    ]
    let inherited = ChildEnvironment.inherited().filter { RiskdChild.passedOn.contains($0.key) }
    process = try ChildProcess.spawn(
      ChildLaunch(
        executable: executable, arguments: arguments,
        environment: inherited.merging(addresses) { $1 }.merging(environment) { $1 },
        output: output, errorOutput: output))
  }

  /// How it ended, or `nil` when it still runs after that time.
  func end(within limit: TimeSpan) throws -> ChildProcess.ExitStatus? {
    if let status = process.exitStatus { return status }
    let reactor = try Reactor()
    try process.whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
    reactor.schedule(after: limit) { [unowned reactor] in reactor.stop() }
    reactor.run()
    return process.exitStatus
  }

  /// Asks it to stop, and kills it when it does not.
  @discardableResult
  func stop() throws -> ChildProcess.ExitStatus? {
    guard process.exitStatus == nil else { return process.exitStatus }
    try process.signal(SIGTERM)
    if let status = try end(within: .seconds(15)) { return status }
    try process.signal(SIGKILL)
    return try end(within: .seconds(5))
  }
}
