import RiskModel
import RiskTestKit
import SimulatedVenue

/// A trader who goes beyond a limit from time to time, one breach after the other, and the count of
/// what each of them had to lead to.
struct BreachPlay {
  enum Kind: CaseIterable {
    case blockedSymbol
    case tooManyOfOne
    case tooManyInAll
    case comeback
  }

  private enum State {
    /// Can transition to: .waiting
    case resting(until: Int64)
    /// Can transition to: .resting
    case waiting(Kind, AccountID, needed: [ContractID: Int64], rest: [ContractID: Int64])
  }

  private static let limit = TimeSpan.seconds(90)

  let account: AccountID
  let lockedAccount: AccountID
  /// Contracts that riskd has to have closed by now, by account.
  private(set) var needed: [AccountID: [ContractID: Int64]] = [:]
  private(set) var counts: [Kind: Int] = [:]
  private(set) var problems: [String] = []
  private var closedBefore: [ContractID: Int64] = [:]
  private var state = State.resting(until: 0)
  private var ticks: Int64 = 0
  private var begunAt = StageClock.now()
  private(set) var slowest = TimeSpan.zero

  init(account: AccountID, lockedAccount: AccountID) {
    self.account = account
    self.lockedAccount = lockedAccount
  }

  var isResting: Bool {
    if case .resting = state { true } else { false }
  }

  var total: Int { counts.values.reduce(0, +) }

  /// One step; begins a new breach only when `mayBegin`.
  mutating func proceed(
    on stage: RiskdStage, with generator: inout RiskTestKit.SeededGenerator, mayBegin: Bool
  ) throws {
    ticks += 1
    switch state {
    case .resting(let until):
      // A breach that repeats before the proof of the one before would be covered by its target.
      guard mayBegin, ticks >= until, try stage.oneShotTargets(account).isEmpty
      else { return }
      try begin(generator.pick(Kind.allCases), stage, &generator)
    case .waiting(let kind, let account, let needed, let rest):
      let held = held(stage, account)
      if held == rest {
        try finish(kind, account, needed: needed, rest: rest, stage, &generator)
      } else if StageClock.now() - begunAt > Self.limit {
        throw StageFailure("the breach \(kind) is not settled, held: \(held), wanted: \(rest)")
      }
    }
  }

  private mutating func begin(
    _ kind: Kind, _ stage: RiskdStage, _ generator: inout RiskTestKit.SeededGenerator
  ) throws {
    let account = kind == .comeback ? lockedAccount : self.account
    let size = Int64(generator.below(2)) + 1
    var bought: [ContractID: Int64]
    var rest: [ContractID: Int64] = [:]
    switch kind {
    case .blockedSymbol: bought = [Sample.rty: size]
    case .tooManyOfOne:
      bought = [Sample.mnq: 2 + size]
      rest = [Sample.mnq: 2]
    case .tooManyInAll: bought = [Sample.mnq: 2, Sample.mes: 3, Sample.nq: 1]
    case .comeback: bought = [Sample.mnq: size]
    }
    let audit = stage.audit(account)
    closedBefore = Dictionary(
      uniqueKeysWithValues: bought.keys.map { ($0, audit.closed($0)) })
    begunAt = StageClock.now()
    for (contract, size) in bought.sorted(by: { $0.key < $1.key }) {
      try stage.buy(account, contract, size)
    }
    for (contract, size) in rest { bought[contract, default: 0] -= size }
    state = .waiting(kind, account, needed: bought, rest: rest)
  }

  private mutating func finish(
    _ kind: Kind, _ account: AccountID, needed: [ContractID: Int64], rest: [ContractID: Int64],
    _ stage: RiskdStage, _ generator: inout RiskTestKit.SeededGenerator
  ) throws {
    let audit = stage.audit(account)
    for (contract, size) in needed {
      let closed = audit.closed(contract) - (closedBefore[contract] ?? 0)
      if closed != size {
        problems.append("\(kind): \(closed) of \(contract) closed, \(size) needed")
      }
      self.needed[account, default: [:]][contract, default: 0] += size
    }
    slowest = max(slowest, StageClock.now() - begunAt)
    counts[kind, default: 0] += 1
    for (contract, size) in rest { try stage.sell(account, contract, size) }
    state = .resting(until: ticks + Int64(generator.below(100)) + 50)
  }

  private func held(_ stage: RiskdStage, _ account: AccountID) -> [ContractID: Int64] {
    Dictionary(
      uniqueKeysWithValues: stage.venue.positions(account).map { ($0.contract, $0.signedSize) })
  }
}
