import Glibc
import PeerLink
import RiskModel
import Testing

@testable import PeerProtocol

@Suite struct PeerLinkTests {
  private let watcher = PollWatcher()

  private func live(
    limits: LinkLimits = LinkLimits(), readChunk: Int = 65_536, capacity: Int32? = nil
  ) throws -> (NoteTaker, NoteTaker) {
    let left = NoteTaker(producerEpoch: 10, watcher: watcher, readChunk: readChunk)
    let right = NoteTaker(
      producerEpoch: 20, watcher: watcher, limits: limits, readChunk: readChunk)
    try connect(left, right, epoch: 1, capacity: capacity)
    #expect(
      turn(watcher) {
        left.link.state == .live && right.link.state == .live && left.other.count == 1
          && right.other.count == 1
      })
    return (left, right)
  }

  @Test func messagesGoBothWays() throws {
    let (left, right) = try live()
    #expect(left.states == [.live])
    #expect(left.other == ["peer restarted 20"])
    try left.send(1...300)
    try right.send([7])
    #expect(left.link.pending == 300)
    left.link.flush()
    right.link.flush()
    #expect(
      turn(watcher, flushing: [left, right]) {
        right.notes.count == 300 && left.link.pending == 0 && right.link.pending == 0
      })
    #expect(right.notes == Array(1...300))
    #expect(left.notes == [7])
    #expect(left.link.windowUse == 0)
  }

  @Test func nothingLeavesBeforeAFlushOrTheClock() throws {
    let (left, right) = try live()
    try left.send([1])
    while watcher.turn() {}
    #expect(right.notes == [])
    watcher.advance(by: .milliseconds(100))
    #expect(turn(watcher) { right.notes == [1] })
  }

  @Test func manyMessagesLeaveInOneWrite() throws {
    let left = NoteTaker(producerEpoch: 10, watcher: watcher)
    let (toLeft, toRight) = (try TestPipe(), try TestPipe())
    left.link.replaceTransport(epoch: 1, readEnd: toLeft.readEnd, writeEnd: toRight.writeEnd)
    let peer = RawPeer(readEnd: toRight.readEnd, writeEnd: toLeft.writeEnd, producerEpoch: 20)
    defer { peer.close() }
    peer.write(try peer.hello(linkEpoch: 1))
    #expect(turn(watcher) { left.link.state == .live })
    try left.send(1...100)
    left.link.flush()
    #expect(try peer.readFrames().count == 2 + 100)
    #expect(left.link.figures.messagesInFlight == 100)
  }

  @Test func readsOfOneByteThroughTheSmallestPipe() throws {
    let (left, right) = try live(readChunk: 1, capacity: 4_096)
    try left.send(1...20, padding: 900)
    left.link.flush()
    #expect(turn(watcher, flushing: [left, right]) { right.notes.count == 20 })
    #expect(right.notes == Array(1...20))
  }

  @Test func theLargestMessagesThroughTheSmallestPipe() throws {
    let (left, right) = try live(capacity: 4_096)
    let padding = LinkLimits.bodyBytes - "{\"number\":1,\"padding\":\"\"}".utf8.count
    try left.send([1, 2, 3], padding: padding)
    #expect(
      throws: SendRefusal.tooLarge(
        bytes: LinkLimits.bodyBytes + 1, limit: LinkLimits.bodyBytes)
    ) { try left.send([4], padding: padding + 1) }
    left.link.flush()
    #expect(turn(watcher, flushing: [left, right]) { right.notes == [1, 2, 3] })
    #expect(watcher.updates > 0)
  }

  @Test func aFullPipeIsWaitedFor() throws {
    let left = NoteTaker(producerEpoch: 10, watcher: watcher)
    let (toLeft, toRight) = (try TestPipe(), try TestPipe(capacity: 4_096))
    left.link.replaceTransport(epoch: 1, readEnd: toLeft.readEnd, writeEnd: toRight.writeEnd)
    let peer = RawPeer(readEnd: toRight.readEnd, writeEnd: toLeft.writeEnd, producerEpoch: 20)
    defer { peer.close() }
    peer.write(try peer.hello(linkEpoch: 1))
    #expect(turn(watcher) { left.link.state == .live })
    try left.send(1...100, padding: 100)
    left.link.flush()
    #expect(watcher.watchedDescriptors == [toLeft.readEnd, toRight.writeEnd])
    #expect(watcher.turn() == false)
    var sequences: [Int64] = []
    #expect(
      turn(watcher) {
        let frames = (try? peer.readFrames()) ?? []
        sequences += frames.filter { $0.kind == .message }.map(\.sequence)
        return sequences.count == 100
      })
    #expect(sequences == Array(1...100))
    let updates = watcher.updates
    while watcher.turn() {}
    #expect(watcher.updates <= updates + 1)
  }

  @Test func theNewestQuoteReachesASlowConsumerAndNoOrderIsLost() throws {
    let (left, right) = try live(
      limits: LinkLimits(credits: Credits(messages: 8, bytes: 1_048_576)))
    right.commitsAtOnce = false
    var sentQuotes = 0
    var reliable: [Int] = []
    for step in 1...400 {
      watcher.advance(by: .milliseconds(20))
      if step % 20 == 0 {
        try left.send([step])
        reliable.append(step)
      }
      for contract in 1...3 {
        try left.link.send(
          Note(number: -(step * 10 + contract)), priority: .coalescing(key: "\(contract)"))
        sentQuotes += 1
      }
      left.link.flush()
      watcher.turn()
      if step % 100 == 0 {
        right.commit()
        right.link.flush()
      }
    }
    #expect(left.states.contains(.congested))
    right.commitsAtOnce = true
    right.commit()
    #expect(turn(watcher, flushing: [left, right]) { left.link.pending == 0 })
    watcher.advance(by: .milliseconds(100))
    #expect(left.states.last == .live)
    #expect(right.notes.filter { $0 > 0 } == reliable)
    for contract in 1...3 {
      let quotes = right.notes.filter { $0 < 0 && -$0 % 10 == contract }.map { -$0 }
      #expect(quotes.last == 4_000 + contract)
      #expect(quotes == quotes.sorted())
    }
    let replaced = left.link.figures.replacedMessages
    #expect(replaced > 1_000)
    #expect(Int64(right.notes.count - reliable.count) + replaced == Int64(sentQuotes))
  }

  @Test func aMessageOfAnUnknownKindIsGivenUpAtTheSecondFailure() throws {
    let watcher = watcher
    let left = PeerLink<String, Note>(
      producerEpoch: 10, committed: nil, watcher: watcher)
    var events: [String] = []
    left.handler = { [unowned left] event in
      if case .snapshotNeeded = event { try? left.sendSnapshot([], replacing: .nothing) }
      if case .quarantined(let position, let body, "body") = event {
        events.append("\(position) \(String(decoding: body, as: UTF8.self))")
      }
    }
    let right = NoteTaker(producerEpoch: 20, watcher: watcher)
    for epoch in Int64(1)...3 {
      let (toRight, toLeft) = (try TestPipe(), try TestPipe())
      left.replaceTransport(epoch: epoch, readEnd: toLeft.readEnd, writeEnd: toRight.writeEnd)
      right.link.replaceTransport(
        epoch: epoch, readEnd: toRight.readEnd, writeEnd: toLeft.writeEnd)
      if epoch == 1 { try left.send("not a note") }
      left.flush()
      #expect(
        turn(watcher, flushing: [right]) {
          left.flush()
          if epoch == 3 { return left.pending == 0 }
          if case .broken = left.state { return true }
          return false
        })
      if epoch < 3 {
        guard case .broken(.body) = right.link.state else {
          Issue.record("the link is \(right.link.state)")
          return
        }
      }
    }
    #expect(events == ["10/1 \"not a note\""])
    #expect(right.other == ["peer restarted 10", "skipped 10/1: body"])
  }
}
