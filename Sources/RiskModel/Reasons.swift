/// The rules, by the number that operators and logs use.
package enum RuleID: String, Sendable, Codable, CaseIterable, Comparable {
  case maxContracts = "RULE-001"
  case maxContractsPerInstrument = "RULE-002"
  case dailyRealizedLoss = "RULE-003"
  case dailyUnrealizedLoss = "RULE-004"
  case maxUnrealizedProfit = "RULE-005"
  case tradeFrequencyLimit = "RULE-006"
  case cooldownAfterLoss = "RULE-007"
  case noStopLossGrace = "RULE-008"
  case sessionBlockOutside = "RULE-009"
  case authLossGuard = "RULE-010"
  case symbolBlocks = "RULE-011"
  case tradeManagement = "RULE-012"
  case dailyRealizedProfit = "RULE-013"
  /// Not a rule of the trader's: riskd cannot evaluate, so it stops new exposure.
  case failClosed = "SAFETY"

  /// The key of the rule in risk_config.yaml.
  package var key: String {
    switch self {
    case .maxContracts: "max_contracts"
    case .maxContractsPerInstrument: "max_contracts_per_instrument"
    case .dailyRealizedLoss: "daily_realized_loss"
    case .dailyUnrealizedLoss: "daily_unrealized_loss"
    case .maxUnrealizedProfit: "max_unrealized_profit"
    case .tradeFrequencyLimit: "trade_frequency_limit"
    case .cooldownAfterLoss: "cooldown_after_loss"
    case .noStopLossGrace: "no_stop_loss_grace"
    case .sessionBlockOutside: "session_block_outside"
    case .authLossGuard: "auth_loss_guard"
    case .symbolBlocks: "symbol_blocks"
    case .tradeManagement: "trade_management"
    case .dailyRealizedProfit: "daily_realized_profit"
    case .failClosed: "system.failClosed"
    }
  }

  package static func < (lhs: RuleID, rhs: RuleID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Why a rule fired, with the numbers that made it fire. The set is closed.
package enum BreachReason: Equatable, Sendable, Codable {
  case contractsAboveLimit(held: Int64, limit: Int64)
  case contractsAboveInstrumentLimit(root: SymbolRoot, held: Int64, limit: Int64)
  case symbolWithoutLimit(root: SymbolRoot, held: Int64)
  case dailyLossReached(realized: Money, open: Money?, limit: Money)
  case openLossReached(contract: ContractID?, open: Money, limit: Money)
  case openProfitReached(contract: ContractID?, open: Money, target: Money)
  case profitGivenBack(contract: ContractID, open: Money)
  case symbolBlocked(root: SymbolRoot)
  /// `seconds` is the length of the window, `nil` the trading day.
  case tradesAboveLimit(count: Int64, limit: Int64, seconds: Int64?)
  case lossOfTrade(contract: ContractID, loss: Money, threshold: Money)
  case noStopLoss(contract: ContractID, seconds: Int64)
  /// `root` is set where the symbol has hours of its own.
  case outsideSession(root: SymbolRoot?, opens: Instant?)
  case tradingWithdrawn
  case dailyProfitReached(realized: Money, open: Money?, target: Money)
  case stopWanted(contract: ContractID, by: StopCause)
  case cannotEvaluate(FailClosedCause)
  /// Locked by an earlier version, whose words these are.
  case lockedBefore(String)

  /// The stable code that logs, screens and tools use.
  package var code: String {
    switch self {
    case .contractsAboveLimit: "CONTRACTS_ABOVE_LIMIT"
    case .contractsAboveInstrumentLimit: "CONTRACTS_ABOVE_INSTRUMENT_LIMIT"
    case .symbolWithoutLimit: "SYMBOL_WITHOUT_LIMIT"
    case .dailyLossReached: "DAILY_LOSS_REACHED"
    case .openLossReached: "OPEN_LOSS_REACHED"
    case .openProfitReached: "OPEN_PROFIT_REACHED"
    case .profitGivenBack: "PROFIT_GIVEN_BACK"
    case .symbolBlocked: "SYMBOL_BLOCKED"
    case .tradesAboveLimit: "TRADES_ABOVE_LIMIT"
    case .lossOfTrade: "LOSS_OF_TRADE"
    case .noStopLoss: "NO_STOP_LOSS"
    case .outsideSession: "OUTSIDE_SESSION"
    case .tradingWithdrawn: "TRADING_WITHDRAWN"
    case .dailyProfitReached: "DAILY_PROFIT_REACHED"
    case .stopWanted: "STOP_WANTED"
    case .cannotEvaluate: "CANNOT_EVALUATE"
    case .lockedBefore: "LOCKED_BEFORE"
    }
  }

  /// One sentence for the trader.
  package var sentence: String {
    switch self {
    case .contractsAboveLimit(let held, let limit):
      return "You hold \(held) contracts; the limit is \(limit)."
    case .contractsAboveInstrumentLimit(let root, let held, let limit):
      return "You hold \(held) \(root); the limit for \(root) is \(limit)."
    case .symbolWithoutLimit(let root, let held):
      return "You hold \(held) \(root), for which no limit is set."
    case .dailyLossReached(let realized, let open, let limit):
      let openPart = open.map { " and \($0) open" } ?? ""
      return "Today's result is \(realized) realized\(openPart); the daily loss limit is \(limit)."
    case .openLossReached(let contract, let open, let limit):
      return "\(contract.map { "\($0) is" } ?? "All open positions are") at \(open); "
        + "the open loss limit is \(limit)."
    case .openProfitReached(let contract, let open, let target):
      return "\(contract.map { "\($0) is" } ?? "All open positions are") at +\(open); "
        + "the profit target is \(target)."
    case .profitGivenBack(let contract, let open):
      return "\(contract) was in profit and is back at \(open)."
    case .symbolBlocked(let root):
      return "\(root) is blocked."
    case .tradesAboveLimit(let count, let limit, let seconds):
      let window = seconds.map { "within \($0) s" } ?? "on this trading day"
      return "You made \(count) trades \(window); the limit is \(limit)."
    case .lossOfTrade(let contract, let loss, let threshold):
      return "A trade in \(contract) lost \(loss); from \(threshold) on you take a break."
    case .noStopLoss(let contract, let seconds):
      return "\(contract) has been open without a stop for \(seconds) s."
    case .outsideSession(let root, _):
      return "It is outside the trading hours\(root.map { " of \($0)" } ?? "")."
    case .tradingWithdrawn:
      return "The venue does not let the account trade."
    case .dailyProfitReached(let realized, let open, let target):
      let openPart = open.map { " and \($0) open" } ?? ""
      return "Well done: today's result is \(realized) realized\(openPart); the target of "
        + "\(target) is reached."
    case .stopWanted(let contract, let cause):
      return cause.sentence(contract)
    case .cannotEvaluate(let cause):
      return cause.sentence
    case .lockedBefore(let reason):
      return "The account was locked before: \(reason)"
    }
  }
}

/// Why riskd cannot evaluate the rules of an account.
package enum FailClosedCause: Equatable, Sendable, Codable {
  case evaluatorGone(seconds: Int64)
  case journalUnwritable
  case markMissing(contract: ContractID)
  /// What the account holds and has won or lost today is not known.
  case accountUnread

  var sentence: String {
    switch self {
    case .evaluatorGone(let seconds):
      "The rules have not been evaluated for \(seconds) s; no new positions until they are."
    case .journalUnwritable:
      "Decisions cannot be recorded; no new positions until they can."
    case .markMissing(let contract):
      "\(contract) is held without a price; no new positions until there is one."
    case .accountUnread:
      "The account cannot be read; no new positions until it has been."
    }
  }
}

/// Why a stop is wanted at a price.
package enum StopCause: String, Sendable, Codable {
  /// The position has no stop.
  case noStop
  /// The position is far enough in profit to lose nothing any more.
  case breakeven
  /// The stop follows the best price.
  case trailing

  func sentence(_ contract: ContractID) -> String {
    switch self {
    case .noStop: "\(contract) has no stop and gets one."
    case .breakeven: "The stop of \(contract) moves to where the position loses nothing."
    case .trailing: "The stop of \(contract) follows the price."
    }
  }
}
