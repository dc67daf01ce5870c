import RiskModel
import SimulatedVenue
import Testing

@testable import TradingDayDemo

@Suite struct TradingDayTests {
  private static let exchange = SimulatedExchange(
    accounts: SimulatedVenueConfiguration.demoAccounts, startingAt: Sample.instant)

  private func day(_ steps: String) throws -> TradingDay {
    let text = #"{"title": "A day", "steps": [\#(steps)]}"#
    let scenario = try Scenario.read(text.utf8, source: "test", for: Self.exchange)
    return try TradingDay(scenario, source: "test")
  }

  @Test func `a heading begins a chapter and its time`() throws {
    let day = try day(
      """
      {"at": 100, "do": "note", "text": "2. An order"},
      {"at": 150, "do": "note", "text": "A remark."},
      {"at": 400, "do": "clearFaults"},
      {"at": 900, "do": "note", "text": "8. Again"},
      {"at": 900, "do": "note", "text": "2026 was a year."},
      {"at": 950, "do": "clearFaults"}
      """)
    #expect(day.preparation.steps.isEmpty)
    #expect(day.preparation.title == "A day")
    #expect(
      day.acts == [
        TradingDay.Act(
          chapter: .blockedOrder, heading: "2. An order",
          steps: [
            Scenario.Step(.milliseconds(50), .note("A remark.")),
            Scenario.Step(.milliseconds(300), .clearFaults),
          ]),
        TradingDay.Act(
          chapter: .reentry, heading: "8. Again",
          steps: [
            Scenario.Step(.zero, .note("2026 was a year.")),
            Scenario.Step(.milliseconds(50), .clearFaults),
          ]),
      ])
  }

  @Test(arguments: [
    ("", "there is no chapter in it"),
    (#"{"at": 0, "do": "clearFaults"}"#, "the first step must be the heading of a chapter"),
    (#"{"at": 0, "do": "note", "text": "77. Too many"}"#, "there is no chapter 77"),
    (
      #"{"at": 0, "do": "note", "text": "1. A"}, {"at": 0, "do": "note", "text": "1. B"}"#,
      "chapter 1 comes twice"
    ),
  ])
  func `a day without proper chapters is refused`(steps: String, problem: String) {
    #expect(throws: DemoError.unusable(path: "test", problem: problem)) { try day(steps) }
  }

  @Test func `the shipped day has every chapter once, in order`() throws {
    let path = SourceFolder.path("config/scenarios/trading-day.json")
    let scenario = try Scenario.read(file: path, for: Self.exchange)
    let day = try TradingDay(scenario, source: path)
    #expect(day.acts.map(\.chapter) == Chapter.allCases)
    for act in day.acts {
      #expect(act.heading.allSatisfy { $0.isASCII } && act.heading.count <= 90)
      let last = act.steps.last?.time ?? .zero
      #expect(last <= .seconds(6), "\(act.heading) is long")
    }
    // The venue takes a while, so that the kill can fall into a flatten.
    #expect(day.preparation.settings.behaviour.gateway.requestLatency == .milliseconds(35))
    #expect(day.preparation.settings.behaviour.gateway.replyLatency == .milliseconds(5))
  }

  /// The day itself, without anybody who restrains the trader, must not be refused by the venue.
  @Test func `the venue takes every step of the shipped day`() throws {
    let path = SourceFolder.path("config/scenarios/trading-day.json")
    let venue = try SimulatedVenueServer.start()
    defer { venue.stop() }
    let scenario = try Scenario.read(file: path, for: Self.exchange)
    for step in scenario.steps {
      guard case .refused(let reason) = venue.execute(step.command) else { continue }
      Issue.record("\(step.command): \(reason)")
    }
  }

  @Test func `every chapter says what it must lead to`() {
    let rules = Chapter.allCases.compactMap { chapter -> RuleID? in
      if case .breach(let rule) = chapter.expectation { rule } else { nil }
    }
    #expect(Set(rules).count == rules.count)
    #expect(Chapter.allCases.filter(\.killsEvaluator) == [.sixContracts])
    #expect(Chapter.allCases.count { $0.expectation == .comeback } == 3)
  }
}
