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

  private let reactor: Reactor
  private let executable: String
  private let settings: [WorkerName: String]
  private let environment: [String: String]
  private var entries: [WorkerName: Entry] = [:]
  /// Told everything that the processes do; set before the first start.
  package var onEvent: (WorkerEvent, WorkerName, Int64) -> Void = { _, _, _ in }

  /// The program is run as `executable worker NAME`. Its settings, JSON text with the secrets of the
  /// role, go through the control channel, never through arguments or the environment.
  package init(
    executable: String, settings: [WorkerName: String], on reactor: Reactor,
    environment: [String: String] = ChildEnvironment.inherited()
  ) {
    self.executable = executable
    self.settings = settings
    self.reactor = reactor
    // The directory holds credentials that a role gets with its settings, or not at all.
    self.environment = environment.filter { $0.key != "CREDENTIALS_DIRECTORY" }
  }

  package func spawn(_ worker: WorkerName, life: Int64) throws -> Int32 {
    guard let settings = settings[worker] else {
      throw SupervisorError.settingsMissing(worker: worker.rawValue)
    }
    let output = WorkerOutput.open(for: worker, environment: environment)
    let ends = try ControlPacket.makeEnds()
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: executable, arguments: ["worker", worker.rawValue], environment: environment,
        control: ends.worker, output: output, errorOutput: output))
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
      return child.pid
    } catch {
      // It cannot be watched, so it must not stay.
      try child.signal(Signal.kill.rawValue)
      throw error
    }
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
