import RiskModel
import Testing

@testable import PeerProtocol

@Suite struct LinkPoisonTests {
  private static func frame(_ json: String) -> [UInt8] {
    var bytes: [UInt8] = []
    FrameEncoder.append(Array(json.utf8), to: &bytes)
    return bytes
  }

  private static func message(
    _ sequence: Int64, linkEpoch: Int64 = 1, producerEpoch: Int64 = 10, body: String = "7"
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    Envelope(
      kind: .message, linkEpoch: linkEpoch, producerEpoch: producerEpoch, sequence: sequence,
      body: Array(body.utf8)
    ).append(to: &bytes)
    return bytes
  }

  /// A link on which the right end has received message 1.
  private func pair() throws -> LinkPair {
    var pair = try LinkPair.live()
    try pair.left.send("1")
    pair.run()
    pair.right.log = []
    return pair
  }

  @Test(arguments: [
    ([0x22, 0x3A, 0x20, 0x22] as [UInt8], "length"),
    (frame("{\"t\":\"\u{0}\"}"), "json"),
    ([0, 0, 0, 2, 0x7B, 0xFF], "utf8"),
    (frame("{} "), "envelope"),
    (message(2, linkEpoch: 2), "link-epoch"),
    (message(2, producerEpoch: 11), "producer-epoch"),
    (message(3), "gap"),
  ])
  func aBadFramePoisonsTheLink(_ bytes: [UInt8], _ code: String) throws {
    var pair = try pair()
    pair.right.receive(bytes + LinkPoisonTests.message(2))
    #expect(pair.right.takeLog() == ["broken: \(code)"])
    guard case .broken(let fault) = pair.right.machine.state else {
      Issue.record("the link is \(pair.right.machine.state)")
      return
    }
    #expect(fault.poisonCode == code)
    #expect(fault.description.contains("first bytes "))
    #expect(pair.right.output().isEmpty)
    pair.right.receive(LinkPoisonTests.message(2))
    #expect(pair.right.takeLog() == [])
  }

  @Test func aDuplicateIsIgnoredAndAcknowledged() throws {
    var pair = try pair()
    pair.right.receive(LinkPoisonTests.message(1))
    #expect(pair.right.takeLog() == [])
    _ = pair.right.output()
    #expect(pair.right.sent.map(\.kind) == [.ack])
    #expect(pair.right.sent.map(\.sequence) == [1])
  }

  @Test func aDuplicateOfWhatIsNotCommittedIsNotAcknowledged() throws {
    var pair = try pair()
    pair.right.commitsAtOnce = false
    pair.right.receive(LinkPoisonTests.message(2))
    pair.right.receive(LinkPoisonTests.message(2))
    #expect(pair.right.takeLog() == ["10/2 7"])
    #expect(pair.right.output().isEmpty)
  }

