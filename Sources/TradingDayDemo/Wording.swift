import RiskModel

/// Numbers and names as traders write them.
enum Wording {
  /// The exchange's spelling of a root: ES for the venue's EP.
  static func symbol(_ root: SymbolRoot) -> String {
    SymbolRoot.aliases.first { $0.value == root.text }?.key ?? root.text
  }

  static func symbol(_ contract: ContractID) -> String { symbol(contract.root) }

  /// With at least two decimal places: `21000.00`.
  static func price(_ price: Price) -> String {
    let text = price.description
    guard let point = text.firstIndex(of: ".") else { return text + ".00" }
    let places = text.distance(from: point, to: text.endIndex) - 1
    return text + String(repeating: "0", count: max(0, 2 - places))
  }

  /// With its sign: `+12.50`.
  static func signed(_ money: Money) -> String {
    money > .zero ? "+\(money)" : "\(money)"
  }

  static func holding(_ position: Position) -> String {
    let symbol = symbol(position.contract)
    if position.isFlat { return "flat in \(symbol)" }
    return "\(position.signedSize > 0 ? "long" : "short") \(position.size) \(symbol)"
  }

  static func order(_ order: Order) -> String {
    let start = "\(order.side.rawValue) \(order.size) \(symbol(order.contract))"
    if let limit = order.limitPrice { return "\(start) at \(price(limit)) or better" }
    if let stop = order.stopPrice { return "\(start) at a stop of \(price(stop))" }
    return "\(start) at the market"
  }

  /// One decimal place: `0.6 ms`.
  static func milliseconds(microseconds: Int64) -> String {
    let tenths = (microseconds + 50) / 100
    return "\(tenths / 10).\(tenths % 10) ms"
  }

  static func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A sentence of riskd's with the names that traders use: contract ids and the venue's roots
  /// become symbols.
  static func plain(_ sentence: String) -> String {
    sentence.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let core = word.prefix { $0.isLetter || $0.isNumber || $0 == "." }
      let name = core.hasSuffix(".") ? core.dropLast() : core
      let rest = word.dropFirst(name.count)
      if name.hasPrefix("CON.") { return symbol(ContractID(String(name))) + rest }
      guard SymbolRoot.aliases.values.contains(String(name)) else { return String(word) }
      return symbol(SymbolRoot(String(name))) + rest
    }.joined(separator: " ")
  }
}
