package import ControlPlane
import Glibc
import ProcessControl
package import RiskModel
package import Supervision

/// A riskd that runs in a root folder, as a child of this process.
package final class RiskdInstance {
  /// Variables that would change what is measured.
  private static let unwanted = [
    "TOPSTEPX_", "TOKEN_", "ADMIN_", "LOG_LEVEL", "DATABASE_PATH", "CONFIG_PATH", "DEV_MODE",
    "RISKD_", "JOURNAL_STREAM",
  ]
  private static let startLimit = TimeSpan.seconds(30)
  /// Three reads for each account are part of a start.
  private static let startLimitPerAccount = TimeSpan.milliseconds(100)
  private static let pollInterval: UInt32 = 2_000

  package let root: BenchmarkRoot
  private let child: ChildProcess
  private let client: ControlClient
  private let clock = SystemClock()

  /// Starts riskd and waits until all of it does its job, the longer the more accounts there are.
  package init(
    program: String, root: BenchmarkRoot, accounts: Int
  ) throws(BenchmarkError) {
    guard access(program, X_OK) == 0 else { throw .programMissing(path: program) }
    self.root = root
    client = ControlClient(path: root.controlSocket)
    let log = try SystemFile.openToWrite(root.log)
    let environment = ChildEnvironment.inherited().filter { variable in
      !Self.unwanted.contains { variable.key.hasPrefix($0) }
    }
    do {
      child = try ChildProcess.spawn(
        ChildLaunch(
          executable: program, arguments: ["--root", root.path], environment: environment,
          output: log, errorOutput: log))
    } catch {
      throw .processFailed("\(error)")
    }
    Leftovers.began(child.pid, root: root.path)
    do throws(BenchmarkError) {
      try awaitRunning(
        atMost: Self.startLimit + Self.startLimitPerAccount * Int64(accounts))
    } catch {
      stop()
      throw error
    }
  }

  package var pid: Int32 { child.pid }

  /// Asks it to stop, and ends it when it does not.
  package func stop() {
    child.end(asking: SIGTERM, grace: .seconds(20))
    Leftovers.ended(child.pid)
  }

  package func status() throws(BenchmarkError) -> StatusReport {
    switch try ask(.status, within: .seconds(5)) {
    case .status(let report): return report
    case let other: throw .processFailed("riskd answered \(other) to a request for its status")
    }
  }

  package func worker(_ name: WorkerName) throws(BenchmarkError) -> StatusReport.Worker {
    guard let worker = try status().workers.first(where: { $0.name == name }) else {
      throw .processFailed("riskd has no \(name.rawValue)")
    }
    return worker
  }

  package func ask(
    _ request: ControlRequest, within limit: TimeSpan
  ) throws(BenchmarkError) -> ControlReply {
    do {
      return try client.ask(request, timeout: limit)
    } catch {
      throw .processFailed("riskd: \(error)")
    }
  }

  /// The supervisor and its workers, by name.
  package func processes() throws(BenchmarkError) -> [(name: String, pid: Int32)] {
    try [("supervisor", pid)]
      + status().workers.compactMap { worker in worker.pid.map { (worker.name.rawValue, $0) } }
  }

  /// Processor time of all of it.
  package func processorTime() throws(BenchmarkError) -> TimeSpan {
    var ticks: Int64 = 0
    for process in try processes() { ticks += try ProcessUse.ofProcess(process.pid).ticks }
    return ProcessUse.time(ofTicks: ticks)
  }

  /// Sends a signal to a worker, once it is sure that it is a child of this riskd.
  package func signal(_ number: Int32, _ name: WorkerName) throws(BenchmarkError) -> Int32 {
    guard let pid = try worker(name).pid, try ProcessUse.ofProcess(pid).parent == self.pid else {
      throw .processFailed("the \(name.rawValue) has no process")
    }
    guard kill(pid, number) == 0 else {
      throw .processFailed("signal \(number) to the \(name.rawValue): \(errorText())")
    }
    return pid
  }

  /// Waits until something is so.
  package func wait(
    for what: String, atMost limit: TimeSpan, until condition: (StatusReport) -> Bool
  ) throws(BenchmarkError) {
    let deadline = clock.monotonicNow() + limit
    while !condition(try status()) {
      guard clock.monotonicNow() < deadline else { throw .timedOut(what) }
      usleep(Self.pollInterval)
    }
  }

  private func awaitRunning(atMost limit: TimeSpan) throws(BenchmarkError) {
    let deadline = clock.monotonicNow() + limit
    var last = "it has not answered yet"
    while true {
      do throws(BenchmarkError) {
        let report = try status()
        if report.state == .running { return }
        last = report.line
      } catch {
        last = error.description
      }
      if let status = child.waitForEnd(atMost: .milliseconds(20)) {
        throw .notRunning("\(status); \(logTail)")
      }
      guard clock.monotonicNow() < deadline else {
        throw .notRunning("\(last); \(logTail)")
      }
    }
  }

  /// The end of what it had to say.
  private var logTail: String {
    guard let text = try? SystemFile.text(root.log) else { return "no log" }
    return text.split(separator: "\n").suffix(3).joined(separator: " | ")
  }
}
