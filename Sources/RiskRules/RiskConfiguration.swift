package import RiskModel

/// The rules of one account with their parameters; a rule that is `nil` is not enabled.
///
/// All limits are positive magnitudes; Settings has checked types and ranges before a value of this
/// type exists.
package struct RiskConfiguration: Equatable, Sendable, Codable {
  package var maxContracts: MaxContracts.Parameters?
  package var maxContractsPerInstrument: MaxContractsPerInstrument.Parameters?
  package var dailyRealizedLoss: DailyRealizedLoss.Parameters?
  package var dailyUnrealizedLoss: DailyUnrealizedLoss.Parameters?
  package var maxUnrealizedProfit: MaxUnrealizedProfit.Parameters?
  package var tradeFrequencyLimit: TradeFrequencyLimit.Parameters?
  package var cooldownAfterLoss: CooldownAfterLoss.Parameters?
  package var noStopLossGrace: NoStopLossGrace.Parameters?
  package var sessionBlockOutside: SessionBlockOutside.Parameters?
  package var authLossGuard: AuthLossGuard.Parameters?
  package var symbolBlocks: SymbolBlocks.Parameters?
  package var tradeManagement: TradeManagement.Parameters?
  package var dailyRealizedProfit: DailyRealizedProfit.Parameters?
  package var breachResponse: BreachResponse
  package var markPrice: MarkPrice
  package var tradingDay: TradingDayRule
  /// How long a held contract may be without a new mark in an open market.
  package var staleThreshold: TimeSpan
  /// When a market that says nothing is remarkable.
  package var marketHours: MarketHours
  package var failClosed: FailClosedAction
  package var absurdPrint: AbsurdPrintFilter

  package init(
    maxContracts: MaxContracts.Parameters? = nil,
    maxContractsPerInstrument: MaxContractsPerInstrument.Parameters? = nil,
    dailyRealizedLoss: DailyRealizedLoss.Parameters? = nil,
    dailyUnrealizedLoss: DailyUnrealizedLoss.Parameters? = nil,
    maxUnrealizedProfit: MaxUnrealizedProfit.Parameters? = nil,
    tradeFrequencyLimit: TradeFrequencyLimit.Parameters? = nil,
    cooldownAfterLoss: CooldownAfterLoss.Parameters? = nil,
    noStopLossGrace: NoStopLossGrace.Parameters? = nil,
    sessionBlockOutside: SessionBlockOutside.Parameters? = nil,
    authLossGuard: AuthLossGuard.Parameters? = nil,
    symbolBlocks: SymbolBlocks.Parameters? = nil,
    tradeManagement: TradeManagement.Parameters? = nil,
    dailyRealizedProfit: DailyRealizedProfit.Parameters? = nil,
    breachResponse: BreachResponse = .own,
    markPrice: MarkPrice = .last,
    tradingDay: TradingDayRule = .standard,
    staleThreshold: TimeSpan = .seconds(120),
    marketHours: MarketHours = .standard,
    failClosed: FailClosedAction = .noNewExposure,
    absurdPrint: AbsurdPrintFilter = .standard
  ) {
    self.maxContracts = maxContracts
    self.maxContractsPerInstrument = maxContractsPerInstrument
    self.dailyRealizedLoss = dailyRealizedLoss
    self.dailyUnrealizedLoss = dailyUnrealizedLoss
    self.maxUnrealizedProfit = maxUnrealizedProfit
    self.tradeFrequencyLimit = tradeFrequencyLimit
    self.cooldownAfterLoss = cooldownAfterLoss
    self.noStopLossGrace = noStopLossGrace
    self.sessionBlockOutside = sessionBlockOutside
    self.authLossGuard = authLossGuard
    self.symbolBlocks = symbolBlocks
    self.tradeManagement = tradeManagement
    self.dailyRealizedProfit = dailyRealizedProfit
    self.breachResponse = breachResponse
    self.markPrice = markPrice
    self.tradingDay = tradingDay
    self.staleThreshold = staleThreshold
    self.marketHours = marketHours
    self.failClosed = failClosed
    self.absurdPrint = absurdPrint
  }
}

extension RiskConfiguration {
  /// The rules that the configuration enables, in the order of their numbers.
  package var enabledRules: [RuleID] {
    [
      maxContracts.map { _ in .maxContracts },
      maxContractsPerInstrument.map { _ in .maxContractsPerInstrument },
      dailyRealizedLoss.map { _ in .dailyRealizedLoss },
      dailyUnrealizedLoss.map { _ in .dailyUnrealizedLoss },
      maxUnrealizedProfit.map { _ in .maxUnrealizedProfit },
      tradeFrequencyLimit.map { _ in .tradeFrequencyLimit },
      cooldownAfterLoss.map { _ in .cooldownAfterLoss },
      noStopLossGrace.map { _ in .noStopLossGrace },
      sessionBlockOutside.map { _ in .sessionBlockOutside },
      authLossGuard.map { _ in .authLossGuard },
      symbolBlocks.map { _ in .symbolBlocks },
      tradeManagement.map { _ in .tradeManagement },
      dailyRealizedProfit.map { _ in .dailyRealizedProfit },
    ].compactMap { $0 }
  }
}

extension MarketHours: StartsEmpty {}

/// What a breach leads to.
package enum BreachResponse: String, Sendable, StartsEmpty {
  /// What the rule itself says.
  case own
  /// Strict mode: whatever the rule, everything is closed and the account stays locked until an
  /// administrator ends it.
  case lockForGood = "lock_for_good"

  package init() { self = .own }
}

/// The price at which open positions are valued.
package enum MarkPrice: String, Sendable, Codable, CaseIterable {
  /// The last trade, else the midpoint of bid and ask.
  case last
  /// The midpoint of bid and ask, else the last trade.
  case mid
  /// Longs at the bid, shorts at the ask, else the last trade.
  case conservative
}

/// What happens to an account whose rules cannot be evaluated.
package enum FailClosedAction: String, Sendable, Codable, CaseIterable {
  case noNewExposure = "no_new_exposure"
  case flatten
  case alert
}

/// One print far from the last mark does not act alone.
///
/// A mark that is more than `ticks` ticks *and* more than `perMille`/1000 of the price away needs a
/// second quote or an agreeing bid and ask, for at most `wait`.
package struct AbsurdPrintFilter: Equatable, Sendable, Codable {
  package var ticks: Int64
  package var perMille: Int64
  package var wait: TimeSpan

  package init(ticks: Int64, perMille: Int64, wait: TimeSpan) {
    self.ticks = ticks
    self.perMille = perMille
    self.wait = wait
  }

  package static let standard = AbsurdPrintFilter(ticks: 20, perMille: 3, wait: .milliseconds(500))
}
