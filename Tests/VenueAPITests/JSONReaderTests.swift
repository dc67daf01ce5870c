import Testing

@testable import VenueAPI

@Suite struct JSONReaderTests {
  @Test(arguments: [
    ("null", JSONValue.null),
    (" \t\r\n true ", .bool(true)),
    ("false", .bool(false)),
    ("-0", .number("-0")),
    ("6335.250000000", .number("6335.250000000")),
    ("5e-7", .number("5e-7")),
    ("1E+3", .number("1E+3")),
    (#""""#, .string("")),
    (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u00e9\uD83D\ude00!""#, .string("é😀!")),
    (#""é😀""#, .string("é😀")),
    ("[]", .array([])),
    ("[ 1 , [ ] ]", .array([.number("1"), .array([])])),
    ("{}", .object([])),
    (
      #"{ "a" : 1 , "b":{"c":null} }"#,
      .object([
        JSONValue.Member(name: "a", value: .number("1")),
        JSONValue.Member(
          name: "b", value: .object([JSONValue.Member(name: "c", value: .null)])),
      ])
    ),
  ])
  func readsEveryKindOfValue(text: String, value: JSONValue) throws {
    #expect(try JSONReader.read(Array(text.utf8)) == value)
  }

  @Test(arguments: [
    ("", 0), ("<html>", 0), ("nul", 0), ("tru1", 0), ("01", 1), ("-", 1), ("1.", 2), (".5", 0),
    ("1e", 2), ("1e+", 3), ("+1", 0), ("NaN", 0), ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("[1", 2),
    ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("{a:1}", 1), ("{", 1), ("{\"a\":1", 6),
    ("\"abc", 4), ("\"a\u{1}\"", 2), (#""\x""#, 2), (#""\"#, 2), (#""\u12"#, 3), (#""\u12g4""#, 3),
    (#""\ud800""#, 7), (#""\ud800\u0041""#, 13), (#""\udc00""#, 7), (#""\n"#, 3),
    ("\"\\n\u{1}\"", 3), ("1 2", 2), ("{} x", 3),
  ])
  func namesTheFirstByteThatCannotBe(text: String, offset: Int) {
    #expect(throws: VenueError.notJSON(offset: offset)) {
      try JSONReader.read(Array(text.utf8))
    }
  }

  @Test func refusesInvalidUTF8WithAndWithoutEscapes() {
    for text: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0x5C, 0x6E, 0xC3, 0x22]] {
      #expect(throws: VenueError.notJSON(offset: 1)) { try JSONReader.read(text) }
    }
  }

  @Test func limitsNesting() throws {
    func nested(_ levels: Int) -> [UInt8] {
      Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
    }
    _ = try JSONReader.read(nested(JSONReader.nestingLimit))
    #expect(throws: VenueError.notJSON(offset: JSONReader.nestingLimit)) {
      try JSONReader.read(nested(JSONReader.nestingLimit + 1))
    }
  }

  @Test func limitsTheLengthOfANumber() throws {
    let longest = String(repeating: "1", count: JSONReader.numberLengthLimit)
    #expect(try JSONReader.read(Array(longest.utf8)) == .number(longest))
    #expect(throws: VenueError.notJSON(offset: 0)) {
      try JSONReader.read(Array((longest + "1").utf8))
    }
  }

  @Test func everyCutOfARowIsAnError() {
    let row = Array(Row.order.utf8)
    for end in 0..<row.count {
      #expect(throws: VenueError.self) { try JSONReader.read(Array(row[..<end])) }
    }
  }

  @Test func theLastOfTwoMembersWithOneNameCounts() throws {
    let value = try JSONReader.read(Array(#"{"a":1,"b":2,"a":3}"#.utf8))
    #expect(value.member("a") == .number("3"))
    #expect(value.member("c") == nil)
    #expect(JSONValue.null.member("a") == nil)
  }
}
