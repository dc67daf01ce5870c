import RiskModel
import Testing

@testable import Enforcement

/// The stop that protects a position.
@Suite struct ProtectionTests {
  private static let tag = "riskd-stop-7-0"

  private func goal(_ price: Int64, _ side: Side = .sell) -> Goal {
    .protected(mnq, ProtectiveStop(side: side, price: Price(points: price)))
  }

  private func target(_ bench: Bench, at price: Int64, id: Int64 = 7) -> Target {
    var target = bench.target(id, goal(price))
    target.adoptedAt = Instant(secondsSinceEpoch: 1_760_000_000 + id)
    return target
  }

  private func placing(
    _ size: Int64 = 2, at price: Int64 = 19_900, tag: String = tag
  ) -> EnforcementRequest {
    .placeStop(
      account, mnq, .sell, size: size, price: Price(points: price), tag: tag)
  }

  private func moving(_ order: Int64 = 50, to price: Int64) -> EnforcementRequest {
    .modifyStop(account, OrderID(order), price: Price(points: price))
  }

  private func stop(
    _ bench: Bench, at price: Int64 = 19_900, size: Int64 = 2, id: Int64 = 50,
    tag: String? = tag
  ) -> Order {
    bench.order(id, mnq, .sell, size, type: .stop, price: price, tag: tag)
  }

  /// Time goes by while the venue holds this. Returns what was changed meanwhile.
  private func wait(
    _ bench: inout Bench, _ milliseconds: Int64 = 6_000, held: Int64 = 2, orders: [Order] = []
  ) -> [EnforcementRequest] {
    let end = bench.now + .milliseconds(milliseconds)
    while bench.now < end {
      bench.answerReads(positions: held == 0 ? [:] : [mnq: held], orders: orders)
      bench.advance(.milliseconds(100))
    }
    return bench.changes()
  }

  /// A position of two whose stop at 19900 is placed and proven.
  private func protected() -> (Bench, Order) {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    bench.answerReads(positions: [mnq: 2])
    bench.answer(placing(), .accepted)
    let order = stop(bench)
    bench.shows(order)
    _ = wait(&bench, orders: [order])
    return (bench, order)
  }

  @Test func aStopThatMayOnlyBeMovedIsNotPlaced() {
    let goal = Goal.protected(
      mnq, ProtectiveStop(side: .sell, price: Price(points: 19_900), movesOnly: true))
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(bench.target(7, goal), revision: 100)
    #expect(wait(&bench, 20_000).isEmpty)
    #expect(bench.provenTargets == [TargetID(inputOrdinal: 7, index: 0)])
    #expect(bench.takeAlerts().isEmpty)
    // The trader's next stop is moved to where it has to be.
    let order = stop(bench, at: 19_800, tag: nil)
    bench.shows(order)
    #expect(wait(&bench, 2_000, orders: [order]).contains(moving(to: 19_900)))
  }

  @Test(arguments: [Int64(2), -2])
  func aPositionGetsOneStop(held: Int64) {
    let side: Side = held > 0 ? .sell : .buy
    var bench = Bench.ready(positions: [mnq: held])
    bench.adopt(bench.target(7, goal(19_900, side)), revision: 100)
    #expect(bench.changes().isEmpty)
    bench.answerReads(positions: [mnq: held])
    let request = EnforcementRequest.placeStop(
      account, mnq, side, size: 2, price: Price(points: 19_900), tag: ProtectionTests.tag)
    #expect(bench.changes() == [request])
    bench.answer(request, .accepted)
    let order = bench.order(
      50, mnq, side, 2, type: .stop, price: 19_900, tag: ProtectionTests.tag)
    #expect(wait(&bench, 20_000, held: held, orders: [order]).isEmpty)
    #expect(bench.provenTargets == [TargetID(inputOrdinal: 7, index: 0)])
    #expect(bench.controller.figures.stopsPlaced == 1)
    #expect(bench.takeAlerts().isEmpty)
  }

  @Test func nothingIsPlacedAfterAStartBeforeTwoReadsAgree() {
    var bench = Bench()
    bench.start(targets: [bench.target(7, goal(19_900))])
    bench.shows(mnq, 2)
    #expect(wait(&bench, 1_500).isEmpty)
    #expect(wait(&bench, 3_000) == [placing()])
  }

