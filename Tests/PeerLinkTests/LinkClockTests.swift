import Glibc
import PeerLink
import RiskModel
import RiskTestKit
import Testing

@testable import PeerProtocol

/// The clock of a link stands still while nothing waits, and nothing is forgotten by that.
@Suite struct LinkClockTests {
  private let watcher = PollWatcher()

  private func live(
    credits: Credits = LinkLimits().credits
  ) throws -> (NoteTaker, NoteTaker) {
    let left = NoteTaker(producerEpoch: 10, watcher: watcher)
    let right = NoteTaker(producerEpoch: 20, watcher: watcher, limits: LinkLimits(credits: credits))
    try connect(left, right, epoch: 1)
    try #require(turn(watcher) { left.link.state == .live && right.link.state == .live })
    rest()
    return (left, right)
  }

  /// Lets everything arrive that was written, by what the links do themselves.
  private func settle() {
    while watcher.turn() {}
  }

  /// Idle for a day.
  private func rest() {
    settle()
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(watcher.callsWaiting == 0)
    watcher.advance(by: .seconds(86_400))
    #expect(watcher.callsWaiting == 0)
  }

  @Test func aLinkWithoutATransportHasNoClock() throws {
    let role = NoteTaker(producerEpoch: 10, watcher: watcher)
    try role.send([1])
    role.link.flush()
    #expect(watcher.callsWaiting == 0)
  }

  @Test func anIdleLinkHasNoClockAndOneMessageSetsItForAMoment() throws {
    let (left, right) = try live()
    try left.send([1])
    left.link.flush()
    settle()
    #expect(right.notes == [1])
    #expect(left.link.pending == 1)
    #expect(watcher.callsWaiting == 2)
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(left.link.pending == 0)
    #expect(watcher.callsWaiting == 0)
  }

  @Test func aMessageThatNobodyFlushesLeavesAfterALongRest() throws {
    let (left, right) = try live()
    try left.send([1])
    settle()
    #expect(right.notes == [])
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(right.notes == [1])
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(left.link.pending == 0)
    #expect(watcher.callsWaiting == 0)
  }

  @Test func whatIsCommittedLateIsAcknowledgedInATenthOfASecond() throws {
    let (left, right) = try live()
    right.commitsAtOnce = false
    try left.send([1])
    left.link.flush()
    rest()
    #expect(left.link.pending == 1)
    right.commit()
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(left.link.pending == 0)
    #expect(watcher.callsWaiting == 0)
  }

  /// One transport ends with a message in it, the next one with its acknowledgement.
  @Test func whatIsLostAfterALongRestIsSentAgain() throws {
    let (left, right) = try live()
    try left.send([1])
    left.link.flush()
    try connect(left, right, epoch: 2)
    settle()
    #expect(right.notes == [1])
    left.link.close()
    settle()
    watcher.advance(by: .seconds(3_600))
    #expect(watcher.callsWaiting == 0)
    try connect(left, right, epoch: 3)
    settle()
    #expect(left.link.pending == 0)
    #expect(right.notes == [1])
    rest()
  }

  @Test func aMessageAfterALongRestIsNoCongestionAndOneThatWaitsIs() throws {
    let (left, right) = try live(credits: Credits(messages: 1, bytes: 1_048_576))
    right.commitsAtOnce = false
    try left.send([1, 2])
    left.link.flush()
    watcher.advance(by: .milliseconds(900))
    settle()
    #expect(left.link.state == .live)
    watcher.advance(by: .milliseconds(100))
    #expect(left.link.state == .congested)
    right.commitsAtOnce = true
    right.commit()
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(right.notes == [1, 2])
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(left.link.state == .live)
    rest()
  }

  @Test func aSnapshotThatIsOwedForLongIsSentWithoutAFlush() throws {
    let (left, right) = try live()
    let late = NoteTaker(producerEpoch: 11, watcher: watcher)
    late.snapshot = nil
    left.link.close()
    try connect(late, right, epoch: 2)
    rest()
    #expect(late.link.state == .connecting)
    try late.link.sendSnapshot([], replacing: .everything)
    #expect(right.other.contains("peer restarted 11") == false)
    watcher.advance(by: .milliseconds(100))
    settle()
    #expect(right.other.contains("peer restarted 11"))
    rest()
  }

