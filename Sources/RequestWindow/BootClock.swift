import ProcessControl

/// The time since the machine was booted, and the name of that boot.
package struct BootClock: Sendable {
  /// 16 bytes.
  package var boot: [UInt8]
  package var now: @Sendable () -> Int64

  package init(boot: [UInt8], now: @escaping @Sendable () -> Int64) {
    self.boot = boot
    self.now = now
  }

  package static var system: BootClock {
    let clock = SystemClock()
    // A machine that does not tell its boot gets one name for all of them; instants of an earlier
    // boot are then found out where they lie in the future.
    let text = (try? SystemClock.bootIdentity()) ?? ""
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    var boot = [UInt8](repeating: 0, count: RequestRing.bootLength)
    for (index, digit) in digits.prefix(2 * RequestRing.bootLength).enumerated() {
      boot[index / 2] = boot[index / 2] << 4 | UInt8(digit)
    }
    return BootClock(boot: boot, now: { clock.nanosSinceBoot() })
  }
}
