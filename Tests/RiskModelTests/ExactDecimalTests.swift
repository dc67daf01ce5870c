import RiskModel
import RiskTestKit
import Testing

@Suite struct ExactDecimalTests {
  @Test(arguments: [
    ("6335.250000000", Int64(633_525), -2), ("29547", 29_547, 0), ("5e-7", 5, -7),
    ("-7.00", -7, 0), ("0", 0, 0), ("0.000", 0, 0), ("1E3", 1, 3), ("100", 1, 2),
    ("-0.0000005", -5, -7), ("123456789012345678", 123_456_789_012_345_678, 0),
    ("10.5e+2", 105, 1), ("5000.083333333333", 5_000_083_333_333_333, -12),
  ])
  func `reads the forms of the venue`(text: String, significand: Int64, exponent: Int) {
    #expect(
      ExactDecimal(text) == ExactDecimal(significand: significand, exponent: exponent))
  }

  @Test(arguments: [
    "", "-", ".", ".5", "1..2", "1.2.3", "abc", "1e", "1e+", "0x10", "1 ", "NaN", "--1",
    "1234567890123456789", "1e9999",
  ])
  func `refuses what is not a JSON number or too long`(text: String) {
    #expect(ExactDecimal(text) == nil)
  }

  @Test func `scales exactly or not at all`() {
    #expect(ExactDecimal("7.8125")?.scaledExactly(by: 6) == 7_812_500)
    #expect(ExactDecimal("5e-7")?.scaledExactly(by: 9) == 500)
    #expect(ExactDecimal("5e-7")?.scaledExactly(by: 6) == nil)
    #expect(ExactDecimal("9e18")?.scaledExactly(by: 6) == nil)
    #expect(ExactDecimal("0")?.scaledExactly(by: 900) == 0)
    #expect(Money(exactly: ExactDecimal(significand: 1, exponent: -7)) == nil)
    #expect(Price(exactly: ExactDecimal(significand: 1, exponent: -10)) == nil)
  }

  @Test(arguments: [
    ("0.0000005", Int64(1)), ("-0.0000005", -1), ("0.0000004", 0), ("1.0000015", 1_000_002),
    ("1e-40", 0), ("2", 2_000_000),
  ])
  func `rounds half away from zero where rounding is asked for`(text: String, micros: Int64) throws
  {
    let decimal = try #require(ExactDecimal(text))
    #expect(Money(roundingToMicros: decimal) == Money(micros: micros))
  }

  @Test func `an average with many digits becomes the nearest nano-unit`() throws {
    let decimal = try #require(ExactDecimal("5000.083333333333"))
    #expect(Price(roundingToNanos: decimal) == Price(nanos: 5_000_083_333_333))
    #expect(Price(roundingToNanos: ExactDecimal(significand: 9, exponent: 30)) == nil)
    #expect(Money(roundingToMicros: ExactDecimal(significand: 9, exponent: 30)) == nil)
  }

  @Test func `every price of a grid survives text and back`() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2_000 {
      let price = Price(nanos: Int64(bitPattern: random.next()) % 100_000_000_000_000)
      let decimal = try #require(ExactDecimal(price.description))
      #expect(Price(exactly: decimal) == price)
    }
  }
}
