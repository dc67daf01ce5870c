import RiskModel
import Testing

@testable import Enforcement

/// A proof rests on the venue's own answers, on nothing that contradicts them, and on quiet.
@Suite struct ProofTests {
  /// A close whose outcome nobody knows, two seconds old: a pass begins although the cancel of an
  /// order in another contract is still under way.
  private func urgent() -> Bench {
    let entry = Bench().order(11, mes, .buy, 1, price: 6_000)
    var bench = Bench.ready(positions: [mnq: 3], orders: [entry])
    bench.adopt(.flatAccount, end: .permanent)
    bench.answerReads(positions: [mnq: 3], orders: [entry])
    bench.answer(.close(account, mnq), .unknown("reset"))
    bench.shows(mnq, 0)
    bench.shows(entry, status: .cancelled)
    _ = bench.sent()
    bench.advance(.seconds(2))
    #expect(bench.sent() == [.readWorkingOrders(account)])
    return bench
  }

  @Test func nothingIsProvenWhileARequestIsUnderWay() {
    var bench = urgent()
    bench.answerReads()
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.cancel(account, OrderID(11)), .gone)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func nothingIsProvenByAPassDuringWhichARequestWasAnswered() {
    var bench = urgent()
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.answer(.cancel(account, OrderID(11)), .gone)
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.provenTargets.isEmpty)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func nothingIsProvenAgainstAnEvent() {
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    let market = bench.order(50, mnq, .buy, 1, type: .market, status: .pending)
    bench.shows(market)
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.provenTargets.isEmpty)
    bench.shows(market, status: .rejected)
    bench.advance(.milliseconds(250))
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func nothingIsProvenAgainstTheVenuesOwnAnswer() {
    let entry = Bench().order(11, mes, .buy, 1, price: 6_000)
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    #expect(bench.sent() == [.readWorkingOrders(account)])
    bench.shows(entry, status: .cancelled)
    bench.answer(.readWorkingOrders(account), .workingOrders([entry]))
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.provenTargets.isEmpty)
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(250))
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aTargetIsNotProvenByReadsFromBeforeIt() {
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.adopt(.cancelled(OrderID(5)))
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.provenTargets.count == 1)
    bench.advance(.milliseconds(250))
    bench.answerReads()
    #expect(bench.provenTargets.count == 2)
  }

  @Test func anEndedOrderIsNotTakenForOursWhileAnotherOfItsKindWorks() {
    let make = Bench()
    let limits = EnforcementLimits.standard
    var control = ExitGuard()
    control.sent(
      ExitGuard.Exit(
        request: RequestID(1), change: .close, sizeBefore: 3, sentAs: 1, sentAt: make.now,
        stamps: []))
    _ = control.answered(
      .accepted, askedAt: make.civilTime, working: [], ordinal: 2, at: make.now, limits: limits)
    var ended = make.order(1, mnq, .sell, 1, type: .market, status: .filled)
    ended.filledSize = 1
    let other = make.order(2, mnq, .sell, 2, type: .market)
    let while2Works = control.orderEnded(
      ended, working: [other], ordinal: 3, at: make.now, limits: limits)
    #expect(while2Works == .nothing)
    #expect(!control.isIdle)
    let alone = control.orderEnded(ended, working: [], ordinal: 4, at: make.now, limits: limits)
    #expect(alone == .done)
    #expect(control.isIdle)
  }
}
