import RiskModel

/// What the rules of one account remember, by rule.
package struct RuleMemory: Equatable, Sendable, Codable {
  var maxUnrealizedProfit = MaxUnrealizedProfit.Memory()
  var symbolBlocks = SymbolBlocks.Memory()
  var maxContracts = NoMemory()
  var maxContractsPerInstrument = NoMemory()
  var dailyRealizedLoss = NoMemory()
  var dailyUnrealizedLoss = NoMemory()
  var tradeFrequencyLimit = TradeFrequencyLimit.Memory()
  var cooldownAfterLoss = NoMemory()
  var noStopLossGrace = NoStopLossGrace.Memory()
  var sessionBlockOutside = SessionBlockOutside.Memory()
  var authLossGuard = NoMemory()
  var tradeManagement = TradeManagement.Memory()
  var dailyRealizedProfit = NoMemory()
}

/// The enabled rules of one account, in the order of their numbers.
///
/// A new rule is one file, its parameters, its memory and one line in each of the two lists here.
struct RuleCatalog {
  private var entries: [Entry] = []

  private struct Entry {
    var id: RuleID
    var evaluate: (AccountView, Trigger, inout RuleMemory) -> [Verdict]
    var questions: (AccountView, RuleMemory) -> [Query]
    var deadline: (AccountView, RuleMemory) -> Instant?
    var isDue: (AccountView, RuleMemory) -> Bool
    var releases: (Target, AccountView, RuleMemory) -> Bool
    var distances: (AccountView, RuleMemory) -> [Distance]
  }

  init(_ configuration: RiskConfiguration) {
    add(configuration.maxContracts.map(MaxContracts.init), \.maxContracts)
    add(
      configuration.maxContractsPerInstrument.map(MaxContractsPerInstrument.init),
      \.maxContractsPerInstrument)
    add(configuration.dailyRealizedLoss.map(DailyRealizedLoss.init), \.dailyRealizedLoss)
    add(configuration.dailyUnrealizedLoss.map(DailyUnrealizedLoss.init), \.dailyUnrealizedLoss)
    add(configuration.maxUnrealizedProfit.map(MaxUnrealizedProfit.init), \.maxUnrealizedProfit)
    add(configuration.tradeFrequencyLimit.map(TradeFrequencyLimit.init), \.tradeFrequencyLimit)
    add(configuration.cooldownAfterLoss.map(CooldownAfterLoss.init), \.cooldownAfterLoss)
    add(configuration.noStopLossGrace.map(NoStopLossGrace.init), \.noStopLossGrace)
    add(configuration.sessionBlockOutside.map(SessionBlockOutside.init), \.sessionBlockOutside)
    add(configuration.authLossGuard.map(AuthLossGuard.init), \.authLossGuard)
    add(configuration.symbolBlocks.map(SymbolBlocks.init), \.symbolBlocks)
    add(configuration.tradeManagement.map(TradeManagement.init), \.tradeManagement)
    add(configuration.dailyRealizedProfit.map(DailyRealizedProfit.init), \.dailyRealizedProfit)
  }

  var loadedRules: [RuleID] { entries.map(\.id) }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout RuleMemory
  ) -> [(RuleID, Verdict)] {
    var verdicts: [(RuleID, Verdict)] = []
    for entry in entries {
      for verdict in entry.evaluate(view, trigger, &memory) { verdicts.append((entry.id, verdict)) }
    }
    return verdicts
  }

  func questions(_ view: AccountView, _ memory: RuleMemory) -> [Query] {
    entries.flatMap { $0.questions(view, memory) }
  }

  func deadline(_ view: AccountView, _ memory: RuleMemory) -> Instant? {
    entries.compactMap { $0.deadline(view, memory) }.min()
  }

  func isDue(_ view: AccountView, _ memory: RuleMemory) -> Bool {
    entries.contains { $0.isDue(view, memory) }
  }

  func distances(_ view: AccountView, _ memory: RuleMemory) -> [Distance] {
    entries.flatMap { $0.distances(view, memory) }
  }

  /// `nil` when the rule is not enabled.
  func releases(_ target: Target, _ view: AccountView, _ memory: RuleMemory) -> Bool? {
    entries.first { $0.id == target.cause.rule }?.releases(target, view, memory)
  }

  private mutating func add<Rule: RiskRule>(
    _ rule: Rule?, _ memory: WritableKeyPath<RuleMemory, Rule.Memory>
  ) {
    guard let rule else { return }
    entries.append(
      Entry(
        id: Rule.id,
        evaluate: { rule.evaluate($0, after: $1, memory: &$2[keyPath: memory]) },
        questions: { rule.questions($0, $1[keyPath: memory]) },
        deadline: { rule.deadline($0, $1[keyPath: memory]) },
        isDue: { rule.isDue($0, $1[keyPath: memory]) },
        releases: { rule.releases($0, $1, $2[keyPath: memory]) },
        distances: { rule.distances($0, $1[keyPath: memory]) }))
  }
}
