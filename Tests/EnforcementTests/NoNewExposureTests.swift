import RiskModel
import Testing

@testable import Enforcement

/// `noNewExposure`: what was held may stay and shrink; nothing comes on top.
@Suite struct NoNewExposureTests {
  private func cooled(_ size: Int64, orders: [Order] = []) -> Bench {
    var bench = Bench.ready(positions: size == 0 ? [:] : [mnq: size], orders: orders)
    let baselines = size == 0 ? [] : [Baseline(contract: mnq, signedSize: size)]
    bench.adopt(.noNewExposure(baselines), end: .permanent)
    return bench
  }

  @Test func whatIsHeldStaysWithItsExits() {
    let make = Bench()
    let stop = make.order(12, mnq, .sell, 3, type: .stop, price: 19_500)
    let exit = make.order(13, mnq, .sell, 3, price: 21_000)
    var bench = cooled(3, orders: [stop, exit])
    bench.answerReads(positions: [mnq: 3], orders: [stop, exit])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func whatComesOnTopIsTakenOff() {
    var bench = cooled(3)
    bench.shows(mnq, 5)
    #expect(bench.changes() == [.partialClose(account, mnq, size: 2)])
  }

  @Test func anotherContractIsClosed() {
    var bench = cooled(3)
    bench.shows(mes, 1)
    #expect(bench.changes() == [.close(account, mes)])
  }

  @Test func openingOrdersAreCancelledReducingOnesAreNot() {
    var bench = cooled(3)
    bench.shows(bench.order(11, mnq, .buy, 1, price: 19_000))
    bench.shows(bench.order(12, mnq, .sell, 1, price: 21_000))
    bench.shows(bench.order(13, mes, .sell, 1, price: 6_000))
    #expect(bench.changes() == [.cancel(account, OrderID(11)), .cancel(account, OrderID(13))])
  }

  @Test func theBaselineOnlyMovesTowardsZero() {
    var bench = cooled(3)
    bench.shows(mnq, 2)
    bench.shows(mnq, 3)
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
    #expect(bench.controller.targets.values.first?.baselines[mnq] == 2)
  }

  @Test func aSignChangeLeavesNothing() {
    var bench = cooled(3)
    bench.shows(mnq, -1)
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(90, mnq, .buy, 1, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.shows(mnq, 2, row: 3)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func oneReadDoesNotMoveTheBaselineTwoDo() {
    var bench = cooled(3)
    bench.answerReads(positions: [mnq: 2])
    #expect(bench.controller.targets.values.first?.baselines[mnq] == 3)
    bench.advance(.seconds(10))
    bench.answerReads(positions: [mnq: 2])
    bench.advance(.seconds(10))
    bench.answerReads(positions: [mnq: 2])
    #expect(bench.controller.targets.values.first?.baselines[mnq] == 2)
  }

  @Test func anExitThatWouldFlipIsMadeSmaller() {
    var bench = cooled(2)
    bench.answerReads(positions: [mnq: 2])
    let large = bench.order(14, mnq, .sell, 5, price: 21_000)
    bench.shows(large)
    #expect(bench.changes().isEmpty)
    bench.advance(.seconds(11))
    bench.answerReads(positions: [mnq: 2], orders: [large])
    #expect(bench.changes() == [.modifySize(account, OrderID(14), size: 2)])
  }

  @Test func aSizeFromBeforeTheAdoptionIsNotActedOn() {
    var bench = Bench.ready(positions: [mnq: 3])
    bench.adopt(
      .noNewExposure([Baseline(contract: mnq, signedSize: 2)]), end: .permanent)
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 2)
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 4)
    #expect(bench.changes() == [.partialClose(account, mnq, size: 2)])
  }

  @Test func whatARestartFindsBeyondTheBaselineIsTakenOff() {
    var bench = Bench()
    bench.start(targets: [
      bench.target(1, .noNewExposure([Baseline(contract: mnq, signedSize: 1)]), end: .permanent)
    ])
    bench.answerReads(positions: [mnq: 1, mes: 2])
    #expect(bench.changes() == [.close(account, mes)])
  }

  @Test func baselinesThatAreSentAgainNeverGrow() {
    var bench = cooled(3)
    bench.shows(mnq, 2)
    let id = TargetID(inputOrdinal: 1_001, index: 0)
    for (sent, expected) in [(5, 2), (1, 1), (3, 1), (-1, 0), (3, 0)] as [(Int64, Int64)] {
      var target = bench.target(
        1_001, .noNewExposure([Baseline(contract: mnq, signedSize: sent)]), end: .permanent)
      target.id = id
      bench.setTargets([target])
      #expect(bench.controller.targets[id]?.baselines[mnq] == expected)
    }
  }
}
