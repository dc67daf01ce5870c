@testable import ControlPlane
import Logging
import ProcessControl
import RiskModel
import Supervision
@testable import SupervisorRole
import Synchronization

/// Ports that write down what they are asked for, and a loop that lives on them.
final class RecordingPorts: WorkerProcesses, WakeAlarm, SupervisionRecords, OperatorDesk,
  ReleaseRecords, MemoryWatch
{
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
  /// What the evaluator was asked for operators.
  var questions: [(number: Int64, question: OperatorQuestion)] = []
  var spawnFails = false
  var linkFails = false
  var telemetryFails = false
  /// Set before the loop is made.
  var hasMonitor = false
  var signalFails = false
  var recordsFail = false
  var releaseFacts = ReleaseFacts(own: nil, gate: nil, previousSchema: nil, schema: 2)
  var verdictFails = false
  private(set) var verdicts: [ReleaseVerdict] = []
  var memoryKills: Int64? = 0
  /// Asked for by the client as soon as it has a reply, as a pipelined request is.
  var nextRequest: ControlRequest?
  /// Set before the loop is made.
  var configuration: (any ConfigurationSource)?
  private(set) var loop: SupervisorLoop?
  private var nextPid: Int32 = 1_000

  /// The loop, made on first use.
  func supervisor(
    _ settings: SupervisionSettings = SupervisionSettings()
  ) -> SupervisorLoop {
    var settings = settings
    settings.hasMonitor = hasMonitor
    let plan = SupervisionPlan(
      settings: settings, version: "1.2.3", release: ReleaseStanding(releaseFacts),
      deaths: DeathWindow(boot: "b"), memoryKills: memoryKills)
    let ports = SupervisorPorts(
      processes: self, clock: clock, alarm: self, notifier: notifier, records: self,
      releases: self, memory: self, operators: self, configuration: configuration,
      random: { 0 })
    let loop = SupervisorLoop(
      plan: plan, ports: ports, log: Logger(label: "supervisor") { _ in self.logged.handler })
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
    _ settings: SupervisionSettings = SupervisionSettings()
  ) -> SupervisorLoop {
    let loop = supervisor(settings)
    loop.start()
    for worker in WorkerName.critical { ready(worker) }
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

  func tell(_ number: Int64, _ answer: OperatorAnswer) {
    loop?.happened(
      .said(.told(number: number, answer)), to: .evaluator, life: lives[.evaluator] ?? 0)
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

  func brief(_ worker: WorkerName, _ settings: String) {
    asked.append("brief \(worker.rawValue) \(settings)")
  }

  func send(_ message: SupervisorMessage, to worker: WorkerName) {
    switch message {
    case .stop: asked.append("stop \(worker.rawValue)")
    case .challenge(let nonce):
      loop?.happened(
        .said(.answer(nonce: nonce, WorkerProgress(loops: nonce, canary: canary))), to: worker,
        life: lives[worker] ?? 0)
    case .ask(let number, let question): questions.append((number, question))
    case .start, .link, .telemetryOut, .telemetryIn, .screens:
      asked.append("\(message) to \(worker.rawValue)")
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

  func makeTelemetry(_ source: TelemetrySource) throws {
    asked.append("telemetry \(source.rawValue)")
    if telemetryFails { throw Refused() }
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

  /// One every ten seconds.
  private var canary: CanarySighting? {
    let count = clock.now.monotonic.nanos / 10_000_000_000
    return count == 0 ? nil : CanarySighting(number: count, microseconds: 850, count: count)
  }

  func facts() -> ReleaseFacts { releaseFacts }

  func write(_ verdict: ReleaseVerdict, at now: Instant) throws {
    if verdictFails { throw Refused() }
    verdicts.append(verdict)
  }

  func raiseAlarm(_ text: String, at now: Instant) throws {
    asked.append("alarm \(text)")
  }

  func kills() -> Int64? { memoryKills }

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
