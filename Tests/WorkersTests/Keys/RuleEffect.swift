import RiskModel
import RiskRules
import RiskTestKit
import Settings
import Testing

/// One key of the rules in two positions, and something that happens to an account. What the engine
/// decides about it has to differ.
struct RuleEffect: Sendable, CustomTestStringConvertible {
  /// What is written of a configuration.
  struct Written: Sendable {
    /// The block of a rule, as one line of YAML.
    var block: String
    var global = "{}"
    /// Lines at the end of config.yaml, and within its `signalr`.
    var main = ""
    var streams = ""
    var holidays: String?
  }

  var key: String
  var rule: String
  var one: Written
  var other: Written
  var play: @Sendable (inout EngineScene) -> Void

  var testDescription: String { key }

  /// As Tests/keys.tsv has it.
  var entry: String {
    if key.hasPrefix("rules.") || key.hasPrefix("global.") { return "risk_config.yaml \(key)" }
    let isMain = key.hasPrefix("system.") || key.hasPrefix("signalr.")
    return (isMain ? "config.yaml " : "holidays.yaml ") + key
  }

  /// A key of a rule's block.
  init(
    _ rule: String, _ key: String, _ one: String, _ other: String,
    play: @escaping @Sendable (inout EngineScene) -> Void
  ) {
    self.key = "rules.\(rule).\(key)"
    self.rule = rule
    self.one = Written(block: one)
    self.other = Written(block: other)
    self.play = play
  }

  /// A key of another place, with a rule that it changes.
  init(
    _ key: String, _ rule: String, _ one: Written, _ other: Written,
    play: @escaping @Sendable (inout EngineScene) -> Void
  ) {
    self.key = key
    self.rule = rule
    self.one = one
    self.other = other
    self.play = play
  }

  static let rules = [
    "max_contracts", "max_contracts_per_instrument", "daily_realized_loss",
    "daily_unrealized_loss", "max_unrealized_profit", "trade_frequency_limit",
    "cooldown_after_loss", "no_stop_loss_grace", "session_block_outside", "auth_loss_guard",
    "symbol_blocks", "trade_management", "daily_realized_profit",
  ]

  /// What the engine decides under a configuration that was written and read.
  func decisions(_ written: Written) throws -> [String] {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    var text = "global: \(written.global)\nrules:\n"
    for name in Self.rules where name != "daily_realized_profit" || rule == name {
      text += "  \(name): \(rule == name ? written.block : "{enabled: false}")\n"
    }
    try root.write("config/risk_config.yaml", text)
    try root.write("config/config.yaml", try root.text("config/config.yaml") + written.main)
    try root.replace(
      "  reconnection:\n", with: "\(written.streams)  reconnection:\n", in: "config/config.yaml")
    if let holidays = written.holidays { try root.write("config/holidays.yaml", holidays) }
    let account = try #require(try root.settings().0.accounts.first)
    var scene = EngineScene(account.rules)
    play(&scene)
    return scene.history.compactMap(Self.decision)
  }

  /// What changes something; what is only said does not count.
  private static func decision(_ effect: Effect) -> String? {
    switch effect {
    case .adopt(let target): "adopt \(target.goal) \(target.end)"
    case .amend(let target): "amend \(target.goal)"
    case .end(_, let ending): "end \(ending)"
    case .query(_, let query): "ask \(query)"
    case .breach(let breach):
      if case .outsideSession(_, let opens) = breach.reason {
        "breach at \(breach.at), open at \(opens.map { "\($0)" } ?? "no time")"
      } else {
        "breach at \(breach.at)"
      }
    case .dailyReset(_, let date, _): "reset \(date)"
    default: nil
    }
  }
}
