import RiskModel
import Testing

@testable import VenueAPI

@Suite struct NumberTests {
  @Test(arguments: [
    ("6335.250000000", Int64(6_335_250_000_000)), ("29547", 29_547_000_000_000), ("5e-7", 500),
    ("5E-07", 500), ("-12.5", -12_500_000_000), ("0", 0), ("-0.0", 0),
    ("0.0078125", 7_812_500), ("28446.375", 28_446_375_000_000),
    ("21000.083333333333333333333333", 21_000_083_333_333),
    ("21000.0833333335", 21_000_083_333_334),
    ("21000.08333333349999999999999", 21_000_083_333_333),
    ("-0.00000000049999999999999999", 0), ("0.00000000050000000000000001", 1),
  ])
  func pricesAreExactOrRoundedToTheNearestNano(text: String, nanos: Int64) throws {
    let fields = try fields(#"{"p":\#(text)}"#)
    #expect(try fields.price("p") == Price(nanos: nanos))
  }

  @Test(arguments: [
    ("149848.64", Int64(149_848_640_000)), ("149848.64000000001", 149_848_640_000),
    ("-49", -49_000_000), ("0.36", 360_000), ("0.0000005", 1), ("1e3", 1_000_000_000),
    ("50000.123456499999999999999999", 50_000_123_456),
  ])
  func moneyIsRoundedToTheNearestMicro(text: String, micros: Int64) throws {
    let fields = try fields(#"{"m":\#(text)}"#)
    #expect(try fields.money("m") == Money(micros: micros))
  }

  @Test(arguments: [
    "1e30", "123456789012345678901234567890", "1234567890123.12345678901234", "1e-5000",
    #""twelve""#, #""""#, "true", "[]", "1.12345678901234567890e5",
  ])
  func numbersThatDoNotFitAreMalformed(text: String) throws {
    let fields = try fields(#"{"p":\#(text)}"#)
    #expect(throws: VenueError.memberMalformed("row.p")) { try fields.price("p") }
    #expect(throws: VenueError.memberMalformed("row.p")) { try fields.money("p") }
  }

  @Test(arguments: [
    ("3408995735", Int64(3_408_995_735)), (#""3408995735""#, 3_408_995_735), ("1.0", 1),
    ("1e3", 1_000), ("-7", -7), ("9223372036854775807", .max),
  ])
  func idsAreNumbersOrNumericStrings(text: String, number: Int64) throws {
    #expect(try fields(#"{"id":\#(text)}"#).integer("id") == number)
  }

  @Test(arguments: ["1.5", #""a1""#, #""""#, "9223372036854775808", "{}", "false"])
  func idsThatAreNoIntegersAreMalformed(text: String) throws {
    let fields = try fields(#"{"id":\#(text)}"#)
    #expect(throws: VenueError.memberMalformed("row.id")) { try fields.integer("id") }
  }

  @Test func tickSizesAndValuesAreNeverRounded() throws {
    #expect(try fields(#"{"t":5e-7}"#).tickSize("t") == Price(nanos: 500))
    #expect(try fields(#"{"t":7.8125}"#).tickValue("t") == Money(micros: 7_812_500))
    for text in ["0", "-0.25", "0.00000000001", "1e40", #""x""#] {
      let fields = try fields(#"{"t":\#(text)}"#)
      #expect(throws: VenueError.memberMalformed("row.t")) { try fields.tickSize("t") }
      #expect(throws: VenueError.memberMalformed("row.t")) { try fields.tickValue("t") }
    }
  }

  @Test func sizesAndOrdinalsHaveTheWidthOfTheWire() throws {
    #expect(try fields(#"{"n":2147483647}"#).size("n") == 2_147_483_647)
    #expect(try fields(#"{"n":-2147483648}"#).ordinal("n") == -2_147_483_648)
    let wide = try fields(#"{"n":2147483648}"#)
    #expect(throws: VenueError.memberMalformed("row.n")) { try wide.size("n") }
    #expect(throws: VenueError.memberMalformed("row.n")) { try wide.ordinal("n") }
    let negative = try fields(#"{"n":-1}"#)
    #expect(throws: VenueError.memberMalformed("row.n")) { try negative.size("n") }
  }

  @Test func everyPriceSurvivesTheRoundTripThroughARequest() throws {
    for text in ["0.0000005", "21000.25", "-1.5", "6335", "0.00390625"] {
      let body = VenueRequest.orderModify(
        account, OrderID(1), OrderChange(stopPrice: price(text))
      ).body
      let fields = try Fields(try JSONReader.read(body), "row")
      #expect(try fields.price("stopPrice") == price(text))
    }
  }

  private func fields(_ json: String) throws -> Fields {
    try Fields(try JSONReader.read(Array(json.utf8)), "row")
  }
}
