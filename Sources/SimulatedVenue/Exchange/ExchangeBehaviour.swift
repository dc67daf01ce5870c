package import RiskModel

/// How the simulated exchange acts where the venue's documentation is silent or where a test wants
/// another course of events. The defaults are what was observed live, or the harsher guess.
package struct ExchangeBehaviour: Equatable, Sendable {
  /// How long an order stays Pending (6) before it can trade.
  package var acceptanceDelay: TimeSpan = .zero
  /// How long a cancelled order stays PendingCancellation (7) and can still fill; `nil` is forever.
  package var cancellationDelay: TimeSpan? = .zero
  /// Contracts that trade at one price before the next tick is touched; `nil` is no limit. Every
  /// change of the price brings the whole amount back.
  package var liquidityPerStep: Int64?
  /// What a market order does when a price step is used up.
  package var marketRemainder: MarketRemainder = .sweeps
  /// Ticks by which a triggered stop fills worse than the market (two were observed live).
  package var stopSlippageTicks: Int64 = 0
  /// Cancels the working orders of a contract this long after `closeContract` made it flat; `nil`
  /// leaves them working, which is what was observed live.
  package var exitsCancelledAfterClose: TimeSpan?
  /// The same after `partialCloseContract`; live, exits were kept, resized and cancelled.
  package var exitsCancelledAfterPartialClose: TimeSpan?
  /// Makes the exits of a contract as small as what is left of the position this long after
  /// `partialCloseContract`; `nil` leaves them as they are.
  package var exitsResizedAfterPartialClose: TimeSpan?
  /// Whether cancelling one leg of a bracket cancels the other.
  package var cancellingLegCancelsSibling = false
  /// Whether a position that changes its sign is reported flat in between.
  package var reversalReportsFlat = false
  /// The code of a placement while the market is closed; 5 and 2 were both met live.
  package var closedMarketCode: PlaceCode = .outsideTradingHours
  /// Whether orders can be cancelled while the market is closed.
  package var closedMarketAllowsCancel = false
  /// The code of a placement on an account that may not trade.
  package var lockedAccountCode: PlaceCode = .accountViolation
  /// Whether an account that may not trade can still be closed.
  package var lockedAccountAllowsClose = true
  /// Placements on an account with less than this get InsufficientFunds (3); `nil` is no minimum.
  package var minimumBalance: Money?
  /// Placements that would take a position beyond this many contracts are rejected (the venue's code
  /// and text are not known); `nil` is no limit.
  package var maximumPosition: Int64?
  /// Finished orders and trades that are kept for queries; the oldest go first.
  package var historyLimit = 100_000

  package init() {}
}

/// What a market order does when a price step is used up.
package enum MarketRemainder: String, Sendable, CaseIterable {
  /// It goes on at the next tick, at once.
  case sweeps
  /// Its remainder stays open until the price changes.
  case waits
}

/// An account of the simulated venue.
package struct TradingAccount: Equatable, Sendable {
  package var account: Account
  package var kind: Kind
  /// Whether orders may carry brackets; new accounts may not (observed live).
  package var bracketMode: BracketMode
  /// Whether searches for active accounts list it.
  package var isVisible: Bool

  package enum Kind: String, Sendable, CaseIterable {
    case ordinary
    /// Copies another account; the venue refuses to cancel and close on it.
    case follower
    /// Live funded; the venue refuses to cancel and close on it.
    case live
  }

  package enum BracketMode: String, Sendable, CaseIterable {
    case positionBrackets = "position"
    case autoOCO = "auto-oco"
  }

  package init(
    account: Account, kind: Kind = .ordinary, bracketMode: BracketMode = .positionBrackets,
    isVisible: Bool = true
  ) {
    self.account = account
    self.kind = kind
    self.bracketMode = bracketMode
    self.isVisible = isVisible
  }

  package init(
    id: AccountID, name: String, balance: Money = Money(dollars: 50_000), canTrade: Bool = true,
    kind: Kind = .ordinary
  ) {
    self.init(
      account: Account(
        id: id, name: name, balance: balance, canTrade: canTrade, isSimulated: kind != .live),
      kind: kind)
  }
}
