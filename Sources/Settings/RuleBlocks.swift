import RiskModel
import RiskRules

/// The rules that this version can load, as read from one set of blocks.
struct LoadedRules {
  var maxContracts: MaxContracts.Parameters?
  var maxContractsPerInstrument: MaxContractsPerInstrument.Parameters?
  var dailyRealizedLoss: DailyRealizedLoss.Parameters?
  var dailyUnrealizedLoss: DailyUnrealizedLoss.Parameters?
  var maxUnrealizedProfit: MaxUnrealizedProfit.Parameters?
  var tradeFrequencyLimit: TradeFrequencyLimit.Parameters?
  var cooldownAfterLoss: CooldownAfterLoss.Parameters?
  var noStopLossGrace: NoStopLossGrace.Parameters?
  var sessionBlockOutside: SessionBlockOutside.Parameters?
  var authLossGuard: AuthLossGuard.Parameters?
  var symbolBlocks: SymbolBlocks.Parameters?
  var tradeManagement: TradeManagement.Parameters?
  var dailyRealizedProfit: DailyRealizedProfit.Parameters?

  /// Rules that cannot work without quotes.
  var needingQuotes: [RuleID] {
    var rules: [RuleID] = []
    if dailyRealizedLoss?.combined == true { rules.append(.dailyRealizedLoss) }
    if dailyUnrealizedLoss != nil { rules.append(.dailyUnrealizedLoss) }
    if maxUnrealizedProfit != nil { rules.append(.maxUnrealizedProfit) }
    if tradeManagement != nil { rules.append(.tradeManagement) }
    if dailyRealizedProfit?.combined == true { rules.append(.dailyRealizedProfit) }
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
  func read(_ holidays: HolidaysFile?) -> LoadedRules {
    LoadedRules(
      maxContracts: read(.maxContracts) { $0.maxContracts() },
      maxContractsPerInstrument: read(.maxContractsPerInstrument) {
        $0.maxContractsPerInstrument()
      },
      dailyRealizedLoss: read(.dailyRealizedLoss) { $0.dailyRealizedLoss() },
      dailyUnrealizedLoss: read(.dailyUnrealizedLoss) { $0.dailyUnrealizedLoss() },
      maxUnrealizedProfit: read(.maxUnrealizedProfit) { $0.maxUnrealizedProfit() },
      tradeFrequencyLimit: read(.tradeFrequencyLimit) { $0.tradeFrequencyLimit() },
      cooldownAfterLoss: read(.cooldownAfterLoss) { $0.cooldownAfterLoss() },
      noStopLossGrace: read(.noStopLossGrace) { $0.noStopLossGrace() },
      sessionBlockOutside: read(.sessionBlockOutside) { $0.sessionBlockOutside(holidays) },
      authLossGuard: read(.authLossGuard) { $0.authLossGuard() },
      symbolBlocks: read(.symbolBlocks) { $0.symbolBlocks() },
      tradeManagement: read(.tradeManagement) { $0.tradeManagement() },
      dailyRealizedProfit: read(.dailyRealizedProfit) { $0.dailyRealizedProfit() })
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
