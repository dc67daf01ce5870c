package import RiskModel

/// A course of events at the simulated venue: what the market, the trader, the venue and bad luck do
/// and when. What the program under test should do about it is not part of it.
package struct Scenario: Equatable, Sendable {
  package var title: String
  package var about: String?
  /// How fast its time runs.
  package var clock: ScenarioClock = .realTime
  package var beginning: Beginning = .atOnce
  package var settings = VenueSettings()
  package var accounts: [AccountChange] = []
  package var prices: [OpeningPrice] = []
  /// By time; steps of the same time keep their order.
  package var steps: [Step] = []

  package struct OpeningPrice: Equatable, Sendable {
    package var contract: ContractID
    package var change: QuoteChange
  }

  package struct Step: Equatable, Sendable {
    package var time: TimeSpan
    package var command: VenueCommand

    package init(_ time: TimeSpan, _ command: VenueCommand) {
      self.time = time
      self.command = command
    }
  }

  /// What time zero of the steps is.
  package enum Beginning: String, Sendable, CaseIterable {
    case atOnce = "at-once"
    /// A client has subscribed to something on the user hub.
    case userHub = "user-hub"
    /// A client has subscribed to something on the market hub.
    case marketHub = "market-hub"
  }

  package init(title: String, steps: [Step] = []) {
    self.title = title
    self.steps = steps
  }
}
