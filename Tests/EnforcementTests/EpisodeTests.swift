import RiskModel
import Testing

@testable import Enforcement

/// One-shot targets belong to one position episode and never touch the next one.
@Suite struct EpisodeTests {
  private func adopted(_ goal: Goal, orders: [Order] = []) -> (Bench, TargetID) {
    var bench = Bench.ready(positions: [mnq: 4], orders: orders)
    let target = bench.adopt(goal)
    _ = bench.sent()
    return (bench, target)
  }

  @Test func onceFlatNeverAnotherClose() {
    var (bench, target) = adopted(.flat(mnq))
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2, openedAt: 600)
    bench.answerReads(positions: [:])
    bench.advance(.seconds(30))
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  /// The part of the venue that answers may not know yet what its hub has told.
  @Test func aReplyThatThereIsNothingToCloseEndsNoEpisode() {
    var bench = Bench.ready(positions: [mnq: 4])
    let stop = bench.order(20, mnq, .sell, 4, type: .stop, price: 90)
    bench.shows(stop)
    let target = bench.adopt(.flat(mnq))
    _ = bench.sent()
    bench.answer(.close(account, mnq), .gone)
    var sent = bench.changes()
    let before = bench.now
    while sent.isEmpty, bench.now - before < .seconds(20) {
      bench.answerReads(positions: [mnq: 4], orders: [stop])
      bench.advance(.milliseconds(50))
      sent = bench.changes()
    }
    #expect(sent == [.close(account, mnq)])
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(20))])
    bench.answer(.cancel(account, OrderID(20)), .accepted)
    bench.shows(stop, status: .cancelled)
    bench.answerReads(positions: [:])
    bench.advance(.seconds(5))
    bench.answerReads(positions: [:])
    #expect(bench.provenTargets == [target])
  }

  @Test func aReplyThatThereIsNothingToCloseTakesNoStopAway() {
    var bench = Bench.ready(positions: [mnq: 4])
    let stop = bench.order(20, mnq, .sell, 4, type: .stop, price: 90)
    bench.shows(stop)
    bench.adopt(.flat(mnq))
    _ = bench.sent()
    bench.answer(.close(account, mnq), .gone)
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 4)]))
    bench.answer(.readWorkingOrders(account), .workingOrders([stop]))
    #expect(!bench.changes().contains(.cancel(account, OrderID(20))))
  }

  @Test func theTradersOwnExitEndsItToo() {
    var bench = Bench.ready(positions: [mnq: 4])
    bench.adopt(.flat(mnq))
    _ = bench.sent()
    bench.answer(.close(account, mnq), .refused(.marketClosed))
    bench.shows(mnq, 0)
    bench.shows(mnq, 2, row: 2, openedAt: 600)
    bench.advance(.seconds(60))
    #expect(bench.changes().isEmpty)
  }

  @Test(
    arguments: [
      (-1, 1, 0), (4, 2, 0), (4, 1, 600), (2, 9, 5),
    ] as [(Int64, Int64, Int64)])
  func aNewPositionIsKnownBySignRowOrOpening(size: Int64, row: Int64, openedAt: Int64) {
    var (bench, _) = adopted(.flat(mnq))
    bench.advance(.seconds(1))
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.shows(mnq, 4)
    bench.shows(mnq, size, row: row, openedAt: openedAt)
    bench.advance(.seconds(60))
    #expect(bench.changes().isEmpty)
  }

  @Test func scalingInAndOutIsTheSameEpisode() {
    var (bench, _) = adopted(.flat(mnq))
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.shows(mnq, 6)
    bench.shows(mnq, 1)
    bench.advance(.seconds(2))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func theEventThatCausedTheTargetMayComeAfterIt() {
    var bench = Bench.ready(positions: [mnq: 4])
    bench.adopt(.flat(mnq))
    #expect(bench.changes() == [.close(account, mnq)])
    bench.shows(mnq, -3, row: 2, openedAt: 600)
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.advance(.seconds(1))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func laterThanThatItIsAnotherPosition() {
    var bench = Bench.ready(positions: [mnq: 4])
    bench.adopt(.flat(mnq))
    _ = bench.sent()
    bench.advance(.milliseconds(51))
    bench.shows(mnq, -3, row: 2, openedAt: 600)
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.advance(.seconds(10))
    #expect(bench.changes().isEmpty)
  }

  @Test func aTargetThatOvertakesItsEventWaitsForIt() {
    var bench = Bench.ready()
    bench.adopt(.flat(mnq))
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 2, row: 5)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func onlyOrdersKnownBeforeAreCancelled() {
    let stop = Bench().order(12, mnq, .sell, 4, type: .stop, price: 19_500)
    var (bench, target) = adopted(.flat(mnq), orders: [stop])
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
    bench.answer(.cancel(account, OrderID(12)), .unknown("reset"))
    bench.shows(mnq, 0)
    let entry = bench.order(20, mnq, .buy, 1, price: 19_000)
    bench.shows(entry)
    bench.answerReads(orders: [stop, entry])
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
    bench.answer(.cancel(account, OrderID(12)), .accepted)
    bench.answerReads(orders: [entry])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  @Test func aLeftOverThatReducesANewPositionIsLeftAlone() {
    let stop = Bench().order(12, mnq, .sell, 4, type: .stop, price: 19_500)
    var (bench, target) = adopted(.flat(mnq), orders: [stop])
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.shows(mnq, 4)
    bench.shows(mnq, 2, row: 2, openedAt: 600)
    let row = bench.position(mnq, 2, row: 2, openedAt: 600)
    for _ in 0..<10 {
      bench.answerReads(rows: [row], orders: [stop])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  @Test func ordersReadBeforeTheFlatAreLeftOversToo() {
    let unknown = Bench().order(33, mnq, .sell, 4, type: .stop, price: 19_500)
    var (bench, _) = adopted(.flat(mnq))
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(90, mnq, .sell, 4, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.advance(.milliseconds(1))
    let entry = bench.order(34, mnq, .buy, 1, price: 19_500)
    bench.answer(.readWorkingOrders(account), .workingOrders([unknown, entry]))
    #expect(bench.changes() == [.cancel(account, OrderID(33))])
  }

  @Test func aReadThatShowsNothingEndsItOnceWeActed() {
    var (bench, target) = adopted(.flat(mnq))
    bench.answerReads(positions: [mnq: 4])
    bench.answer(.close(account, mnq), .accepted)
    bench.answerReads()
    #expect(bench.provenTargets == [target])
  }

  @Test func aSingleReadThatShowsNothingDoesNotEndItOtherwise() {
    var bench = Bench.ready()
    let target = bench.adopt(.flat(mnq))
    bench.answerReads()
    #expect(bench.provenTargets.isEmpty)
    bench.shows(mnq, 2, row: 3)
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    bench.answerReads()
    #expect(bench.provenTargets == [target])
  }

  @Test func twoReadsThatShowNothingEndIt() {
    for goal in [Goal.flat(mnq), .flatAccount, .atMost(mnq, size: 2)] {
      var bench = Bench.ready()
      let target = bench.adopt(goal)
      for _ in 0..<50 {
        bench.answerReads()
        bench.advance(.milliseconds(100))
      }
      #expect(bench.provenTargets == [target])
    }
  }

  @Test func aReductionEndsWithItsPosition() {
    let stop = Bench().order(12, mnq, .sell, 4, type: .stop, price: 19_500)
    var (bench, target) = adopted(.atMost(mnq, size: 2), orders: [stop])
    bench.answer(.partialClose(account, mnq, size: 2), .refused(.orderRejected))
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
    bench.answer(.cancel(account, OrderID(12)), .gone)
    bench.shows(mnq, 5, row: 2, openedAt: 600)
    #expect(bench.changes().isEmpty)
    bench.answerReads(positions: [:])
    bench.advance(.seconds(1))
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.answer(
      .readPositions(account), .positions([bench.position(mnq, 5, row: 2, openedAt: 600)]))
    #expect(bench.provenTargets == [target])
  }

  @Test func aReductionThatIsExceededBeforeItsEndIsMadeGoodAgain() {
    var (bench, _) = adopted(.atMost(mnq, size: 3))
    bench.answerReads(positions: [mnq: 4])
    bench.answer(.partialClose(account, mnq, size: 1), .accepted)
    bench.shows(bench.order(90, mnq, .sell, 1, type: .market), status: .filled)
    bench.shows(mnq, 3)
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.provenTargets.count == 1)
    bench.shows(mnq, 4)
    for _ in 0..<30 {
      bench.answerReads(positions: [mnq: 4])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
  }

  @Test func theWholeAccountIsOneEpisode() {
    var bench = Bench.ready(positions: [mnq: 2, mes: 1])
    let target = bench.adopt(.flatAccount)
    #expect(bench.changes() == [.close(account, mes), .close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 7, openedAt: 600)
    bench.answer(.close(account, mes), .refused(.orderRejected))
    bench.advance(.seconds(2))
    #expect(bench.changes() == [.close(account, mes)])
    bench.answer(.close(account, mes), .accepted)
    bench.shows(mes, 0)
    bench.answerReads(positions: [:])
    bench.advance(.seconds(1))
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.answer(
      .readPositions(account), .positions([bench.position(mnq, 1, row: 7, openedAt: 600)]))
    #expect(bench.provenTargets == [target])
  }

  @Test func anEndedTargetIsForgotten() {
    var (bench, target) = adopted(.flat(mnq))
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.end(target)
    bench.advance(.seconds(60))
    #expect(bench.changes().isEmpty)
    #expect(bench.controller.openTargets == 0)
  }

  @Test func aCancelledOrderIsProvenGoneAndAReducingOneIsNotTouched() {
    let make = Bench()
    let entry = make.order(11, mnq, .buy, 1, price: 19_000)
    let exit = make.order(12, mnq, .sell, 1, price: 21_000)
    var bench = Bench.ready(positions: [mnq: 1], orders: [entry, exit])
    let first = bench.adopt(.cancelled(OrderID(11)))
    bench.adopt(.cancelled(OrderID(12)))
    #expect(bench.changes() == [.cancel(account, OrderID(11))])
    bench.answer(.cancel(account, OrderID(11)), .accepted)
    bench.shows(entry, status: .cancelled)
    bench.answerReads(positions: [mnq: 1], orders: [exit])
    #expect(bench.provenTargets == [first])
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
  }
}
