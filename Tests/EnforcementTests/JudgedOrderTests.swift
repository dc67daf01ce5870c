import RiskModel
import Testing

@testable import Enforcement

/// An order is cancelled for opening something only when the position is known as of no earlier than
/// the order: what would open on a flat contract is an exit where something was opened meanwhile.
@Suite struct JudgedOrderTests {
  private static let barred = Goal.noNewExposure([])

  private func exit(_ bench: Bench, _ id: Int64 = 31) -> Order {
    bench.order(id, mnq, .sell, 2, type: .stop, price: 19_500)
  }

  /// Until the enforcer asks for the orders again, by itself.
  private func awaitPass(_ bench: inout Bench) {
    let end = bench.now + .seconds(20)
    while bench.now < end, bench.waiting.isEmpty { bench.advance(.milliseconds(100)) }
  }

  /// The evaluator is back and says what it remembers, then what stands.
  private func remind(
    _ bench: inout Bench, positions: [Position] = [], orders: [Order] = [], targets: [Target]
  ) {
    bench.link(isUp: false)
    bench.link(isUp: true)
    bench.protect([account])
    bench.snapshot(positions: positions, orders: orders)
    bench.setTargets(targets)
  }

  /// Gateway and evaluator died together and missed the entry; the enforcer had read it.
  @Test func anExitOutlivesWhatTheEvaluatorRemembers() {
    var bench = Bench()
    let target = bench.target(1, Self.barred, end: .permanent)
    bench.start(targets: [target])
    bench.settle()
    let stop = exit(bench)
    awaitPass(&bench)
    bench.answer(.readWorkingOrders(account), .workingOrders([stop]))
    remind(&bench, orders: [stop], targets: [target])
    #expect(bench.changes().isEmpty)
    // A read that was under way gives way to what was just said; the next one does not.
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    #expect(bench.changes().isEmpty)
    bench.advance(.seconds(1))
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.changes() == [.cancel(account, OrderID(31))])
  }

  /// The same with an enforcer that has just been started: it sees the exit before the position.
  @Test func anExitThatIsReadBeforeItsPositionStays() {
    var bench = Bench()
    bench.link(isUp: true)
    bench.protect([account])
    bench.snapshot()
    bench.setTargets([bench.target(1, Self.barred, end: .permanent)])
    bench.answer(.readAccounts, .accounts([account]))
    let stop = exit(bench)
    while bench.answer(.readWorkingOrders(account), .workingOrders([stop])) {
      #expect(bench.changes().isEmpty)
      bench.answer(.readPositions(account), .positions([bench.position(mnq, 2)]))
      bench.advance(.milliseconds(250))
    }
    let changes = bench.changes()
    #expect(changes == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.changes() == [.cancel(account, OrderID(31))])
  }

  /// Nothing is told while the evaluator is gone, and the trader enters between two passes.
  @Test func anExitThatAppearsInALaterPassStays() {
    var bench = Bench.ready()
    bench.adopt(Self.barred, end: .permanent)
    bench.settle()
    let stop = exit(bench)
    awaitPass(&bench)
    let isRead = bench.answer(.readWorkingOrders(account), .workingOrders([stop]))
    #expect(isRead)
    #expect(bench.changes().isEmpty)
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 2)]))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  /// A reading that took the gateway long began before the enforcer's own, and ended after it.
  @Test func anExitOutlivesAReadThatIsContradicted() {
    var bench = Bench.ready()
    let stop = exit(bench)
    bench.adopt(.flat(mes), end: .permanent)
    bench.settle(orders: [stop])
    bench.end(TargetID(inputOrdinal: 1_001, index: 0))
    bench.advance(.seconds(20))
    bench.snapshot(
      positions: [bench.position(mnq, 2)], orders: [stop], startedBefore: .seconds(60))
    bench.adopt(.flat(mnq), end: .permanent)
    #expect(bench.changes().isEmpty)
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  /// What opens something is cancelled as soon as the position is known, by a read or by news.
  @Test(arguments: [true, false])
  func whatOpensSomethingStillGoes(byNews: Bool) {
    var bench = Bench()
    let target = bench.target(1, Self.barred, end: .permanent)
    let entry = bench.order(32, mnq, .buy, 1, price: 19_000)
    bench.start(targets: [target])
    bench.settle(orders: [])
    remind(&bench, orders: [entry], targets: [target])
    #expect(bench.changes().isEmpty)
    if byNews {
      bench.shows(mnq, 0)
    } else {
      bench.advance(.seconds(1))
      bench.answerReads(orders: [entry])
    }
    #expect(bench.changes() == [.cancel(account, OrderID(32))])
  }

  /// Events that waited for an evaluator that died come in a burst: among them that the contract was
  /// flat, from before the position that a read has shown meanwhile, with its exit.
  @Test func anExitOutlivesNewsThatIsOlder() {
    var bench = Bench.ready()
    bench.adopt(Self.barred, end: .permanent)
    bench.settle()
    awaitPass(&bench)
    let stop = exit(bench)
    let held = bench.position(mnq, 2, openedAt: opened(bench))
    let isRead = bench.answer(.readWorkingOrders(account), .workingOrders([stop]))
    #expect(isRead)
    bench.answer(.readPositions(account), .positions([held]))
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .refused(.other))
    bench.shows(mnq, 0)
    #expect(bench.changes().isEmpty)
    // The burst is not over: a position from before, and flat again.
    bench.shows(mnq, 1, row: 2, openedAt: 1)
    bench.shows(mnq, 0, row: 2, openedAt: 1)
    #expect(!bench.changes().contains(.cancel(account, OrderID(31))))
    bench.advance(.seconds(1))
    bench.answerReads(rows: [held], orders: [stop])
    #expect(!bench.changes().contains(.cancel(account, OrderID(31))))
  }

  /// The burst tells of the exit too, before it tells of the position: no more than a read has shown.
  @Test func anOrderThatWasReadIsNotJudgedByTheNewsOfItself() {
    var bench = Bench.ready()
    bench.adopt(Self.barred, end: .permanent)
    bench.settle()
    awaitPass(&bench)
    let stop = exit(bench)
    let isRead = bench.answer(.readWorkingOrders(account), .workingOrders([stop]))
    #expect(isRead)
    bench.shows(stop)
    #expect(bench.changes().isEmpty)
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 2)]))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  /// Something younger than the order was told before the contract is: that is no old news.
  @Test func newsThatIsYoungerThanAnOrderThatWasReadIsAMeasure() {
    var bench = Bench.ready()
    bench.adopt(Self.barred, end: .permanent)
    bench.settle()
    awaitPass(&bench)
    let entry = bench.order(34, mnq, .buy, 1, price: 19_000)
    let isRead = bench.answer(.readWorkingOrders(account), .workingOrders([entry]))
    #expect(isRead)
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(1))
    bench.shows(bench.order(35, mes, .buy, 1, type: .market), status: .filled)
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(34))])
  }

  private func opened(_ bench: Bench) -> Int64 {
    (bench.civilTime - Instant(secondsSinceEpoch: 1_759_990_000)).milliseconds / 1_000
  }

  /// What the gateway has just read is no memory.
  @Test func aReadingOfTheGatewayIsActedOnAtOnce() {
    var bench = Bench.ready()
    bench.adopt(Self.barred, end: .permanent)
    bench.snapshot(orders: [bench.order(33, mnq, .buy, 1, price: 19_000)])
    #expect(bench.changes() == [.cancel(account, OrderID(33))])
  }
}
