/// An exact price in nano-units (10⁻⁹ of one point).
///
/// Nano-units hold every tick of the venue's catalogue exactly, down to 0.0000005 (6J). Averages
/// that the venue reports with more digits are rounded to the nearest nano-unit at the border.
package struct Price: Hashable, Comparable, Sendable, IntegerCoded {
  /// The price in nano-units.
  package var nanos: Int64

  package static let nanosPerPoint: Int64 = 1_000_000_000

  package init(nanos: Int64) {
    self.nanos = nanos
  }

  package init(integer: Int64) {
    self.init(nanos: integer)
  }

  package var integer: Int64 { nanos }

  package init(points: Int64) {
    self.nanos = points * Price.nanosPerPoint
  }

  package static func < (lhs: Price, rhs: Price) -> Bool { lhs.nanos < rhs.nanos }
  package static func + (lhs: Price, rhs: Price) -> Price { Price(nanos: lhs.nanos + rhs.nanos) }
  package static func - (lhs: Price, rhs: Price) -> Price { Price(nanos: lhs.nanos - rhs.nanos) }

  /// Half-way between two prices, rounded down to a nano-unit.
  package static func midpoint(_ a: Price, _ b: Price) -> Price {
    Price(nanos: a.nanos + (b.nanos - a.nanos) / 2)
  }
}

extension Price: CustomStringConvertible {
  /// The shortest exact decimal text: `21000.25`.
  package var description: String {
    let magnitude = nanos.magnitude
    let unit = UInt64(Price.nanosPerPoint)
    let whole = "\(nanos < 0 ? "-" : "")\(magnitude / unit)"
    var fraction = magnitude % unit
    guard fraction != 0 else { return whole }
    var digits = 9
    while fraction % 10 == 0 {
      fraction /= 10
      digits -= 1
    }
    let text = "\(fraction)"
    return whole + "." + String(repeating: "0", count: digits - text.count) + text
  }
}
