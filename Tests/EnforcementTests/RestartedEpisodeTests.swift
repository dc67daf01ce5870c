import RiskModel
import Testing

@testable import Enforcement

/// An enforcer that is started in the middle of a one-shot target has not seen what that is about.
@Suite struct RestartedEpisodeTests {
  private func restarted(_ positions: [ContractID: Int64]) -> Bench {
    var bench = Bench()
    bench.start(targets: [bench.target(1, .flatAccount)])
    bench.answerReads(positions: positions)
    return bench
  }

  @Test func whatIsOpenedAfterTheFlatThatItHeardOfIsLeftAlone() {
    var bench = restarted([:])
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2, openedAt: 5)
    bench.advance(.seconds(10))
    bench.answerReads(positions: [mnq: 1])
    #expect(bench.changes().isEmpty)
  }

  @Test func whatIsStillOpenIsClosed() {
    var bench = restarted([mnq: 2])
    bench.shows(mes, 0)
    #expect(bench.changes() == [.close(account, mnq)])
    // The flat of another contract is no end of the target.
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func ordersOfAContractThatItSawFlatGoWithIt() {
    var bench = restarted([mnq: 2])
    let stop = bench.order(90, mes, .sell, 1, type: .stop, price: 19_000)
    bench.shows(stop)
    bench.shows(mes, 0)
    #expect(bench.changes().contains(.cancel(account, OrderID(90))))
  }

  /// The evaluator says what it knows to be held before it says what stands.
  private func told(_ positions: [ContractID: Int64]) -> Bench {
    var bench = Bench()
    bench.link(isUp: true)
    bench.protect([account])
    bench.snapshot(positions: positions.map { bench.position($0.key, $0.value) })
    bench.setTargets([bench.target(1, .flatAccount)])
    bench.answer(.readAccounts, .accounts([account]))
    return bench
  }

  @Test func whatIsOpenedAfterTheEvaluatorKnewOfNothingIsLeftAlone() {
    var bench = told([:])
    bench.shows(mnq, 1, row: 2, openedAt: 5)
    bench.answerReads(positions: [mnq: 1])
    bench.advance(.seconds(10))
    bench.answerReads(positions: [mnq: 1])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func onlyWhatTheEvaluatorKnewToBeHeldIsClosed() {
    var bench = told([mnq: 2])
    bench.shows(mes, 1, row: 2, openedAt: 5)
    bench.answerReads(positions: [mnq: 2, mes: 1])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  /// The order of a close that the enforcer before this one sent, or of the trader's own exit.
  private func leaving(_ end: TargetEnd, _ goal: Goal = .flatAccount) -> (Bench, Order) {
    var bench = Bench()
    bench.start(targets: [bench.target(1, goal, end: end)])
    let exit = bench.order(90, mnq, .sell, 2, type: .market)
    bench.answerReads(positions: [mnq: 3], orders: [exit])
    bench.shows(exit)
    #expect(bench.changes().isEmpty)
    return (bench, exit)
  }

  @Test func anExitThatHasFilledIsWaitedFor() {
    var (bench, exit) = leaving(.episode)
    bench.shows(exit, status: .filled)
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2, openedAt: 5)
    bench.advance(.seconds(5))
    #expect(bench.changes().isEmpty)
  }

  @Test func whatTheExitLeavesIsClosed() {
    var (bench, exit) = leaving(.episode)
    bench.shows(exit, status: .filled)
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 1)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aSizeThatNobodySpeaksOfAgainIsClosedAfterAWhile() {
    var (bench, exit) = leaving(.episode)
    bench.shows(exit, status: .filled)
    bench.advance(.milliseconds(1_900))
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(200))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aLockoutWaitsForNothing() {
    var (bench, exit) = leaving(.permanent)
    bench.shows(exit, status: .filled)
    #expect(bench.changes() == [.close(account, mnq)])
  }
}
