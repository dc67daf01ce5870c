import RiskModel
import RiskRules

/// The blocks of the rules that count contracts or name symbols.
extension Section {
  /// No account of the venue may hold this many contracts; a larger limit is a slip.
  static let contracts: ClosedRange<Int64> = 1...100_000

  func maxContracts() -> MaxContracts.Parameters? {
    let enabled = required("enabled", .boolean)
    let limit = required("limit", .integer(Section.contracts), if: enabled.value == true)
    let counting = value("count_type", .oneOf(MaxContracts.Counting.self), default: .net)
    let action = maxContractsAction()
    fixed("lockout_on_breach", false, because: "this version never locks for this rule")
    fixed(
      "reduce_whole_positions", false,
      because: "this version closes exactly the excess, newest position first")
    guard enabled.value == true, let limit = limit.value else { return nil }
    return MaxContracts.Parameters(limit: limit, counting: counting.value, action: action)
  }

  /// `enforcement`, or the two switches that say the same.
  private func maxContractsAction() -> MaxContracts.Action {
    let stated = optional("enforcement", .oneOf(MaxContracts.Action.self))
    let closeAll = optional("close_all", .boolean)
    let reduce = optional("reduce_to_limit", .boolean)
    var switched: MaxContracts.Action?
    switch (closeAll.value, reduce.value) {
    case (true?, true?):
      findings.problem(
        reduce.place, "is true, and close_all is true as well", "set one of the two to false")
    case (_, true?): switched = .reduceToLimit
    case (true?, _): switched = .closeAll
    case (false?, _) where stated.value != .reduceToLimit:
      findings.problem(
        closeAll.place, "is false, and no other action is chosen", "set reduce_to_limit: true")
    default: break
    }
    if let wanted = stated.value, let switched, wanted != switched {
      findings.problem(
        stated.place, "is \(quoted(wanted.rawValue)), and a switch beside it says otherwise",
        "keep enforcement alone")
    }
    return stated.value ?? switched ?? .closeAll
  }

  func maxContractsPerInstrument() -> MaxContractsPerInstrument.Parameters? {
    let enabled = required("enabled", .boolean)
    let unknown = value("unknown_symbol_action", .unknownSymbol, default: .block)
    let limits = symbolLimits("limits", isRequired: enabled.value == true)
    let action = value(
      "enforcement", .oneOf(MaxContractsPerInstrument.Action.self), default: .reduceToLimit)
    fixed("lockout_on_breach", false, because: "this version never locks for this rule")
    refused("instrument_limits", "write limits")
    refused("default_limit", "write unknown_symbol_action: allow_with_limit:N")
    guard enabled.value == true else { return nil }
    switch unknown.value {
    case .block:
      findings.notice(unknown.place, "is block: positions in other symbols are closed at once")
    case .allowWithLimit(let limit):
      findings.notice(unknown.place, "other symbols may hold up to \(limit) contracts each")
    case .allowUnlimited:
      findings.notice(unknown.place, "is allow_unlimited: other symbols have no limit")
    }
    guard let limits else { return nil }
    return MaxContractsPerInstrument.Parameters(
      limits: limits, action: action.value, unknownSymbol: unknown.value)
  }

  private func symbolLimits(_ key: String, isRequired: Bool) -> [SymbolRoot: Int64]? {
    let missing = "write one line per symbol, such as MNQ: 2"
    guard let section = nestedSection(key) else {
      if isRequired, entry(key) == nil { findings.problem(place.child(key), "is missing", missing) }
      return nil
    }
    var limits: [SymbolRoot: (written: String, limit: Int64)] = [:]
    let entries = section.allEntries
    if isRequired, entries.isEmpty { findings.problem(section.place, "names no symbol", missing) }
    for (name, entry) in entries.prefix(Section.mostElements) {
      let form = ValueForm<Int64>.integer(Section.contracts, unit: "contracts")
      guard let root = symbol(name, at: entry.place), let limit = read(entry, form) else {
        continue
      }
      if let first = limits.updateValue((name, limit), forKey: root) {
        findings.problem(
          entry.place, "is the same symbol as \(first.written), which has a limit already",
          "keep one of the two")
      }
    }
    return limits.mapValues(\.limit)
  }

  func symbolBlocks() -> SymbolBlocks.Parameters? {
    let enabled = required("enabled", .boolean)
    let blocked = symbolList("blocked_symbols", isRequired: enabled.value == true)
    let closeExisting = value("close_existing", .boolean, default: true)
    ignored(
      "action", .word("CANCEL_ORDER"),
      because: "the rule closes the contract and cancels its orders")
    guard enabled.value == true, let blocked else { return nil }
    return SymbolBlocks.Parameters(blocked: blocked, closeExisting: closeExisting.value)
  }

  private func symbolList(_ key: String, isRequired: Bool) -> [SymbolRoot]? {
    guard let list = entry(key) else {
      if isRequired { findings.problem(place.child(key), "is missing", "list the symbols") }
      return nil
    }
    guard let elements = elements(of: list, "symbols") else { return nil }
    if isRequired, elements.isEmpty {
      findings.problem(list.place, "names no symbol", "list one, or set enabled: false")
    }
    var roots: [SymbolRoot] = []
    for element in elements {
      guard let written = read(element, .symbolText),
        let root = symbol(written, at: element.place)
      else { continue }
      if roots.contains(root) {
        findings.problem(
          element.place, "\(quoted(written)) is in the list already, perhaps by its other name",
          "keep one of the two")
      } else {
        roots.append(root)
      }
    }
    return roots
  }

  /// The root of a symbol in either spelling; the venue's spelling becomes a notice.
  func symbol(_ written: String, at place: Place) -> SymbolRoot? {
    guard let name = ValueForm.symbolText.read(ScalarText(text: written)) else {
      findings.problem(
        place, "\(quoted(written)) is not a symbol", "write \(ValueForm.symbolText.right)")
      return nil
    }
    let root = SymbolRoot(name)
    if root.text != name.uppercased() {
      findings.notice(place, "\(name) is \(root) at the venue")
    }
    return root
  }
}

extension ValueForm where Value == String {
  /// The venue's roots are letters and digits: `MNQ`, `6E`, `M2K`.
  static var symbolText: ValueForm {
    ValueForm(
      right: "the root of a symbol, such as MNQ",
      read: { scalar in
        let isRoot = scalar.text.utf8.allSatisfy { byte in
          switch byte {
          case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
          default: false
          }
        }
        return isRoot && (1...8).contains(scalar.text.utf8.count) ? scalar.text : nil
      })
  }
}

extension ValueForm where Value == MaxContractsPerInstrument.UnknownSymbol {
  static var unknownSymbol: ValueForm {
    ValueForm(
      right: "block, allow_with_limit:N or allow_unlimited",
      read: { scalar in
        switch scalar.text {
        case "block": return .block
        case "allow_unlimited": return .allowUnlimited
        default:
          let prefix = "allow_with_limit:"
          let number = ScalarText(text: String(scalar.text.dropFirst(prefix.count)))
          guard scalar.text.hasPrefix(prefix),
            let limit = ValueForm<Int64>.integer(Section.contracts).read(number)
          else { return nil }
          return .allowWithLimit(limit)
        }
      })
  }
}
