package import RiskModel

/// One thing that somebody makes happen at the simulated venue: the trader in the platform, the
/// market, the venue's operators, or bad luck.
package enum VenueCommand: Equatable, Sendable {
  case price(ContractID, QuoteChange)
  /// A quote that the market never had; nothing trades.
  case print(ContractID, QuoteChange)
  case move(PriceMove)
  case market([ContractID], isOpen: Bool, expiresOrders: Bool)
  case place(OrderTicket, name: String?)
  case cancel(OrderReference)
  case cancelAll(AccountID, ContractID?)
  case modify(OrderReference, OrderChange)
  /// Closes one contract, or all of the account.
  case close(AccountID, ContractID?)
  case reduce(AccountID, ContractID, by: Int64)
  case account(AccountChange)
  case fault(Fault)
  case clearFaults
  case latency(TimeSpan)
  case settings(VenueSettings)
  /// Nothing trades in the contract for that long.
  case pause(ContractID, TimeSpan)
  /// The market has no price until the next one comes.
  case clearPrices(ContractID)
  /// An execution is taken back.
  case void(TradeID)
  /// Every token that was issued is no good from now on.
  case endTokens
  /// The venue's time goes on by that much.
  case clock(TimeSpan)
  case traffic(TrafficPlan)
  /// A remark for the story.
  case note(String)
}

/// An order, by its id or by the name that an earlier step of the same scenario gave it.
package enum OrderReference: Equatable, Sendable {
  case id(OrderID)
  case name(String)
}

/// A price that moves in equal steps from where it is.
package struct PriceMove: Equatable, Sendable {
  package var contract: ContractID
  package var target: Price
  package var duration: TimeSpan
  package var interval: TimeSpan

  package init(
    contract: ContractID, target: Price, duration: TimeSpan, interval: TimeSpan = .milliseconds(100)
  ) {
    self.contract = contract
    self.target = target
    self.duration = duration
    self.interval = interval
  }
}

/// What changes on an account, or what a new one is like.
package struct AccountChange: Equatable, Sendable {
  package var id: AccountID
  package var name: String?
  package var balance: Money?
  package var canTrade: Bool?
  package var kind: TradingAccount.Kind?
  package var bracketMode: TradingAccount.BracketMode?

  package init(id: AccountID, canTrade: Bool? = nil) {
    self.id = id
    self.canTrade = canTrade
  }
}

/// Orders and quotes that come by themselves: one-lot market orders that open and close in turn,
/// each of which is five events of the user hub, and quotes that go one tick up and down.
package struct TrafficPlan: Equatable, Sendable {
  package var account: AccountID
  package var contract: ContractID
  package var ordersPerSecond: Int
  package var quotesPerSecond: Int
  /// `nil` goes on until it is stopped.
  package var duration: TimeSpan?

  package init(
    account: AccountID, contract: ContractID, ordersPerSecond: Int = 0, quotesPerSecond: Int = 0,
    duration: TimeSpan? = nil
  ) {
    self.account = account
    self.contract = contract
    self.ordersPerSecond = ordersPerSecond
    self.quotesPerSecond = quotesPerSecond
    self.duration = duration
  }
}

/// What came of a command.
package enum CommandOutcome: Equatable, Sendable {
  case done
  case placed(OrderID)
  /// The venue said no, or the command does not fit its state.
  case refused(String)
}
