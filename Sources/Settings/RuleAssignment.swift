import RiskModel
import RiskRules

/// The rules of every account: those of risk_config.yaml, with the account's own keys above them.
struct RuleAssignment {
  private let standard: LoadedRules
  private var byAccount: [AccountID: LoadedRules] = [:]

  init(blocks: RuleBlocks, accounts: [AccountEntry], holidays: HolidaysFile?) {
    standard = blocks.read(holidays)
    for account in accounts {
      guard let overrides = account.overrides else { continue }
      byAccount[account.id] = blocks.overlaid(by: overrides).read(holidays)
    }
    noteDisabled(blocks)
    noteLooseLimit(blocks)
  }

  func rules(of account: AccountID) -> LoadedRules { byAccount[account] ?? standard }

  /// A rule that watches open profit and loss is blind without quotes.
  func checkQuotes(marketHub: Reading<Bool>, _ findings: Findings) {
    guard marketHub.isSound, !marketHub.value else { return }
    let all = [standard] + byAccount.values
    let blind = Set(all.flatMap(\.needingQuotes)).sorted().map(\.key)
    guard !blind.isEmpty else { return }
    findings.problem(
      marketHub.place, "is false, and \(alternatives(blind)) cannot work without quotes",
      "write true")
  }

  private func noteDisabled(_ blocks: RuleBlocks) {
    let disabled = blocks.disabled
    guard !disabled.isEmpty else { return }
    let count = RuleBlocks.specified.count
    blocks.findings.notice(
      Place(file: RiskFile.name, line: nil, key: "rules"),
      "\(count - disabled.count) of \(count) rules are enabled; off: "
        + disabled.map(\.key).joined(separator: ", "))
  }

  private func noteLooseLimit(_ blocks: RuleBlocks) {
    guard let day = standard.dailyRealizedLoss, let open = standard.dailyUnrealizedLoss,
      open.lossLimit > day.lossLimit
    else { return }
    blocks.findings.notice(
      Place(file: RiskFile.name, line: nil, key: "rules.daily_unrealized_loss.loss_limit"),
      "\(open.lossLimit) is above the daily limit of \(day.lossLimit)")
  }
}
