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
  package var symbolBlocks: SymbolBlocks.Parameters?
  package var markPrice: MarkPrice
  package var tradingDay: TradingDayRule
  /// How long a held contract may be without a new mark in an open market.
  package var staleThreshold: TimeSpan
  package var failClosed: FailClosedAction
  package var absurdPrint: AbsurdPrintFilter

  package init(
    maxContracts: MaxContracts.Parameters? = nil,
    maxContractsPerInstrument: MaxContractsPerInstrument.Parameters? = nil,
    dailyRealizedLoss: DailyRealizedLoss.Parameters? = nil,
    dailyUnrealizedLoss: DailyUnrealizedLoss.Parameters? = nil,
    maxUnrealizedProfit: MaxUnrealizedProfit.Parameters? = nil,
    symbolBlocks: SymbolBlocks.Parameters? = nil,
    markPrice: MarkPrice = .last,
    tradingDay: TradingDayRule = .standard,
    staleThreshold: TimeSpan = .seconds(120),
    failClosed: FailClosedAction = .noNewExposure,
    absurdPrint: AbsurdPrintFilter = .standard
  ) {
    self.maxContracts = maxContracts
    self.maxContractsPerInstrument = maxContractsPerInstrument
    self.dailyRealizedLoss = dailyRealizedLoss
    self.dailyUnrealizedLoss = dailyUnrealizedLoss
    self.maxUnrealizedProfit = maxUnrealizedProfit
    self.symbolBlocks = symbolBlocks
    self.markPrice = markPrice
    self.tradingDay = tradingDay
    self.staleThreshold = staleThreshold
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
      symbolBlocks.map { _ in .symbolBlocks },
    ].compactMap { $0 }
  }
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
