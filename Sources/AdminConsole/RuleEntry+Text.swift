import RiskModel

extension RuleEntry {
  /// What the rule watches for, in few words; `-` where the file does not say.
  package var limit: String {
    switch rule {
    case .maxContracts: words("limit", "count_type") { "\($0) \($1)" }
    case .maxContractsPerInstrument: map("limits")
    case .dailyRealizedLoss: words("loss_limit") { "\(money($0)) a day" }
    case .dailyUnrealizedLoss: words("loss_limit", "scope") { "\(money($0)) \(span($1))" }
    case .maxUnrealizedProfit:
      value("mode") == "breakeven"
        ? "back at entry" : words("profit_target", "scope") { "\(money($0)) \(span($1))" }
    case .tradeFrequencyLimit:
      words("max_trades", "time_window_minutes") { "\($0) in \($1) min" }
    case .cooldownAfterLoss: words("loss_threshold") { "\(money($0)) a trade" }
    case .noStopLossGrace: words("grace_period_seconds") { "\($0) s" }
    case .sessionBlockOutside:
      words("allowed_hours.start", "allowed_hours.end") { "\($0)-\($1)" }
    case .symbolBlocks: words("blocked_symbols") { $0.filter { !"[]".contains($0) } }
    case .tradeManagement: words("stop_loss_ticks") { "\($0) ticks" }
    case .dailyRealizedProfit: words("target") { "\(money($0)) a day" }
    case .authLossGuard, .failClosed: "-"
    }
  }

  /// What the rule then does, in the words of the file where it has them.
  package var action: String {
    switch rule {
    case .maxContracts, .maxContractsPerInstrument:
      value("enforcement").flatMap { $0 == "not set" ? nil : $0 } ?? "close_all"
    case .dailyRealizedLoss, .dailyUnrealizedLoss, .sessionBlockOutside: words("action") { $0 }
    case .maxUnrealizedProfit, .noStopLossGrace: "CLOSE_POSITION"
    case .tradeFrequencyLimit: "no new positions"
    case .cooldownAfterLoss: words("cooldown_seconds") { "\($0) s break" }
    case .authLossGuard, .dailyRealizedProfit: "CLOSE_ALL_AND_LOCKOUT"
    case .symbolBlocks: "close and cancel"
    case .tradeManagement: "stops only"
    case .failClosed: "-"
    }
  }

  private func words(_ key: String, _ text: (String) -> String) -> String {
    guard let value = value(key), value != "not set" else { return "-" }
    return text(value)
  }

  private func words(
    _ first: String, _ second: String, _ text: (String, String) -> String
  ) -> String {
    words(first) { one in words(second) { two in text(one, two) } }
  }

  /// A loss may be written with either sign.
  private func money(_ amount: String) -> String {
    "$" + (amount.hasPrefix("-") ? String(amount.dropFirst()) : amount)
  }

  private func span(_ scope: String) -> String { scope == "total" ? "in all" : "each" }

  private func map(_ key: String) -> String {
    let parts = fields.filter { $0.key.hasPrefix(key + ".") }.map { field in
      "\(field.key.dropFirst(key.count + 1)) \(field.value)"
    }
    return parts.isEmpty ? "-" : parts.joined(separator: ", ")
  }
}
