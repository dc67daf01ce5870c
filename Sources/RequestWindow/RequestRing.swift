import RiskModel

// The ring of send instants that all processes share (`run/requests`), 2,624 bytes, mapped. Numbers
// are of the machine's own byte order: the file never leaves the machine, nor its boot.
//
//   offset  size
//        0     8  "RISKDRQ1"
//        8    16  the boot that the instants belong to: its UUID, as bytes
//       24     8  the end of the penalty after an HTTP 429, or 0
//       32     8  requests ever counted in the general window
//       40     8  requests ever counted in the history window
//       48    16  zero
//       64  2048  256 instants of the general window
//     2112   512  64 instants of the history window
//
// An instant is in nanoseconds since boot, time asleep included, which nobody can set. The nth
// request ever counted is at index n modulo the ring's length. An instant is written before its
// count grows, so that a writer that dies in between has counted nothing. Only the holder of a flock
// on the file reads or writes.
//
// A file with another beginning, of another boot or size, or with an instant of the future is made
// anew, empty.

struct RequestRing {
  static let size = 64 + 8 * (slots(.general) + slots(.history))
  private static let magic = Array("RISKDRQ1".utf8)
  private static let bootOffset = 8
  private static let penaltyOffset = 24
  static let bootLength = 16

  let memory: UnsafeMutableRawPointer

  static func slots(_ budget: RequestBudget) -> Int {
    switch budget {
    case .general: 256
    case .history: 64
    }
  }

  private static func countOffset(_ budget: RequestBudget) -> Int {
    budget == .general ? 32 : 40
  }

  private static func slotOffset(_ budget: RequestBudget, _ number: Int64) -> Int {
    let start = budget == .general ? 64 : 64 + 8 * slots(.general)
    return start + 8 * Int(number % Int64(slots(budget)))
  }

  private func number(at offset: Int) -> Int64 {
    memory.load(fromByteOffset: offset, as: Int64.self)
  }

  private func set(_ number: Int64, at offset: Int) {
    memory.storeBytes(of: number, toByteOffset: offset, as: Int64.self)
  }

  /// Makes the ring empty.
  func clear(boot: [UInt8]) {
    precondition(boot.count == RequestRing.bootLength, "Condition failed: a boot has 16 bytes")
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: RequestRing.size)
    memory.copyMemory(from: RequestRing.magic, byteCount: RequestRing.magic.count)
    (memory + RequestRing.bootOffset).copyMemory(from: boot, byteCount: boot.count)
  }

  /// Whether the bytes are a ring of this boot without instants of the future.
  func isSound(boot: [UInt8], now: Int64) -> Bool {
    let bytes = UnsafeRawBufferPointer(start: memory, count: RequestRing.size)
    guard bytes[..<RequestRing.bootOffset].elementsEqual(RequestRing.magic),
      bytes[RequestRing.bootOffset..<RequestRing.penaltyOffset].elementsEqual(boot),
      (0...now + RequestLimits.penalty.nanos).contains(number(at: RequestRing.penaltyOffset))
    else { return false }
    return RequestBudget.allCases.allSatisfy { budget in
      let count = self.count(budget)
      guard count >= 0 else { return false }
      let first = max(0, count - Int64(RequestRing.slots(budget)))
      return (first..<count).allSatisfy { (0...now).contains(instant(budget, $0)) }
    }
  }

  func count(_ budget: RequestBudget) -> Int64 { number(at: RequestRing.countOffset(budget)) }

  private func instant(_ budget: RequestBudget, _ number: Int64) -> Int64 {
    self.number(at: RequestRing.slotOffset(budget, number))
  }

  func isPenalized(now: Int64) -> Bool { number(at: RequestRing.penaltyOffset) > now }

  func penalize(until end: Int64) { set(end, at: RequestRing.penaltyOffset) }

  /// How long until fewer than `most` requests are in the window, zero when that is so now; `nil`
  /// when the ring cannot be right.
  func wait(_ budget: RequestBudget, most: Int, length: TimeSpan, now: Int64) -> TimeSpan? {
    precondition(
      (1...RequestRing.slots(budget)).contains(most), "Condition failed: the ring holds \(most)")
    let count = self.count(budget)
    guard count >= Int64(most) else { return count < 0 ? nil : .zero }
    let decisive = instant(budget, count - Int64(most))
    guard (0...now).contains(decisive) else { return nil }
    return max(.zero, TimeSpan(nanos: decisive + length.nanos - now))
  }

  /// How many requests are in the window.
  func taken(_ budget: RequestBudget, length: TimeSpan, now: Int64) -> Int {
    let count = self.count(budget)
    let first = max(0, count - Int64(RequestRing.slots(budget)))
    guard count > first else { return 0 }
    return (first..<count).count { now - instant(budget, $0) < length.nanos }
  }

  func add(_ budget: RequestBudget, at now: Int64) {
    let count = self.count(budget)
    set(now, at: RequestRing.slotOffset(budget, count))
    set(count + 1, at: RequestRing.countOffset(budget))
  }
}
