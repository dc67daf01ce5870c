import RiskModel
import RiskTestKit
import Testing

@Suite struct MoneyAndPriceTests {
  @Test(arguments: [
    ("0", "0.00"), ("-510.25", "-510.25"), ("0.004", "0.00"), ("-0.004", "0.00"),
    ("0.005", "0.01"), ("-0.005", "-0.01"), ("1234567.899", "1234567.90"), ("7.8125", "7.81"),
  ])
  func `shows dollars and cents`(amount: String, text: String) {
    #expect(Money.of(amount).description == text)
  }

  @Test func `adds, subtracts and negates exactly`() {
    var total = Money(dollars: 1)
    total += .of("0.1")
    total += .of("0.2")
    total -= .of("0.000001")
    #expect(total == .of("1.299999"))
    #expect(-total == .of("-1.299999"))
    #expect((-total).magnitude == total)
    #expect(Money.zero < total)
  }

  @Test(arguments: [
    ("21000", "21000"), ("21000.25", "21000.25"), ("-0.0000005", "-0.0000005"),
    ("0.00390625", "0.00390625"), ("28446.375", "28446.375"),
  ])
  func `shows a price as its shortest exact text`(price: String, text: String) {
    #expect(Price.at(price).description == text)
  }

  @Test func `midpoint lies half-way`() {
    #expect(Price.midpoint(.at("29547"), .at("29547.5")) == .at("29547.25"))
    #expect(Price(points: 3) + .at("0.5") - .at("1.25") == .at("2.25"))
  }

  @Test(arguments: [
    // L2 MNQ from 21000: 75 points down are 300 ticks of 0.50, twice.
    (Sample.mnq, "21000", "20925", Int64(2), "-300"),
    (Sample.mnq, "21000", "20925.25", 2, "-299"),
    (Sample.es, "5800", "5820", 1, "1000"),
    (Sample.es, "5800", "5820", -1, "-1000"),
    // An average off the tick grid is not rounded to ticks.
    (Sample.mnq, "28446.375", "28446.5", 2, "0.5"),
    (Sample.rty, "2000", "1999.9", 3, "-15"),
  ])
  func `profit follows from ticks, tick value and size`(
    contract: ContractID, entry: String, mark: String, size: Int64, profit: String
  ) throws {
    let data = try #require(Sample.contracts.first { $0.id == contract })
    #expect(
      data.profit(from: .at(entry), to: .at(mark), signedSize: size) == .of(profit))
  }

  @Test func `a fraction of a micro-dollar counts against the trader`() {
    let data = ContractSpecification(
      id: Sample.mnq, name: "X", tickSize: .at("3"), tickValue: Money(micros: 1))
    #expect(data.profit(from: .at("0"), to: .at("1"), signedSize: 1) == .zero)
    #expect(data.profit(from: .at("0"), to: .at("-1"), signedSize: 1) == Money(micros: -1))
  }

  @Test func `values travel as plain integers`() throws {
    #expect(try roundTrip(Money.of("-1.5")) == "-1500000")
    #expect(try roundTrip(Price.at("0.25")) == "250000000")
    #expect(try roundTrip(TimeSpan.milliseconds(3)) == "3000000")
    #expect(try roundTrip(Instant(secondsSinceEpoch: 2)) == "2000000000")
    #expect(try roundTrip(MonotonicInstant(nanos: 7)) == "7")
    #expect(try roundTrip(OrderID(3_408_995_735)) == "3408995735")
  }
}
