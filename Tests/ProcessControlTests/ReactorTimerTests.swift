import ProcessControl
import RiskModel
import Testing

@testable import struct ProcessControl.TimerQueue

@Suite struct ReactorTimerTests {
  @Test func timersRunInTheOrderOfTheirDeadlines() throws {
    let reactor = try Reactor()
    let start = reactor.clock.monotonicNow()
    var order: [Int64] = []
    for delay: Int64 in [5, 1, 3, 1, 4] {
      reactor.schedule(at: start + .milliseconds(delay)) { order.append(delay) }
    }
    #expect(reactor.run { order.count == 5 })
    #expect(order == [1, 1, 3, 4, 5])
  }

  @Test func aTimerNeverRunsBeforeItsDeadline() throws {
    let reactor = try Reactor()
    var early = 0
    var ran = 0
    for delay: Int64 in stride(from: 100, to: 3_000, by: 100) {
      let deadline = reactor.clock.monotonicNow() + .microseconds(delay)
      reactor.schedule(at: deadline) {
        ran += 1
        if reactor.clock.monotonicNow() < deadline { early += 1 }
      }
    }
    #expect(reactor.run { ran == 29 })
    #expect(early == 0)
  }

  @Test func aCancelledTimerDoesNotRunAlsoIfItIsDueAlready() throws {
    let reactor = try Reactor()
    var ran: [String] = []
    let past = MonotonicInstant(nanos: 0)
    var second: TimerToken?
    reactor.schedule(at: past) {
      ran.append("first")
      if let second { reactor.cancel(second) }
    }
    second = reactor.schedule(at: past) { ran.append("second") }
    let third = reactor.schedule(at: past) { ran.append("third") }
    reactor.cancel(third)
    reactor.cancel(third)
    reactor.runTurns(3)
    #expect(ran == ["first"])
    if let second { reactor.cancel(second) }
  }

  @Test func aTimerThatIsDueAtOnceWaitsForTheNextTurn() throws {
    let reactor = try Reactor()
    var ran = 0
    func again() {
      ran += 1
      reactor.schedule(at: MonotonicInstant(nanos: 0), again)
    }
    reactor.schedule(at: MonotonicInstant(nanos: 0), again)
    var worked = false
    reactor.enqueue { worked = true }
    let before = reactor.loops
    #expect(reactor.run { worked })
    #expect(Int64(ran) <= reactor.loops - before, "once a turn")
  }

  @Test(arguments: [1, 2, 3, 2_026] as [UInt64])
  func theQueueAgreesWithASortedList(seed: UInt64) {
    var random = seed
    func next(_ bound: UInt64) -> UInt64 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (random >> 33) % bound
    }
    var queue = TimerQueue()
    var model: [(deadline: Int64, token: TimerToken)] = []
    for _ in 0..<3_000 {
      switch next(10) {
      case 0..<5:
        let deadline = Int64(next(1_000))
        model.append((deadline, queue.add(MonotonicInstant(nanos: deadline)) {}))
      case 5..<8:
        guard !model.isEmpty else { continue }
        queue.cancel(model.remove(at: Int(next(UInt64(model.count)))).token)
      default:
        // Ties in the order of making: the sort is stable and the model appends.
        model.sort { $0.deadline < $1.deadline }
        #expect(queue.nextDeadline()?.nanos == model.first?.deadline, "seed \(seed)")
        let now = Int64(next(400))
        let due = queue.due(at: MonotonicInstant(nanos: now))
        #expect(due == model.filter { $0.deadline <= now }.map(\.token), "seed \(seed)")
        for (index, token) in due.enumerated() {
          if index % 3 == 0 {
            queue.putBack(token)
          } else {
            #expect(queue.take(token) != nil)
            #expect(queue.take(token) == nil)
            queue.putBack(token)
            model.removeAll { $0.token == token }
          }
        }
      }
      #expect(queue.count == model.count)
    }
  }
}
