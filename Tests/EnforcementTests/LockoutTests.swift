import RiskModel
import Testing

@testable import Enforcement

/// A lockout stays adopted after its proof; what the trader may do under it and what not.
@Suite struct LockoutTests {
  /// An account that is locked and proven flat.
  private func locked() -> Bench {
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
    _ = bench.sent()
    _ = bench.takeReports()
    return bench
  }

  @Test func whatIsOpenedAgainIsClosedAtOnceCountedAndProvenAgain() {
    var bench = locked()
    bench.advance(.seconds(1))
    bench.shows(mnq, 1)
    #expect(bench.changes() == [.close(account, mnq)])
    #expect(bench.controller.figures.reentries == 1)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func theFifthReentryIsToldToAHuman() {
    var bench = locked()
    for row in 1...5 {
      bench.shows(mnq, 1, row: Int64(row))
      #expect(bench.changes() == [.close(account, mnq)])
      bench.answer(.close(account, mnq), .accepted)
      bench.shows(bench.order(Int64(60 + row), mnq, .sell, 1, type: .market), status: .filled)
      bench.shows(mnq, 0, row: Int64(row))
      bench.answerReads()
      bench.advance(.milliseconds(500))
    }
    #expect(bench.alerts == [.reentries(account, count: 5)])
    #expect(bench.controller.figures.reentries == 5)
  }

  @Test func ourOwnClosingOrderIsNeverCancelled() {
    var bench = locked()
    bench.shows(mnq, 2)
    _ = bench.sent()
    let closing = bench.order(70, mnq, .sell, 2, type: .market, status: .pending)
    bench.shows(closing)
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 0)
    #expect(bench.changes().isEmpty)
    bench.shows(closing, status: .filled)
    bench.answerReads()
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func theTradersOwnExitPassesUntouched() {
    var bench = locked()
    bench.shows(mnq, 2)
    bench.answer(.close(account, mnq), .refused(.marketClosed))
    _ = bench.sent()
    bench.shows(bench.order(71, mnq, .sell, 2, price: 21_000))
    bench.shows(bench.order(72, mnq, .sell, 2, type: .market, status: .pending))
    #expect(bench.changes().isEmpty)
    bench.shows(bench.order(72, mnq, .sell, 2, type: .market), status: .filled)
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(71))])
  }

  @Test func openingOrdersAreCancelledOnSight() {
    var bench = locked()
    bench.shows(bench.order(73, mnq, .buy, 1, price: 19_000))
    #expect(bench.changes() == [.cancel(account, OrderID(73))])
    bench.shows(bench.order(74, mes, .sell, 1, type: .stop, price: 5_000))
    #expect(bench.changes() == [.cancel(account, OrderID(74))])
  }

  @Test func aMarketOrderOnAFlatContractIsCancelledOnceALookShowsIt() {
    var bench = locked()
    let stuck = bench.order(75, mnq, .buy, 1, type: .market, status: .pending)
    bench.shows(stuck)
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(250))
    bench.answerReads(orders: [stuck])
    #expect(bench.changes() == [.cancel(account, OrderID(75))])
  }

  @Test func aMarketOrderThatAddsIsCancelledAtOnce() {
    var bench = locked()
    bench.shows(mnq, 1)
    _ = bench.sent()
    bench.shows(bench.order(76, mnq, .buy, 1, type: .market, status: .pending))
    #expect(bench.changes() == [.cancel(account, OrderID(76))])
  }

  @Test func theSameEventsGiveTheSameActions() {
    func run() -> [EnforcementReport] {
      var bench = locked()
      for contract in [mnq, mes] {
        bench.shows(contract, 2)
        bench.shows(bench.order(80, contract, .buy, 1, price: 100))
      }
      bench.answerAll(.accepted)
      bench.answerReads()
      bench.advance(.seconds(3))
      return bench.takeReports()
    }
    let first = run()
    #expect(!first.isEmpty)
    for _ in 0..<5 { #expect(run() == first) }
  }

  @Test func anEndedLockoutActsNoMore() {
    var bench = locked()
    let target = bench.adopt(.flatAccount, end: .permanent)
    bench.end(TargetID(inputOrdinal: 1_001, index: 0))
    bench.shows(mnq, 1)
    #expect(bench.changes() == [.close(account, mnq)])
    bench.end(target)
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.advance(.seconds(30))
    #expect(bench.changes().isEmpty)
  }
}
