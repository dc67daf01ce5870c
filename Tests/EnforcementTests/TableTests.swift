import RiskModel
import Testing

@testable import Enforcement

/// What is kept by account is what the whole table says.
@Suite struct TableTests {
  private let now = MonotonicInstant(nanos: 1_000)

  private func open(_ id: Int64, _ account: AccountID) -> OpenTarget {
    OpenTarget(
      Target(
        id: TargetID(inputOrdinal: id, index: 0), account: account, goal: .flatAccount,
        cause: Cause(rule: .authLossGuard, reason: .tradingWithdrawn), end: .permanent,
        adoptedAt: Instant(secondsSinceEpoch: 1)),
      adoptedAs: 0, causeReadAt: nil, at: now)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `targets are found by their account`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = TargetTable()
    let accounts = (1...4).map { AccountID($0) }
    for step in 0..<200 {
      let id = TargetID(inputOrdinal: Int64.random(in: 0..<12, using: &random), index: 0)
      if Int.random(in: 0..<100, using: &random) < 40 {
        table[id] = nil
      } else {
        table[id] = open(id.inputOrdinal, AccountID(Int64.random(in: 1...4, using: &random)))
      }
      for account in accounts {
        let wanted = table.values.filter { $0.target.account == account }.map(\.target.id)
        #expect(table.keys(of: account) == wanted, "seed \(seed), step \(step)")
        #expect(table.values(of: account).map(\.target.id) == wanted)
        #expect(table.isAny(of: account) == !wanted.isEmpty)
      }
      #expect(table.accounts == Set(table.values.map(\.target.account)).count)
    }
  }

  @Test func `only the targets of one account are changed`() {
    var table = TargetTable()
    for id in 1...4 {
      let open = open(Int64(id), AccountID(Int64(id % 2)))
      table[open.target.id] = open
    }
    table.updateAll(of: AccountID(1)) { $0.isTending = true }
    #expect(table.values.map(\.isTending) == [true, false, true, false])
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `accounts are due when they say so`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = AccountTable()
    let ids = (1...6).map { AccountID($0) }
    for id in ids { table[id] = AccountControl(limits: .standard, at: now) }
    for step in 0..<200 {
      let moment = MonotonicInstant(nanos: 1_000 + Int64(step) * 10)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: table[AccountID(Int64.random(in: 1...6, using: &random))] = nil
      case 1:
        table[AccountID(Int64.random(in: 1...6, using: &random))] = AccountControl(
          limits: .standard, at: now)
      case 2: table.updateAll { $1.needsPlan.toggle() }
      case 3:
        let later = moment + TimeSpan(nanos: Int64.random(in: -20..<40, using: &random))
        _ = table.update(AccountID(Int64.random(in: 1...6, using: &random))) { $0.wakeAt = later }
      default:
        _ = table.update(AccountID(Int64.random(in: 1...6, using: &random))) { account in
          account.needsPlan = false
          account.wakeAt = nil
        }
      }
      let controls = table.keys.compactMap { id in table[id].map { (id, $0) } }
      #expect(table.needingPlan() == controls.filter(\.1.needsPlan).map(\.0))
      #expect(
        table.due(at: moment)
          == controls.filter { $0.1.needsPlan || $0.1.wakeAt.map { $0 <= moment } ?? false }
          .map(\.0), "seed \(seed), step \(step)")
      #expect(
        table.nextWake(after: moment)
          == controls.compactMap(\.1.wakeAt).filter { $0 > moment }.min())
    }
  }
}
