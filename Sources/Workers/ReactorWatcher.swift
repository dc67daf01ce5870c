import PeerLink
import ProcessControl
import RiskModel

/// Lets links wait on a worker's reactor.
final class ReactorWatcher: DescriptorWatcher {
  private let reactor: Reactor

  init(_ reactor: Reactor) {
    self.reactor = reactor
  }

  var now: MonotonicInstant { reactor.clock.monotonicNow() }

  func call(after delay: TimeSpan, _ action: @escaping () -> Void) {
    reactor.schedule(after: delay, action)
  }

  func watch(
    _ descriptor: Int32, readable: Bool, writable: Bool,
    handler: @escaping (Readiness) -> Void
  ) {
    do {
      try reactor.watch(descriptor, readable: readable, writable: writable) { ready in
        var readiness: Readiness = []
        if ready.isReadable { readiness.insert(.readable) }
        if ready.isWritable { readiness.insert(.writable) }
        if ready.isBroken { readiness.insert(.hungUp) }
        handler(readiness)
      }
    } catch {
      preconditionFailure("Invariant: a pipe can be polled (\(error))")
    }
  }

  func update(_ descriptor: Int32, readable: Bool, writable: Bool) {
    reactor.update(descriptor, readable: readable, writable: writable)
  }

  func unwatch(_ descriptor: Int32) {
    reactor.unwatch(descriptor)
  }
}
