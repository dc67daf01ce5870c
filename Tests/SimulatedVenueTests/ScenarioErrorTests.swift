import RiskModel
import SimulatedVenue
import Testing

struct ScenarioErrorTests {
  private func read(_ text: String) throws -> Scenario {
    try Scenario.read(text.utf8, source: "s.json", for: makeExchange())
  }

  private func step(_ members: String) throws -> VenueCommand? {
    try read(#"{"title":"t","steps":[{"at":5,\#(members)}]}"#).steps.first?.command
  }

  static let wrong: [(String, String, String)] = [
    ("[]", "", "expected an object, found a list"),
    ("{", "", "line 1, column 2: a member name is due here"),
    (#"{"steps":[]}"#, "", "the key `title` is missing"),
    (#"{"title":"t"}"#, "", "the key `steps` is missing"),
    (#"{"title":7,"steps":[]}"#, "title", "expected a text, found a number"),
    (#"{"title":"t","steps":{}}"#, "steps", "expected a list, found an object"),
    (
      #"{"title":"t","stpes":[],"steps":[]}"#, "stpes",
      "unknown key; known here: about, accounts, begin, prices, rate, steps, title, venue"
    ),
    (#"{"title":"t","rate":0,"steps":[]}"#, "rate", "expected a rate from 0.001 to 1000, found 0"),
    (
      #"{"title":"t","begin":"now","steps":[]}"#, "begin",
      #"expected one of at-once, market-hub, user-hub, found "now""#
    ),
    (
      #"{"title":"t","venue":{"liquidity":2},"steps":[]}"#, "venue.liquidity",
      "unknown key; known here: " + VenueSettingTests.others.keys.sorted().joined(separator: ", ")
    ),
    (
      #"{"title":"t","venue":{"replyLatency":-1},"steps":[]}"#, "venue.replyLatency",
      "expected milliseconds, a whole number up to 604800000, found -1"
    ),
    (
      #"{"title":"t","venue":{"reversalReportsFlat":1},"steps":[]}"#, "venue.reversalReportsFlat",
      "expected true or false, found a number"
    ),
    (
      #"{"title":"t","accounts":[{"id":0}],"steps":[]}"#, "accounts[0].id",
      "expected a whole number from 1 to 2147483647, found 0"
    ),
    (
      #"{"title":"t","accounts":[{"id":1,"balance":0.1234567}],"steps":[]}"#, "accounts[0].balance",
      "expected dollars with at most 6 decimal places, found 0.1234567"
    ),
    (
      #"{"title":"t","prices":[{"contract":"MNQ"}],"steps":[]}"#, "prices[0]",
      "at least one of the keys `last`, `bid` and `ask` is needed"
    ),
    (
      #"{"title":"t","prices":[{"contract":"MNQ","bid":2,"ask":2}],"steps":[]}"#, "prices[0]",
      "the bid 2 is not below the ask 2"
    ),
  ]

  static let wrongSteps: [(String, String, String)] = [
    (
      #""do":"buy""#, ".do",
      #"expected one of account, cancel, cancelAll, clearFaults, clearPrices, clock, close, endTokens, fault, latency, market, modify, move, note, pause, place, price, print, reduce, settings, traffic, void, found "buy""#
    ),
    (
      #""do":"price","contract":"XYZ","last":1"#, ".contract",
      "there is no contract XYZ; expected one of CLE, ENQ, EP, GCE, M2K, MES, MNQ, RTY or a contract id"
    ),
    (
      #""do":"price","contract":"MNQ","last":21000.1"#, ".last",
      "expected a price in steps of 0.25, found 21000.1"
    ),
    (#""do":"price","contract":"MNQ","last":"x""#, ".last", "expected a number, found a text"),
    (
      #""do":"place","account":9,"contract":"MNQ","side":"buy""#, ".account",
      "there is no account 9; expected one of 1001, 1002, 2001, 2002"
    ),
    (
      #""do":"place","account":1001,"contract":"MNQ","side":"long""#, ".side",
      #"expected one of buy, sell, found "long""#
    ),
    (
      #""do":"place","account":1001,"contract":"MNQ","side":"buy","limit":1.0000000001"#, ".limit",
      "expected a price with at most 9 decimal places, found 1.0000000001"
    ),
    (#""do":"cancel","order":"e""#, "", "no earlier step names an order `e` with `as`"),
    (
      #""do":"cancel","order":true"#, ".order",
      "expected an order's id, or the name that an earlier step gave it"
    ),
    (#""do":"note","text":"x","size":1"#, ".size", "unknown key; known here: at, do, text"),
    (#""do":"fault","on":"mars""#, ".on", #"expected one of hub, request, found "mars""#),
    (#""do":"fault","on":"request","effect":"drop""#, "", "the key `applied` is missing"),
    (
      #""do":"fault","on":"request","effect":"marketClosed""#, "",
      "`marketClosed` needs an operation out of Order/place, Order/modify, Order/cancel, Position/closeContract, Position/partialCloseContract"
    ),
    (
      #""do":"fault","on":"request","effect":"status","applied":true,"status":199"#, ".status",
      "expected a whole number from 200 to 599, found 199"
    ),
    (
      #""do":"fault","on":"hub","hub":"user","effect":"lose""#, "",
      "the effect `lose` does not fit the moment; see its list"
    ),
    (
      #""do":"fault","on":"hub","hub":"user","moment":"event","event":"quote","effect":"lose""#,
      ".event", #"expected one of account, order, position, trade, found "quote""#
    ),
    (
      #""do":"fault","on":"hub","hub":"user","effect":"cut","count":0"#, ".count",
      #"expected a number from 1 or "unlimited", found 0"#
    ),
    (
      #""do":"fault","on":"hub","hub":"user","effect":"cut","chance":1.5"#, ".chance",
      "expected a probability from 0 to 1, found 1.5"
    ),
  ]

  @Test(arguments: wrong)
  func `a fault of the file is named with its place`(text: String, path: String, problem: String) {
    let expected = SimulatedVenueError.wrongDocument(source: "s.json", path: path, problem: problem)
    #expect(throws: expected) { try read(text) }
    #expect(
      expected.description == (path.isEmpty ? "s.json: \(problem)" : "s.json: \(path): \(problem)"))
  }

  @Test(arguments: wrongSteps)
  func `a fault of a step is named with its place`(members: String, path: String, problem: String) {
    #expect(
      throws: SimulatedVenueError.wrongDocument(
        source: "s.json", path: "steps[0]\(path)", problem: problem)
    ) { try step(members) }
  }

  @Test func `times never go back`() {
    #expect(
      throws: SimulatedVenueError.wrongDocument(
        source: "s.json", path: "steps[1].at",
        problem: "expected at least 10: times never go back")
    ) {
      try read(
        #"{"title":"t","steps":[{"at":10,"do":"clearFaults"},{"at":9,"do":"clearFaults"}]}"#)
    }
  }
}
