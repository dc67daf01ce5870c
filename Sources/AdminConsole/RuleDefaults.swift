package import RiskModel

/// The rules as they are shipped in config/risk_config.yaml, for a reset.
package enum RuleDefaults {
  /// The keys of a rule's block with their values; empty for a rule that the shipped file leaves out.
  package static func values(of rule: RuleID) -> [(key: String, value: String)] {
    switch rule {
    case .maxContracts:
      [("enabled", "true"), ("limit", "5"), ("count_type", "net"), ("enforcement", "close_all")]
    case .maxContractsPerInstrument:
      [
        ("enabled", "true"), ("limits.MNQ", "2"), ("limits.NQ", "1"), ("limits.ES", "1"),
        ("limits.MES", "3"), ("enforcement", "reduce_to_limit"),
        ("unknown_symbol_action", "block"),
      ]
    case .dailyRealizedLoss:
      [
        ("enabled", "true"), ("loss_limit", "500.00"), ("action", "CLOSE_ALL_AND_LOCKOUT"),
        ("lockout_until", "daily_reset"), ("combined", "false"), ("include_fees", "false"),
      ]
    case .dailyUnrealizedLoss:
      [
        ("enabled", "true"), ("loss_limit", "300.00"), ("scope", "per_position"),
        ("action", "CLOSE_POSITION"),
      ]
    case .maxUnrealizedProfit:
      [
        ("enabled", "true"), ("mode", "profit_target"), ("profit_target", "1000.00"),
        ("scope", "per_position"),
      ]
    case .tradeFrequencyLimit:
      [
        ("enabled", "true"), ("max_trades", "30"), ("time_window_minutes", "60"),
        ("count_by", "execution"),
      ]
    case .cooldownAfterLoss:
      [
        ("enabled", "true"), ("loss_threshold", "100.00"), ("cooldown_seconds", "300"),
        ("aggregate_by_order", "false"),
      ]
    case .noStopLossGrace:
      [
        ("enabled", "true"), ("grace_period_seconds", "30"), ("require_full_coverage", "false"),
      ]
    case .sessionBlockOutside:
      [
        ("enabled", "true"), ("allowed_hours.start", "08:30"), ("allowed_hours.end", "15:00"),
        ("timezone", "America/Chicago"), ("action", "CLOSE_ALL_AND_LOCKOUT"),
        ("allowed_days", "[0, 1, 2, 3, 4]"), ("respect_holidays", "true"),
      ]
    case .authLossGuard:
      [("enabled", "true"), ("auto_unlock_on_restore", "true")]
    case .symbolBlocks:
      [("enabled", "true"), ("blocked_symbols", "[RTY]"), ("close_existing", "true")]
    case .tradeManagement:
      [
        ("enabled", "false"), ("auto_stop_loss", "false"), ("stop_loss_ticks", "10"),
        ("auto_breakeven.enabled", "false"), ("auto_breakeven.profit_trigger_ticks", "10"),
        ("auto_breakeven.offset_ticks", "0"), ("trailing_stop.enabled", "false"),
        ("trailing_stop.activation_ticks", "20"), ("trailing_stop.trail_distance_ticks", "10"),
        ("trailing_stop.update_frequency", "1"),
      ]
    case .dailyRealizedProfit, .failClosed: []
    }
  }

  /// Brings the block of a rule back to its shipped values. Keys that the shipped file does not have
  /// go; comments stay where they are.
  package static func reset(_ entry: RuleEntry, in edit: inout YAMLEdit) throws(YAMLEditError) {
    let rule = "rules.\(entry.rule.key)"
    let shipped = values(of: entry.rule)
    guard !shipped.isEmpty else {
      if !entry.fields.isEmpty { try edit.remove(YAMLPath(rule)) }
      return
    }
    for (key, value) in shipped {
      let path = try YAMLPath("\(rule).\(key)")
      let old = try edit.value(at: path)
      // What says the same already keeps its own spelling.
      guard old.map(YAMLText.bare) != value else { continue }
      try edit.set(path, to: YAMLText.value(value, like: old))
    }
    for key in extraKeys(entry, shipped.map(\.key)) {
      try edit.remove(YAMLPath("\(rule).\(key)"))
    }
  }

  /// The topmost keys of the block that the shipped one does not have.
  static func extraKeys(_ entry: RuleEntry, _ shipped: [String]) -> [String] {
    var extra: [String] = []
    for field in entry.fields where field.isSet && !shipped.contains(field.key) {
      var key = field.key.prefix { $0 != "[" }
      while let dot = key.lastIndex(of: "."),
        !shipped.contains(where: { $0.hasPrefix(key[..<dot] + ".") })
      {
        key = key[..<dot]
      }
      if !extra.contains(String(key)) { extra.append(String(key)) }
    }
    return extra
  }
}
