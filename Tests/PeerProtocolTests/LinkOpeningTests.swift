import RiskModel
import Testing

@testable import PeerProtocol

@Suite struct LinkOpeningTests {
  @Test func freshEndsOweEachOtherSnapshots() throws {
    var pair = LinkPair(left: TestEnd(producerEpoch: 10), right: TestEnd(producerEpoch: 20))
    #expect(pair.left.machine.state == .connecting)
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed"])
    #expect(pair.right.takeLog() == ["snapshot needed"])
    #expect(pair.left.machine.state == .connecting)
    #expect(pair.left.sent.map(\.kind) == [.hello])

    try pair.left.sendSnapshot(["1", "2"])
    try pair.left.send("3")
    pair.run()
    #expect(pair.left.takeLog() == ["live"])
    #expect(pair.left.sent.map(\.kind) == [.hello, .restart, .message, .message, .message])
    #expect(pair.right.takeLog() == ["peer restarted 10", "10/1 1", "10/2 2", "10/3 3"])
    #expect(pair.right.machine.state == .connecting)

    try pair.right.sendSnapshot([])
    pair.run()
    #expect(pair.right.takeLog() == ["live"])
    #expect(pair.left.takeLog() == ["peer restarted 20"])
    #expect(pair.right.machine.state == .live)
  }

