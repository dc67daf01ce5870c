import PeerLink
import PeerProtocol
import RiskModel
import Testing

/// Acknowledgements wait for company, and none waits for ever.
@Suite struct GatheredAcknowledgementTests {
  private let watcher = PollWatcher()
  private let left: NoteTaker
  private let right: NoteTaker

  init() throws {
    left = NoteTaker(producerEpoch: 10, watcher: watcher)
    right = NoteTaker(producerEpoch: 20, watcher: watcher)
    try connect(left, right, epoch: 1)
    let (left, right) = (self.left, self.right)
    try #require(turn(watcher) { left.link.state == .live && right.link.state == .live })
  }

  /// Lets everything arrive that was written.
  private func settle() {
    while watcher.turn() { right.link.flushMessages() }
  }

  private func hand(_ numbers: ClosedRange<Int>) throws {
    for number in numbers {
      try left.send([number])
      left.link.flushMessages()
      settle()
    }
  }

  @Test func fewMessagesAreAcknowledgedByTheClock() throws {
    try hand(1...10)
    #expect(right.notes == Array(1...10))
    watcher.advance(by: .milliseconds(99))
    settle()
    #expect(left.link.pending == 10)
    watcher.advance(by: .milliseconds(1))
    settle()
    #expect(left.link.pending == 0)
  }

  @Test func manyMessagesAreAcknowledgedAtOnce() throws {
    try hand(1...40)
    #expect(left.link.pending == 8)
    right.link.flush()
    settle()
    #expect(left.link.pending == 0)
  }

  /// What was not acknowledged is sent again, or the hello says that it is there.
  @Test func aNewTransportLosesNothing() throws {
    try hand(1...5)
    try connect(left, right, epoch: 2)
    let (left, right) = (self.left, self.right)
    #expect(turn(watcher) { left.link.state == .live && right.link.state == .live })
    #expect(left.link.pending == 0)
    try hand(6...7)
    #expect(right.notes == Array(1...7))
  }
}
