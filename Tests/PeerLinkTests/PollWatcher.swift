import Glibc
import PeerLink
import RiskModel

/// The smallest event loop: poll(2) over what is watched, and a time that a test has pass.
final class PollWatcher: DescriptorWatcher {
  private struct Watched {
    var events: Int16
    var handler: (Readiness) -> Void
  }

  private struct Call {
    var at: MonotonicInstant
    var action: () -> Void
  }

  private(set) var now = MonotonicInstant.start
  private var calls: [Call] = []
  private var watched: [Int32: Watched] = [:]
  /// Calls of `update`, for the tests that look at them.
  private(set) var updates = 0

  /// Writing to a pipe without a reader must not end the test process.
  static let ignoringSignals: Void = { signal(SIGPIPE, SIG_IGN) }()

  init() {
    PollWatcher.ignoringSignals
  }

  var watchedDescriptors: Set<Int32> { Set(watched.keys) }

  /// Calls that wait for their time.
  var callsWaiting: Int { calls.count }

  func call(after delay: TimeSpan, _ action: @escaping () -> Void) {
    calls.append(Call(at: now + delay, action: action))
  }

  /// Has time pass, with every call at its moment.
  func advance(by span: TimeSpan) {
    let end = now + span
    while let next = calls.indices.min(by: { calls[$0].at < calls[$1].at }),
      calls[next].at <= end
    {
      let call = calls.remove(at: next)
      now = call.at
      call.action()
    }
    now = end
  }

  func watch(
    _ descriptor: Int32, readable: Bool, writable: Bool,
    handler: @escaping (Readiness) -> Void
  ) {
    watched[descriptor] = Watched(
      events: PollWatcher.events(readable, writable), handler: handler)
  }

  func update(_ descriptor: Int32, readable: Bool, writable: Bool) {
    updates += 1
    watched[descriptor]?.events = PollWatcher.events(readable, writable)
  }

  func unwatch(_ descriptor: Int32) {
    watched[descriptor] = nil
  }

  private static func events(_ readable: Bool, _ writable: Bool) -> Int16 {
    Int16((readable ? POLLIN : 0) | (writable ? POLLOUT : 0))
  }

  /// Calls the handlers of what is ready now. Returns whether there were any.
  @discardableResult
  func turn() -> Bool {
    var descriptors = watched.map { pollfd(fd: $0.key, events: $0.value.events, revents: 0) }
    descriptors.sort { $0.fd < $1.fd }
    guard poll(&descriptors, nfds_t(descriptors.count), 0) > 0 else { return false }
    for ready in descriptors where ready.revents != 0 {
      var readiness: Readiness = []
      if ready.revents & Int16(POLLIN) != 0 { readiness.insert(.readable) }
      if ready.revents & Int16(POLLOUT) != 0 { readiness.insert(.writable) }
      if ready.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { readiness.insert(.hungUp) }
      watched[ready.fd]?.handler(readiness)
    }
    return true
  }
}

/// The two ends of a pipe.
struct TestPipe {
  let readEnd: Int32
  let writeEnd: Int32

  /// `capacity` in bytes is rounded up to a page by the system.
  init(capacity: Int32? = nil) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError(code: errno) }
    readEnd = ends[0]
    writeEnd = ends[1]
    // F_SETPIPE_SZ, which the module map of the C library leaves out.
    if let capacity, fcntl(writeEnd, 1031, capacity) < 0 { throw SystemError(code: errno) }
  }

  struct SystemError: Error {
    var code: Int32
  }
}

func isOpen(_ descriptor: Int32) -> Bool {
  fcntl(descriptor, F_GETFD) >= 0
}