  @Test func aStopWhoseReplyWasLostIsFoundByItsTag() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    bench.answerReads(positions: [mnq: 2])
    #expect(bench.changes() == [placing()])
    bench.answer(placing(), .unknown("timeout"))
    #expect(wait(&bench, 20_000, orders: [stop(bench)]).isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aStopThatNeverArrivedIsPlacedAgainUnderTheSameTag() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    bench.answerReads(positions: [mnq: 2])
    _ = bench.changes()
    bench.answer(placing(), .unknown("timeout"))
    #expect(wait(&bench, 1_900).isEmpty)
    #expect(wait(&bench, 4_000) == [placing()])
  }

  @Test func aTighterPriceIsOneChange() {
    var (bench, order) = protected()
    bench.adopt(target(bench, at: 19_950), revision: 101)
    #expect(bench.changes() == [moving(to: 19_950)])
    bench.answer(moving(to: 19_950), .accepted)
    order.stopPrice = Price(points: 19_950)
    #expect(wait(&bench, 20_000, orders: [order]).isEmpty)
    #expect(bench.provenTargets.count == 2)
  }

  @Test func ofTwoPricesWithinASecondTheLastIsSent() {
    var (bench, order) = protected()
    bench.adopt(target(bench, at: 19_910), revision: 101)
    bench.answer(moving(to: 19_910), .accepted)
    order.stopPrice = Price(points: 19_910)
    bench.shows(order)
    _ = bench.changes()
    bench.advance(.milliseconds(200))
    bench.adopt(target(bench, at: 19_920), revision: 102)
    #expect(wait(&bench, 300, orders: [order]).isEmpty)
    bench.adopt(target(bench, at: 19_930), revision: 103)
    #expect(wait(&bench, 400, orders: [order]).isEmpty)
    #expect(wait(&bench, 300, orders: [order]) == [moving(to: 19_930)])
  }

  @Test func theStopShrinksWithThePosition() {
    var (bench, order) = protected()
    bench.shows(mnq, 1)
    #expect(
      wait(&bench, held: 1, orders: [order]) == [.modifySize(account, OrderID(50), size: 1)])
    bench.answer(.modifySize(account, OrderID(50), size: 1), .accepted)
    order.size = 1
    #expect(wait(&bench, 20_000, held: 1, orders: [order]).isEmpty)
    #expect(bench.provenTargets.count == 2)
  }

  private func resizing(_ size: Int64) -> EnforcementRequest {
    .modifySize(account, OrderID(50), size: size)
  }

  @Test func theStopGrowsWithThePosition() {
    var (bench, order) = protected()
    bench.shows(mnq, 5)
    #expect(wait(&bench, 900, held: 5, orders: [order]).isEmpty)
    #expect(wait(&bench, held: 5, orders: [order]) == [resizing(5)])
    bench.answer(resizing(5), .accepted)
    order.size = 5
    #expect(wait(&bench, 20_000, held: 5, orders: [order]).isEmpty)
    #expect(bench.provenTargets.count == 2)
    #expect(bench.takeAlerts().isEmpty)
  }

  @Test func aGrowthIsSaidAgainOnlyAfterALookThatDoesNotShowIt() {
    var (bench, order) = protected()
    bench.shows(mnq, 3)
    #expect(wait(&bench, held: 3, orders: [order]) == [resizing(3)])
    bench.answer(resizing(3), .unknown("timeout"))
    #expect(wait(&bench, held: 3, orders: [order]) == [resizing(3)])
    bench.answer(resizing(3), .refused(.orderRejected))
    #expect(wait(&bench, held: 3, orders: [order]) == [resizing(3)])
    bench.answer(resizing(3), .accepted)
    order.size = 3
    #expect(wait(&bench, 20_000, held: 3, orders: [order]).isEmpty)
  }

  @Test func aStopOfWhichAPartIsFilledKeepsThatPart() {
    var (bench, order) = protected()
    order.filledSize = 1
    bench.shows(order)
    bench.shows(mnq, 4)
    #expect(wait(&bench, held: 4, orders: [order]) == [resizing(5)])
  }

  @Test func theStopsTogetherAreNoLargerThanThePosition() {
    let (ready, order) = protected()
    for (size, expected) in [(Int64(1), [resizing(4)]), (3, [])] {
      var bench = ready
      let own = stop(bench, at: 19_800, size: size, id: 60, tag: nil)
      bench.shows(mnq, 5)
      #expect(wait(&bench, held: 5, orders: [order, own]) == expected)
    }
  }

  @Test func theTradersStopIsMadeNoLarger() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    let own = stop(bench, size: 2, tag: nil)
    bench.shows(mnq, 5)
    #expect(wait(&bench, 20_000, held: 5, orders: [own]).isEmpty)
  }

  @Test func sizeAndPriceChangeASecondApart() {
    var (bench, order) = protected()
    bench.shows(mnq, 3)
    #expect(wait(&bench, 900, held: 3, orders: [order]).isEmpty)
    bench.adopt(target(bench, at: 19_950), revision: 101)
    var sent: [(request: EnforcementRequest, at: MonotonicInstant)] = []
    for _ in 0..<60 {
      bench.answerReads(positions: [mnq: 3], orders: [order])
      for request in bench.changes() {
        sent.append((request, bench.now))
        bench.answer(request, .accepted)
        if request == resizing(3) {
          order.size = 3
        } else {
          order.stopPrice = Price(points: 19_950)
        }
      }
      bench.advance(.milliseconds(100))
    }
    #expect(sent.map(\.request) == [resizing(3), moving(to: 19_950)])
    #expect(zip(sent.dropFirst(), sent).allSatisfy { $0.at - $1.at >= .seconds(1) })
  }

  @Test func nothingGrowsWhileThePositionIsTakenDown() {
    let (ready, order) = protected()
    var bench = ready
    bench.adopt(.atMost(mnq, size: 2))
    bench.shows(mnq, 4)
    #expect(bench.changes() == [.partialClose(account, mnq, size: 2)])
    bench.answer(.partialClose(account, mnq, size: 2), .accepted)
    bench.shows(mnq, 2)
    #expect(wait(&bench, 20_000, orders: [order]).isEmpty)
  }

  @Test func theStopGoesWithThePosition() {
    let (ready, _) = protected()
    var bench = ready
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(50))])
    bench.answer(.cancel(account, OrderID(50)), .accepted)
    #expect(wait(&bench, held: 0).isEmpty)
  }

  @Test func theStopGoesWhenItsTargetHasEndedFirst() {
    let (ready, order) = protected()
    var bench = ready
    bench.end(TargetID(inputOrdinal: 7, index: 0), revision: 101)
    #expect(wait(&bench, orders: [order]).isEmpty)
    bench.shows(mnq, 0)
    #expect(bench.changes() == [.cancel(account, OrderID(50))])
    bench.answer(.cancel(account, OrderID(50)), .accepted)
    #expect(wait(&bench, held: 0).isEmpty)
    #expect(bench.controller.openTargets == 0)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aStopThatLandsAfterItsPositionAndItsTargetIsCancelled() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    bench.answerReads(positions: [mnq: 2])
    bench.shows(mnq, 0)
    bench.end(TargetID(inputOrdinal: 7, index: 0), revision: 101)
    bench.answer(placing(), .unknown("timeout"))
    _ = bench.changes()
    #expect(
      wait(&bench, 4_000, held: 0, orders: [stop(bench)]) == [.cancel(account, OrderID(50))])
  }

  @Test func nothingIsPlacedWhileThereIsAFlatten() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount, end: .permanent)
    bench.adopt(target(bench, at: 19_900), revision: 100)
    bench.answerReads(positions: [mnq: 2])
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    let later = wait(&bench, 8_000)
    #expect(later.allSatisfy { $0 == .close(account, mnq) })
  }

  @Test func anEnforcerThatStartsAgainKnowsItsStop() {
    var bench = Bench()
    let order = stop(bench)
    bench.start(targets: [target(bench, at: 19_900)])
    bench.shows(mnq, 2)
    #expect(wait(&bench, 20_000, orders: [order]).isEmpty)
    #expect(bench.provenTargets.count == 1)
    bench.adopt(target(bench, at: 19_950), revision: 100)
    #expect(bench.changes() == [moving(to: 19_950)])
  }

  @Test func anEnforcerThatStartsAgainCancelsWhatIsLeftOver() {
    var bench = Bench()
    let order = stop(bench)
    bench.start()
    #expect(wait(&bench, held: 0, orders: [order]) == [.cancel(account, OrderID(50))])
  }

  @Test func aStopThatTheTraderLoosensIsLeftAloneUntilTheNextPrice() {
    var (bench, order) = protected()
    order.stopPrice = Price(points: 19_500)
    bench.shows(order)
    #expect(wait(&bench, 20_000, orders: [order]).isEmpty)
    bench.adopt(target(bench, at: 19_950), revision: 101)
    #expect(wait(&bench, 1_000, orders: [order]) == [moving(to: 19_950)])
  }

  @Test func aStopThatTheTraderCancelsIsPlacedAgainUnderAnotherTag() {
    let (ready, order) = protected()
    var bench = ready
    bench.shows(order, status: .cancelled)
    #expect(wait(&bench) == [placing(tag: "riskd-stop-7-0.2")])
  }

  @Test func theTradersOwnStopIsTightenedInsteadOfASecondOne() {
    var bench = Bench.ready(positions: [mnq: 2])
    let orders = [
      stop(bench, at: 19_700, size: 1, id: 60, tag: nil),
      stop(bench, at: 19_600, size: 2, id: 61, tag: nil),
      bench.order(62, mnq, .sell, 2, type: .trailingStop, price: 19_650),
    ]
    bench.adopt(target(bench, at: 19_900), revision: 100)
    #expect(wait(&bench, 500, orders: orders) == [moving(61, to: 19_900)])
    bench.answer(moving(61, to: 19_900), .gone)
    #expect(wait(&bench, 1_500, orders: [orders[0]]) == [moving(60, to: 19_900)])
  }

  @Test func aTrailingStopOfTheTradersIsNotTouchedNorDoubled() {
    var bench = Bench.ready(positions: [mnq: 2])
    let trailing = bench.order(62, mnq, .sell, 2, type: .trailingStop, price: 19_650)
    bench.adopt(target(bench, at: 19_900), revision: 100)
    #expect(wait(&bench, 20_000, orders: [trailing]).isEmpty)
  }

  @Test func aRefusedStopIsTriedAgainAndToldAfterThreeFailures() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    var tags: [String] = []
    var moments: [MonotonicInstant] = []
    for _ in 0..<400 {
      bench.answerReads(positions: [mnq: 2])
      for case .placeStop(_, _, _, _, _, let tag) in bench.changes() {
        tags.append(tag)
        moments.append(bench.now)
        bench.answer(placing(tag: tag), .refused(.orderRejected))
      }
      bench.advance(.milliseconds(100))
    }
    #expect(
      tags.prefix(3) == ["riskd-stop-7-0", "riskd-stop-7-0.2", "riskd-stop-7-0.3"])
    #expect(zip(moments.dropFirst(), moments).allSatisfy { $0 - $1 >= .seconds(2) })
    let alerts = bench.takeAlerts()
    #expect(alerts.count == 1)
    #expect(
      alerts.first.map { if case .failing(_, 3, "order rejected") = $0 { true } else { false } }
        == true)
  }

  @Test func theMoneyRulesGoOnWhileAStopIsRefused() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(target(bench, at: 19_900), revision: 100)
    bench.answerReads(positions: [mnq: 2])
    bench.answer(placing(), .refused(.orderRejected))
    _ = bench.changes()
    bench.adopt(.atMost(mnq, size: 1))
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
    bench.answer(.partialClose(account, mnq, size: 1), .refused(.orderRejected))
    bench.adopt(.flat(mnq))
    #expect(wait(&bench, 1_500) == [.close(account, mnq)])
  }

  @Test(
    arguments: [
      ("riskd-stop-184-0", StopTag(target: TargetID(inputOrdinal: 184, index: 0), attempt: 1)),
      ("riskd-stop-184-0.2", StopTag(target: TargetID(inputOrdinal: 184, index: 0), attempt: 2)),
      ("riskd-stop-184-0-SL", nil), ("riskd-stop-184-0.1", nil), ("riskd-stop-184-0.", nil),
      ("riskd-stop-184-0.2.3", nil), ("riskd-stop-", nil), ("mine", nil), ("", nil),
    ] as [(String, StopTag?)])
  func tags(text: String, expected: StopTag?) {
    let tag = StopTag(text)
    #expect(tag == expected)
    if let tag { #expect(tag.text == text) }
  }

  @Test func theLongestTagFits() {
    let tag = StopTag(
      target: TargetID(inputOrdinal: .max, index: 9_999), attempt: 999_999_999)
    #expect(tag.text.utf8.count <= 60)
  }
}
