import RiskModel
import Testing

@testable import Enforcement

/// What the evaluator wrote into the target that it hands over.
@Suite struct HandedOverEpisodeTests {
  private static let stop = Bench().order(90, mes, .sell, 1, type: .stop, price: 19_000)
  private static let entry = Bench().order(91, mes, .buy, 1, price: 19_500)

  private func episode(
    _ contract: ContractID, leftovers: [OrderID]? = nil
  ) -> PositionEpisode {
    let row = Bench().position(contract, 1)
    return PositionEpisode(
      contract: contract, position: row.id, openedAt: row.openedAt, side: .buy,
      leftovers: leftovers)
  }

  /// Everything was to be closed once: MES is over, MNQ is not.
  private var closing: Target {
    var target = Bench().target(1, .flatAccount)
    target.episodes = [episode(mes, leftovers: [OrderID(90)]), episode(mnq)]
    return target
  }

  /// The evaluator says what it knows to be held, then what stands.
  private func told(
    _ target: Target, _ positions: [Position], orders: [Order] = []
  ) -> Bench {
    var bench = Bench()
    bench.link(isUp: true)
    bench.protect([account])
    bench.snapshot(positions: positions, orders: orders)
    bench.setTargets([target])
    bench.answer(.readAccounts, .accounts([account]))
    bench.answerReads(rows: positions, orders: orders)
    return bench
  }

  private func entered(_ contract: ContractID) -> Position {
    Bench().position(contract, 1, row: 2, openedAt: 600)
  }

  @Test func aPositionBehindOneThatIsOverIsLeftAloneWithItsOrders() {
    let held = Bench().position(mnq, 1)
    var bench = told(closing, [entered(mes), held], orders: [Self.stop, Self.entry])
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    for _ in 0..<20 {
      bench.answerReads(rows: [entered(mes)], orders: [Self.stop, Self.entry])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [closing.id])
  }

  @Test func withoutWhatIsHandedOverItWouldBeClosed() {
    var target = closing
    target.episodes = nil
    var bench = told(target, [entered(mes), Bench().position(mnq, 1)])
    #expect(bench.changes() == [.close(account, mes), .close(account, mnq)])
  }

  @Test func ofTheOrdersThoseThatWereLeftGo() {
    var bench = told(
      closing, [Bench().position(mnq, 1)], orders: [Self.stop, Self.entry])
    #expect(bench.changes() == [.close(account, mnq), .cancel(account, OrderID(90))])
  }

  @Test func whatIsOverInEveryContractClosesNothingAndIsProven() {
    var target = closing
    target.episodes?[1].leftovers = []
    var bench = told(target, [entered(mes), entered(mnq)])
    bench.advance(.seconds(5))
    bench.answerReads(rows: [entered(mes), entered(mnq)])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target.id])
  }

  /// The evaluator is gone, and the targets come out of the database.
  private func read(_ target: Target, _ positions: [Position]) -> Bench {
    var bench = Bench()
    bench.protect([account])
    bench.setTargets([target], from: .database)
    bench.answer(.readAccounts, .accounts([account]))
    bench.answerReads(rows: positions)
    return bench
  }

  @Test func theDatabaseSaysItToo() {
    var bench = read(closing, [entered(mes), Bench().position(mnq, 1)])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  /// The evaluator died before it heard that MNQ was left and entered again.
  @Test func aLaterRowOfTheVenueIsAnotherPosition() {
    var bench = read(closing, [entered(mes), entered(mnq)])
    bench.advance(.seconds(10))
    bench.answerReads(rows: [entered(mes), entered(mnq)])
    #expect(bench.changes().isEmpty)
  }

  @Test func whatWasLeftWithoutAnybodyWatchingIsOver() {
    var bench = read(closing, [])
    for _ in 0..<50 {
      bench.answerReads()
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [closing.id])
  }

  @Test func aListThatIsOlderThanTheTargetEndsNothing() {
    var bench = Bench.ready(positions: [mnq: 4])
    bench.shows(mnq, -3, row: 2, openedAt: 600)
    var target = bench.target(1, .flat(mnq))
    target.episodes = [PositionEpisode(of: bench.position(mnq, -3, row: 2, openedAt: 600))]
    bench.adopt(target, revision: 9)
    _ = bench.sent()
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.answerReads(positions: [mnq: 4])
    bench.advance(.seconds(1))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func anEpisodeThatTheEvaluatorEndsIsOver() {
    var bench = Bench.ready(positions: [mnq: 1, mes: 1])
    var target = closing
    target.adoptedAt = bench.civilTime
    target.episodes?[0].leftovers = nil
    bench.adopt(target, revision: 9)
    #expect(bench.changes() == [.close(account, mes), .close(account, mnq)])
    bench.answer(.close(account, mes), .refused(.orderRejected))
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    target.episodes?[0].leftovers = []
    bench.adopt(target, revision: 10)
    bench.advance(.seconds(2))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func anEntryBehindAContractThatWasFlatIsNoLeftover() {
    var bench = Bench.ready(positions: [mnq: 1, mes: 1])
    let target = bench.adopt(.flatAccount)
    bench.answerAll(.accepted)
    bench.shows(mes, 0)
    bench.shows(Self.entry)
    bench.shows(mnq, 0)
    _ = bench.sent()
    for _ in 0..<20 {
      bench.answerReads(orders: [Self.entry])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }
}
