import RiskModel

/// Every reason that a decision can have, with numbers for an example.
enum ReasonCatalogue {
  private static let mnq = ContractID("CON.F.US.MNQ.Z26")
  private static let root = SymbolRoot("MNQ")

  static let samples: [BreachReason] = [
    .contractsAboveLimit(held: 6, limit: 5),
    .contractsAboveInstrumentLimit(root: root, held: 3, limit: 2),
    .symbolWithoutLimit(root: root, held: 1),
    .dailyLossReached(realized: dollars(-530), open: nil, limit: dollars(500)),
    .openLossReached(contract: mnq, open: dollars(-304), limit: dollars(300)),
    .openProfitReached(contract: mnq, open: dollars(1_010), target: dollars(1_000)),
    .profitGivenBack(contract: mnq, open: dollars(-2)),
    .symbolBlocked(root: root),
    .tradesAboveLimit(count: 31, limit: 30, seconds: 3_600),
    .lossOfTrade(contract: mnq, loss: dollars(120), threshold: dollars(100)),
    .noStopLoss(contract: mnq, seconds: 30),
    .outsideSession(root: nil, opens: nil),
    .tradingWithdrawn,
    .dailyProfitReached(realized: dollars(1_005), open: nil, target: dollars(1_000)),
    .stopWanted(contract: mnq, by: .breakeven),
    .cannotEvaluate(.markMissing(contract: mnq)),
    .lockedBefore("daily loss"),
  ]

  /// The number of a reason, kept for ever, and the rules that give it. A new reason takes the next
  /// number.
  static func entry(of reason: BreachReason) -> (number: Int, rules: [RuleID]) {
    switch reason {
    case .contractsAboveLimit: (1, [.maxContracts])
    case .contractsAboveInstrumentLimit: (2, [.maxContractsPerInstrument])
    case .symbolWithoutLimit: (3, [.maxContractsPerInstrument])
    case .dailyLossReached: (4, [.dailyRealizedLoss])
    case .openLossReached: (5, [.dailyUnrealizedLoss])
    case .openProfitReached: (6, [.maxUnrealizedProfit])
    case .profitGivenBack: (7, [.maxUnrealizedProfit])
    case .symbolBlocked: (8, [.symbolBlocks])
    case .tradesAboveLimit: (9, [.tradeFrequencyLimit])
    case .lossOfTrade: (10, [.cooldownAfterLoss])
    case .noStopLoss: (11, [.noStopLossGrace])
    case .outsideSession: (12, [.sessionBlockOutside])
    case .tradingWithdrawn: (13, [.authLossGuard])
    case .dailyProfitReached: (14, [.dailyRealizedProfit])
    case .stopWanted: (15, [.tradeManagement])
    case .cannotEvaluate: (16, [.failClosed])
    case .lockedBefore: (17, [])
    }
  }

  static var text: String {
    var lines = [
      "# Reasons", "",
      "Every decision of riskd has one of these reasons; the set is closed. Codes and numbers keep "
        + "their meaning for ever;",
      "the sentence is what the trader reads, here with numbers of an example. The page is written "
        + "from the code and checked by a test.", "",
      "| number | code | rule | sentence |", "|---|---|---|---|",
    ]
    for reason in samples {
      let (number, rules) = entry(of: reason)
      let names = rules.map { rule in
        rule == .failClosed
          ? "`\(rule.key)`" : "[\(rule.rawValue)](rules/\(rule.rawValue).md) `\(rule.key)`"
      }.joined(separator: ", ")
      lines.append(
        "| \(number) | `\(reason.code)` | \(names.isEmpty ? "–" : names) | \(reason.sentence) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func dollars(_ count: Int64) -> Money { Money(dollars: count) }
}
