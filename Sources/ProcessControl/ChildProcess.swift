import CPlatform
import Glibc
import RiskModel

/// A child that this process started: seen, signalled and reaped through its pidfd alone, so that
/// neither a recycled pid nor somebody else's child can be meant.
package final class ChildProcess {
  private enum State {
    /// Can transition to: .ended
    case running(Descriptor)
    /// Can transition to: none
    case ended(ExitStatus)
  }

  private static let heldByDebugger = TimeSpan.milliseconds(20)

  package let pid: Int32
  private var state: State

  private init(pid: Int32, handle: Descriptor) {
    self.pid = pid
    state = .running(handle)
  }

  /// Starts a child with descriptor 0 on /dev/null, 1 and 2 as asked, 3 the control end, and
  /// nothing above; default signal actions, no signal blocked, a process group of its own.
  ///
  /// - Throws: `spawnFailed`, also when the program cannot be executed.
  package static func spawn(_ launch: ChildLaunch) throws(ProcessControlError) -> ChildProcess {
    let environment = ChildEnvironment.filtered(launch.environment)
      .map { "\($0.key)=\($0.value)" }.sorted()
    let arguments = [launch.executable] + launch.arguments
    guard (arguments + environment).allSatisfy({ !$0.utf8.contains(0) }) else {
      throw .spawnFailed(executable: launch.executable, code: EINVAL)
    }
    var pid: pid_t = 0
    let result = withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        var request = platform_launch(
          executable: arguments[0], arguments: arguments, environment: environment,
          control: launch.control?.number ?? -1, output: launch.output?.number ?? -1,
          error: launch.errorOutput?.number ?? -1)
        return platform_spawn(&request, &pid)
      }
    }
    guard result >= 0 else { throw .spawnFailed(executable: launch.executable, code: -result) }
    return ChildProcess(pid: pid, handle: Descriptor(owning: result))
  }

  /// How the child ended, once `whenEnded` has told it.
  package var exitStatus: ExitStatus? {
    guard case .ended(let status) = state else { return nil }
    return status
  }

  /// Sends a signal. Returns false when the child is reaped already.
  ///
  /// A child that has ended but is not reaped takes the signal without effect.
  @discardableResult
  package func signal(_ number: Int32) throws(ProcessControlError) -> Bool {
    guard case .running(let handle) = state else { return false }
    try checked(platform_pidfd_signal(handle.number, number), "pidfd_send_signal")
    return true
  }

  /// Calls the handler once when the child has ended, whatever its own children do. The child is
  /// reaped by then. The reactor keeps this object until that moment.
  package func whenEnded(
    on reactor: Reactor, _ handler: @escaping (ExitStatus) -> Void
  ) throws(ProcessControlError) {
    guard case .running(let handle) = state else {
      preconditionFailure("Invariant: the end of child \(pid) is awaited before it is reaped")
    }
    let number = handle.number
    try reactor.watch(number, readable: true) { [unowned reactor] _ in
      // waitid before unwatch would close the descriptor under its watch.
      reactor.unwatch(number)
      self.tellEnd(on: reactor, handler)
    }
  }

  private func tellEnd(on reactor: Reactor, _ handler: @escaping (ExitStatus) -> Void) {
    let status: ExitStatus?
    do {
      status = try reap()
    } catch {
      preconditionFailure("Invariant: only this object reaps child \(pid): \(error)")
    }
    if let status {
      handler(status)
    } else {
      // A debugger that is attached to the child sees its end first and keeps it for a while.
      reactor.schedule(after: Self.heldByDebugger) { [unowned reactor] in
        self.tellEnd(on: reactor, handler)
      }
    }
  }

  /// The exit status if the child has ended, without waiting. The kernel is asked until it has
  /// told once, and never again.
  private func reap() throws(ProcessControlError) -> ExitStatus? {
    guard case .running(let handle) = state else { return exitStatus }
    var result = platform_exit()
    guard try checked(platform_reap(handle.number, &result), "waitid(P_PIDFD)") > 0 else {
      return nil
    }
    let status: ExitStatus =
      switch Int(result.kind) {
      case PLATFORM_EXITED: .exited(code: result.value)
      case let kind: .signalled(number: result.value, coreDumped: kind == PLATFORM_DUMPED)
      }
    state = .ended(status)
    handle.close()
    return status
  }
}

extension ChildProcess {
  /// How a process ended.
  package enum ExitStatus: Equatable, Hashable, Sendable {
    case exited(code: Int32)
    /// Ended by a signal.
    case signalled(number: Int32, coreDumped: Bool)
  }
}

extension ChildProcess.ExitStatus: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signalled(let number, let coreDumped):
      "signal \(number)" + (coreDumped ? " (core dumped)" : "")
    }
  }
}

/// Calls the body with a null-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: strings.count + 1)
  for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
  (pointers + strings.count).initialize(to: nil)
  defer {
    for index in strings.indices { free(pointers[index]) }
    pointers.deallocate()
  }
  return body(pointers)
}
