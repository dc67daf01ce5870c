import RiskModel
import RiskTestKit
import SimulatedVenue

/// One account for every rule, each with its own rule alone.
enum RuleStage {
  private static let keys = [
    "max_contracts", "max_contracts_per_instrument", "daily_realized_loss",
    "daily_unrealized_loss", "max_unrealized_profit", "trade_frequency_limit",
    "cooldown_after_loss", "no_stop_loss_grace", "session_block_outside", "auth_loss_guard",
    "symbol_blocks", "trade_management",
  ]

  static func account(_ rule: RuleID) -> AccountID {
    AccountID(1_000 + (Int64(rule.rawValue.suffix(2)) ?? 0))
  }

  /// What is written under an account's `rules`, as one line of YAML.
  static let own: [(rule: RuleID, key: String, values: String)] = [
    (.maxContracts, "max_contracts", "limit: 2"),
    (
      .maxContractsPerInstrument, "max_contracts_per_instrument",
      "limits: {MNQ: 2}, unknown_symbol_action: allow_unlimited"
    ),
    (.dailyRealizedLoss, "daily_realized_loss", "loss_limit: 200.00"),
    (.dailyUnrealizedLoss, "daily_unrealized_loss", "loss_limit: 300.00"),
    (.maxUnrealizedProfit, "max_unrealized_profit", "profit_target: 1000.00"),
    (.tradeFrequencyLimit, "trade_frequency_limit", "max_trades: 2, time_window_minutes: 60"),
    (.cooldownAfterLoss, "cooldown_after_loss", "loss_threshold: 100.00, cooldown_seconds: 300"),
    (.noStopLossGrace, "no_stop_loss_grace", "grace_period_seconds: 2"),
    (
      .sessionBlockOutside, "session_block_outside",
      "allowed_hours: {start: \"\(closedHours.start)\", end: \"\(closedHours.end)\"}, "
        + "respect_holidays: false"
    ),
    (.authLossGuard, "auth_loss_guard", ""),
    (.symbolBlocks, "symbol_blocks", "blocked_symbols: [RTY]"),
    (.tradeManagement, "trade_management", "auto_stop_loss: true, stop_loss_ticks: 40"),
    (.dailyRealizedProfit, "daily_realized_profit", "target: 200.00"),
  ]

  /// An hour of the day that is not now.
  private static var closedHours: (start: String, end: String) {
    let now = TimeZoneRule.chicago.localTime(of: StageClock.now()).time
    return now.secondsSinceMidnight < 12 * 3_600 ? ("18:00", "19:00") : ("05:00", "06:00")
  }

  static var options: StageOptions {
    var options = StageOptions()
    options.venue.accounts = own.map {
      TradingAccount(id: account($0.rule), name: "SIM-\(account($0.rule))")
    }
    // Thirteen accounts in half a minute are more than the venue would take of one user.
    options.ignoresRequestLimit()
    options.accounts =
      "accounts:\n"
      + own.map { rule, key, values in
        var text =
          "  - account_id: \(account(rule))\n    name: \"SIM-\(account(rule))\"\n    rules:\n"
        for other in keys where other != key { text += "      \(other): {enabled: false}\n" }
        let rest = values.isEmpty ? "" : ", \(values)"
        return text + "      \(key): {enabled: true\(rest)}\n"
      }.joined()
    return options
  }
}

extension RiskdStage {
  /// The rules whose targets on an account were proven at the venue, by the log.
  func provenRules(_ account: AccountID) -> Set<String> {
    let proven = Set(logLines("Target proven at the venue").compactMap { value("target", in: $0) })
    return Set(
      logLines("Target adopted").compactMap { line in
        guard value("account", in: line) == "\(account)", let target = value("target", in: line),
          proven.contains(target)
        else { return nil }
        return value("rule", in: line)
      })
  }

  private func value(_ key: String, in line: String) -> String? {
    line.split(separator: " ").first { $0.hasPrefix("\(key)=") }.map {
      String($0.dropFirst(key.count + 1))
    }
  }

  /// How often an operation was asked for on an account.
  func asked(_ operation: GatewayOperation, _ account: AccountID) -> Int {
    changes(account).count { $0.path == operation.path }
  }
}
