import RiskModel
import Testing

@testable import PeerProtocol

@Suite struct LinkFlowTests {
  private func position(_ sequence: Int64) -> StreamPosition {
    StreamPosition(producerEpoch: 10, sequence: sequence)
  }

  private func pair(messages: Int, bytes: Int = 1_048_576) throws -> LinkPair {
    var pair = try LinkPair.live(
      right: TestEnd(
        producerEpoch: 20, limits: LinkLimits(credits: Credits(messages: messages, bytes: bytes))))
    pair.right.commitsAtOnce = false
    return pair
  }

  @Test func acknowledgementsComeEvery32CommitsOrWhenAskedFor() throws {
    var pair = try LinkPair.live()
    for number in 1...31 { try pair.left.send("\(number)") }
    pair.run()
    #expect(pair.right.sent.isEmpty)
    #expect(pair.left.machine.figures.unacknowledged == 31)
    try pair.left.send("32", "33")
    pair.run()
    #expect(pair.right.sent.map(\.kind) == [.ack])
    #expect(pair.right.sent.first?.position == position(33))
    #expect(pair.left.machine.figures.unacknowledged == 0)
    try pair.left.send("34")
    pair.run()
    #expect(pair.right.sent.count == 1)
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.right.sent.last?.position == position(34))
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.right.sent.count == 2)
  }

  @Test func aTickAcknowledgesWhatIsCommitted() throws {
    var pair = try LinkPair.live()
    try pair.left.send("1")
    pair.run()
    #expect(pair.right.machine.tick(at: .start).isEmpty)
    pair.run()
    #expect(pair.right.sent.map(\.position) == [position(1)])
  }

  @Test func onlyWhatIsCommittedIsAcknowledged() throws {
    var pair = try pair(messages: 256)
    for number in 1...100 { try pair.left.send("\(number)") }
    pair.run()
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.right.sent.isEmpty)
    pair.right.machine.commit(through: position(40))
    pair.right.machine.commit(through: position(39))
    pair.run()
    #expect(pair.right.sent.map(\.sequence) == [40])
    #expect(pair.left.machine.figures.unacknowledged == 60)
  }

  @Test func aBigUncommittedVolumeIsAcknowledgedSooner() throws {
    var pair = try pair(messages: 256, bytes: 4_000)
    try pair.left.send("\"" + String(repeating: "x", count: 1_200) + "\"")
    pair.run()
    pair.right.machine.commit(through: position(1))
    pair.run()
    #expect(pair.right.sent.map(\.sequence) == [1])
  }

  @Test func theWindowBoundsMessages() throws {
    var pair = try pair(messages: 4)
    for number in 1...10 { try pair.left.send("\(number)") }
    pair.run()
    #expect(pair.right.takeLog() == ["10/1 1", "10/2 2", "10/3 3", "10/4 4"])
    let figures = pair.left.machine.figures
    #expect(figures.messagesInFlight == 4)
    #expect(figures.waitingMessages == 6)
    #expect(figures.windowUse == 100)
    pair.right.machine.commit(through: position(2))
    pair.run()
    #expect(pair.right.takeLog() == ["10/5 5", "10/6 6"])
  }

  @Test func theWindowBoundsBytes() throws {
    var pair = try pair(messages: 100, bytes: 10)
    try pair.left.send("1234", "5678", "9012")
    pair.run()
    #expect(pair.right.takeLog() == ["10/1 1234", "10/2 5678"])
    #expect(pair.left.machine.figures.bytesInFlight == 8)
    #expect(pair.left.machine.figures.windowUse == 80)
    pair.right.machine.commit(through: position(1))
    pair.run()
    #expect(pair.right.takeLog() == ["10/3 9012"])
  }

  @Test func aMessageLargerThanTheWindowIsSentAlone() throws {
    var pair = try pair(messages: 100, bytes: 10)
    try pair.left.send("1", "123456789012345", "2")
    pair.run()
    #expect(pair.right.takeLog() == ["10/1 1"])
    pair.right.machine.commit(through: position(1))
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.right.takeLog() == ["10/2 123456789012345"])
    #expect(pair.left.machine.figures.windowUse == 100)
    pair.right.machine.commit(through: position(2))
    pair.run()
    #expect(pair.right.takeLog() == ["10/3 2"])
  }

  @Test func aReplayKeepsToASmallerWindow() throws {
    var pair = try pair(messages: 8)
    for number in 1...8 { try pair.left.send("\(number)") }
    pair.run()
    pair.right = TestEnd(
      producerEpoch: 21, committed: position(2),
      limits: LinkLimits(credits: Credits(messages: 3, bytes: 100)))
    pair.right.commitsAtOnce = false
    pair.connect()
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed", "10/3 3", "10/4 4", "10/5 5"])
    pair.right.machine.commit(through: position(4))
    pair.run()
    #expect(pair.right.takeLog() == ["10/6 6", "10/7 7"])
  }

  @Test func aReplayKeepsToASmallerWindowOfBytes() throws {
    var pair = try pair(messages: 8)
    try pair.left.send("1234", "5678", "9")
    pair.run()
    pair.right = TestEnd(
      producerEpoch: 21, committed: position(0),
      limits: LinkLimits(credits: Credits(messages: 8, bytes: 6)))
    pair.right.commitsAtOnce = false
    pair.connect()
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed", "10/1 1234"])
  }

  @Test func quotesGetANumberOnlyWhenTheyAreSent() throws {
    var pair = try pair(messages: 2)
    try pair.left.send("1", "2", "3")
    for price in 1...50 {
      try pair.left.send("\"MNQ \(price)\"", key: "MNQ")
      try pair.left.send("\"ES \(price)\"", key: "ES")
    }
    pair.run()
    #expect(pair.right.takeLog() == ["10/1 1", "10/2 2"])
    #expect(pair.left.machine.figures.waitingMessages == 3)
    #expect(pair.left.machine.figures.replacedMessages == 98)
    #expect(pair.left.machine.figures.newestSent == 2)
    pair.right.machine.commit(through: position(2))
    pair.run()
    pair.right.machine.commit(through: position(4))
    pair.run()
    #expect(pair.right.takeLog() == ["10/3 3", "10/4 \"MNQ 50\"", "10/5 \"ES 50\""])
  }

  @Test func reliableMessagesThatWaitASecondCongestTheLink() throws {
    var pair = try pair(messages: 4)
    for number in 1...5 { try pair.left.send("\(number)") }
    pair.run()
    pair.left.note(pair.left.machine.tick(at: .start + .milliseconds(999)))
    #expect(pair.left.takeLog() == [])
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(1)))
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(2)))
    #expect(pair.left.takeLog() == ["congested"])
    #expect(pair.left.machine.state == .congested)

    pair.right.machine.commit(through: position(2))
    pair.run()
    #expect(pair.left.machine.figures.waitingMessages == 0)
    #expect(pair.left.takeLog() == [])
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(3)))
    #expect(pair.left.takeLog() == [])
    pair.right.machine.commit(through: position(5))
    pair.run()
    #expect(pair.left.takeLog() == ["relieved"])
    #expect(pair.left.machine.state == .live)
  }

  @Test func quotesAloneDoNotCongestTheLink() throws {
    var pair = try pair(messages: 1)
    try pair.left.send("1")
    try pair.left.send("\"MNQ\"", key: "MNQ")
    pair.run()
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(9)))
    #expect(pair.left.takeLog() == [])
  }

  @Test func waitingForALinkIsNotCongestion() throws {
    var pair = try pair(messages: 1)
    try pair.left.send("1", "2")
    pair.run()
    pair.left.note(pair.left.machine.failed(.peerClosed(discardedBytes: 0)))
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(30)))
    pair.connect()
    pair.run()
    pair.left.note(pair.left.machine.tick(at: .start + .milliseconds(30_900)))
    #expect(
      pair.left.takeLog() == [
        "broken: the peer closed the link; 0 bytes of an incomplete frame discarded", "live",
      ])
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(31)))
    #expect(pair.left.takeLog() == ["congested"])
  }

  @Test func aReplayThatWaitsASecondCongestsTheLink() throws {
    var pair = try pair(messages: 2)
    try pair.left.send("1", "2")
    pair.run()
    pair.right = TestEnd(
      producerEpoch: 21, committed: position(0),
      limits: LinkLimits(credits: Credits(messages: 1, bytes: 100)))
    pair.right.commitsAtOnce = false
    pair.connect()
    pair.run()
    pair.left.note(pair.left.machine.tick(at: .start + .seconds(1)))
    #expect(pair.left.takeLog() == ["live", "congested"])
  }

  @Test func aMessageThatDoesNotFitAFrameIsRefused() throws {
    var end = TestEnd(producerEpoch: 10)
    let body = [UInt8](repeating: UInt8(ascii: "1"), count: LinkLimits.bodyBytes + 1)
    let refusal = SendRefusal.tooLarge(bytes: body.count, limit: LinkLimits.bodyBytes)
    #expect(throws: refusal) { try end.machine.accept(body, priority: .reliable) }
    #expect(throws: refusal) {
      try end.machine.accept(snapshot: [[0x31], body], replacing: .everything)
    }
    #expect(end.machine.figures.waitingMessages == 0)
    try end.machine.accept(Array(body.dropLast()), priority: .reliable)
    #expect(end.machine.figures.waitingMessages == 1)
  }

  @Test func aFullBacklogRefusesAndASnapshotEmptiesIt() throws {
    var end = TestEnd(
      producerEpoch: 10, limits: LinkLimits(backlog: Credits(messages: 3, bytes: 10)))
    try end.send("1", "2", "3")
    #expect(throws: SendRefusal.backlogFull(messages: 3, bytes: 3)) { try end.send("4") }
    try end.sendSnapshot(["0"])
    try end.send("12345678")
    #expect(throws: SendRefusal.backlogFull(messages: 2, bytes: 9)) { try end.send("12") }
  }
}
