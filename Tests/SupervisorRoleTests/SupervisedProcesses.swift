import ControlPlane
import Glibc
import Logging
import ProcessControl
import RiskModel
import Supervision
import SupervisorRole
import Testing

/// A supervisor in this process, with real workers, pipes and a control socket.
final class SupervisedProcesses {
  let root: TemporaryRoot
  let reactor: Reactor
  let assembly: SupervisorAssembly
  let notifier = RecordingNotifier()
  let logged = RecordedLog()

  init(
    _ behaviours: [WorkerName: String] = [:], settings: SupervisionSettings = quickSettings(),
    root: TemporaryRoot? = nil, executable: String? = nil
  ) throws {
    let root = try root ?? TemporaryRoot()
    self.root = root
    reactor = try Reactor()
    let logged = logged
    var texts: [WorkerName: String] = [:]
    for worker in WorkerName.critical { texts[worker] = behaviours[worker] ?? "normal" }
    assembly = try SupervisorAssembly(
      root: root.path, executable: try executable ?? supervisorProgram(),
      configuration: SupervisedConfiguration(settings: texts), supervision: settings,
      notifier: notifier,
      log: Logger(label: "supervisor") { _ in logged.handler }, on: reactor)
  }

  /// Runs the loop until the condition holds; a minute at most.
  func run(until condition: @escaping (StatusReport) -> Bool) throws {
    let deadline = reactor.clock.monotonicNow() + .seconds(60)
    var held = false
    func look() {
      held = condition(status())
      if held || reactor.clock.monotonicNow() >= deadline {
        reactor.stop()
      } else {
        reactor.schedule(after: .milliseconds(2), look)
      }
    }
    reactor.schedule(after: .zero, look)
    reactor.run()
    try #require(held, "\(status())\n\(logged.texts.joined(separator: "\n"))")
  }

  func startReady() throws {
    assembly.loop.start()
    try run { $0.state == .running }
  }

  func status() -> StatusReport { assembly.loop.report() }

  func worker(_ name: WorkerName) -> StatusReport.Worker? {
    status().workers.first { $0.name == name }
  }

  func pid(_ name: WorkerName) throws -> Int32 { try #require(worker(name)?.pid) }

  func history() throws -> [HistoryEntry] {
    let records = KeptRecords(directory: root.path + "/data")
    try records.loadHistory()
    return records.latest(1_000)
  }

  func deaths() throws -> [HistoryEntry] { try history().filter { $0.event == .death } }

  /// Stops everything in order and removes the directory.
  func end() throws {
    assembly.loop.stop()
    #expect(assembly.run() == 0)
    root.remove()
  }
}
