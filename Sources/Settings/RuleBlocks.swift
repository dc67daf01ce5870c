import RiskModel
import RiskRules

/// The rules that this version can load, as read from one set of blocks.
struct LoadedRules {
  var maxContracts: MaxContracts.Parameters?
  var maxContractsPerInstrument: MaxContractsPerInstrument.Parameters?
  var dailyRealizedLoss: DailyRealizedLoss.Parameters?
  var dailyUnrealizedLoss: DailyUnrealizedLoss.Parameters?
  var maxUnrealizedProfit: MaxUnrealizedProfit.Parameters?
  var symbolBlocks: SymbolBlocks.Parameters?

  /// Rules that cannot work without quotes.
  var needingQuotes: [RuleID] {
    var rules: [RuleID] = []
    if dailyRealizedLoss?.combined == true { rules.append(.dailyRealizedLoss) }
    if dailyUnrealizedLoss != nil { rules.append(.dailyUnrealizedLoss) }
    if maxUnrealizedProfit != nil { rules.append(.maxUnrealizedProfit) }
    return rules
  }
}

/// The blocks below `rules`, by rule.
struct RuleBlocks {
  /// The twelve rules whose blocks must be there.
  static let specified = RuleID.allCases.filter { $0 != .failClosed && $0 != .dailyRealizedProfit }
  static let all = specified + [.dailyRealizedProfit]

  private var blocks: [RuleID: Section] = [:]
  let findings: Findings

  /// Takes the blocks of a `rules` section; keys that are no rules are problems.
  init(_ rules: Section) {
    findings = rules.findings
    for rule in RuleBlocks.all {
      blocks[rule] = rules.nestedSection(rule.key)
    }
    rules.finish()
  }

  func reportMissing(below place: Place) {
    for rule in RuleBlocks.specified where blocks[rule] == nil {
      findings.problem(
        place.child(rule.key), "the block is missing",
        "add it, with enabled: false where the rule is not wanted")
    }
  }

  /// These blocks with single keys replaced by another file's.
  func overlaid(by other: RuleBlocks) -> RuleBlocks {
    var copy = self
    copy.blocks.merge(other.blocks) { $0.overlaid(by: $1) }
    return copy
  }

  /// Reads every block, those of rules that are not enabled too.
  func read() -> LoadedRules {
    for rule in LaterRules.rules {
      if let block = blocks[rule] { LaterRules.check(rule, block) }
    }
    return LoadedRules(
      maxContracts: read(.maxContracts) { $0.maxContracts() },
      maxContractsPerInstrument: read(.maxContractsPerInstrument) {
        $0.maxContractsPerInstrument()
      },
      dailyRealizedLoss: read(.dailyRealizedLoss) { $0.dailyRealizedLoss() },
      dailyUnrealizedLoss: read(.dailyUnrealizedLoss) { $0.dailyUnrealizedLoss() },
      maxUnrealizedProfit: read(.maxUnrealizedProfit) { $0.maxUnrealizedProfit() },
      symbolBlocks: read(.symbolBlocks) { $0.symbolBlocks() })
  }

  /// The rules that are switched off, for a notice.
  var disabled: [RuleID] {
    RuleBlocks.specified.filter { rule in
      guard let block = blocks[rule] else { return true }
      return block.optional("enabled", .boolean).value != true
    }
  }

  private func read<Parameters>(
    _ rule: RuleID, _ body: (Section) -> Parameters?
  ) -> Parameters? {
    guard let block = blocks[rule] else { return nil }
    defer { block.finish() }
    return body(block)
  }
}
