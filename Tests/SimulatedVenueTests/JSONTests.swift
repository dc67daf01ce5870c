import RiskModel
import SimulatedVenue
import Testing

struct JSONTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-0.5", "21000.25", "5e-7", "6335.250000000", "[]", "{}",
    #"[1,[2,{"a":null}],"x"]"#, #"{"b":1,"a":2}"#, #""tab \u0009 quote \" slash \\ é 😀""#,
  ])
  func `what is read is written the same`(text: String) throws {
    #expect(try JSONValue(parsing: text).jsonText == text)
  }

  @Test(arguments: [
    (#""\u00e9\ud83d\ude00\/\b\f\n\r\t""#, "é😀/\u{8}\u{c}\n\r\t"), (#""""#, ""),
  ])
  func `escapes are resolved`(text: String, value: String) throws {
    #expect(try JSONValue(parsing: text).text == value)
  }

  @Test(arguments: [
    ("", 1, 1), ("{", 1, 2), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\" 1}", 1, 6),
    ("{\"a\":1,\"a\":2}", 1, 11), ("{a:1}", 1, 2), ("01", 1, 2), ("1.", 1, 3), ("-", 1, 2),
    ("1e", 1, 3), ("tru", 1, 1), ("\"abc", 1, 5), ("\"\\x\"", 1, 4), ("\"\\u12\"", 1, 4),
    ("\"\\ud800\"", 1, 8), ("\"\\ud800\\u0041\"", 1, 14), ("\n\n  ?", 3, 3), ("1 1", 1, 3),
    ("\"a\u{1}\"", 1, 4), ("\"\\", 1, 3), ("{\"a\":1 \"b\"}", 1, 8),
  ])
  func `a fault is named with its place`(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.description.hasPrefix("line \(line), column \(column): ") == true)
  }

  @Test func `text that is not UTF-8 is refused`() {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func `depth is bounded`() throws {
    let deep = JSONValue.maximumDepth
    let allowed = String(repeating: "[", count: deep) + String(repeating: "]", count: deep)
    #expect(try JSONValue(parsing: allowed).jsonText == allowed)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: "[" + allowed + "]") }
  }

  @Test(arguments: [
    (6_500_000, "6.5"), (-49_000_000, "-49"), (360_000, "0.36"), (1, "0.000001"), (0, "0"),
    (-250_000, "-0.25"), (149_848_640_000, "149848.64"),
  ])
  func `money is exact and not padded`(micros: Int64, text: String) {
    #expect(JSONValue.money(Money(micros: micros)).jsonText == text)
  }

  @Test func `members and elements are found`() throws {
    let value = try JSONValue(parsing: #"{"a":[1,"x",true,null],"n":2.5}"#)
    #expect(value["a"]?[0]?.integer == 1)
    #expect(value["a"]?[1]?.text == "x")
    #expect(value["a"]?[2]?.boolean == true)
    #expect(value["a"]?[3]?.isNull == true)
    #expect(value["a"]?[4] == nil)
    #expect(value["b"] == nil)
    #expect(value["n"]?.integer == nil)
    #expect(value["n"]?.decimal == ExactDecimal("2.5"))
    #expect(value["a"]?.elements?.count == 4)
    let kinds = [value, .array([]), .string(""), .bool(true), .null, .number("1")].map(\.kind)
    #expect(
      kinds == ["an object", "a list", "a text", "a truth value", "null", "a number"])
    #expect(JSONValue.null["a"] == nil && JSONValue.null[0] == nil)
    #expect(JSONValue.null.text == nil && JSONValue.null.boolean == nil)
    #expect(JSONValue.null.elements == nil && JSONValue.null.decimal == nil)
  }
}
