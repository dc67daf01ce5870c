import CSystemd
import Dispatch
package import RiskModel
import Synchronization

/// What the service manager is told.
package enum ServiceNotice: Equatable, Sendable {
  case ready(status: String)
  case status(String)
  /// The watchdog's sign of life.
  case alive(status: String)
  /// The supervisor gives itself up: systemd is to act as if the watchdog had run out.
  case trigger(status: String)
  case stopping(status: String)

  /// Whether another one of its kind follows soon, so that this one may be left out.
  var isRepeated: Bool {
    switch self {
    case .status, .alive: true
    case .ready, .trigger, .stopping: false
    }
  }

  /// The form of sd_notify(3). The status comes first, so that systemd logs it with a trigger.
  var text: String {
    switch self {
    case .ready(let status): "STATUS=\(status)\nREADY=1"
    case .status(let status): "STATUS=\(status)"
    case .alive(let status): "STATUS=\(status)\nWATCHDOG=1"
    case .trigger(let status): "STATUS=\(status)\nWATCHDOG=trigger"
    case .stopping(let status): "STATUS=\(status)\nSTOPPING=1"
    }
  }
}

/// Who is told.
package protocol ServiceNotifier {
  /// How long the service manager waits for a sign of life; `nil` when it does not.
  var watchdogTimeout: TimeSpan? { get }

  /// - Returns: whether the notice was delivered, or there is nobody to deliver it to.
  func notify(_ notice: ServiceNotice) -> Bool
}

/// systemd, if it started this process. Its environment variables are not handed to workers; see
/// `ChildEnvironment`.
///
/// `sd_notify` waits when systemd does not read its socket, while it loads itself anew for
/// instance. That happens on a queue of its own, so that the supervisor goes on meanwhile.
package final class SystemdNotifier: ServiceNotifier, Sendable {
  /// Notices that may wait; a sign of life that is older than some others is worth nothing.
  private static let waitingLimit = 8

  private let queue = DispatchQueue(label: "systemd")
  private let waiting = Atomic<Int>(0)
  private let hasFailed = Atomic<Bool>(false)

  package init() {}

  package var watchdogTimeout: TimeSpan? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return TimeSpan.microseconds(Int64(clamping: microseconds))
  }

  /// - Returns: false when too many notices wait, or the last one that was sent could not be.
  package func notify(_ notice: ServiceNotice) -> Bool {
    guard !notice.isRepeated || waiting.load(ordering: .acquiring) < Self.waitingLimit else {
      return false
    }
    waiting.add(1, ordering: .acquiringAndReleasing)
    queue.async { [self] in
      hasFailed.store(sd_notify(0, notice.text) < 0, ordering: .releasing)
      waiting.subtract(1, ordering: .acquiringAndReleasing)
    }
    return !hasFailed.load(ordering: .acquiring)
  }
}
