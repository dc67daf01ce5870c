import Testing

/// One key of the configuration with a value that is right and values that are not.
struct KeySample: Sendable, CustomTestStringConvertible {
  enum File: String, Sendable, CaseIterable {
    case main = "config/config.yaml"
    case rules = "config/risk_config.yaml"
    case accounts = "config/accounts.yaml"
    case monitoring = "config/monitoring.yaml"
    case logging = "config/logging.yaml"
    case holidays = "config/holidays.yaml"

    /// A document that is right, without the key.
    var tree: ConfigurationTree {
      var tree = ConfigurationTree.block([])
      for (path, value) in base { tree.set(path, to: value) }
      return tree
    }

    private var base: [(String, String)] {
      switch self {
      case .main:
        [
          ("api.baseUrl", "http://127.0.0.1:8080"),
          ("signalr.userHub.url", "http://127.0.0.1:8080/hubs/user"),
          ("signalr.marketHub.url", "ws://localhost:8080/hubs/market"),
          ("development.devMode", "true"), ("development.testing.useMockApi", "true"),
        ]
      case .rules:
        [
          "max_contracts", "max_contracts_per_instrument", "daily_realized_loss",
          "daily_unrealized_loss", "max_unrealized_profit", "symbol_blocks",
          "trade_frequency_limit", "cooldown_after_loss", "no_stop_loss_grace",
          "session_block_outside", "auth_loss_guard", "trade_management",
        ].map { ("rules.\($0).enabled", "false") }
      case .accounts: [("accounts.0.account_id", "1001"), ("accounts.0.name", "SIM-50K-1001")]
      case .monitoring: [("monitoring.enabled", "true")]
      case .logging: [("logging.level", "INFO")]
      case .holidays: [("holidays", "[2026-12-25]")]
      }
    }
  }

  var file: File
  /// With the places of lists as numbers.
  var path: String
  var right: String
  /// Of a wrong type; then of the right type and out of range, or a word that is none of its words.
  var wrong: [String]
  /// What else has to be there.
  var with: [String] = []
  /// A key of the document that this one is another name of.
  var replaced: String?
  /// Whether anything else is refused: the key says what riskd does and changes nothing.
  var isOnlyValue = false

  var testDescription: String { "\(file.rawValue) \(path)" }

  /// The path as messages have it.
  var key: String {
    path.split(separator: ".").reduce("") { text, part in
      if Int(part) != nil { return "\(text)[\(part)]" }
      return text.isEmpty ? String(part) : "\(text).\(part)"
    }
  }

  var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
  var name: String { path.split(separator: ".").last.map(String.init) ?? path }

  /// The document with the key, written as given.
  func document(_ value: String, as path: String? = nil) -> String {
    var tree = file.tree
    if let replaced { tree.remove(replaced) }
    for other in with {
      let parts = other.split(separator: "=", maxSplits: 1)
      tree.set(String(parts[0]), to: String(parts[1]))
    }
    tree.set(path ?? self.path, to: value)
    return tree.text
  }
}

/// The samples of one block of keys.
struct KeyBlock {
  var file: KeySample.File
  var section: String
  var with: [String] = []

  private func sample(_ name: String, _ right: String, _ wrong: [String]) -> KeySample {
    KeySample(
      file: file, path: section.isEmpty ? name : "\(section).\(name)", right: right, wrong: wrong,
      with: with)
  }

  func flags(_ names: String..., be right: Bool = true) -> [KeySample] {
    names.map { sample($0, "\(right)", ["soon", "[true]", "\"true\"", "1"]) }
  }

  /// A switch of which only one position exists.
  func fixed(_ name: String, _ right: Bool) -> [KeySample] {
    var sample = sample(name, "\(right)", ["soon", "\(!right)"])
    sample.isOnlyValue = true
    return [sample]
  }

  /// A word of which there is one, or a number.
  func only(_ name: String, _ right: String, not wrong: String...) -> [KeySample] {
    var sample = sample(name, right, ["[\(right)]", "nonsense"] + wrong)
    sample.isOnlyValue = true
    return [sample]
  }

  func whole(_ name: String, _ range: ClosedRange<Int64>, _ right: Int64) -> [KeySample] {
    [
      sample(
        name, "\(right)",
        [
          "soon", "\"\(right)\"", "[\(right)]", "\(range.lowerBound - 1)",
          "\(range.upperBound + 1)",
        ]
      )
    ]
  }

  func decimal(_ name: String, _ right: String, outside: String...) -> [KeySample] {
    [sample(name, right, ["soon", "[1]", "0.12345"] + outside)]
  }

  func word(_ name: String, _ words: String...) -> [KeySample] {
    words.map { sample(name, $0, ["[\($0)]", "nonsense"]) }.prefix(1).map(\.self)
  }

  func text(_ name: String, _ right: String) -> [KeySample] {
    [sample(name, right, ["[\(right)]", "{a: 1}", String(repeating: "x", count: 257)])]
  }

  func value(_ name: String, _ right: String, not wrong: String...) -> [KeySample] {
    [sample(name, right, ["{a: 1}"] + wrong)]
  }

  /// A list with one element that is wrong.
  func list(_ name: String, _ right: String, not wrong: String...) -> [KeySample] {
    [sample(name, "[\(right)]", ["soon", "{a: 1}"] + wrong.map { "[\(right), \($0)]" })]
  }
}
