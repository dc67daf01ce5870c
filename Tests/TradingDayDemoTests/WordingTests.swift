import RiskModel
import Testing

@testable import TradingDayDemo

@Suite struct WordingTests {
  @Test(arguments: [
    ("21000", "21000.00"), ("21000.5", "21000.50"), ("21000.25", "21000.25"),
    ("2400.1", "2400.10"), ("28446.375", "28446.375"), ("-0.25", "-0.25"),
  ])
  func `prices have two decimal places at least`(text: String, expected: String) throws {
    let price = try #require(ExactDecimal(text).flatMap { Price(exactly: $0) })
    #expect(Wording.price(price) == expected)
  }

  @Test(arguments: [
    (
      "CON.F.US.MNQ.Z26 is at -305.00; the open loss limit is 300.00.",
      "MNQ is at -305.00; the open loss limit is 300.00."
    ),
    ("You hold 2 EP; the limit for EP is 1.", "You hold 2 ES; the limit for ES is 1."),
    ("RTY is blocked.", "RTY is blocked."),
    ("close CON.F.US.ENQ.Z26", "close NQ"),
    ("reduce CON.F.US.MNQ.Z26 by 1", "reduce MNQ by 1"),
    ("", ""),
  ])
  func `riskd's sentences get the trader's names`(sentence: String, expected: String) {
    #expect(Wording.plain(sentence) == expected)
  }

  @Test func `amounts carry their sign`() {
    #expect(Wording.signed(Money(dollars: 12)) == "+12.00")
    #expect(Wording.signed(Money(micros: -500_000)) == "-0.50")
    #expect(Wording.signed(.zero) == "0.00")
  }

  @Test func `positions are long, short or flat`() {
    #expect(Wording.holding(Sample.position(Sample.es, 2)) == "long 2 ES")
    #expect(Wording.holding(Sample.position(Sample.mnq, -1)) == "short 1 MNQ")
    #expect(Wording.holding(Sample.position(Sample.mnq, 0)) == "flat in MNQ")
  }

  @Test func `orders say how they trade`() {
    var order = Sample.order(1)
    #expect(Wording.order(order) == "sell 2 MNQ at a stop of 20850.00")
    order.stopPrice = nil
    #expect(Wording.order(order) == "sell 2 MNQ at the market")
    order.limitPrice = Price(points: 21_100)
    #expect(Wording.order(order) == "sell 2 MNQ at 21100.00 or better")
  }

  @Test(arguments: [(0, "0.0 ms"), (49, "0.0 ms"), (640, "0.6 ms"), (1_950, "2.0 ms")])
  func `times have one decimal place`(microseconds: Int64, expected: String) {
    #expect(Wording.milliseconds(microseconds: microseconds) == expected)
  }
}
