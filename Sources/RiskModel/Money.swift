/// An exact amount of money in micro-dollars (10⁻⁶ USD).
///
/// The range is ±9.2 × 10¹² dollars. Arithmetic traps on overflow: a worker stops before it uses a
/// wrong total.
package struct Money: Hashable, Comparable, Sendable, IntegerCoded {
  /// The amount in micro-dollars.
  package var micros: Int64

  package static let zero = Money(micros: 0)
  package static let microsPerDollar: Int64 = 1_000_000

  package init(micros: Int64) {
    self.micros = micros
  }

  package init(integer: Int64) {
    self.init(micros: integer)
  }

  package var integer: Int64 { micros }

  package init(dollars: Int64) {
    self.micros = dollars * Money.microsPerDollar
  }

  package var magnitude: Money { Money(micros: abs(micros)) }

  package static func < (lhs: Money, rhs: Money) -> Bool { lhs.micros < rhs.micros }
  package static func + (lhs: Money, rhs: Money) -> Money { Money(micros: lhs.micros + rhs.micros) }
  package static func - (lhs: Money, rhs: Money) -> Money { Money(micros: lhs.micros - rhs.micros) }
  package static prefix func - (value: Money) -> Money { Money(micros: -value.micros) }
  package static func += (lhs: inout Money, rhs: Money) { lhs = lhs + rhs }
  package static func -= (lhs: inout Money, rhs: Money) { lhs = lhs - rhs }
}

extension Money: CustomStringConvertible {
  /// Dollars and cents, rounded half away from zero, for people: `-510.25`.
  package var description: String {
    let cents = (magnitude.micros + 5_000) / 10_000
    let fraction = cents % 100
    let sign = micros < 0 && cents > 0 ? "-" : ""
    return "\(sign)\(cents / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
