import RiskModel
import SimulatedVenue
import Testing

@testable import TradingDayDemo

@Suite struct DemoTextTests {
  private func fits(_ text: String) -> Bool {
    text.allSatisfy { $0.isASCII }
      && text.split(separator: "\n").allSatisfy { $0.count <= StoryStyle.width }
  }

  @Test func `the title fits the screen`() {
    #expect(fits(DemoText.title))
    for speaker in StoryLine.Speaker.allCases {
      #expect(DemoText.title.contains(speaker.rawValue))
    }
  }

  @Test func `a day that went well is one line`() {
    #expect(
      DemoText.verdict([])
        == "PASSED: every breach was seen, acted on and proven, and nothing was done twice.\n")
  }

  @Test func `everything that is missing has a line`() {
    let long = Array(repeating: "word", count: 30).joined(separator: " ")
    let text = DemoText.verdict(["the evaluator was not killed", long])
    #expect(text.hasPrefix("FAILED:\n  - the evaluator was not killed\n  - word word"))
    #expect(text.split(separator: "\n").count == 4)
    #expect(fits(text))
  }

  @Test func `the venue's side of the day`() {
    let flat = VenueState(account: Sample.account, positions: [], workingOrders: [])
    let open = VenueState(
      account: Sample.other, positions: [Sample.position(Sample.mnq, 1)],
      workingOrders: [Sample.order(1)])
    let evidence = VenueEvidence(
      states: [flat, open],
      trades: [Sample.trade(1, .buy, 1, order: 1), Sample.trade(2, .sell, 1, order: 2)],
      traderOrders: [OrderID(1)], requests: 90, changes: 14)
    let text = DemoText.summary(evidence)
    #expect(fits(text))
    let words = text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    #expect(
      words.hasPrefix(
        "At the venue: account 1001 is flat without a working order, account 1002 has 1 position"
          + " and 1 working order."))
    #expect(words.contains("1 closings by riskd, none of which turned or enlarged a position"))
    #expect(words.contains("90 requests, 14 of them"))
  }

  @Test func `a position that riskd turned is not passed over`() {
    let evidence = VenueEvidence(
      states: [], trades: [Sample.trade(1, .sell, 1, order: 2)], traderOrders: [])
    let words = DemoText.summary(evidence).split { $0 == " " || $0 == "\n" }
    #expect(words.joined(separator: " ").contains("1 of which turned or enlarged a position"))
  }

  @Test func `commands for another terminal`() throws {
    let venue = try SimulatedVenueServer.start()
    defer { venue.stop() }
    let text = DemoText.commands(riskd: "/opt/bin/riskd", root: "/tmp/r", venue: venue)
    for command in [
      "/opt/bin/riskctl status --root /tmp/r", "/opt/bin/riskctl history --root /tmp/r",
      "/opt/bin/riskctl restart evaluator --wait --root /tmp/r", "\(venue.adminURL)/order",
    ] {
      #expect(text.contains(command))
    }
    let here = DemoText.commands(riskd: "riskd", root: "/tmp/r", venue: venue)
    #expect(here.contains("  riskctl status --root /tmp/r"))
  }

  static let faults: [(Fault, String)] = [
    (.hub(.user, .now, .reset), "resets the connection of the user hub"),
    (.hub(.market, .now, .cut), "ends the connection of the market hub"),
    (
      .hub(.user, .upgrade, .refuse(status: 503), count: 2),
      "refuses the next 2 attempts to connect to the user hub (HTTP 503)"
    ),
  ]

  @Test(arguments: faults)
  func `faults have words`(fault: Fault, words: String) {
    #expect(DemoText.fault(fault) == words)
  }

  @Test func `other faults are named at least`() {
    #expect(DemoText.fault(.hub(.user, .now, .stall)).hasPrefix("sets a fault: hub"))
  }
}
