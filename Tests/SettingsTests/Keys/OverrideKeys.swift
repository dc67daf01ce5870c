/// Keys that stand in further places: every rule's in an account's own rules, and the hours of a
/// symbol. The page of the keys names them once.
enum OverrideKeys {
  static let samples = sessions + accounts

  private static let symbol = "rules.session_block_outside.per_instrument_sessions.sessions.MNQ"

  private static func symbol(with: String...) -> KeyBlock {
    KeyBlock(file: .rules, section: symbol, with: with.map { "\(symbol).\($0)" })
  }

  private static let sessions: [KeySample] =
    symbol(with: "end=\"15:00\"").value("start", "\"17:00\"", not: "soon", "\"24:30\"", "[1]")
    + symbol(with: "start=\"17:00\"").value("end", "\"15:00\"", not: "soon", "\"15:61\"", "17")
    + symbol(with: "start=\"17:00\"", "end=\"15:00\"").value(
      "timezone", "America/New_York", not: "Chicago", "[1]")

  private static let place = "accounts.0."

  /// The rule is off for the account, so that the key stands alone here too.
  private static let accounts: [KeySample] = (RuleKeys.samples + sessions).compactMap { sample in
    let parts = sample.path.split(separator: ".")
    guard parts.first == "rules", parts.count > 2 else { return nil }
    var moved = sample
    moved.file = .accounts
    moved.path = place + sample.path
    moved.with =
      ["\(place)rules.\(parts[1]).enabled=false"] + sample.with.map { place + $0 }
    return moved
  }
}