  @Test func aBodyThatCannotBeReadIsReplayedOnceThenSkipped() throws {
    var pair = try pair()
    pair.right.unreadable = [Array("\"bad\"".utf8)]
    try pair.left.send("2", "\"bad\"", "4")
    pair.run()
    #expect(pair.right.takeLog() == ["10/2 2", "broken: body"])
    pair.connect()
    pair.run()
    #expect(pair.right.takeLog() == ["live", "broken: body"])
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["live", "quarantined 10/3 \"bad\"", "live"])
    #expect(pair.right.takeLog() == ["live", "10/3 skipped: body", "10/4 4"])
    #expect(pair.right.machine.incoming.hello().poisoned == nil)
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 0)
  }

  /// Lets the right end choke on the next message `times` times, each time on a new link. What
  /// the left end sends behind its resume is lost.
  private func choke(_ pair: inout LinkPair, times: Int) {
    for _ in 0..<times {
      _ = pair.left.output()
      pair.right.receive(LinkPoisonTests.frame("[]"))
      pair.connect()
      pair.right.receive(pair.left.output())
      pair.left.receive(pair.right.output())
      pair.right.receive(pair.left.output(limit: 1))
    }
  }

  @Test func aMessageThatWasSentOnOneTransportOnlyIsNotQuarantined() throws {
    var pair = try pair()
    choke(&pair, times: 1)
    try pair.left.send("2")
    choke(&pair, times: 1)
    pair.left.log = []
    pair.right.log = []
    pair.run()
    #expect(pair.left.takeLog() == [])
    #expect(pair.right.takeLog() == ["10/2 2"])
  }

  @Test func aSkipIsRepeatedUntilItIsCommitted() throws {
    var pair = try pair()
    try pair.left.send("\"bad\"")
    choke(&pair, times: 2)
    #expect(pair.left.takeLog() == ["live", "quarantined 10/2 \"bad\"", "live"])
    pair.right = TestEnd(
      producerEpoch: 21, committed: StreamPosition(producerEpoch: 10, sequence: 1))
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["live"])
    #expect(pair.right.takeLog() == ["snapshot needed", "10/2 skipped: json"])
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 0)
  }

  @Test func aQuarantinedMessageDoesNotComeBackWithASnapshot() throws {
    var pair = try pair()
    pair.right.machine.requestAcknowledgement()
    pair.run()
    try pair.left.send("\"bad\"", "3")
    choke(&pair, times: 2)
    pair.right = TestEnd(producerEpoch: 21)
    pair.connect()
    pair.run()
    try pair.left.sendSnapshot(["0"], replacing: .nothing)
    pair.run()
    #expect(
      pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/4 0", "10/5 3"])
  }

  @Test func differentMessagesAreNotCountedTogether() throws {
    var pair = try pair()
    try pair.left.send("2")
    choke(&pair, times: 1)
    pair.run()
    try pair.left.send("3")
    choke(&pair, times: 1)
    pair.run()
    #expect(pair.left.takeLog() == ["live", "live"])
    #expect(pair.right.takeLog().suffix(4) == ["10/2 2", "broken: json", "live", "10/3 3"])
  }

  @Test func aLongReasonIsCut() throws {
    var pair = try pair()
    try pair.left.send("2")
    for _ in 0..<2 {
      _ = pair.left.output()
      pair.connect()
      pair.left.receive(pair.right.output())
    }
    _ = pair.left.output()
    pair.connect()
    let hello = Hello(
      versions: LinkLimits.versions, committed: StreamPosition(producerEpoch: 10, sequence: 1),
      credits: Credits(messages: 9, bytes: 999),
      poisoned: Poisoned(
        StreamPosition(producerEpoch: 10, sequence: 2), reason: String(repeating: "x", count: 999)))
    pair.left.receive(
      Envelope(
        kind: .hello, linkEpoch: pair.linkEpoch, producerEpoch: 20, sequence: 0,
        body: try MessageCoder().encode(hello)))
    _ = pair.left.output()
    let skip = try #require(pair.left.sent.last)
    #expect(skip.kind == .skip)
    let reason = try MessageCoder().decode(SkipReason.self, from: skip.body).reason
    #expect(reason == String(repeating: "x", count: 64))
  }

  @Test func framesOutOfTurnBreakTheLinkButPoisonNothing() throws {
    func broken(_ envelope: Envelope, on pair: LinkPair) -> [String] {
      var pair = pair
      pair.right.receive(envelope)
      let log = pair.right.takeLog()
      #expect(pair.right.machine.incoming.hello().poisoned == nil)
      return log
    }
    let live = try pair()
    let kinds: [(Envelope.Kind, String)] = [(.resume, ""), (.restart, ""), (.hello, "{}")]
    for (kind, body) in kinds {
      let log = broken(
        Envelope(
          kind: kind, linkEpoch: 1, producerEpoch: 10, sequence: 2, body: Array(body.utf8)),
        on: live)
      #expect(log.count == 1 && log[0].hasPrefix("broken: a frame of kind \(kind) out of turn"))
    }
    var opening = live
    opening.connect()
    for kind in Envelope.Kind.allCases where kind != .hello {
      let log = broken(
        Envelope(
          kind: kind, linkEpoch: 2, producerEpoch: 10, sequence: 2,
          body: Array("{\"reason\":\"\"}".utf8)),
        on: opening)
      #expect(log.count == 1 && log[0].hasPrefix("broken: a frame of kind \(kind) out of turn"))
    }
  }

  @Test(arguments: [(10, 99), (11, 1)] as [(Int64, Int64)])
  func anAcknowledgementOfWhatWasNotSentBreaksTheLink(_ producerEpoch: Int64, _ sequence: Int64)
    throws
  {
    var pair = try pair()
    pair.left.receive(
      Envelope(
        kind: .ack, linkEpoch: 1, producerEpoch: producerEpoch, sequence: sequence, body: []))
    let log = pair.left.takeLog()
    #expect(log.count == 1)
    #expect(log[0].hasPrefix("broken: message \(producerEpoch)/\(sequence) is acknowledged"))
  }

  @Test func aStreamThatDoesNotGoOnWhereItStoppedBreaksTheLink() throws {
    func opened(_ kind: Envelope.Kind, _ sequence: Int64, producerEpoch: Int64 = 10) throws
      -> [String]
    {
      var pair = try pair()
      pair.connect()
      pair.right.receive(pair.left.output())
      _ = pair.right.takeLog()
      pair.right.receive(
        Envelope(
          kind: kind, linkEpoch: 2, producerEpoch: producerEpoch, sequence: sequence, body: []))
      return pair.right.takeLog()
    }
    #expect(try opened(.resume, 3) == ["broken: gap"])
    #expect(try opened(.resume, 2) == [])
    #expect(try opened(.resume, 2, producerEpoch: 9) == ["broken: producer-epoch"])
    #expect(try opened(.restart, 1) == ["broken: gap"])
    #expect(try opened(.restart, 5) == ["peer restarted 10"])

    var fresh = LinkPair(left: TestEnd(producerEpoch: 10), right: TestEnd(producerEpoch: 20))
    fresh.connect()
    fresh.right.receive(fresh.left.output())
    fresh.right.receive(
      Envelope(kind: .resume, linkEpoch: 1, producerEpoch: 10, sequence: 1, body: []))
    #expect(fresh.right.log.last?.hasPrefix("broken: a frame of kind resume out of turn") == true)
  }

  @Test(arguments: [
    (#"{"credits":{"bytes":9,"messages":9},"versions":{"max":1,"min":1}}"#, "snapshot needed"),
    (
      #"{"credits":{"bytes":9,"messages":9},"new":[],"versions":{"max":9,"min":1}}"#,
      "snapshot needed"
    ),
    (
      #"{"credits":{"bytes":9,"messages":9},"versions":{"max":9,"min":2}}"#,
      "broken: no common protocol version: ours 1, the peer's 2...9"
    ),
    (
      #"{"credits":{"bytes":9,"messages":9},"versions":{"max":0,"min":0}}"#,
      "broken: no common protocol version: ours 1, the peer's 0"
    ),
    (#"{"credits":{"bytes":9,"messages":0},"versions":{"max":1,"min":1}}"#, "broken: envelope"),
    (#"{"credits":{"bytes":0,"messages":9},"versions":{"max":1,"min":1}}"#, "broken: envelope"),
    (#"{"versions":{"max":1,"min":1}}"#, "broken: body"),
    ("7", "broken: body"),
  ])
  func aHelloNegotiatesOrRefuses(_ body: String, _ outcome: String) {
    var end = TestEnd(producerEpoch: 10)
    end.open(1)
    end.receive(
      Envelope(
        kind: .hello, linkEpoch: 1, producerEpoch: 20, sequence: 0, body: Array(body.utf8)))
    #expect(end.log == [outcome])
  }

  @Test func everyFaultSaysWhatIsWrong() {
    let head = FrameHead([0xAB])
    let faults: [LinkFault] = [
      .length(7, head: head), .notUTF8(head: head), .notJSON(offset: 3, head: head),
      .envelope(member: "le", head: head), .linkEpoch(expected: 1, found: 2, head: head),
      .producerEpoch(expected: 1, found: 2, head: head), .gap(expected: 1, found: 2, head: head),
      .body("x", head: head), .outOfTurn(kind: "hello", head: head),
      .versions(ours: VersionRange(min: 1, max: 1), theirs: VersionRange(min: 2, max: 3)),
      .peerClosed(discardedBytes: 4), .halfOpen, .system(call: "read", code: 5), .closed,
    ]
    let texts = faults.map(\.description)
    #expect(Set(texts).count == faults.count)
    #expect(texts.prefix(9).allSatisfy { $0.hasSuffix("first bytes ab") })
    #expect(SendRefusal.tooLarge(bytes: 2, limit: 1).description.contains("2 bytes"))
    #expect(SendRefusal.backlogFull(messages: 2, bytes: 1).description.contains("2 messages"))
    #expect(SendRefusal.unencodable("x").description.contains("x"))
  }
}
