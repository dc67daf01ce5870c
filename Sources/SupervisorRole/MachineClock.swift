import Glibc
package import ProcessControl
import RiskModel
package import Supervision

/// The clocks of this machine; a pace for tests concerns the civil one alone.
package struct MachineClock: SupervisorClock {
  private let clock: SystemClock

  package init(pace: ClockPace = .machine) {
    clock = SystemClock(pace: pace)
  }

  package func moment() -> Moment {
    var time = timespec()
    guard clock_gettime(CLOCK_BOOTTIME, &time) == 0 else {
      preconditionFailure("Invariant: Linux has a clock since boot")
    }
    let boot = BootInstant(nanos: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    return Moment(monotonic: clock.monotonicNow(), boot: boot, civil: clock.now())
  }

  /// Tells one boot of the machine from another; empty where /proc/sys is hidden.
  package static func boot() -> String {
    let file = RecordFile(path: "/proc/sys/kernel/random/boot_id")
    guard let bytes = try? file.read(limit: 64) else { return "" }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
