import RiskModel
import Testing

@testable import Enforcement

/// Snapshots that the evaluator passes on replace what was known, but end nothing by themselves.
@Suite struct SnapshotTests {
  @Test func aSnapshotIsActedOnAtOnce() {
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    bench.answerReads()
    _ = bench.sent()
    bench.snapshot(
      positions: [bench.position(mnq, 2)], orders: [bench.order(11, mes, .buy, 1, price: 100)])
    #expect(bench.changes() == [.close(account, mnq), .cancel(account, OrderID(11))])
  }

  @Test func aSnapshotFromBeforeTheTargetEndsNoEpisode() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flat(mnq))
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    _ = bench.sent()
    bench.snapshot(startedBefore: .seconds(5))
    bench.shows(mnq, 2)
    bench.advance(.seconds(2))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aSnapshotWithANewPositionEndsTheEpisode() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flat(mnq))
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.advance(.milliseconds(500))
    _ = bench.sent()
    bench.snapshot(positions: [bench.position(mnq, 1, row: 9, openedAt: 900)])
    bench.advance(.seconds(20))
    #expect(bench.changes().isEmpty)
  }

  @Test func aBaselineMovesWithASnapshotFromAfterTheTarget() {
    var bench = Bench.ready(positions: [mnq: 3])
    let id = bench.adopt(
      .noNewExposure([Baseline(contract: mnq, signedSize: 3)]), end: .permanent)
    bench.snapshot(positions: [bench.position(mnq, 1)], startedBefore: .seconds(60))
    #expect(bench.controller.targets[id]?.baselines[mnq] == 3)
    bench.advance(.seconds(1))
    bench.snapshot(positions: [bench.position(mnq, 2)])
    #expect(bench.controller.targets[id]?.baselines[mnq] == 2)
  }
}
