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

/// Settings of the venue that a scenario changes; `nil` stays as it is.
package struct VenueSettings: Equatable, Sendable {
  package var replyLatency: TimeSpan?
  package var requestLatency: TimeSpan?
  package var acceptanceDelay: TimeSpan?
  package var cancellation: Cancellation?
  package var liquidityPerStep: Int64?
  package var marketRemainder: MarketRemainder?
  package var stopSlippageTicks: Int64?
  package var exitsCancelledAfterClose: TimeSpan?
  package var exitsCancelledAfterPartialClose: TimeSpan?
  package var reversalReportsFlat: Bool?
  package var lockedAccountAllowsClose: Bool?
  package var requestLimit: RequestLimit?

  /// How long a cancelled order can still fill.
  package enum Cancellation: Equatable, Sendable {
    case after(TimeSpan)
    case never
  }

  package init() {}

  func apply(to exchange: inout ExchangeBehaviour) {
    if let acceptanceDelay { exchange.acceptanceDelay = acceptanceDelay }
    switch cancellation {
    case .after(let delay): exchange.cancellationDelay = delay
    case .never: exchange.cancellationDelay = nil
    case nil: break
    }
    if let liquidityPerStep { exchange.liquidityPerStep = liquidityPerStep }
    if let marketRemainder { exchange.marketRemainder = marketRemainder }
    if let stopSlippageTicks { exchange.stopSlippageTicks = stopSlippageTicks }
    if let exitsCancelledAfterClose {
      exchange.exitsCancelledAfterClose = exitsCancelledAfterClose
    }
    if let exitsCancelledAfterPartialClose {
      exchange.exitsCancelledAfterPartialClose = exitsCancelledAfterPartialClose
    }
    if let reversalReportsFlat { exchange.reversalReportsFlat = reversalReportsFlat }
    if let lockedAccountAllowsClose {
      exchange.lockedAccountAllowsClose = lockedAccountAllowsClose
    }
  }

  func apply(to gateway: inout GatewayBehaviour) {
    if let replyLatency { gateway.replyLatency = replyLatency }
    if let requestLatency { gateway.requestLatency = requestLatency }
    if let requestLimit { gateway.requestLimit = requestLimit }
  }
}
