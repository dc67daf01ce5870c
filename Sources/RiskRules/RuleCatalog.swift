import RiskModel

/// What the rules of one account remember, by rule.
package struct RuleMemory: Equatable, Sendable, Codable {
  var maxUnrealizedProfit = MaxUnrealizedProfit.Memory()
  var symbolBlocks = SymbolBlocks.Memory()
  var maxContracts = NoMemory()
  var maxContractsPerInstrument = NoMemory()
  var dailyRealizedLoss = NoMemory()
  var dailyUnrealizedLoss = NoMemory()
}

/// The enabled rules of one account, in the order of their numbers.
///
/// A new rule is one file, its parameters, its memory and one line in each of the two lists here.
struct RuleCatalog {
  private var entries: [Entry] = []

  private struct Entry {
    var rule: any RiskRule
    var evaluate: (AccountView, Trigger, inout RuleMemory) -> [Verdict]
  }

  init(_ configuration: RiskConfiguration) {
    add(configuration.maxContracts.map(MaxContracts.init), \.maxContracts)
    add(
      configuration.maxContractsPerInstrument.map(MaxContractsPerInstrument.init),
      \.maxContractsPerInstrument)
    add(configuration.dailyRealizedLoss.map(DailyRealizedLoss.init), \.dailyRealizedLoss)
    add(configuration.dailyUnrealizedLoss.map(DailyUnrealizedLoss.init), \.dailyUnrealizedLoss)
    add(configuration.maxUnrealizedProfit.map(MaxUnrealizedProfit.init), \.maxUnrealizedProfit)
    add(configuration.symbolBlocks.map(SymbolBlocks.init), \.symbolBlocks)
  }

  var loadedRules: [RuleID] { entries.map { type(of: $0.rule).id } }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout RuleMemory
  ) -> [(RuleID, Verdict)] {
    var verdicts: [(RuleID, Verdict)] = []
    for entry in entries {
      for verdict in entry.evaluate(view, trigger, &memory) {
        verdicts.append((type(of: entry.rule).id, verdict))
      }
    }
    return verdicts
  }

  func rule(_ id: RuleID) -> (any RiskRule)? {
    entries.first { type(of: $0.rule).id == id }?.rule
  }

  private mutating func add<Rule: RiskRule>(
    _ rule: Rule?, _ memory: WritableKeyPath<RuleMemory, Rule.Memory>
  ) {
    guard let rule else { return }
    entries.append(
      Entry(rule: rule) { view, trigger, memories in
        rule.evaluate(view, after: trigger, memory: &memories[keyPath: memory])
      })
  }
}
