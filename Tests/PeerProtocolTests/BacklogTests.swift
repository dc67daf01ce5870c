import RiskModel
import Testing

@testable import PeerProtocol

@Suite struct BacklogTests {
  private func message(_ text: String, _ priority: SendPriority) -> WaitingMessage {
    WaitingMessage(
      body: Array(text.utf8), priority: priority, acceptedAt: MonotonicInstant(nanos: 0))
  }

  private func filled(_ texts: [String]) -> Backlog {
    var backlog = Backlog()
    for text in texts {
      let isQuote = text.first?.isLowercase ?? false
      backlog.append(message(text, isQuote ? .coalescing(key: String(text.prefix(1))) : .reliable))
    }
    return backlog
  }

  private func drained(_ backlog: Backlog) -> [String] {
    var backlog = backlog
    var texts: [String] = []
    while let message = backlog.popFirst() {
      texts.append(String(decoding: message.body, as: UTF8.self))
    }
    #expect(backlog.count == 0)
    #expect(backlog.bytes == 0)
    #expect(backlog.oldestReliable == nil)
    return texts
  }

  /// Capitals are reliable messages; lower case letters are quotes of the key that they begin with.
  @Test(arguments: [
    (["A", "B", "C"], ["A", "B", "C"]),
    (["a1", "a2", "a3"], ["a3"]),
    (["a1", "b1", "a2", "b2"], ["a2", "b2"]),
    (["a1", "B", "a2"], ["B", "a2"]),
    (["a1", "B", "b1", "a2", "b2"], ["B", "b2", "a2"]),
    (["A", "a1", "a2", "B", "C", "a3", "b1", "D"], ["A", "B", "C", "a3", "b1", "D"]),
  ])
  func theNewestQuoteReplacesWithoutOvertaking(_ accepted: [String], _ sent: [String]) {
    #expect(drained(filled(accepted)) == sent)
  }

  @Test func itCountsWhatWaits() {
    let backlog = filled(["A1", "a1", "B1", "a22", "b1"])
    #expect(backlog.reliableCount == 2)
    #expect(backlog.coalescingCount == 2)
    #expect(backlog.bytes == 9)
    #expect(backlog.replacedCount == 1)
    #expect(backlog.oldestReliable?.body == Array("A1".utf8))
  }

  @Test func theOldestReliableMessageMayStandBehindQuotes() {
    #expect(filled(["a1", "b1", "C"]).oldestReliable?.body == Array("C".utf8))
    #expect(filled(["a1", "b1"]).oldestReliable == nil)
  }

  @Test func emptyPlacesDoNotPileUp() {
    var backlog = Backlog()
    var expected: [String] = []
    for index in 0..<2_000 {
      for key in ["k", "l", "m"] {
        backlog.append(message("\(key)\(index)", .coalescing(key: key)))
      }
      backlog.append(message("R\(index)", .reliable))
      expected.append("R\(index)")
    }
    expected.insert(contentsOf: ["k1999", "l1999", "m1999"], at: 1_999)
    #expect(backlog.count == 2_003)
    #expect(drained(backlog) == expected)
  }

  @Test func aNumberedQueueKeepsItsNumbers() {
    var queue = NumberedQueue<Int>(firstNumber: 100)
    for number in 0..<1_000 { queue.append(number) }
    for number in 0..<900 { #expect(queue.popFirst() == number) }
    #expect(queue.firstNumber == 1_000)
    #expect(queue.endNumber == 1_100)
    #expect(queue[1_050] == 950)
    queue[1_050] = -1
    #expect(Array(queue)[50] == -1)
    #expect(Array(queue).count == 100)
  }
}