  @Test func nothingLeavesBeforeTheSnapshot() throws {
    var pair = LinkPair(left: TestEnd(producerEpoch: 10), right: TestEnd(producerEpoch: 20))
    try pair.left.send("\"early\"")
    pair.connect()
    try pair.left.send("\"later\"")
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed"])
    #expect(pair.left.machine.figures.waitingMessages == 2)
    try pair.left.sendSnapshot(["0"], replacing: .nothing)
    try pair.left.send("\"last\"")
    pair.run()
    #expect(
      pair.right.takeLog() == [
        "peer restarted 10", "10/1 0", "10/2 \"early\"", "10/3 \"later\"", "10/4 \"last\"",
      ])
  }

  @Test func aSnapshotReplacesWhatWaited() throws {
    var pair = LinkPair(left: TestEnd(producerEpoch: 10), right: TestEnd(producerEpoch: 20))
    try pair.left.send("\"early\"")
    pair.connect()
    pair.run()
    try pair.left.sendSnapshot(["0"], replacing: .everything)
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/1 0"])
    #expect(pair.left.machine.figures.unacknowledged == 1)
  }

  @Test func onANewLinkBothGoOnWhereTheyStopped() throws {
    var pair = try LinkPair.live()
    try pair.left.send("1", "2", "3")
    pair.run()
    pair.connect()
    try pair.left.send("4")
    pair.run()
    #expect(pair.left.takeLog() == ["live"])
    #expect(pair.right.takeLog() == ["10/1 1", "10/2 2", "10/3 3", "live", "10/4 4"])
    #expect(pair.left.sent.map(\.kind).suffix(3) == [.hello, .resume, .message])
    #expect(pair.left.sent.suffix(2).map(\.sequence) == [4, 4])
  }

  @Test func whatIsNotCommittedIsReplayedToADurableConsumer() throws {
    var pair = try LinkPair.live()
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2", "3", "4")
    pair.run()
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 10, sequence: 2))

    pair.right = TestEnd(
      producerEpoch: 21, committed: StreamPosition(producerEpoch: 10, sequence: 2))
    pair.connect()
    pair.run()
    try pair.right.sendSnapshot([])
    pair.run()
    #expect(pair.left.takeLog() == ["live", "peer restarted 21"])
    #expect(pair.right.takeLog() == ["snapshot needed", "10/3 3", "10/4 4", "live"])
  }

  @Test func whatALiveConsumerHoldsUncommittedIsNotSentAgain() throws {
    var pair = try LinkPair.live()
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2")
    pair.run()
    pair.connect()
    try pair.left.send("3")
    pair.run()
    #expect(pair.right.takeLog() == ["10/1 1", "10/2 2", "live", "10/3 3"])
    #expect(pair.left.sent.suffix(3).map(\.kind) == [.hello, .resume, .message])
    #expect(pair.left.sent.suffix(2).map(\.sequence) == [3, 3])
    #expect(pair.left.machine.figures.unacknowledged == 3)
    #expect(pair.left.machine.figures.messagesInFlight == 3)
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 10, sequence: 3))
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 0)
    #expect(pair.left.machine.figures.messagesInFlight == 0)
    #expect(pair.left.machine.figures.bytesInFlight == 0)
  }

  /// The hello said that nothing was committed, and nobody sends anything that would be acknowledged.
  @Test func whatIsCommittedBetweenTheHellosIsAcknowledged() throws {
    var pair = try LinkPair.live()
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2")
    pair.run()
    pair.connect()
    pair.left.receive(pair.right.output())
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 10, sequence: 2))
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 2)
    #expect(pair.right.machine.waitsForTime)
    #expect(pair.right.machine.tick(at: .start).isEmpty)
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 0)
    #expect(!pair.right.machine.waitsForTime)
  }

  @Test func aRestartedProducerBeginsWithASnapshot() throws {
    var pair = try LinkPair.live()
    try pair.left.send("1", "2")
    pair.run()
    pair.left = TestEnd(producerEpoch: 11)
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed"])
    #expect(pair.right.takeLog() == ["10/1 1", "10/2 2", "snapshot needed"])
    try pair.left.sendSnapshot(["9"])
    pair.run()
    #expect(pair.right.takeLog() == ["peer restarted 11", "11/1 9"])
  }

  @Test func aRestartedVolatileConsumerGetsASnapshotUnderNewNumbers() throws {
    var pair = try LinkPair.live()
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2")
    pair.run()
    pair.right = TestEnd(producerEpoch: 21)
    pair.connect()
    try pair.left.send("3")
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed"])
    try pair.left.sendSnapshot(["0"], replacing: .nothing)
    pair.run()
    #expect(
      pair.right.takeLog() == [
        "snapshot needed", "peer restarted 10", "10/3 0", "10/4 1", "10/5 2", "10/6 3",
      ])
  }

  @Test func aSnapshotToARestartedConsumerReplacesTheWindow() throws {
    var pair = try LinkPair.live()
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2")
    pair.run()
    pair.right = TestEnd(producerEpoch: 21)
    pair.connect()
    pair.run()
    try pair.left.sendSnapshot(["0"])
    try pair.left.send("3")
    pair.run()
    #expect(
      pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/3 0", "10/4 3"])
  }

  @Test func aConsumerThatLostItsProgressGetsASnapshot() throws {
    var pair = try LinkPair.live()
    try pair.left.send("1", "2", "3")
    pair.run()
    pair.right.machine.requestAcknowledgement()
    pair.run()
    pair.right = TestEnd(
      producerEpoch: 21, committed: StreamPosition(producerEpoch: 10, sequence: 1))
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed, peer at 1, oldest 4"])
    try pair.left.sendSnapshot(["0"])
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/4 0"])
  }

  @Test func aConsumerAheadOfTheProducerGetsASnapshotBehindItsNumbers() throws {
    var pair = LinkPair(
      left: TestEnd(producerEpoch: 10),
      right: TestEnd(
        producerEpoch: 20, committed: StreamPosition(producerEpoch: 10, sequence: 70)))
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed, peer at 70, newest 0"])
    try pair.left.sendSnapshot(["0"])
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/71 0"])
  }

  @Test func aLinkThatBreaksInsideTheSnapshotGoesOnInIt() throws {
    var pair = LinkPair(left: TestEnd(producerEpoch: 10), right: TestEnd(producerEpoch: 20))
    pair.connect()
    pair.run()
    try pair.left.sendSnapshot(["1", "2", "3"])
    let bytes = pair.left.output()
    pair.right.receive(bytes.dropLast(20))
    #expect(pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/1 1", "10/2 2"])
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed", "live", "live"])
    #expect(pair.right.takeLog() == ["snapshot needed", "10/3 3"])
  }

  @Test func aLinkThatBreaksBeforeTheFirstMessageOfASnapshotResumesThere() throws {
    var pair = try LinkPair.live()
    pair.connect()
    try pair.left.send("1")
    pair.run()
    #expect(pair.right.takeLog() == ["live", "10/1 1"])
  }

  @Test func aSnapshotThatComesWithoutALinkIsAskedForAgain() throws {
    var pair = LinkPair(left: TestEnd(producerEpoch: 10), right: TestEnd(producerEpoch: 20))
    try pair.left.sendSnapshot(["1"])
    pair.connect()
    pair.run()
    #expect(pair.left.takeLog() == ["snapshot needed"])
    try pair.left.sendSnapshot(["2"])
    pair.run()
    #expect(pair.right.takeLog() == ["snapshot needed", "peer restarted 10", "10/1 2"])
  }

  @Test func aSnapshotOnALiveLinkReplacesWhatWaitsAndNothingElse() throws {
    var pair = try LinkPair.live(
      right: TestEnd(
        producerEpoch: 20, limits: LinkLimits(credits: Credits(messages: 2, bytes: 1_000))))
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2", "3", "4")
    pair.run()
    #expect(pair.right.takeLog() == ["10/1 1", "10/2 2"])
    try pair.left.sendSnapshot(["9"])
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 10, sequence: 2))
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.right.takeLog() == ["10/3 9"])
  }

  @Test func lateCommitsOfAFormerLifeOfTheProducerAreNotAcknowledged() throws {
    var pair = try LinkPair.live()
    pair.right.commitsAtOnce = false
    try pair.left.send("1", "2")
    pair.run()
    pair.left = TestEnd(producerEpoch: 11)
    pair.connect()
    pair.run()
    try pair.left.sendSnapshot(["9"])
    pair.run()
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 10, sequence: 2))
    #expect(
      pair.right.machine.figures.committed == StreamPosition(producerEpoch: 10, sequence: 2))
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 1)
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 11, sequence: 1))
    pair.right.machine.commit(through: StreamPosition(producerEpoch: 10, sequence: 2))
    pair.right.machine.requestAcknowledgement()
    pair.run()
    #expect(pair.left.machine.figures.unacknowledged == 0)
    #expect(
      pair.right.machine.figures.committed == StreamPosition(producerEpoch: 11, sequence: 1))
  }
}
