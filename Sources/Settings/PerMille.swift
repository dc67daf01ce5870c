import RiskModel

/// A share or factor in thousandths: 0.1 is 100, twice as much is 2000.
package struct PerMille: Hashable, Comparable, Sendable, IntegerCoded {
  package var thousandths: Int64

  package init(_ thousandths: Int64) {
    self.thousandths = thousandths
  }

  package init(integer: Int64) {
    self.init(integer)
  }

  package var integer: Int64 { thousandths }

  package static func < (lhs: PerMille, rhs: PerMille) -> Bool {
    lhs.thousandths < rhs.thousandths
  }
}

extension PerMille: CustomStringConvertible {
  /// The shortest exact decimal text: `0.1`, `2`.
  package var description: String {
    let sign = thousandths < 0 ? "-" : ""
    let magnitude = thousandths.magnitude
    guard magnitude % 1_000 != 0 else { return "\(sign)\(magnitude / 1_000)" }
    var fraction = String(magnitude % 1_000 + 1_000).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return "\(sign)\(magnitude / 1_000).\(fraction)"
  }
}
