import RiskModel
import Store

extension RiskdStage {
  func oneShotTargets(_ account: AccountID) throws -> [Target] {
    try openTargets(account).filter { !$0.isLockout }
  }

  func lockouts(_ account: AccountID) throws -> [Target] {
    try openTargets(account).filter { $0.isLockout && $0.goal == .flatAccount }
  }

  /// Whether the journal keeps a lockout that bars new exposure at least until then.
  func isPaused(_ account: AccountID, until end: Instant) throws -> Bool {
    try openTargets(account).contains { target in
      guard case .at(let moment) = target.end, case .noNewExposure = target.goal else {
        return false
      }
      // The venue's time stamps may be cut to the microsecond.
      return moment >= end - .milliseconds(1)
    }
  }

  /// Waits until the journal holds what the venue holds, and nothing but lockouts is open.
  func comeToRest(_ accounts: [AccountID]) throws -> JournalAudit {
    var journal = JournalAudit()
    let store = try Store.open(
      path: root.database, readOnly: true, inspection: .none, now: StageClock.now())
    defer { try? store.close() }
    var differences: [String] = []
    let isAtRest = try StageClock.poll(atMost: .seconds(60)) {
      try journal.advance(store)
      differences = self.differences(from: journal, accounts)
      let targets = try accounts.flatMap { try oneShotTargets($0) }
      if !targets.isEmpty { differences.append("open targets: \(targets.map(\.id))") }
      return differences.isEmpty
    }
    check(isAtRest, "journal and venue differ: \(differences)")
    return journal
  }
}
