package import ProcessControl
package import Supervision

/// The worker processes of this supervisor: pidfds, control channels and pipes.
package final class ProcessTable: WorkerProcesses {
  private typealias Channel = ControlChannel<SupervisorMessage, WorkerMessage>

  private struct Entry {
    var life: Int64
    var child: ChildProcess
    var channel: Channel
  }

  /// What does not fit waits in the ring of the process that tells.
  private static let telemetryCapacity = 64 * 1_024

  private let reactor: Reactor
  private let executable: String
  private var settings: [WorkerName: String]
  private let environment: [String: String]
  private let clockArguments: [String]
  private var entries: [WorkerName: Entry] = [:]
  /// Given the end of each fresh pipe on which the supervisor itself tells the monitor what it does.
  package var onTelemetry: (Descriptor) -> Void = { $0.close() }
  /// The listening socket of the traders' screens; each monitor gets a descriptor of it, so that who
  /// connects while there is none waits for the next.
  package var screens: Descriptor?
  /// Told everything that the processes do; set before the first start.
  package var onEvent: (WorkerEvent, WorkerName, Int64) -> Void = { _, _, _ in }

  /// The program is run as `executable worker NAME`. Its settings, JSON text with the secrets of the
  /// role, go through the control channel, never through arguments or the environment.
  ///
  /// The variables in `withheld` stay here: a role gets its secrets with its settings or not at all.
  /// `clockArguments` follow the name: every life of a worker goes by the same clock.
  package init(
    executable: String, settings: [WorkerName: String], on reactor: Reactor,
    environment: [String: String] = ChildEnvironment.inherited(), withheld: Set<String> = [],
    clockArguments: [String] = []
  ) {
    self.executable = executable
    self.settings = settings
    self.reactor = reactor
    self.clockArguments = clockArguments
    self.environment = environment.filter {
      $0.key != "CREDENTIALS_DIRECTORY" && !withheld.contains($0.key)
    }
  }

  package func spawn(_ worker: WorkerName, life: Int64) throws -> Int32 {
    guard let settings = settings[worker] else {
      throw SupervisorError.settingsMissing(worker: worker.rawValue)
    }
    let output = WorkerOutput.open(for: worker, environment: environment)
    let ends = try ControlPacket.makeEnds()
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: executable, arguments: ["worker", worker.rawValue] + clockArguments,
        environment: environment, control: ends.worker, output: output, errorOutput: output))
    ends.worker.close()
    do {
      let channel = try Channel(ends.supervisor, on: reactor) { [unowned self] event in
        self.received(event, from: worker, life: life)
      }
      try child.whenEnded(on: reactor) { [unowned self] status in
        self.ended(worker, life: life, status)
      }
      entries[worker] = Entry(life: life, child: child, channel: channel)
      channel.send(.start(settings: settings))
      if worker == .monitor, let socket = try screens?.duplicate() {
        channel.send(.screens, descriptors: [socket])
      }
      return child.pid
    } catch {
      // It cannot be watched, so it must not stay.
      try child.signal(Signal.kill.rawValue)
      throw error
    }
  }

  package func brief(_ worker: WorkerName, _ settings: String) {
    self.settings[worker] = settings
  }

  package func send(_ message: SupervisorMessage, to worker: WorkerName) {
    entries[worker]?.channel.send(message)
  }

  package func makeLink(_ link: LinkName, epoch: Int64) throws {
    let (first, second) = link.ends
    let firstChannel = try channel(of: first)
    let secondChannel = try channel(of: second)
    let there = try PipePair.make()
    let back = try PipePair.make()
    let message = SupervisorMessage.link(link, epoch: epoch)
    firstChannel.send(message, descriptors: [back.readEnd, there.writeEnd])
    secondChannel.send(message, descriptors: [there.readEnd, back.writeEnd])
  }

  package func makeTelemetry(_ source: TelemetrySource) throws {
    let monitor = try channel(of: .monitor)
    let teller = try source.worker.map(channel)
    let pipe = try PipePair.make(capacity: Self.telemetryCapacity)
    monitor.send(.telemetryIn(source), descriptors: [pipe.readEnd])
    if let teller {
      teller.send(.telemetryOut, descriptors: [pipe.writeEnd])
    } else {
      onTelemetry(pipe.writeEnd)
    }
  }

  package func signal(_ signal: Signal, to worker: WorkerName) throws {
    guard let entry = entries[worker] else {
      throw SupervisorError.workerAbsent(worker: worker.rawValue)
    }
    try entry.child.signal(signal.rawValue)
  }

  /// Closes every control channel; workers that are still there leave by themselves.
  package func closeAll() {
    for entry in entries.values { entry.channel.close() }
  }

  private func channel(of worker: WorkerName) throws(SupervisorError) -> Channel {
    guard let entry = entries[worker] else {
      throw .workerAbsent(worker: worker.rawValue)
    }
    return entry.channel
  }

  private func received(_ event: Channel.Event, from worker: WorkerName, life: Int64) {
    switch event {
    case .message(let message, _): onEvent(.said(message), worker, life)
    case .ended(.endOfFile): onEvent(.closedChannel, worker, life)
    case .ended(.failed(let error)): onEvent(.misspoke("\(error)"), worker, life)
    }
  }

  private func ended(_ worker: WorkerName, life: Int64, _ status: ChildProcess.ExitStatus) {
    if entries[worker]?.life == life, let entry = entries.removeValue(forKey: worker) {
      entry.channel.close()
    }
    let exit: WorkerExit =
      switch status {
      case .exited(let code): .code(code)
      case .signalled(let number, _): .signal(number)
      }
    onEvent(.exited(exit), worker, life)
  }
}
