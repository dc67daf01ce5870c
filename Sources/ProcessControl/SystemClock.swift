import CPlatform
import Glibc
package import RiskModel

/// The clocks of the machine: CLOCK_REALTIME, CLOCK_MONOTONIC and CLOCK_BOOTTIME.
///
/// The monotonic clock stands still while the machine sleeps. Civil time is the machine's, unless a
/// pace for tests says otherwise.
package struct SystemClock: Clock {
  package let pace: ClockPace

  package init(pace: ClockPace = .machine) {
    self.pace = pace
  }

  package func now() -> Instant {
    pace.civil(at: Instant(nanosSinceEpoch: platform_wall_nanos()))
  }

  package func monotonicNow() -> MonotonicInstant {
    MonotonicInstant(nanos: platform_monotonic_nanos())
  }

  /// Nanoseconds since the machine was booted, time asleep included. Nobody can set this clock.
  package func nanosSinceBoot() -> Int64 { platform_boot_nanos() }

  /// The name that the kernel gave to this boot (a UUID), to tell its instants from another's.
  package static func bootIdentity() throws(ProcessControlError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    let file = Descriptor(owning: try checked(platform_open_to_read(path), "open \(path)"))
    return try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) {
      buffer throws(ProcessControlError) in
      guard case .bytes(let count) = try file.read(into: buffer) else {
        throw .systemCall(name: "read \(path)", code: ENODATA)
      }
      return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }
}
