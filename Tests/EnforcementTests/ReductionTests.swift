import RiskModel
import Testing

@testable import Enforcement

/// `atMost`: exactly the excess, never twice, and no exits larger than what is left.
@Suite struct ReductionTests {
  @Test func exactlyTheExcessIsTakenOff() {
    var bench = Bench.ready(positions: [mnq: 5])
    bench.adopt(.atMost(mnq, size: 3))
    #expect(bench.changes() == [.partialClose(account, mnq, size: 2)])
    bench.answer(.partialClose(account, mnq, size: 2), .accepted)
    bench.shows(mnq, 3)
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func shortPositionsAreReducedTheSameWay() {
    var bench = Bench.ready(positions: [mnq: -5])
    bench.adopt(.atMost(mnq, size: 1))
    #expect(bench.changes() == [.partialClose(account, mnq, size: 4)])
  }

  @Test func atMostNothingIsAClose() {
    var bench = Bench.ready(positions: [mnq: 5])
    bench.adopt(.atMost(mnq, size: 0))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func openingOrdersUnderALimitAreTheTradersBusiness() {
    let entry = Bench().order(11, mnq, .buy, 1, price: 19_000)
    var bench = Bench.ready(positions: [mnq: 2], orders: [entry])
    bench.adopt(.atMost(mnq, size: 3))
    bench.answerReads(positions: [mnq: 2], orders: [entry])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func whileOneIsUnconfirmedNoOtherIsSent() {
    var bench = Bench.ready(positions: [mnq: 4])
    bench.adopt(.atMost(mnq, size: 3))
    _ = bench.sent()
    bench.answer(.partialClose(account, mnq, size: 1), .accepted)
    bench.shows(mnq, 5)
    bench.answerReads(positions: [mnq: 5])
    #expect(bench.changes().isEmpty)
    bench.shows(bench.order(90, mnq, .sell, 1, type: .market), status: .filled)
    bench.shows(mnq, 4)
    #expect(bench.changes().isEmpty)
    bench.advance(.milliseconds(500))
    bench.answerReads(positions: [mnq: 4])
    bench.advance(.milliseconds(500))
    bench.answerReads(positions: [mnq: 4])
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
  }

  @Test func afterAnUnknownOutcomeTwoReadsTwoSecondsApartMustAgree() {
    var bench = Bench.ready(positions: [mnq: 5])
    bench.adopt(.atMost(mnq, size: 3))
    bench.answerReads(positions: [mnq: 5])
    _ = bench.sent()
    bench.advance(.seconds(5))
    bench.answerReads(positions: [mnq: 5])
    bench.answer(.partialClose(account, mnq, size: 2), .unknown("timeout"))
    bench.answerReads(positions: [mnq: 4])
    let first = bench.now
    while bench.now - first < .milliseconds(1_900) {
      #expect(bench.changes().isEmpty)
      bench.answerReads(positions: [mnq: 4])
      bench.advance(.milliseconds(100))
    }
    bench.advance(.milliseconds(200))
    bench.answerReads(positions: [mnq: 4])
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
  }

  @Test func readsThatDisagreeStartTheCountAgain() {
    var bench = Bench.ready(positions: [mnq: 5])
    bench.adopt(.atMost(mnq, size: 3))
    bench.answer(.partialClose(account, mnq, size: 2), .unknown("reset"))
    _ = bench.sent()
    var size: Int64 = 9
    for _ in 0..<100 {
      if bench.answer(.readPositions(account), .positions([bench.position(mnq, size)])) {
        size = size == 9 ? 8 : 9
      }
      bench.answer(.readWorkingOrders(account), .workingOrders([]))
      bench.advance(.milliseconds(100))
      #expect(bench.changes().isEmpty)
    }
  }

  @Test func afterAStartTwoReadsTwoSecondsApartMustAgree() {
    var bench = Bench()
    bench.start(targets: [bench.target(1, .atMost(mnq, size: 3))])
    let first = bench.now
    while bench.now - first < .milliseconds(1_900) {
      bench.answerReads(positions: [mnq: 5])
      #expect(bench.changes().isEmpty)
      bench.advance(.milliseconds(100))
    }
    bench.advance(.milliseconds(300))
    bench.answerReads(positions: [mnq: 5])
    #expect(bench.changes() == [.partialClose(account, mnq, size: 2)])
  }

  @Test func aCloseNeedsOneReadOnly() {
    var bench = Bench()
    bench.start(targets: [bench.target(1, .flat(mnq), end: .configuration)])
    #expect(bench.changes().isEmpty)
    bench.answerReads(positions: [mnq: 5])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aCloseDoesNotWaitForOrdersThatCannotBeRead() {
    var bench = Bench()
    bench.start(targets: [bench.target(1, .flat(mnq), end: .configuration)])
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 5)]))
    #expect(bench.changes().isEmpty)
    bench.answer(.readWorkingOrders(account), .failed("503"))
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func anInvalidSizeIsReadAgainAndComputedAnew() {
    var bench = Bench.ready(positions: [mnq: 5])
    bench.adopt(.atMost(mnq, size: 3))
    bench.answer(.partialClose(account, mnq, size: 2), .refused(.invalidSize))
    _ = bench.sent()
    bench.advance(.seconds(2))
    bench.answerReads(positions: [mnq: 4])
    bench.advance(.seconds(2))
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
  }

  /// A reduction from 3 to 2 with a bracket of 3 around it.
  private func reduced(_ orders: [Order]) -> Bench {
    var bench = Bench.ready(positions: [mnq: 3], orders: orders)
    bench.adopt(.atMost(mnq, size: 2))
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
    bench.answerReads(positions: [mnq: 3], orders: orders)
    bench.answer(.partialClose(account, mnq, size: 1), .accepted)
    bench.shows(mnq, 2)
    #expect(bench.changes().isEmpty)
    bench.answerReads(positions: [mnq: 2], orders: orders)
    bench.advance(.milliseconds(250))
    return bench
  }

  @Test func exitsThatAreTooLargeAreMadeSmallerStopFirstThenLimit() {
    let make = Bench()
    let stop = make.order(12, mnq, .sell, 3, type: .stop, price: 19_500)
    let limit = make.order(13, mnq, .sell, 3, price: 21_000, linked: 12)
    var bench = reduced([stop, limit])
    bench.answerReads(positions: [mnq: 2], orders: [stop, limit])
    #expect(bench.changes() == [.modifySize(account, OrderID(12), size: 2)])
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.modifySize(account, OrderID(12), size: 2), .accepted)
    var smaller = stop
    smaller.size = 2
    bench.answerReads(positions: [mnq: 2], orders: [smaller, limit])
    #expect(bench.changes() == [.modifySize(account, OrderID(13), size: 2)])
    bench.answer(.modifySize(account, OrderID(13), size: 2), .accepted)
    var smallerLimit = limit
    smallerLimit.size = 2
    bench.answerReads(positions: [mnq: 2], orders: [smaller, smallerLimit])
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aModifyIsRepeatedOnlyAfterALookAndAPause() {
    let stop = Bench().order(12, mnq, .sell, 3, type: .stop, price: 19_500)
    var bench = reduced([stop])
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    _ = bench.sent()
    bench.answer(.modifySize(account, OrderID(12), size: 2), .accepted)
    for _ in 0..<19 {
      bench.answerReads(positions: [mnq: 2], orders: [stop])
      #expect(bench.changes().isEmpty)
      bench.advance(.milliseconds(100))
    }
    bench.advance(.milliseconds(1_200))
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    #expect(bench.changes() == [.modifySize(account, OrderID(12), size: 2)])
  }

  @Test func anUnknownModifyWaitsForTwoReadsThatAgree() {
    let stop = Bench().order(12, mnq, .sell, 3, type: .stop, price: 19_500)
    var bench = reduced([stop])
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    _ = bench.sent()
    bench.answer(.modifySize(account, OrderID(12), size: 2), .unknown("reset"))
    for _ in 0..<19 {
      bench.answerReads(positions: [mnq: 2], orders: [stop])
      #expect(bench.changes().isEmpty)
      bench.advance(.milliseconds(100))
    }
    bench.advance(.milliseconds(600))
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    bench.advance(.milliseconds(600))
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    #expect(bench.changes() == [.modifySize(account, OrderID(12), size: 2)])
  }

  @Test func refusedModifiesSlowDownAndAlert() {
    let stop = Bench().order(12, mnq, .sell, 3, type: .stop, price: 19_500)
    var bench = reduced([stop])
    let end = bench.now + .seconds(120)
    while bench.now < end {
      bench.answerReads(positions: [mnq: 2], orders: [stop])
      bench.answerAll(.refused(.orderRejected))
      bench.advance(.milliseconds(100))
    }
    #expect((6...9).contains(bench.controller.figures.shrinks))
    #expect(bench.alerts.contains { if case .failing = $0 { true } else { false } })
    #expect(bench.controller.figures.cancels == 0)
  }

  @Test func surplusExitsThatCannotShrinkStayWhileThereIsExposureAndGoWithIt() {
    let make = Bench()
    let stops = (12...14).map {
      make.order($0, mnq, .sell, 1, type: .stop, price: 19_000 + $0)
    }
    var bench = reduced(stops)
    bench.answerReads(positions: [mnq: 2], orders: stops)
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
    bench.shows(mnq, 0)
    #expect(
      bench.changes()
        == [
          .cancel(account, OrderID(12)), .cancel(account, OrderID(13)),
          .cancel(account, OrderID(14)),
        ])
  }
}
