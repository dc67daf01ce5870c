// The clock of a process goes over its command line as
//
//   --clock ANCHOR OFFSET RATE
//
// three whole numbers: nanoseconds since 1970, nanoseconds, thousandths. Without it the process goes
// by the machine's clock.

package import RiskModel
import Supervision

/// How the civil time of a process goes: as the machine's, or, for tests, away from it and faster or
/// slower (`development.testing.clock`).
///
/// At the anchor it is ahead of the machine's by the offset, and from there it goes at the rate. All
/// processes with the same three values have the same time, whenever they were started. Monotonic
/// time is real time always: what waits for a process, a pipe or a network is never hurried.
package struct ClockPace: Equatable, Sendable, Codable {
  package static let realRate: Int64 = 1_000
  package static let machine = ClockPace(
    anchor: Instant(nanosSinceEpoch: 0), offset: .zero, rate: realRate)

  /// By the machine's clock.
  package var anchor: Instant
  package var offset: TimeSpan
  /// Thousandths of real time; above zero.
  package var rate: Int64

  package init(anchor: Instant, offset: TimeSpan, rate: Int64) {
    precondition(rate > 0, "Condition failed: time goes forward")
    self.anchor = anchor
    self.offset = offset
    self.rate = rate
  }

  package var isMachine: Bool { rate == Self.realRate && offset == .zero }

  /// The civil time at a moment of the machine's clock.
  package func civil(at machine: Instant) -> Instant {
    anchor + civilSpan(machine - anchor) + offset
  }

  /// When the machine's clock shows that moment of civil time.
  package func machine(at civil: Instant) -> Instant {
    anchor + realSpan(civil - offset - anchor)
  }

  /// How long a span of civil time takes.
  package func realSpan(_ civil: TimeSpan) -> TimeSpan {
    scaled(civil, by: Self.realRate, over: rate)
  }

  /// How much civil time passes in a span of real time.
  package func civilSpan(_ real: TimeSpan) -> TimeSpan {
    scaled(real, by: rate, over: Self.realRate)
  }

  private func scaled(_ span: TimeSpan, by factor: Int64, over divisor: Int64) -> TimeSpan {
    guard factor != divisor else { return span }
    return TimeSpan(nanos: Int64(clamping: Int128(span.nanos) * Int128(factor) / Int128(divisor)))
  }
}

extension ClockPace {
  private static let option = "--clock"

  /// Empty for the machine's clock.
  package var arguments: [String] {
    guard !isMachine else { return [] }
    return [Self.option, "\(anchor.nanosSinceEpoch)", "\(offset.nanos)", "\(rate)"]
  }

  /// - Returns: `nil` for words that are no clock.
  package init?(arguments: some Collection<String>) {
    guard !arguments.isEmpty else {
      self = .machine
      return
    }
    let numbers = arguments.dropFirst().compactMap { Int64($0) }
    guard arguments.first == Self.option, arguments.count == 4, numbers.count == 3, numbers[2] > 0
    else { return nil }
    self.init(
      anchor: Instant(nanosSinceEpoch: numbers[0]), offset: TimeSpan(nanos: numbers[1]),
      rate: numbers[2])
  }
}

extension ClockPace: CustomStringConvertible {
  /// `2027-03-16T21:00:00.000Z at 2026-11-22T14:30:00.000Z, 900 times as fast`.
  package var description: String {
    guard !isMachine else { return "the machine's clock" }
    let thousandths = String(rate % Self.realRate + Self.realRate).dropFirst()
    let fraction = rate % Self.realRate == 0 ? "" : ".\(thousandths)"
    return "\(civil(at: anchor).timestamp) at \(anchor.timestamp), "
      + "\(rate / Self.realRate)\(fraction) times as fast"
  }
}
