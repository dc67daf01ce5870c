import HubProtocol
import Testing

@Suite struct HubRecordTests {
  private func parse(_ text: String) throws -> HubRecord { try HubRecord(Array(text.utf8)[...]) }

  private func invocation(
    _ target: String, _ arguments: String, replyTo: String? = nil
  ) -> HubRecord {
    .invocation(
      target: HubTarget(target), arguments: Array(arguments.utf8)[...], replyTo: replyTo)
  }

  @Test(arguments: [
    #"{"type":1,"target":"GatewayUserTrade","arguments":[{"a":1}]}"#,
    #"{"arguments":[{"a":1}],"target":"GatewayUserTrade","type":1}"#,
    #"{"target":"gatewayusertrade","headers":{"x":"y"},"type":1,"streamIds":[],"arguments":[{"a":1}]}"#,
    #"{"type":1,"target":"\u0047atewayUserTrade","invocationId":null,"arguments":[{"a":1}]}"#,
  ])
  func invocationsInAnyOrderOfMembers(text: String) throws {
    #expect(try parse(text) == invocation("GatewayUserTrade", #"[{"a":1}]"#))
  }

  @Test(arguments: [
    (#"{"type":3,"invocationId":"7"}"#, HubRecord.completion(invocation: "7", error: nil)),
    (#"{"type":3,"invocationId":"7","result":null}"#, .completion(invocation: "7", error: nil)),
    (
      #"{"type":3,"result":{"x":[1]},"invocationId":"7"}"#, .completion(invocation: "7", error: nil)
    ),
    (#"{"type":3,"invocationId":"7","error":"no"}"#, .completion(invocation: "7", error: "no")),
    (
      #"{"type":3,"invocationId":"7","result":null,"error":"no"}"#,
      .completion(invocation: "7", error: "no")
    ),
    (#"{"type":6}"#, .ping),
    (#"{"type":6,"extra":{}}"#, .ping),
    (#"{"type":7}"#, .close(error: nil, allowReconnect: false)),
    (#"{"type":7,"allowReconnect":true}"#, .close(error: nil, allowReconnect: true)),
    (#"{"type":7,"error":"x","allowReconnect":false}"#, .close(error: "x", allowReconnect: false)),
    (#"{"type":7,"error":null,"allowReconnect":null}"#, .close(error: nil, allowReconnect: false)),
    (#"{"type":2,"invocationId":"1","item":5}"#, .unused(type: 2)),
    (#"{"type":4}"#, .unused(type: 4)),
    (#"{"type":5,"invocationId":"1"}"#, .unused(type: 5)),
    (#"{"type":8,"sequenceId":9}"#, .unused(type: 8)),
    (#"{"sequenceId":9,"type":9}"#, .unused(type: 9)),
    (#"{"type":42,"target":[]}"#, .unused(type: 42)),
    (#"{"type":-1}"#, .unused(type: -1)),
  ])
  func records(text: String, expected: HubRecord) throws {
    #expect(try parse(text) == expected)
  }

  @Test func aCallThatWaitsForAnAnswerSaysWhereTo() throws {
    #expect(
      try parse(#"{"type":1,"invocationId":"s1","target":"Ask","arguments":[]}"#)
        == invocation("Ask", "[]", replyTo: "s1"))
  }

  @Test(arguments: [
    (#"{}"#, HubEnvelopeError.missingMember("type")),
    (#"{"type":null}"#, .missingMember("type")),
    (#"{"type":"1"}"#, .unexpectedValue(member: "type")),
    (#"{"type":1.0}"#, .unexpectedValue(member: "type")),
    (#"{"type":1e0}"#, .unexpectedValue(member: "type")),
    (#"{"type":99999999999999999999}"#, .unexpectedValue(member: "type")),
    (#"{"type":6,"type":6}"#, .duplicateMember("type")),
    (#"{"type":1,"arguments":[]}"#, .missingMember("target")),
    (#"{"type":1,"target":"","arguments":[]}"#, .unexpectedValue(member: "target")),
    (#"{"type":1,"target":5,"arguments":[]}"#, .unexpectedValue(member: "target")),
    (#"{"type":1,"target":"A"}"#, .missingMember("arguments")),
    (#"{"type":1,"target":"A","arguments":null}"#, .missingMember("arguments")),
    (#"{"type":1,"target":"A","arguments":{}}"#, .unexpectedValue(member: "arguments")),
    (
      #"{"type":1,"target":"A","arguments":[],"invocationId":1}"#,
      .unexpectedValue(member: "invocationId")
    ),
    (#"{"type":3}"#, .missingMember("invocationId")),
    (#"{"type":3,"invocationId":7}"#, .unexpectedValue(member: "invocationId")),
    (#"{"type":3,"invocationId":"7","error":5}"#, .unexpectedValue(member: "error")),
    (#"{"type":3,"invocationId":"7","error":"no","result":1}"#, .resultAndError(invocation: "7")),
    (#"{"type":7,"error":[]}"#, .unexpectedValue(member: "error")),
    (#"{"type":7,"allowReconnect":"yes"}"#, .unexpectedValue(member: "allowReconnect")),
    (#"[{"type":6}]"#, .notAnObject),
    (#"{"type":6"#, .malformed(offset: 9)),
  ])
  func envelopeErrors(text: String, expected: HubEnvelopeError) {
    #expect(throws: expected) { try parse(text) }
  }

  @Test func aNameThatIsNotUTF8IsAnEnvelopeError() {
    var bytes = Array(#"{"type":1,"target":"X","arguments":[]}"#.utf8)
    bytes[20] = 0xFF
    #expect(throws: HubEnvelopeError.unexpectedValue(member: "target")) {
      try HubRecord(bytes[...])
    }
  }

  @Test(arguments: [
    (#"{}"#, HubHandshakeAnswer.accepted),
    (#"{"minorVersion":1,"x":{"error":"not this one"}}"#, .accepted),
    (#"{"error":null}"#, .accepted),
    (
      #"{"error":"The server does not support version 0 of the 'json' protocol."}"#,
      .refused("The server does not support version 0 of the 'json' protocol.")
    ),
  ])
  func handshakeAnswers(text: String, expected: HubHandshakeAnswer) throws {
    #expect(try HubHandshakeAnswer(Array(text.utf8)[...]) == expected)
  }

  @Test(arguments: [
    (#"{"type":6}"#, HubEnvelopeError.recordBeforeHandshake), (#"[]"#, .notAnObject),
    (#"{"error":7}"#, .unexpectedValue(member: "error")), (#"{"#, .malformed(offset: 1)),
  ])
  func badHandshakeAnswers(text: String, expected: HubEnvelopeError) {
    #expect(throws: expected) { try HubHandshakeAnswer(Array(text.utf8)[...]) }
  }

  @Test func targetsIgnoreCase() {
    #expect(HubTarget("GatewayUserOrder") == HubTarget("gatewayuserorder"))
    #expect(Set([HubTarget("A"), HubTarget("a")]).count == 1)
    #expect(HubTarget("GatewayQuote") != HubTarget("GatewayQuotes"))
    #expect(HubTarget("[") != HubTarget("{"))
    #expect("\(HubTarget("GatewayLogout"))" == "GatewayLogout")
  }

  @Test(arguments: [
    (HubRequest.handshake, #"{"protocol":"json","version":1}"#),
    (.ping, #"{"type":6}"#),
    (.close, #"{"type":7}"#),
    (
      .invocation(id: HubInvocationID(1), target: "SubscribeAccounts", arguments: []),
      #"{"type":1,"invocationId":"1","target":"SubscribeAccounts","arguments":[]}"#
    ),
    (
      .invocation(
        id: HubInvocationID(12), target: "SubscribeOrders", arguments: [.integer(-3_400_000_000)]),
      #"{"type":1,"invocationId":"12","target":"SubscribeOrders","arguments":[-3400000000]}"#
    ),
    (
      .invocation(id: HubInvocationID(2), target: "A\"b", arguments: [.text("C\n"), .integer(1)]),
      #"{"type":1,"invocationId":"2","target":"A\"b","arguments":["C\u000a",1]}"#
    ),
    (.refusal(invocation: "s\"1", error: "no"), #"{"type":3,"invocationId":"s\"1","error":"no"}"#),
  ])
  func requests(request: HubRequest, expected: String) {
    #expect(request.bytes == record(expected))
  }

  @Test func errorsSpeakPlainly() {
    let long = String(repeating: "x", count: 500)
    let errors: [HubEnvelopeError] = [
      .recordTooLong(limit: 5), .malformed(offset: 3), .nestedTooDeep(limit: 64), .notAnObject,
      .duplicateMember("type"), .missingMember("type"), .unexpectedValue(member: "type"),
      .resultAndError(invocation: long), .recordBeforeHandshake,
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { $0.description.count < 300 })
  }
}
