package import RiskModel

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  package static let readable = Readiness(rawValue: 1)
  package static let writable = Readiness(rawValue: 2)
  /// The other end is gone, or the descriptor has an error. Reported without being asked for.
  package static let hungUp = Readiness(rawValue: 4)
}

/// The event loop of a role, as far as a link needs it. Level-triggered and single-threaded.
package protocol DescriptorWatcher: AnyObject {
  var now: MonotonicInstant { get }
  /// Calls `action` once, when the time has passed, and never out of this call.
  func call(after delay: TimeSpan, _ action: @escaping () -> Void)
  /// Calls `handler` whenever the descriptor is ready, until `unwatch`. A handler may unwatch its
  /// own and other descriptors; it is not called for them again.
  func watch(
    _ descriptor: Int32, readable: Bool, writable: Bool,
    handler: @escaping (Readiness) -> Void)
  /// Changes what is waited for.
  func update(_ descriptor: Int32, readable: Bool, writable: Bool)
  /// Called before the descriptor is closed.
  func unwatch(_ descriptor: Int32)
}
