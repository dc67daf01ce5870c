import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Supervision
import Testing

/// riskd in a root of its own, protecting accounts of a simulated venue.
final class RiskdStage {
  static let protectionLimit = TimeSpan.seconds(60)
  private static let shownLines = 40

  let venue: SimulatedVenueServer
  let root: StageRoot
  private let environment: [String: String]
  private(set) var riskd: RiskdChild
  private(set) var findings: [String] = []
  /// Of the supervisor that first protected: its process, and how many descriptors it had open.
  private(set) var firstOpen: (pid: Int32, descriptors: Int)?

  /// Sets the stage, plays on it, and clears it away whatever happens. The end of the log is part
  /// of every failure.
  static func play(
    _ options: StageOptions = StageOptions(), at location: SourceLocation = #_sourceLocation,
    _ scene: (RiskdStage) throws -> Void
  ) throws {
    let root = try StageRoot(options)
    defer { root.remove() }
    let venue = try SimulatedVenueServer.start(options.venue)
    defer { venue.stop() }
    var environment = options.losesPower ? PowerCut(root.folder.file("data")).environment : [:]
    if let lead = options.clockLead {
      environment = try TestClock(root.folder, lead: lead).environment
    }
    if options.usesMemory { environment = root.memoryLoad.environment }
    let stage = try RiskdStage(root: root, venue: venue, environment: environment)
    defer { stage.leave(at: location) }
    do {
      if options.awaitsProtection {
        try stage.awaitProtection()
        stage.firstOpen = (stage.riskd.pid, stage.supervisorDescriptors)
      }
      try scene(stage)
    } catch {
      stage.findings.append("\(error)")
    }
  }

  private init(
    root: StageRoot, venue: SimulatedVenueServer, environment: [String: String]
  ) throws {
    self.root = root
    self.venue = venue
    self.environment = environment
    riskd = try RiskdChild(root: root, log: root.log, venue: venue, environment: environment)
  }

  private func leave(at location: SourceLocation) {
    let workers = pids
    if !workers.isEmpty { checkSupervisor() }
    do {
      if try riskd.stop() == nil { findings.append("riskd \(riskd.pid) does not end") }
    } catch {
      findings.append("riskd \(riskd.pid) cannot be stopped: \(error)")
    }
    let areGone = StageClock.poll(atMost: .seconds(3)) {
      workers.values.allSatisfy { Glibc.kill($0, 0) != 0 }
    }
    if !areGone { findings.append("a worker outlived riskd: \(workers)") }
    guard !findings.isEmpty else { return }
    Issue.record(
      "\(findings.joined(separator: "\n"))\nThe end of the log:\n\(logTail)",
      sourceLocation: location)
  }

  /// Notes what is not as it has to be, and goes on.
  func check(_ isSo: Bool, _ what: @autoclosure () -> String, line: Int = #line) {
    if !isSo { findings.append("line \(line): \(what())") }
  }

  /// Waits until it is so; otherwise the test ends here.
  func wait(
    for what: String, atMost limit: TimeSpan = .seconds(30), line: Int = #line,
    until condition: () throws -> Bool
  ) throws {
    guard try StageClock.poll(atMost: limit, until: condition) else {
      throw StageFailure("line \(line): in vain waited for: \(what)\n\(report)")
    }
  }

  /// Waits for as long as it takes to see that it stays so.
  func stays(
    _ what: String, during time: TimeSpan, line: Int = #line, _ condition: () throws -> Bool
  ) throws {
    if try StageClock.poll(atMost: time, until: { try !condition() }) {
      throw StageFailure("line \(line): it did not stay so: \(what)\n\(report)")
    }
  }

  // What riskd says and keeps.

  func status() -> StatusReport? {
    guard case .status(let report)? = try? ControlClient(path: root.controlSocket).ask(.status)
    else { return nil }
    return report
  }

  var isProtecting: Bool {
    guard let report = status() else { return false }
    return report.state == .running && report.isReady
      && report.workers.allSatisfy { $0.state == .ready && $0.degraded == nil }
  }

  func awaitProtection(line: Int = #line) throws {
    try wait(for: "every worker is ready", atMost: Self.protectionLimit, line: line) {
      isProtecting
    }
  }

  var operatorCommands: OperatorCommands {
    OperatorCommands(ControlClient(path: root.controlSocket))
  }

  func pid(of worker: WorkerName) -> Int32? {
    status()?.workers.first { $0.name == worker }?.pid
  }

  var pids: [WorkerName: Int32] {
    let workers = status()?.workers ?? []
    return Dictionary(
      uniqueKeysWithValues: workers.compactMap { worker in
        worker.pid.map { (worker.name, $0) }
      })
  }

  /// Ends a worker without warning.
  @discardableResult
  func kill(_ worker: WorkerName) throws -> Int32 {
    guard let pid = pid(of: worker), Glibc.kill(pid, SIGKILL) == 0 else {
      throw StageFailure("the \(worker.rawValue) has no process to kill")
    }
    return pid
  }

  /// Stops riskd in order.
  func stopRiskd() throws {
    let status = try riskd.stop()
    check(status == .exited(code: 0), "riskd ended with \(status.map { "\($0)" } ?? "nothing")")
  }

  func startRiskd() throws {
    riskd = try RiskdChild(root: root, log: root.log, venue: venue, environment: environment)
    try awaitProtection()
  }

  /// Starts it with a configuration that leaves it degraded.
  func startDegraded() throws {
    riskd = try RiskdChild(root: root, log: root.log, venue: venue, environment: environment)
    try wait(for: "every worker is ready", atMost: Self.protectionLimit) {
      guard let report = status() else { return false }
      return report.isReady && report.workers.allSatisfy { $0.state == .ready }
    }
  }

  /// Starts it in a terminal that reads its keys from a file; the screen goes to a log of its own.
  func startInTerminal(_ terminal: String, keyboard: String) throws -> RiskdChild {
    riskd = try RiskdChild(
      executable: "/bin/sh",
      arguments: [
        "-c", "exec \"$0\" -qefc 'exec \"'\"$1\"'\" --root \"'\"$2\"'\"' /dev/null < \"$3\"",
        terminal,
        RiskdProgram.path, root.path, keyboard,
      ], log: root.folder.file("logs/console.log"), venue: venue)
    return riskd
  }

  var log: String { root.text("logs/stage.log") }

  func logLines(_ text: String) -> [String] {
    log.split(separator: "\n").filter { $0.contains(text) }.map(String.init)
  }

  func reading<Value>(_ body: (Store) throws -> Value) throws -> Value {
    let store = try Store.open(
      path: root.database, readOnly: true, inspection: .none, now: StageClock.now())
    defer { try? store.close() }
    return try body(store)
  }

  func openTargets(_ account: AccountID) throws -> [Target] {
    try reading { try $0.openTargets() }.filter { $0.account == account }
  }

  private var logTail: String {
    log.split(separator: "\n").suffix(Self.shownLines).joined(separator: "\n")
  }

  /// What venue and supervisor say at a moment at which something is wrong.
  private var report: String {
    let accounts = venue.configuration.accounts.map(\.account.id)
    let held = accounts.map { account in
      "\(account): "
        + venue.positions(account).map { "\($0.signedSize) \($0.contract.root)" }.joined(
          separator: ", ")
        + " orders \(venue.workingOrders(account).map { "\($0.id) (\($0.status.rawValue))" })"
    }
    return "status: \(status()?.line ?? "none")\nvenue: \(held.joined(separator: "; "))"
  }
}
