import CPlatform
import Glibc
package import RiskModel
package import Supervision

/// The worker's side of its life: the control channel on descriptor 3, signals, and the end.
///
/// A worker's `main` calls, before it starts any thread: `inheritedControlEnd()`, `Reactor()`,
/// `WorkerHost(…)`; an error of these means exit code 78. Then it makes its role and ends with the
/// code of what `run(_:)` returns.
///
/// SIGTERM is a request to stop. SIGINT is ignored: a terminal's Ctrl+C is the supervisor's to
/// handle. SIGPIPE is ignored: a broken pipe is an answer of `write`.
package final class WorkerHost {
  /// Whether a thread of its own ends the process when the orphan's grace is over.
  package enum LastResort: Sendable {
    /// Also if the loop hangs. For good: it cannot be called off.
    case exitProcess
    /// For hosts that share their process.
    case none
  }

  /// A worker without its supervisor is gone after this time (the promise of the control channel).
  package static let standardOrphanGrace = TimeSpan.seconds(2)
  /// The longest text about a state or a broken link, in characters.
  package static let reasonLimit = 1_000

  private enum State {
    /// Can transition to: .working, .orphaned, .left
    case awaitingStart
    /// Can transition to: .stopping, .orphaned, .left
    case working
    /// Can transition to: .orphaned, .left
    case stopping
    /// Can transition to: .left
    case orphaned(ProcessControlError?)
    /// Can transition to: none
    case left(WorkerOutcome, ProcessControlError?)

    var name: String {
      switch self {
      case .awaitingStart: "awaiting the start"
      case .working: "working"
      case .stopping: "stopping"
      case .orphaned: "orphaned"
      case .left: "leaving"
      }
    }
  }

  private let reactor: Reactor
  private let orphanGrace: TimeSpan
  private let lastResort: LastResort
  private let controlNumber: Int32
  /// Never closed: the guarding thread watches it until the process ends.
  private var guardTrigger: Int32?
  private var channel: ControlChannel<WorkerMessage, SupervisorMessage>?
  private var signals: SignalSource?
  private var delegate: (any WorkerDelegate)?
  private var state = State.awaitingStart

  /// Takes over the worker's end of a control channel, and the process's signals.
  package init(
    reactor: Reactor, control: Descriptor, orphanGrace: TimeSpan = standardOrphanGrace,
    lastResort: LastResort = .exitProcess
  ) throws(ProcessControlError) {
    self.reactor = reactor
    self.orphanGrace = orphanGrace
    try SignalSource.ignore(SIGPIPE)
    try SignalSource.ignore(SIGINT)
    self.lastResort = lastResort
    controlNumber = control.number
    signals = try SignalSource([SIGTERM], on: reactor) { [unowned self] _ in self.beginStop() }
    channel = try ControlChannel(control, on: reactor) { [unowned self] event in
      switch event {
      case .message(let message, let descriptors): self.receive(message, descriptors)
      case .ended(.endOfFile): self.orphan(because: nil)
      case .ended(.failed(let error)): self.orphan(because: error)
      }
    }
  }

  /// Runs the role until it leaves; a host that was told to leave already does not run it.
  ///
  /// - Throws: what broke the control channel, after the role was told that it is orphaned.
  package func run(_ delegate: any WorkerDelegate) throws(ProcessControlError) -> WorkerOutcome {
    self.delegate = delegate
    if !hasLeft { reactor.run() }
    self.delegate = nil
    signals?.close()
    channel?.close()
    guard case .left(let exit, let error) = state else {
      preconditionFailure("Invariant: the loop of a worker ends when the worker leaves")
    }
    if let error { throw error }
    return exit
  }

  /// Ends `run(_:)`. What was reported before is sent if the socket takes it. The first reason
  /// stands: an orphan leaves as one.
  package func leave(_ exit: WorkerOutcome) {
    switch state {
    case .left: return
    case .orphaned(let error): state = .left(.orphaned, error)
    case .awaitingStart, .working, .stopping: state = .left(exit, nil)
    }
    if channel?.isOpen == true { channel?.flush() }
    reactor.stop()
  }

  /// State restored, links up: the role does its job.
  package func reportReady() {
    channel?.send(.ready)
  }

  /// What is missing, for people; `nil` when all is as it should be.
  package func reportDegraded(_ reason: String?) {
    channel?.send(.degraded(reason.map(clipped)))
  }

  /// The transport of this epoch is of no use any more; a fresh one is wanted.
  package func reportLinkBroken(_ link: LinkName, epoch: Int64, reason: String) {
    channel?.send(.linkBroken(link, epoch: epoch, reason: clipped(reason)))
  }

  /// The transport that came with this epoch is in use.
  package func reportLinkReplaced(_ link: LinkName, epoch: Int64) {
    channel?.send(.linkReplaced(link, epoch: epoch))
  }

  /// A message of a link broke it twice and is left out.
  package func reportMessageLost(_ message: LostMessage) {
    var message = message
    message.reason = clipped(message.reason)
    channel?.send(.messageLost(message))
  }

  private var hasLeft: Bool {
    if case .left = state { true } else { false }
  }

  private func clipped(_ reason: String) -> String { String(reason.prefix(Self.reasonLimit)) }

  private func receive(_ message: SupervisorMessage, _ descriptors: [Descriptor]) {
    switch (state, message) {
    case (.orphaned, _), (.left, _):
      return
    case (.awaitingStart, .start(let settings)):
      delegate?.confine(settings: settings)
      do throws(ProcessControlError) {
        try standGuard()
      } catch {
        return orphan(because: error)
      }
      state = .working
      delegate?.start(settings: settings)
    case (_, .stop):
      beginStop()
    case (.working, .link(let link, let epoch)), (.stopping, .link(let link, let epoch)):
      delegate?.attach(
        link: link, epoch: epoch, readEnd: descriptors[0], writeEnd: descriptors[1])
    case (.working, .telemetryOut), (.stopping, .telemetryOut):
      delegate?.connectTelemetry(writeEnd: descriptors[0])
    case (.working, .telemetryIn(let source)), (.stopping, .telemetryIn(let source)):
      delegate?.readTelemetry(of: source, readEnd: descriptors[0])
    case (.working, .screens), (.stopping, .screens):
      delegate?.serveScreens(listener: descriptors[0])
    case (.working, .challenge(let nonce)), (.stopping, .challenge(let nonce)):
      // Behind the work that waits: the answer proves that the loop gets through it.
      reactor.enqueue { [weak self] in self?.answer(nonce) }
    case (.working, .ask(let number, let question)), (.stopping, .ask(let number, let question)):
      reactor.enqueue { [weak self] in self?.pass(question, number: number) }
    case (.awaitingStart, .ask):
      orphan(because: .messageUnexpected(kind: "ask", state: state.name))
    case (.awaitingStart, .link):
      orphan(because: .messageUnexpected(kind: "link", state: state.name))
    case (.awaitingStart, .telemetryOut), (.awaitingStart, .telemetryIn):
      orphan(because: .messageUnexpected(kind: "telemetry", state: state.name))
    case (.awaitingStart, .screens):
      orphan(because: .messageUnexpected(kind: "screens", state: state.name))
    case (.awaitingStart, .challenge):
      orphan(because: .messageUnexpected(kind: "challenge", state: state.name))
    case (.working, .start), (.stopping, .start):
      orphan(because: .messageUnexpected(kind: "start", state: state.name))
    }
  }

  /// Confined like everything else: its thread is started behind the confinement. Before it there is
  /// no role that could hang.
  private func standGuard() throws(ProcessControlError) {
    guard lastResort == .exitProcess else { return }
    guardTrigger = try checked(
      platform_guard_start(controlNumber, orphanGrace.nanos, WorkerOutcome.orphaned.code),
      "pthread_create")
  }

  private func answer(_ nonce: Int64) {
    guard let delegate else { return }
    let done = delegate.progress()
    channel?.send(
      .answer(
        nonce: nonce,
        WorkerProgress(
          loops: reactor.loops, inputs: done.inputs, outputs: done.outputs,
          backlog: Int64(reactor.backlog),
          oldestAgeMilliseconds: reactor.oldestAge.milliseconds, figures: done.figures,
          canary: done.canary)))
  }

  private func pass(_ question: OperatorQuestion, number: Int64) {
    guard let delegate else { return }
    delegate.ask(question) { [weak self] in
      self?.channel?.send(.told(number: number, $0))
    }
  }

  private func beginStop() {
    switch state {
    case .awaitingStart:
      leave(.stopped)
    case .working:
      state = .stopping
      delegate?.stop { [weak self] in self?.leave(.stopped) }
    case .stopping, .orphaned, .left:
      return
    }
  }

  private func orphan(because error: ProcessControlError?) {
    switch state {
    case .left, .orphaned:
      return
    case .awaitingStart:
      state = .orphaned(error)
      leave(.orphaned)
    case .working, .stopping:
      state = .orphaned(error)
      channel?.close()
      if let guardTrigger { _ = platform_wakeup_signal(guardTrigger) }
      // Before the guard's moment, so that an orderly end is the rule.
      reactor.schedule(after: TimeSpan(nanos: orphanGrace.nanos / 4 * 3)) { [weak self] in
        self?.leave(.orphaned)
      }
      delegate?.orphaned()
    }
  }
}

extension WorkerHost {
  /// Where a worker finds its end of the control channel.
  package static let controlDescriptor: Int32 = 3

  /// Takes the control end that the supervisor gave to this process at its start.
  ///
  /// Called before anything else is opened: a descriptor above 3 means that the worker was started
  /// by somebody else, or that the supervisor leaks one, which could keep a dead process's pipe
  /// or lock alive.
  ///
  /// - Throws: `descriptorsUnexpected` or `controlEndMissing`.
  package static func inheritedControlEnd() throws(ProcessControlError) -> Descriptor {
    try controlEnd(at: controlDescriptor, among: try Descriptor.openNumbers())
  }

  static func controlEnd(
    at number: Int32, among open: [Int32]
  ) throws(ProcessControlError) -> Descriptor {
    let surplus = open.filter { $0 > number }
    guard surplus.isEmpty else { throw .descriptorsUnexpected(surplus) }
    guard platform_adopt_packet_socket(number) == 1 else {
      throw .controlEndMissing(descriptor: number)
    }
    return Descriptor(owning: number)
  }
}
