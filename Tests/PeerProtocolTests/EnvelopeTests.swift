import Testing

@testable import PeerProtocol

@Suite struct EnvelopeTests {
  private func text(_ envelope: Envelope) -> String {
    var bytes: [UInt8] = []
    envelope.append(to: &bytes)
    return String(decoding: bytes.dropFirst(4), as: UTF8.self)
  }

  @Test func theTextIsCanonical() {
    let message = Envelope(
      kind: .message, linkEpoch: 3, producerEpoch: 17, sequence: 9, body: Array("{\"x\":1}".utf8))
    #expect(text(message) == #"{"b":{"x":1},"le":3,"pe":17,"seq":9,"t":"message"}"#)
    let ack = Envelope(kind: .ack, linkEpoch: 3, producerEpoch: 17, sequence: 9, body: [])
    #expect(text(ack) == #"{"le":3,"pe":17,"seq":9,"t":"ack"}"#)
    let hello = Envelope(
      kind: .hello, linkEpoch: 3, producerEpoch: 17, sequence: 0, body: Array("{}".utf8))
    #expect(text(hello) == #"{"b":{},"le":3,"pe":17,"t":"hello"}"#)
  }

  @Test(arguments: Envelope.Kind.allCases)
  func everyKindIsReadBack(_ kind: Envelope.Kind) throws {
    let hasBody = [.hello, .message, .skip].contains(kind)
    let envelope = Envelope(
      kind: kind, linkEpoch: Int64.max, producerEpoch: Int64.max - 1,
      sequence: kind == .hello ? 0 : Int64.max - 2, body: hasBody ? Array("[1,2]".utf8) : [])
    #expect(try Envelope.read(Array(text(envelope).utf8)) == envelope)
  }

  @Test func theLongestEnvelopeLeavesRoomForTheLongestBody() {
    let longest = Envelope(
      kind: .message, linkEpoch: .max, producerEpoch: .max, sequence: .max,
      body: [UInt8](repeating: UInt8(ascii: "1"), count: LinkLimits.bodyBytes))
    #expect(text(longest).utf8.count <= LinkLimits.frameBytes)
  }

  @Test func unknownMembersAndOrderDoNotMatter() throws {
    let envelope = try Envelope.read(
      Array(#" {"t":"ack", "x":{"pe":5}, "seq":9,"le":3,"pe":17,"v":"new"} "#.utf8))
    #expect(
      envelope
        == Envelope(kind: .ack, linkEpoch: 3, producerEpoch: 17, sequence: 9, body: []))
  }

  @Test(arguments: [
    (#"{"le":3,"pe":17,"seq":9}"#, "t"),
    (#"{"le":3,"pe":17,"seq":9,"t":"ack","t":"ack"}"#, "t"),
    (#"{"le":3,"pe":17,"seq":9,"t":"order"}"#, "t"),
    (#"{"le":3,"pe":17,"seq":9,"t":1}"#, "t"),
    (#"{"le":"3","pe":17,"seq":9,"t":"ack"}"#, "le"),
    (#"{"pe":17,"seq":9,"t":"ack"}"#, "le"),
    (#"{"le":3,"pe":1.5,"seq":9,"t":"ack"}"#, "pe"),
    (#"{"le":3,"pe":-1,"seq":9,"t":"ack"}"#, "pe"),
    (#"{"le":3,"pe":17,"seq":9223372036854775808,"t":"ack"}"#, "seq"),
    (#"{"le":3,"pe":17,"seq":null,"t":"ack"}"#, "seq"),
    (#"{"le":3,"pe":17,"t":"ack"}"#, "seq"),
    (#"{"le":3,"pe":17,"seq":9,"t":"message"}"#, "b"),
  ])
  func aMissingOrWrongMemberIsNamed(_ json: String, _ member: String) {
    let bytes = Array(json.utf8)
    #expect(throws: LinkFault.envelope(member: member, head: FrameHead(bytes))) {
      try Envelope.read(bytes)
    }
  }

  @Test func textThatIsNotUTF8IsRefused() {
    let bytes = Array("{\"t\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
    #expect(throws: LinkFault.notUTF8(head: FrameHead(bytes))) { try Envelope.read(bytes) }
  }

  @Test func textThatIsNotAnObjectIsRefused() {
    let bytes = Array("[1]".utf8)
    #expect(throws: LinkFault.notJSON(offset: 0, head: FrameHead(bytes))) {
      try Envelope.read(bytes)
    }
  }
}
