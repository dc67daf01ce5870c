import RiskModel

/// Reads the text of a number in the unit that a member has, with integers only.
enum DecimalText {
  /// A whole number: `3408995735`, also `1.0` and `1e3`.
  static func integer(_ text: String) -> Int64? {
    Int64(text) ?? ExactDecimal(text)?.scaledExactly(by: 0)
  }

  /// The value, with its fraction cut where `ExactDecimal` would run out of its 18 digits.
  ///
  /// The venue divides in 28-digit decimals, so the average of three fills may arrive as
  /// `21000.083333333333333333333`. Rounding half away from zero to nano or micro units looks at
  /// nothing behind the tenth digit of the fraction, so cutting there changes no result.
  static func roundable(_ text: String) -> ExactDecimal? {
    if let exact = ExactDecimal(text) { return exact }
    let keptFractionDigits = 10
    guard let point = text.firstIndex(of: "."),
      let end = text.index(point, offsetBy: keptFractionDigits + 1, limitedBy: text.endIndex),
      text[end...].allSatisfy({ $0.isASCII && $0.isWholeNumber })
    else { return nil }
    return ExactDecimal(text[..<end])
  }
}
