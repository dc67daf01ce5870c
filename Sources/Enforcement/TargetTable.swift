import RiskModel

/// The targets that stand, in the order of their names, and by account.
struct TargetTable: Sendable {
  private var targets = SortedMap<TargetID, OpenTarget>()
  private var names: [AccountID: SortedMap<TargetID, Bool>] = [:]

  var count: Int { targets.count }
  var keys: [TargetID] { targets.keys }
  var values: [OpenTarget] { targets.values }
  /// The accounts that have any.
  var accounts: Int { names.count }

  func contains(_ id: TargetID) -> Bool { targets.contains(id) }
  func isAny(of account: AccountID) -> Bool { names[account] != nil }

  /// The names of the targets of an account, in order.
  func keys(of account: AccountID) -> [TargetID] { names[account]?.keys ?? [] }

  func values(of account: AccountID) -> [OpenTarget] {
    keys(of: account).compactMap { targets[$0] }
  }

  /// A target of one name stays with its account.
  subscript(id: TargetID) -> OpenTarget? {
    get { targets[id] }
    set {
      if let known = targets[id]?.target.account, known != newValue?.target.account {
        names[known]?[id] = nil
        if names[known]?.isEmpty == true { names[known] = nil }
      }
      if let account = newValue?.target.account {
        names[account, default: SortedMap()][id] = true
      }
      targets[id] = newValue
    }
  }

  mutating func update<Result>(
    _ id: TargetID, _ change: (inout OpenTarget) -> Result
  ) -> Result? {
    targets.update(id, change)
  }

  mutating func updateAll(_ change: (TargetID, inout OpenTarget) -> Void) {
    targets.updateAll(change)
  }

  mutating func updateAll(of account: AccountID, _ change: (inout OpenTarget) -> Void) {
    for id in keys(of: account) { _ = targets.update(id, change) }
  }
}

extension TargetTable: Sequence {
  func makeIterator() -> Zip2Sequence<[TargetID], [OpenTarget]>.Iterator {
    targets.makeIterator()
  }
}
