import RiskModel

/// What the engine looks up with every input, by what the input is about.
///
/// Nothing is in it that the state does not say: it is made from the state and follows its changes, so
/// that an input costs what it concerns and not what there is. It is no part of the state, and
/// an engine that is made from the same state has an equal one.
struct EngineIndex: Equatable {
  private struct Day: Hashable {
    var rule: TradingDayRule
    var date: CivilDate
  }

  /// The accounts that hold a contract and are not set aside, in order.
  private(set) var holders: [ContractID: [AccountID]] = [:]
  private var held: [AccountID: Set<ContractID>] = [:]
  /// The targets that stand, in order, all of them and by account.
  private(set) var standing: [TargetID] = []
  private var standingByAccount: [AccountID: [TargetID]] = [:]
  /// The trading days that are under way: of many accounts mostly one.
  private var days: Set<Day> = []
  /// The product of each contract that is or was held: to read it from the id takes long.
  private(set) var roots: [ContractID: SymbolRoot] = [:]

  init(_ state: EngineState) {
    for account in state.accounts.values { noteHoldings(of: account.id, account) }
    for id in state.targets.keys.sorted() {
      guard let account = state.targets[id]?.target.account else { continue }
      standing.append(id)
      standingByAccount[account, default: []].append(id)
    }
    noteDays(of: state.accounts.values)
  }

  func targets(of account: AccountID) -> [TargetID] { standingByAccount[account] ?? [] }

  /// Whether the trading day of any account is over.
  func hasEndedDay(at moment: Instant) -> Bool {
    days.contains { $0.rule.tradingDate(at: moment) > $0.date }
  }

  mutating func noteDays(of accounts: some Sequence<AccountState>) {
    days = Set(accounts.map { Day(rule: $0.tradingDay, date: $0.ledger.tradingDate) })
  }

  /// What an account holds may be something else now; `nil` for one that is gone.
  ///
  /// - Returns: Whether it is.
  @discardableResult
  mutating func noteHoldings(of id: AccountID, _ account: AccountState?) -> Bool {
    let now = account.map { $0.reading.isSetAside ? [] : Set($0.positions.keys) } ?? []
    let before = held[id] ?? []
    guard now != before else { return false }
    for contract in before.subtracting(now) { remove(id, from: contract) }
    for contract in now.subtracting(before) { add(id, to: contract) }
    held[id] = now.isEmpty ? nil : now
    return true
  }

  /// The same for one contract.
  mutating func noteHolding(_ isHeld: Bool, of id: AccountID, _ contract: ContractID) -> Bool {
    guard isHeld != (held[id]?.contains(contract) ?? false) else { return false }
    if isHeld {
      held[id, default: []].insert(contract)
      add(id, to: contract)
    } else {
      held[id]?.remove(contract)
      if held[id]?.isEmpty == true { held[id] = nil }
      remove(id, from: contract)
    }
    return true
  }

  private mutating func add(_ id: AccountID, to contract: ContractID) {
    holders[contract, default: []].insertInOrder(id)
    if roots[contract] == nil { roots[contract] = contract.root }
  }

  private mutating func remove(_ id: AccountID, from contract: ContractID) {
    holders[contract]?.removeInOrder(id)
    if holders[contract]?.isEmpty == true {
      holders[contract] = nil
      roots[contract] = nil
    }
  }

  mutating func adopted(_ id: TargetID, of account: AccountID) {
    standing.insertInOrder(id)
    standingByAccount[account, default: []].insertInOrder(id)
  }

  mutating func ended(_ id: TargetID, of account: AccountID) {
    standing.removeInOrder(id)
    standingByAccount[account]?.removeInOrder(id)
    if standingByAccount[account]?.isEmpty == true { standingByAccount[account] = nil }
  }
}

extension Array where Element: Comparable {
  /// The place of the first element that is not below this one, in an array that is in order.
  private func place(of element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  fileprivate mutating func insertInOrder(_ element: Element) {
    let place = place(of: element)
    guard place == count || self[place] != element else { return }
    insert(element, at: place)
  }

  fileprivate mutating func removeInOrder(_ element: Element) {
    let place = place(of: element)
    guard place < count, self[place] == element else { return }
    remove(at: place)
  }
}
