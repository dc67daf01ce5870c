import RiskModel

/// The accounts, and which of them have to be planned, so that an input costs what it concerns and not
/// what there is.
struct AccountTable: Sendable {
  private var controls = SortedMap<AccountID, AccountControl>()
  /// Those that were changed since `settle` looked at them.
  private var touched: Set<AccountID> = []
  private var unplanned: Set<AccountID> = []
  private var wakes: [AccountID: MonotonicInstant] = [:]

  var keys: [AccountID] { controls.keys }

  func contains(_ id: AccountID) -> Bool { controls.contains(id) }

  subscript(id: AccountID) -> AccountControl? {
    get { controls[id] }
    set {
      touched.insert(id)
      controls[id] = newValue
    }
  }

  mutating func update<Result>(
    _ id: AccountID, _ change: (inout AccountControl) -> Result
  ) -> Result? {
    touched.insert(id)
    return controls.update(id, change)
  }

  mutating func updateAll(_ change: (AccountID, inout AccountControl) -> Void) {
    touched.formUnion(controls.keys)
    controls.updateAll(change)
  }

  /// Accounts of which something was learned since they were planned, in order.
  mutating func needingPlan() -> [AccountID] {
    settle()
    return unplanned.sorted()
  }

  /// The same, and those that wanted to be woken up by now.
  mutating func due(at now: MonotonicInstant) -> [AccountID] {
    settle()
    return unplanned.union(wakes.lazy.filter { $0.value <= now }.map(\.key)).sorted()
  }

  /// When the next account wants to be woken up.
  mutating func nextWake(after now: MonotonicInstant) -> MonotonicInstant? {
    settle()
    return wakes.values.lazy.filter { $0 > now }.min()
  }

  private mutating func settle() {
    for id in touched {
      let control = controls[id]
      if control?.needsPlan == true { unplanned.insert(id) } else { unplanned.remove(id) }
      wakes[id] = control?.wakeAt
    }
    touched.removeAll(keepingCapacity: true)
  }
}
