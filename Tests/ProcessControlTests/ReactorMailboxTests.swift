import Dispatch
import ProcessControl
import RiskModel
import Testing

@testable import struct ProcessControl.Mailbox

@Suite struct ReactorMailboxTests {
  @Test func workRunsInTheOrderOfItsArrival() throws {
    let reactor = try Reactor()
    let seen = ReactorBound(Log(), reactor.inbox)
    reactor.enqueue { seen.value.append(0, 1) }
    reactor.inbox.post { seen.value.append(0, 2) }
    reactor.inbox.post { seen.value.append(0, 3) }
    reactor.enqueue { seen.value.append(0, 4) }
    reactor.inbox.post { seen.value.append(0, 5) }
    #expect(reactor.backlog == 5)
    reactor.runTurns(1)
    #expect(seen.value.numbers[0] == [1, 2, 3, 4, 5])
    #expect(reactor.backlog == 0)
  }

  @Test func theAgeOfTheOldestWorkIsKnownWhereverItWaits() throws {
    let clock = StoppedClock()
    let reactor = try Reactor(clock: clock)
    #expect(reactor.oldestAge == .zero)
    reactor.inbox.post {}
    clock.advance(by: .milliseconds(30))
    #expect(reactor.oldestAge == .milliseconds(30))
    reactor.enqueue {}
    clock.advance(by: .milliseconds(5))
    #expect(reactor.backlog == 2)
    #expect(reactor.oldestAge == .milliseconds(35))
    var ages: [TimeSpan] = []
    reactor.enqueue {
      ages.append(reactor.oldestAge)
      reactor.stop()
    }
    clock.advance(by: .milliseconds(1))
    reactor.enqueue {}
    clock.advance(by: .milliseconds(2))
    reactor.run()
    #expect(ages == [.milliseconds(2)], "work that runs does not wait any more")
    #expect(reactor.backlog == 1)
  }

  @Test func postsWakeASleepingLoopAndKeepTheOrderOfTheirThread() throws {
    let reactor = try Reactor()
    let log = ReactorBound(Log(), reactor.inbox)
    let inbox = reactor.inbox
    let threads = 4
    let posts = 2_000
    DispatchQueue.global().async {
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for number in 0..<posts { inbox.post { log.value.append(thread, number) } }
      }
    }
    #expect(reactor.run { log.value.count == threads * posts })
    for thread in 0..<threads { #expect(log.value.numbers[thread] == Array(0..<posts)) }
  }

  @Test func anInboxOutlivesItsReactor() throws {
    var reactor: Reactor? = try Reactor()
    let inbox = try #require(reactor?.inbox)
    reactor = nil
    inbox.post { Issue.record("the loop is gone") }
  }

  @Test func aBoundValueIsNotUsedElsewhere() async {
    await #expect(processExitsWith: .failure) {
      let reactor = try Reactor()
      let bound = ReactorBound(Log(), reactor.inbox)
      let inbox = reactor.inbox
      DispatchQueue.global().async {
        _ = bound.value
        inbox.post {}
      }
      reactor.schedule(after: .seconds(20)) { reactor.stop() }
      reactor.run()
    }
  }

  @Test func theMailboxKeepsItsOrderOverAllSizes() {
    var mailbox = Mailbox<Int>()
    var expected = 0
    var next = 0
    for round in 1...60 {
      for _ in 0..<(round * 13 % 700) {
        mailbox.append(
          Mailbox.Item(work: next, arrivedAt: MonotonicInstant(nanos: Int64(next))))
        next += 1
      }
      for _ in 0..<(round * 29 % 650) {
        guard let item = mailbox.popFirst() else { break }
        #expect(item.work == expected)
        expected += 1
      }
      #expect(mailbox.count == next - expected)
      #expect(mailbox.oldestArrival?.nanos == (next > expected ? Int64(expected) : nil))
    }
    #expect(next > 1_000 && expected > 1_000)
  }
}

private final class Log {
  private(set) var numbers: [Int: [Int]] = [:]
  var count: Int { numbers.values.reduce(0) { $0 + $1.count } }

  func append(_ thread: Int, _ number: Int) { numbers[thread, default: []].append(number) }
}
