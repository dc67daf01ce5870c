import Testing

@testable import PeerProtocol

@Suite struct JSONCursorTests {
  private func members(of text: String) throws -> [String: String] {
    let bytes = Array(text.utf8)
    var cursor = JSONCursor(bytes)
    var found: [String: String] = [:]
    try cursor.forEachMember { key, place in
      found[String(decoding: key, as: UTF8.self)] = String(decoding: bytes[place], as: UTF8.self)
    }
    return found
  }

  @Test(arguments: [
    ("{}", [:]),
    (" {\n\t} \r", [:]),
    (#"{"a":1}"#, ["a": "1"]),
    (#"{ "a" : -0.5e+7 , "b" : [ ] }"#, ["a": "-0.5e+7", "b": "[ ]"]),
    (#"{"a":{"b":[{"c":"}"}]}}"#, ["a": #"{"b":[{"c":"}"}]}"#]),
    (#"{"a\"b":"\\\"\u00e9\/\b\f\n\r\t"}"#, [#"a\"b"#: #""\\\"\u00e9\/\b\f\n\r\t""#]),
    (#"{"a":true,"b":false,"c":null}"#, ["a": "true", "b": "false", "c": "null"]),
    (#"{"":"ü€😀"}"#, ["": "\"ü€😀\""]),
  ])
  func validText(_ text: String, _ expected: [String: String]) throws {
    #expect(try members(of: text) == expected)
  }

  @Test(arguments: [
    "", " ", "[]", "1", "{", "{]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1"#,
    #"{"a":1}x"#, #"{"a":1}{}"#, #"{a:1}"#, #"{"a":01}"#, #"{"a":-}"#, #"{"a":1.}"#, #"{"a":.5}"#,
    #"{"a":1e}"#, #"{"a":+1}"#, #"{"a":tru}"#, #"{"a":nulL}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#,
    #"{"a":"\u12"}"#, "{\"a\":\"\n\"}", #"{"a":"b"#, #"{"a":"\"#, #"{"a":[1,]}"#, #"{"a":[1 2]}"#,
    #"{"a":[}"#, #"{"a":1 "b":2}"#, #"{"a" 1}"#, "{\"a\":\"\u{0}\"}", "{\"a\":NaN}",
  ])
  func invalidText(_ text: String) {
    #expect(throws: JSONCursor.Fault.self) { try members(of: text) }
  }

  @Test func theOffsetIsWhereTheTextStopsMakingSense() {
    var cursor = JSONCursor(Array(#"{"a":1,"b":?}"#.utf8))
    do throws(JSONCursor.Fault) {
      try cursor.forEachMember { _, _ in }
      Issue.record("the text is not JSON")
    } catch {
      #expect(error.offset == 11)
    }
  }

  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int) -> String {
      "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    _ = try members(of: nested(64))
    #expect(throws: JSONCursor.Fault.self) { try members(of: nested(65)) }
    #expect(throws: JSONCursor.Fault.self) { try members(of: nested(100_000)) }
  }
}
