import FoundationEssentials
import Glibc
import ProcessControl
package import RiskModel
package import SimulatedVenue

/// The single-process Python client that riskd is compared with, `scripts/plain-client.py`, as a
/// child of this process.
package final class PlainClient {
  /// Debian's, which has the package python3-websockets.
  package static let standardInterpreter = "/usr/bin/python3"
  package static let standardScript = "scripts/plain-client.py"
  private static let startLimit = TimeSpan.seconds(20)
  private static let pollInterval = TimeSpan.milliseconds(10)

  private let child: ChildProcess
  private let folder: String

  /// What the client is told about the venue.
  private struct Setup: Encodable {
    var api: String
    var userHub: String
    var marketHub: String
    var user: String
    var key: String
  }

  /// Starts it and waits until the venue has confirmed its subscriptions.
  ///
  /// - Parameters:
  ///   - interpreter: path of a Python 3 with the package websockets.
  ///   - script: path of the client.
  ///   - venue: what it watches.
  ///   - limit: the contracts of one position above which it closes.
  /// - Throws: When there is no such interpreter or script, or the client does not come up; with
  ///   the last line that it printed.
  package init(
    interpreter: String, script: String, venue: SimulatedVenueServer, limit: Int64
  ) throws(BenchmarkError) {
    for path in [interpreter, script] where access(path, R_OK) != 0 {
      throw .programMissing(path: path)
    }
    folder = try SystemFile.temporaryFolder("plain-client")
    do throws(BenchmarkError) {
      child = try Self.start(interpreter, script, Self.setup(of: venue), limit, in: folder)
    } catch {
      SystemFile.removeFolder(folder)
      throw error
    }
    Leftovers.began(child.pid, root: folder)
    do throws(BenchmarkError) {
      try awaitReady()
    } catch {
      stop()
      throw error
    }
  }

  package var pid: Int32 { child.pid }

  package func stop() {
    child.end(asking: SIGTERM, grace: .seconds(5))
    Leftovers.ended(child.pid)
    SystemFile.removeFolder(folder)
  }

  package func processorTime() throws(BenchmarkError) -> TimeSpan {
    ProcessUse.time(ofTicks: try ProcessUse.ofProcess(pid).ticks)
  }

  private var output: String { folder + "/output" }

  private static func setup(of venue: SimulatedVenueServer) -> Setup {
    Setup(
      api: venue.baseURL, userHub: venue.userHubURL, marketHub: venue.marketHubURL,
      user: venue.configuration.user, key: venue.configuration.key)
  }

  private static func start(
    _ interpreter: String, _ script: String, _ setup: Setup, _ limit: Int64, in folder: String
  ) throws(BenchmarkError) -> ChildProcess {
    guard let text = try? JSONEncoder().encode(setup) else {
      preconditionFailure("Invariant: five texts can be encoded")
    }
    try SystemFile.write(String(decoding: text, as: UTF8.self), to: folder + "/setup.json")
    let output = try SystemFile.openToWrite(folder + "/output")
    do {
      return try ChildProcess.spawn(
        ChildLaunch(
          executable: interpreter, arguments: [script, "\(limit)", folder + "/setup.json"],
          environment: ChildEnvironment.inherited(), output: output, errorOutput: output))
    } catch {
      throw .processFailed("\(error)")
    }
  }

  private func awaitReady() throws(BenchmarkError) {
    let time = Stopwatch()
    while true {
      let lines = try SystemFile.text(output).split(separator: "\n")
      if lines.contains("ready") { return }
      if let status = child.waitForEnd(atMost: Self.pollInterval) {
        throw .processFailed("the Python client: \(status); \(lines.last ?? "it said nothing")")
      }
      guard time.elapsed < Self.startLimit else { throw .timedOut("the Python client") }
    }
  }
}