  @Test func aPeerThatReadsNoMoreIsFoundAfterALongRest() throws {
    let role = NoteTaker(producerEpoch: 10, watcher: watcher)
    let (toRole, toPeer) = (try TestPipe(), try TestPipe())
    role.link.replaceTransport(epoch: 1, readEnd: toRole.readEnd, writeEnd: toPeer.writeEnd)
    let peer = RawPeer(readEnd: toPeer.readEnd, writeEnd: toRole.writeEnd, producerEpoch: 20)
    peer.write(try peer.hello(linkEpoch: 1))
    try #require(turn(watcher) { role.link.state == .live })
    rest()
    _ = Glibc.close(peer.readEnd)
    try role.send([1])
    role.link.flush()
    watcher.advance(by: .milliseconds(900))
    #expect(role.link.state == .live)
    watcher.advance(by: .milliseconds(100))
    #expect(role.link.state == .broken(.halfOpen))
    #expect(watcher.callsWaiting <= 1)
    watcher.advance(by: .milliseconds(100))
    #expect(watcher.callsWaiting == 0)
    _ = Glibc.close(peer.writeEnd)
  }

  @Test func theClockOfALinkThatIsGoneDoesNothing() throws {
    var role: NoteTaker? = NoteTaker(producerEpoch: 10, watcher: watcher)
    let (toRole, toPeer) = (try TestPipe(), try TestPipe())
    role?.link.replaceTransport(epoch: 1, readEnd: toRole.readEnd, writeEnd: toPeer.writeEnd)
    let peer = RawPeer(readEnd: toPeer.readEnd, writeEnd: toRole.writeEnd, producerEpoch: 20)
    defer { peer.close() }
    peer.write(try peer.hello(linkEpoch: 1))
    try #require(turn(watcher) { role?.link.state == .live })
    try role?.send([1])
    #expect(watcher.callsWaiting == 1)
    role = nil
    watcher.advance(by: .seconds(1))
    #expect(watcher.callsWaiting == 0)
  }

  /// Nobody flushes; rests of any length lie between; transports are replaced. Whatever state that
  /// leads to, the clocks bring all of it to its end and then stand still.
  @Test(arguments: (1...6).map { UInt64($0) })
  func nothingIsForgotten(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let limits = LinkLimits(credits: Credits(messages: 16, bytes: 4_096), acknowledgeEvery: 4)
    let left = NoteTaker(producerEpoch: 1, watcher: watcher, limits: limits)
    let right = NoteTaker(producerEpoch: 2, watcher: watcher, limits: limits)
    var (epoch, sent) = (Int64(1), 0)
    try connect(left, right, epoch: epoch, capacity: 4_096)
    // A peer that has heard nothing yet would ask for another snapshot in place of what waits.
    try #require(turn(watcher) { left.other.count == 1 && right.other.count == 1 })
    for _ in 0..<200 {
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50:
          sent += 1
          try left.send([sent], padding: Int.random(in: 0...700, using: &random))
        case 50..<65: try right.send([sent])
        case 65..<80: watcher.turn()
        case 80..<90: right.commitsAtOnce.toggle()
        case 90..<98: watcher.advance(by: .milliseconds(Int64.random(in: 1...150, using: &random)))
        default:
          epoch += 1
          try connect(left, right, epoch: epoch, capacity: 4_096)
        }
      }
      right.commitsAtOnce = true
      right.commit()
      var steps = 0
      while left.link.pending + right.link.pending > 0, steps < 1_000 {
        steps += 1
        settle()
        watcher.advance(by: .milliseconds(100))
      }
      let isComplete = right.notes == Array(1..<sent + 1)
      try #require(isComplete)
      try #require(left.link.pending == 0 && right.link.pending == 0)
      rest()
    }
    #expect(epoch > 20)
  }
}
