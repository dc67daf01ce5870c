import RiskModel
import Testing

@testable import Enforcement

/// Flattening an account or a contract: what leaves at once, what follows, what proves it.
@Suite struct FlattenTests {
  @Test func closesAndCancelsLeaveAtOnceWithAFreshQueryBesideThem() {
    let make = Bench()
    let entry = make.order(11, mnq, .buy, 1, price: 19_000)
    let stop = make.order(12, mnq, .sell, 2, type: .stop, price: 19_500)
    let lone = make.order(13, mes, .sell, 1, price: 6_000)
    var bench = Bench.ready(positions: [mnq: 2], orders: [entry, stop, lone])
    bench.adopt(.flatAccount, end: .permanent)
    #expect(
      bench.sent() == [
        .close(account, mnq), .cancel(account, OrderID(13)), .cancel(account, OrderID(11)),
        .readWorkingOrders(account), .readPositions(account),
      ])
  }

  @Test func exitsAreCancelledAtTheFirstSignOfTheClose() {
    let stop = Bench().order(12, mnq, .sell, 2, type: .stop, price: 19_500)
    var bench = Bench.ready(positions: [mnq: 2], orders: [stop])
    bench.adopt(.flatAccount, end: .permanent)
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
  }

  @Test func exitsAreCancelledWhenTheEventComesBeforeTheReply() {
    let stop = Bench().order(12, mnq, .sell, 2, type: .stop, price: 19_500)
    var bench = Bench.ready(positions: [mnq: 2], orders: [stop])
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
  }

  @Test func exitsAreCancelledWhenTheClosingOrderIsSeen() {
    let stop = Bench().order(12, mnq, .sell, 2, type: .stop, price: 19_500)
    var bench = Bench.ready(positions: [mnq: 2], orders: [stop])
    bench.adopt(.flat(mnq))
    _ = bench.sent()
    bench.shows(bench.order(90, mnq, .sell, 2, type: .market, status: .pending))
    #expect(bench.changes() == [.cancel(account, OrderID(12))])
  }

  @Test func exitsStayWhenTheCloseIsRefused() {
    let stop = Bench().order(12, mnq, .sell, 2, type: .stop, price: 19_500)
    var bench = Bench.ready(positions: [mnq: 2], orders: [stop])
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.answerReads(positions: [mnq: 2], orders: [stop])
    #expect(bench.changes().isEmpty)
  }

  @Test func provesWithOrdersFirstThenPositions() {
    var bench = Bench.ready(positions: [mnq: 2])
    let target = bench.adopt(.flatAccount, end: .permanent)
    bench.advance(.milliseconds(50))
    bench.answerReads(positions: [mnq: 2])
    _ = bench.sent()
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    #expect(bench.sent() == [.readWorkingOrders(account)])
    bench.advance(.milliseconds(50))
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    #expect(bench.sent() == [.readPositions(account)])
    #expect(bench.provenTargets.isEmpty)
    bench.advance(.milliseconds(50))
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.provenTargets == [target])
    guard case .proven(let proven, let requests, let passes, let duration)? = bench.reports.last
    else {
      Issue.record("no proof")
      return
    }
    #expect(proven.id == target)
    #expect(requests == 1)
    #expect(passes == 1)
    #expect(duration == .milliseconds(150))
  }

  @Test func whatTheFreshQueryFindsIsClosedToo() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    bench.answer(
      .readPositions(account),
      .positions([bench.position(mnq, 2), bench.position(mes, -1, row: 2)]))
    #expect(bench.changes() == [.close(account, mes)])
    bench.answer(
      .readWorkingOrders(account),
      .workingOrders([bench.order(31, mnq, .buy, 1, price: 19_000)]))
    #expect(bench.changes() == [.cancel(account, OrderID(31))])
  }

  @Test func severalTargetsAskOnce() {
    var bench = Bench.ready(
      positions: [mnq: 3], orders: [Bench().order(11, mnq, .buy, 1, price: 19_000)])
    let setTargets: [Target] = [
      bench.target(1, .atMost(mnq, size: 2)), bench.target(2, .flat(mnq)),
      bench.target(3, .flatAccount, end: .permanent),
      bench.target(4, .noNewExposure([]), end: .permanent),
      bench.target(5, .cancelled(OrderID(11))),
    ]
    bench.setTargets(setTargets)
    #expect(bench.changes() == [.close(account, mnq), .cancel(account, OrderID(11))])
    bench.answerAll(.accepted)
    let steps = bench.takeReports().compactMap { report -> TargetID? in
      if case .step(let step) = report { step.target.id } else { nil }
    }
    #expect(steps == Array(repeating: TargetID(inputOrdinal: 3, index: 0), count: 2))
  }

  @Test func suspendedLegsGoWithTheirEntry() {
    let make = Bench()
    let entry = make.order(11, mnq, .buy, 1, price: 19_000)
    let stop = make.order(12, mnq, .sell, 1, type: .stop, status: .suspended, parent: 11)
    var bench = Bench.ready(orders: [entry, stop])
    bench.adopt(.flat(mnq), end: .configuration)
    #expect(bench.changes() == [.cancel(account, OrderID(11)), .cancel(account, OrderID(12))])
  }

  @Test func aCancelThatWasTakenOnButNotCarriedOutIsRepeatedAfterALook() {
    let entry = Bench().order(11, mnq, .buy, 1, price: 19_000)
    var bench = Bench.ready(orders: [entry])
    bench.adopt(.flatAccount, end: .permanent)
    #expect(bench.changes() == [.cancel(account, OrderID(11))])
    bench.answer(.cancel(account, OrderID(11)), .accepted)
    for _ in 0..<19 {
      bench.answerReads(orders: [entry])
      bench.advance(.milliseconds(100))
      #expect(bench.changes().isEmpty)
    }
    for _ in 0..<12 {
      bench.answerReads(orders: [entry])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes() == [.cancel(account, OrderID(11))])
  }

  @Test func anUnknownCancelIsLookedUpAndThenRepeated() {
    let entry = Bench().order(11, mnq, .buy, 1, price: 19_000)
    var bench = Bench.ready(orders: [entry])
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    bench.answerReads(orders: [entry])
    _ = bench.sent()
    bench.answer(.cancel(account, OrderID(11)), .unknown("timeout"))
    #expect(bench.sent() == [.readWorkingOrders(account)])
    bench.answer(.readWorkingOrders(account), .workingOrders([entry]))
    // What opened something before may be an exit by now.
    #expect(bench.changes().isEmpty)
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.changes() == [.cancel(account, OrderID(11))])
  }

  @Test func aCancelThatCameTooLateIsNoProofOfAnything() {
    let entry = Bench().order(11, mnq, .buy, 1, price: 19_000)
    var bench = Bench.ready(orders: [entry])
    let target = bench.adopt(.flatAccount, end: .permanent)
    bench.answerReads(orders: [entry])
    bench.answer(.cancel(account, OrderID(11)), .gone)
    _ = bench.sent()
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 1)]))
    #expect(bench.changes() == [.close(account, mnq)])
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets == [target])
  }

  @Test func nothingIsProvenWhileARequestIsUnderWay() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount, end: .permanent)
    bench.shows(mnq, 0)
    bench.answerReads()
    bench.advance(.seconds(4))
    bench.answerReads()
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.close(account, mnq), .gone)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func nothingIsProvenWhileACancelIsUnderWay() {
    let entry = Bench().order(11, mnq, .buy, 1, price: 19_000)
    var bench = Bench.ready(orders: [entry])
    bench.adopt(.flatAccount, end: .permanent)
    bench.shows(entry, status: .cancelled)
    bench.advance(.seconds(4))
    bench.answerReads()
    bench.advance(.milliseconds(500))
    bench.answerReads()
    #expect(bench.provenTargets.isEmpty)
    bench.answer(.cancel(account, OrderID(11)), .gone)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aLateEventSpoilsTheProof() {
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    #expect(bench.sent() == [.readWorkingOrders(account)])
    bench.answer(.readWorkingOrders(account), .workingOrders([]))
    bench.shows(bench.order(50, mnq, .buy, 1, price: 19_000))
    bench.answer(.readPositions(account), .positions([]))
    #expect(bench.provenTargets.isEmpty)
    #expect(bench.changes() == [.cancel(account, OrderID(50))])
  }
}
