@testable import ControlPlane
import Logging
import ProcessControl
import RiskModel
import Supervision
@testable import SupervisorRole
import Synchronization

/// Ports that write down what they are asked for, and a loop that lives on them.
final class RecordingPorts: WorkerProcesses, WakeAlarm, SupervisionRecords, OperatorDesk {
  struct Refused: Error, CustomStringConvertible {
    var description: String { "refused" }
  }

  let clock = SettableClock()
  let notifier = RecordingNotifier()
  let logged = RecordedLog()
  private(set) var asked: [String] = []
  private(set) var alarm: MonotonicInstant?
  private(set) var saved: [DeathWindow] = []
  private(set) var entries: [HistoryEntry] = []
  private(set) var replies: [(ControlClientID, ControlReply)] = []
  private(set) var exitCodes: [Int32] = []
  private(set) var lives: [WorkerName: Int64] = [:]
  var spawnFails = false
  var linkFails = false
  var signalFails = false
  var recordsFail = false
  /// Asked for by the client as soon as it has a reply, as a pipelined request is.
  var nextRequest: ControlRequest?
  private(set) var loop: SupervisorLoop?
  private var nextPid: Int32 = 1_000

  /// The loop, made on first use.
  func supervisor(
    _ settings: SupervisionSettings = SupervisionSettings(),
    judge: @escaping (CrashLoop) -> CrashLoopVerdict = { _ in .safeMode }
  ) -> SupervisorLoop {
    let plan = SupervisionPlan(
      settings: settings, release: "1.2.3", deaths: DeathWindow(boot: "b"))
    let ports = SupervisorPorts(
      processes: self, clock: clock, alarm: self, notifier: notifier, records: self,
      operators: self, random: { 0 })
    let loop = SupervisorLoop(
      plan: plan, ports: ports, log: Logger(label: "supervisor") { _ in self.logged.handler },
      judge: judge)
    loop.onFinish = { [unowned self] in self.exitCodes.append($0) }
    self.loop = loop
    return loop
  }

  func take() -> [String] {
    defer { asked = [] }
    return asked
  }

  /// A running supervisor whose workers are all ready.
  func readySupervisor(
    _ settings: SupervisionSettings = SupervisionSettings(),
    judge: @escaping (CrashLoop) -> CrashLoopVerdict = { _ in .safeMode }
  ) -> SupervisorLoop {
    let loop = supervisor(settings, judge: judge)
    loop.start()
    for worker in WorkerName.allCases { ready(worker) }
    _ = take()
    return loop
  }

  func ready(_ worker: WorkerName) {
    loop?.happened(.said(.ready), to: worker, life: lives[worker] ?? 0)
  }

  func die(_ worker: WorkerName, _ exit: WorkerExit = .signal(9)) {
    loop?.happened(.exited(exit), to: worker, life: lives[worker] ?? 0)
  }

  /// Lets time pass, ringing the alarm when it is due.
  func pass(_ span: TimeSpan) {
    let end = clock.now.monotonic + span
    while let due = alarm, due <= end {
      clock.advance(by: max(.zero, due - clock.now.monotonic))
      alarm = nil
      loop?.timePassed()
    }
    clock.advance(by: end - clock.now.monotonic)
  }

  func ask(_ request: ControlRequest, client: UInt64) {
    let peer = PeerCredentials(pid: 77, user: 1_000, group: 1_000)
    loop?.asked(request, by: peer, client: ControlClientID(number: client))
  }

  func spawn(_ worker: WorkerName, life: Int64) throws -> Int32 {
    lives[worker] = life
    asked.append("spawn \(worker.rawValue) \(life)")
    if spawnFails { throw Refused() }
    nextPid += 1
    return nextPid
  }

  func send(_ message: SupervisorMessage, to worker: WorkerName) {
    switch message {
    case .stop: asked.append("stop \(worker.rawValue)")
    case .challenge(let nonce):
      loop?.happened(
        .said(.answer(nonce: nonce, WorkerProgress(loops: nonce))), to: worker,
        life: lives[worker] ?? 0)
    case .start, .link: asked.append("\(message) to \(worker.rawValue)")
    }
  }

  func makeLink(_ link: LinkName, epoch: Int64) throws {
    asked.append("link \(link.rawValue) \(epoch)")
    if linkFails { throw Refused() }
    for worker in [link.ends.0, link.ends.1] {
      loop?.happened(
        .said(.linkReplaced(link, epoch: epoch)), to: worker, life: lives[worker] ?? 0)
    }
  }

  func signal(_ signal: Signal, to worker: WorkerName) throws {
    asked.append("\(signal) \(worker.rawValue)")
    if signalFails { throw Refused() }
  }

  func set(at deadline: MonotonicInstant?) { alarm = deadline }

  func save(_ deaths: DeathWindow) throws {
    if recordsFail { throw Refused() }
    saved.append(deaths)
  }

  func append(_ entry: HistoryEntry) throws {
    if recordsFail { throw Refused() }
    entries.append(entry)
  }

  func latest(_ count: Int) -> [HistoryEntry] { entries.suffix(count) }

  func reply(_ reply: ControlReply, to client: ControlClientID) {
    replies.append((client, reply))
    if let request = nextRequest {
      nextRequest = nil
      ask(request, client: client.number)
    }
  }
}

final class SettableClock: SupervisorClock {
  private(set) var now = Moment(
    monotonic: MonotonicInstant(nanos: 1_000), boot: BootInstant(nanos: 1_000),
    civil: Instant(secondsSinceEpoch: 1_763_735_400))

  func moment() -> Moment { now }

  func advance(by span: TimeSpan) {
    now = Moment(
      monotonic: now.monotonic + span, boot: BootInstant(nanos: now.boot.nanos + span.nanos),
      civil: now.civil + span)
  }
}

final class RecordingNotifier: ServiceNotifier {
  private(set) var notices: [ServiceNotice] = []
  var watchdogTimeout: TimeSpan? = .seconds(10)
  var isReachable = true

  func notify(_ notice: ServiceNotice) -> Bool {
    notices.append(notice)
    return isReachable
  }

  func take() -> [ServiceNotice] {
    defer { notices = [] }
    return notices
  }
}

/// Log lines as they come.
final class RecordedLog: Sendable {
  struct Line: Equatable {
    var level: Logger.Level
    var text: String
    var metadata: Logger.Metadata
  }

  private let kept = Mutex<[Line]>([])

  var lines: [Line] { kept.withLock { $0 } }
  var texts: [String] { lines.map(\.text) }
  var handler: any LogHandler { Handler(log: self) }

  private func keep(_ line: Line) { kept.withLock { $0.append(line) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      log.keep(
        Line(level: event.level, text: "\(event.message)", metadata: event.metadata ?? [:]))
    }
  }
}
