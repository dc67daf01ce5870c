import RiskModel
import Testing

@testable import TradingDayDemo

@Suite struct DecidedGoalTests {
  static let texts: [(String, DecidedGoal, String)] = [
    ("flat account", .flatAccount, "no position and no working order at all"),
    (
      "flat CON.F.US.EP.Z26", .flat(Sample.es), "no position and no working order in ES"
    ),
    ("at most 2 CON.F.US.MNQ.Z26", .atMost(2, Sample.mnq), "at most 2 MNQ"),
    (
      "order 3400000004 cancelled", .cancelled(OrderID(3_400_000_004)),
      "order 3400000004 cancelled"
    ),
    ("no new exposure", .other("no new exposure"), "no new exposure"),
    ("at most many CON.F.US.MNQ.Z26", .other("at most many CON.F.US.MNQ.Z26"), ""),
    ("order x cancelled", .other("order x cancelled"), ""),
    ("", .other(""), ""),
  ]

  @Test(arguments: texts)
  func `the log's words are understood`(text: String, goal: DecidedGoal, words: String) {
    #expect(DecidedGoal(text) == goal)
    if !words.isEmpty { #expect("\(goal)" == words) }
  }

  static let states: [(DecidedGoal, [Position], [Order], Bool?)] = [
    (.flatAccount, [], [], true),
    (.flatAccount, [Sample.position(Sample.mnq, 1)], [], false),
    (.flatAccount, [], [Sample.order(1)], false),
    (.flat(Sample.mnq), [Sample.position(Sample.mes, 1)], [Sample.order(1, Sample.mes)], true),
    (.flat(Sample.mnq), [Sample.position(Sample.mnq, -1)], [], false),
    (.flat(Sample.mnq), [], [Sample.order(1)], false),
    (.atMost(2, Sample.mnq), [Sample.position(Sample.mnq, 2)], [], true),
    (.atMost(2, Sample.mnq), [Sample.position(Sample.mnq, -2)], [], true),
    (.atMost(2, Sample.mnq), [Sample.position(Sample.mnq, 3)], [], false),
    // One more than the excess is as wrong as one less.
    (.atMost(2, Sample.mnq), [Sample.position(Sample.mnq, 1)], [], false),
    (.cancelled(OrderID(1)), [], [Sample.order(2)], true),
    (.cancelled(OrderID(1)), [], [Sample.order(1)], false),
    (.other("no new exposure"), [], [], nil),
  ]

  @Test(arguments: states)
  func `the venue tells whether it is reached`(
    goal: DecidedGoal, positions: [Position], orders: [Order], isReached: Bool?
  ) {
    let state = VenueState(account: Sample.account, positions: positions, workingOrders: orders)
    #expect(goal.isReached(state) == isReached)
  }
}
