import Testing

@testable import HubProtocol

@Suite struct JSONScannerTests {
  private func members(_ text: String) throws -> [String: String] {
    let found = try JSONScanner.members(of: Array(text.utf8)[...])
    return Dictionary(
      found.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }, uniquingKeysWith: { $1 })
  }

  @Test(
    arguments: [
      ("{}", [:]),
      (" { } ", [:]),
      (#"{"a":1}"#, ["a": "1"]),
      ("{ \"a\" :\t[ 1 , 2 ]\r\n, \"b\" : null }", ["a": "[ 1 , 2 ]", "b": "null"]),
      (#"{"a":{"b":[{},[],{"c":"}"}]}}"#, ["a": #"{"b":[{},[],{"c":"}"}]}"#]),
      (#"{"a":"\"\\\/\b\f\n\r\t\u00e9"}"#, ["a": #""\"\\\/\b\f\n\r\t\u00e9""#]),
      (
        #"{"a":-0,"b":0.50,"c":5e-7,"d":1E+2,"e":-12.5e01}"#,
        ["a": "-0", "b": "0.50", "c": "5e-7", "d": "1E+2", "e": "-12.5e01"]
      ),
      (#"{"a":true,"b":false}"#, ["a": "true", "b": "false"]),
      (#"{"\u0061\n":"µ€🙂"}"#, ["a\n": "\"µ€🙂\""]),
    ] as [(String, [String: String])])
  func membersKeepTheirExactText(text: String, expected: [String: String]) throws {
    #expect(try members(text) == expected)
  }

  @Test(arguments: [
    "", " ", "{", "}", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{a:1}"#,
    #"{"a":1}}"#, #"{"a":1} x"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":1.}"#, #"{"a":.5}"#,
    #"{"a":1e}"#, #"{"a":-}"#, #"{"a":tru}"#, #"{"a":nulL}"#, #"{"a":[1,]}"#, #"{"a":[1}"#,
    #"{"a":"}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#, "{\"a\":\"\n\"}", #"{"a":"\"#, #"{"a":'b'}"#,
    #"{"a":NaN}"#, #"{"\ud800":1}"#, #"{"\ud800\u0041":1}"#, #"{"\udc00":1}"#, "\u{FEFF}{}",
  ])
  func whatIsNotJSONIsRefused(text: String) {
    let error = #expect(throws: HubEnvelopeError.self) { try members(text) }
    guard case .malformed = error else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
  }

  @Test func theOffsetOfTheFaultIsTold() {
    #expect(throws: HubEnvelopeError.malformed(offset: 5)) { try members(#"{"a":x}"#) }
  }

  @Test(arguments: ["[]", "1", #""a""#, "null"])
  func anotherValueIsNotAnObject(text: String) {
    #expect(throws: HubEnvelopeError.notAnObject) { try members(text) }
  }

  @Test func nestingHasALimit() throws {
    let deep = { (levels: Int) in
      #"{"a":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        + "}"
    }
    #expect(try members(deep(63)).count == 1)
    #expect(throws: HubEnvelopeError.nestedTooDeep(limit: 64)) { try members(deep(64)) }
    #expect(throws: HubEnvelopeError.nestedTooDeep(limit: 64)) {
      try members(String(repeating: "[", count: 100_000))
    }
  }

  @Test(arguments: [
    (#"plain"#, "plain"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u00e9µ"#, "éµ"),
    (#"\ud83d\ude42!"#, "🙂!"), (#"\u0000"#, "\u{0}"),
  ])
  func escapesAreUndone(raw: String, expected: String) {
    #expect(JSONScanner.string(Array(raw.utf8)[...]) == expected)
  }

  @Test func textThatIsNotUnicodeHasNoString() {
    #expect(JSONScanner.string([0x61, 0xFF]) == nil)
    #expect(JSONScanner.string([0x5C, 0x6E, 0xC3]) == nil)
    #expect(JSONScanner.string(Array(#"\ud83dx"#.utf8)[...]) == nil)
  }

  @Test(arguments: ["", "plain", "\"\\/\n\u{1}\u{1F}é🙂\u{7F}"])
  func quotedTextReadsBack(text: String) throws {
    let quoted = JSONScanner.quoted(text)
    let object = Array(#"{"a":"#.utf8) + quoted + Array("}".utf8)
    #expect(try JSONScanner.members(of: object[...]).map { Array($0.value) } == [quoted])
    #expect(JSONScanner.string(quoted.dropFirst().dropLast()) == text)
  }
}
