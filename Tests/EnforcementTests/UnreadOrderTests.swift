import RiskModel
import Testing

@testable import Enforcement

/// Orders that worked when the position of a one-shot target went, and that nobody could read by then.
@Suite struct UnreadOrderTests {
  /// The position is gone; no read of the orders was answered before, and none is under way.
  private func flattened(_ goal: Goal) -> (Bench, TargetID) {
    var bench = Bench.ready(positions: [mnq: 4])
    let target = bench.adopt(goal)
    failReads(&bench)
    bench.answer(.close(account, mnq), .accepted)
    failReads(&bench)
    bench.shows(bench.order(90, mnq, .sell, 4, type: .market), status: .filled)
    bench.shows(mnq, 0)
    failReads(&bench)
    _ = bench.sent()
    return (bench, target)
  }

  private func failReads(_ bench: inout Bench) {
    while let (_, read) = bench.waiting.first(where: { !$0.request.changesTheVenue }) {
      bench.answer(read, .unknown("reset"))
    }
  }

  /// An entry that is so much older than the moment at which the position went.
  private func entry(_ bench: Bench, older age: TimeSpan) -> Order {
    var order = bench.order(33, mnq, .buy, 4, price: 19_500)
    order.createdAt = bench.civilTime - age
    return order
  }

  private func readsFor(
    _ span: TimeSpan, _ bench: inout Bench, rows: [Position] = [], orders: [Order]
  ) {
    let end = bench.now + span
    while bench.now < end {
      bench.answerReads(rows: rows, orders: orders)
      bench.advance(.milliseconds(100))
    }
  }

  @Test(arguments: [Goal.flatAccount, .flat(mnq)])
  func whatIsOlderThanTheFlatIsCancelledBeforeTheProof(_ goal: Goal) {
    var (bench, target) = flattened(goal)
    let old = entry(bench, older: .milliseconds(1_001))
    readsFor(.seconds(2), &bench, orders: [old])
    #expect(bench.changes() == [.cancel(account, OrderID(33))])
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.cancel(account, OrderID(33)), .accepted)
    readsFor(.seconds(10), &bench, orders: [])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  @Test(arguments: [TimeSpan.seconds(1), .zero, .seconds(-5)])
  func whatMayHaveBeenPlacedSinceIsLeftAlone(_ age: TimeSpan) {
    var (bench, target) = flattened(.flatAccount)
    readsFor(.seconds(10), &bench, orders: [entry(bench, older: age)])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  @Test func whatReducesANewPositionIsLeftAlone() {
    var (bench, target) = flattened(.flatAccount)
    let old = entry(bench, older: .seconds(9))
    let next = bench.position(mnq, -4, row: 2, openedAt: 600)
    bench.event(.position(next))
    readsFor(.seconds(10), &bench, rows: [next], orders: [old])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  /// A position that others saw go was gone before that was said, and entries may have followed it.
  @Test func whatIsOlderThanTheNewsOfAFlatIsLeftAlone() {
    var bench = Bench.ready()
    bench.shows(bench.order(90, mnq, .sell, 4, type: .market), status: .filled)
    let old = entry(bench, older: .seconds(2))
    let row = bench.position(mnq, 4)
    var episode = PositionEpisode(
      contract: mnq, position: row.id, openedAt: row.openedAt, side: .buy, leftovers: nil)
    var target = bench.target(1, .flatAccount)
    target.episodes = [episode]
    bench.adopt(target, revision: 8)
    failReads(&bench)
    episode.leftovers = []
    target.episodes = [episode]
    bench.adopt(target, revision: 9)
    failReads(&bench)
    readsFor(.seconds(10), &bench, orders: [old])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target.id])
  }
}
