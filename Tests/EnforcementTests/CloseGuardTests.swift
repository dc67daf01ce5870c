import RiskModel
import Testing

@testable import Enforcement

/// Two closes of one contract never overlap, and none is repeated before a look.
@Suite struct CloseGuardTests {
  private func closing() -> Bench {
    var bench = Bench.ready(positions: [mnq: 3])
    bench.adopt(.flatAccount, end: .permanent)
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answerReads(positions: [mnq: 3])
    _ = bench.sent()
    return bench
  }

  @Test func noSecondCloseWhileOneIsInFlight() {
    var bench = closing()
    for size: Int64 in [4, 5, 2, -1] {
      bench.shows(mnq, size)
      #expect(bench.changes().isEmpty)
    }
  }

  @Test func anAcceptedCloseIsGivenTwoSecondsThenALookThenAgain() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    for _ in 0..<19 {
      bench.answerReads(positions: [mnq: 3])
      bench.advance(.milliseconds(100))
      #expect(bench.changes().isEmpty)
    }
    bench.advance(.milliseconds(100))
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    #expect(bench.changes().isEmpty)
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 3)]))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aCloseThatTimedOutButWasTakenIsNotRepeated() {
    var bench = closing()
    bench.advance(.seconds(5))
    bench.answerReads(positions: [mnq: 3])
    bench.answer(.close(account, mnq), .unknown("timeout"))
    _ = bench.sent()
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aCloseThatTimedOutAndWasLostIsRepeatedAfterTheLook() {
    var bench = closing()
    bench.advance(.seconds(5))
    bench.answerReads(positions: [mnq: 3])
    bench.answer(.close(account, mnq), .unknown("timeout"))
    #expect(bench.changes().isEmpty)
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    #expect(bench.changes().isEmpty)
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 3)]))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test(arguments: [RequestOutcome.pending, .unknown("429"), .unknown("reset")])
  func anEarlyUnknownOutcomeWaitsUntilTheRequestIsTwoSecondsOld(outcome: RequestOutcome) {
    var bench = closing()
    bench.answer(.close(account, mnq), outcome)
    for _ in 0..<19 {
      bench.answerReads(positions: [mnq: 3])
      bench.advance(.milliseconds(100))
      #expect(bench.changes().isEmpty)
    }
    bench.advance(.milliseconds(200))
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func theClosingOrderStillWorkingHoldsBackTheSecondClose() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    let stuck = bench.order(90, mnq, .sell, 3, type: .market, status: .pending)
    for _ in 0..<50 {
      bench.answerReads(positions: [mnq: 3], orders: [stuck])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    for _ in 0..<50 {
      bench.answerReads(positions: [mnq: 3])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aMarketExitUnderWayIsACloseOfItsOwn() {
    var bench = Bench.ready(positions: [mnq: 3])
    bench.shows(bench.order(91, mnq, .sell, 3, type: .market, status: .pending))
    bench.adopt(.flatAccount, end: .permanent)
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(1_999))
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(1))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func theFilledClosingOrderFreesTheWayForAReentry() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(92, mnq, .sell, 3, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func theFillMayBeSeenBeforeTheReply() {
    var bench = closing()
    bench.shows(bench.order(92, mnq, .sell, 3, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2)
    #expect(bench.changes().isEmpty)
    bench.answer(.close(account, mnq), .accepted)
    bench.answerReads(positions: [mnq: 1])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aPartlyFilledClosingOrderLeavesTheRestForAnotherClose() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 1)
    var closing = bench.order(92, mnq, .sell, 3, type: .market, status: .cancelled)
    closing.filledSize = 2
    bench.shows(closing)
    #expect(bench.changes().isEmpty)
    bench.answerReads(positions: [mnq: 1])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aClosingOrderThatEndsUnfilledIsAFailure() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(92, mnq, .sell, 3, type: .market, status: .rejected))
    bench.advance(.milliseconds(999))
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(2))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func anEndedOrderSaysNothingWhileAnotherOfItsKindWorks() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(92, mnq, .sell, 2, type: .market, status: .pending))
    bench.shows(bench.order(93, mnq, .sell, 1, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2)
    #expect(bench.changes().isEmpty)
  }

  @Test func someoneElsesOrderSaysNothingAboutOurs() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(92, mnq, .sell, 3, type: .market, tag: "mine"), status: .filled)
    var older = bench.order(93, mnq, .sell, 3, type: .market)
    older.createdAt = older.createdAt - .seconds(1)
    bench.shows(older, status: .filled)
    bench.shows(bench.order(94, mnq, .buy, 3, type: .market), status: .filled)
    bench.shows(mnq, 2)
    #expect(bench.changes().isEmpty)
  }

  @Test func theClosingOrderIsNotKnownByItsSideWhenThePositionTurned() {
    var bench = closing()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, -2)
    let ours = bench.order(95, mnq, .buy, 2, type: .market, status: .pending)
    bench.shows(ours)
    bench.answerReads(positions: [mnq: -2], orders: [ours])
    #expect(bench.changes().isEmpty)
  }

  @Test func goneMeansFlatAndIsBoundedWhenThePositionIsStillShown() {
    var bench = closing()
    var waits: [Int64] = []
    for _ in 0..<4 {
      bench.answer(.close(account, mnq), .gone)
      let before = bench.now
      var sent = bench.changes()
      while sent.isEmpty, bench.now - before < .seconds(20) {
        bench.answerReads(positions: [mnq: 3])
        sent = bench.changes()
        if sent.isEmpty { bench.advance(.milliseconds(50)) }
      }
      #expect(sent == [.close(account, mnq)])
      waits.append((bench.now - before).milliseconds / 1_000)
    }
    #expect(waits == [0, 1, 2, 4])
  }

  @Test func aRequestThatNobodyAnswersIsGivenUp() {
    var bench = closing()
    bench.advance(.milliseconds(5_999))
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.controller.figures.unknownOutcomes == 0)
    bench.advance(.milliseconds(1))
    #expect(bench.controller.figures.unknownOutcomes == 1)
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.changes() == [.close(account, mnq)])
    let late = bench.waiting.filter { $0.request == .close(account, mnq) }
    #expect(late.count == 2)
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.controller.figures.lateAnswers == 1)
  }

  @Test func ordersThatCannotBeReadDelayTheSecondCloseButDoNotPreventIt() {
    var bench = closing()
    bench.answer(.close(account, mnq), .unknown("timeout"))
    let start = bench.now
    var sent: [EnforcementRequest] = []
    while sent.isEmpty, bench.now - start < .seconds(30) {
      bench.answer(.readWorkingOrders(account), .failed("503"))
      bench.answer(.readPositions(account), .positions([bench.position(mnq, 3)]))
      bench.advance(.milliseconds(100))
      sent = bench.changes()
    }
    #expect(sent == [.close(account, mnq)])
    #expect((9_900...18_000).contains((bench.now - start).milliseconds))
    #expect(bench.provenTargets.isEmpty)
  }

  @Test func aFlatPositionEndsTheWaitWithoutTheOrdersToo() {
    var bench = closing()
    bench.answer(.close(account, mnq), .unknown("timeout"))
    for _ in 0..<200 {
      bench.answer(.readWorkingOrders(account), .failed("503"))
      bench.answer(.readPositions(account), .positions([]))
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    bench.shows(mnq, 1, row: 2)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func oneContractDoesNotWaitForTheRequestsOfAnother() {
    var bench = Bench.ready(positions: [mnq: 3, mes: 1])
    bench.adopt(.flatAccount, end: .permanent)
    bench.answerReads(positions: [mnq: 3, mes: 1])
    bench.answer(.close(account, mnq), .unknown("reset"))
    _ = bench.sent()
    bench.advance(.seconds(2))
    bench.answerReads(positions: [mnq: 3, mes: 1])
    #expect(bench.changes() == [.close(account, mnq)])
  }
}
