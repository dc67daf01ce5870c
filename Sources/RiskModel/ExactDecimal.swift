/// A decimal number read from text, exactly: `significand × 10^exponent`.
///
/// The venue pads (`6335.250000000`), trims (`29547`) and uses exponents (`5e-7`); all of these
/// are the same kind of value, and none of them may pass through binary floating point.
package struct ExactDecimal: Equatable, Sendable {
  package var significand: Int64
  package var exponent: Int

  package init(significand: Int64, exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  /// Reads JSON number syntax. Returns `nil` for anything else and for more than 18 significant
  /// digits after trailing zeros are dropped.
  package init?(_ text: some StringProtocol) {
    var significand: Int64 = 0
    var exponent = 0
    var pendingZeros = 0
    var digits = 0
    var sawDigit = false
    var inFraction = false
    var bytes = text.utf8.makeIterator()
    var next = bytes.next()
    let negative = next == UInt8(ascii: "-")
    if negative { next = bytes.next() }
    scan: while let byte = next {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        sawDigit = true
        if inFraction { exponent -= 1 }
        if byte == UInt8(ascii: "0") {
          pendingZeros += 1
        } else {
          let shift = digits == 0 ? 0 : pendingZeros
          digits += shift + 1
          guard digits <= 18 else { return nil }
          for _ in 0..<shift { significand *= 10 }
          significand = significand * 10 + Int64(byte - UInt8(ascii: "0"))
          pendingZeros = 0
        }
      case UInt8(ascii: "."):
        guard sawDigit, !inFraction else { return nil }
        inFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        guard sawDigit, let power = ExactDecimal.power(&bytes) else { return nil }
        exponent += power
        break scan
      default:
        return nil
      }
      next = bytes.next()
    }
    guard sawDigit else { return nil }
    self.significand = negative ? -significand : significand
    self.exponent = significand == 0 ? 0 : exponent + pendingZeros
  }

  private static func power(_ bytes: inout some IteratorProtocol<UInt8>) -> Int? {
    var next = bytes.next()
    let negative = next == UInt8(ascii: "-")
    if negative || next == UInt8(ascii: "+") { next = bytes.next() }
    var value = 0
    var sawDigit = false
    while let byte = next {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), value < 100 else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      sawDigit = true
      next = bytes.next()
    }
    return sawDigit ? (negative ? -value : value) : nil
  }

  /// The value in units of `10^-scale`, or `nil` when it does not fit exactly.
  package func scaledExactly(by scale: Int) -> Int64? {
    guard significand != 0 else { return 0 }
    var value = significand
    var shift = exponent + scale
    while shift > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product
      shift -= 1
    }
    while shift < 0 {
      guard value % 10 == 0 else { return nil }
      value /= 10
      shift += 1
    }
    return value
  }

  /// The value in units of `10^-scale`, rounded half away from zero, or `nil` on overflow.
  package func scaledToNearest(by scale: Int) -> Int64? {
    let shift = exponent + scale
    guard shift < 0 else { return scaledExactly(by: scale) }
    guard shift > -19 else { return 0 }
    var divisor: Int64 = 1
    for _ in 0..<(-shift) { divisor *= 10 }
    let quotient = significand / divisor
    let remainder = (significand % divisor).magnitude
    let roundUp = remainder >= divisor.magnitude - remainder
    return quotient + (roundUp ? significand.signum() : 0)
  }
}

extension Money {
  /// The amount, when it is a whole number of micro-dollars.
  package init?(exactly decimal: ExactDecimal) {
    guard let micros = decimal.scaledExactly(by: 6) else { return nil }
    self.init(micros: micros)
  }

  package init?(roundingToMicros decimal: ExactDecimal) {
    guard let micros = decimal.scaledToNearest(by: 6) else { return nil }
    self.init(micros: micros)
  }
}

extension Price {
  /// The price, when it is a whole number of nano-units.
  package init?(exactly decimal: ExactDecimal) {
    guard let nanos = decimal.scaledExactly(by: 9) else { return nil }
    self.init(nanos: nanos)
  }

  package init?(roundingToNanos decimal: ExactDecimal) {
    guard let nanos = decimal.scaledToNearest(by: 9) else { return nil }
    self.init(nanos: nanos)
  }
}
