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
    /// A loss after which nothing may be added for a while; each makes the pause longer.
    case pause
  }

  private enum State {
    /// Can transition to: .waiting
    case resting(until: Int64)
    /// Can transition to: .resting
    case waiting(Kind, AccountID, needed: [ContractID: Int64], rest: [ContractID: Int64])
    /// Can transition to: .resting
    case losing(AccountID, until: Instant)
  }

  private static let limit = TimeSpan.seconds(90)
  /// Of a loss that has to lead to a pause.
  static let pause = TimeSpan.seconds(3_600)
  private static let stopTicks: Int64 = 40

  let account: AccountID
  let lockedAccount: AccountID
  /// Nothing but its losses is traded there.
  let pausedAccount: AccountID?
  /// Whether the trader leaves orders at the venue that have to go too.
  let leavesOrders: Bool
  /// Contracts that riskd has to have closed by now, by account.
  private(set) var needed: [AccountID: [ContractID: Int64]] = [:]
  private(set) var counts: [Kind: Int] = [:]
  private(set) var problems: [String] = []
  private var closedBefore: [ContractID: Int64] = [:]
  private var state = State.resting(until: 0)
  private var ticks: Int64 = 0
  private var begunAt = StageClock.now()
  private(set) var slowest = TimeSpan.zero
  /// Until when nothing may be added to the paused account, by its latest loss.
  private(set) var pausedUntil: Instant?

  init(
    account: AccountID, lockedAccount: AccountID, pausedAccount: AccountID? = nil,
    leavesOrders: Bool = false
  ) {
    self.leavesOrders = leavesOrders
    self.account = account
    self.lockedAccount = lockedAccount
    self.pausedAccount = pausedAccount
  }

  private func leavesOrders(_ kind: Kind) -> Bool {
    leavesOrders && (kind == .blockedSymbol || kind == .comeback)
  }

  var kinds: [Kind] { Kind.allCases.filter { $0 != .pause || pausedAccount != nil } }

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
      try begin(generator.pick(kinds), stage, &generator)
    case .waiting(let kind, let account, let needed, let rest):
      let held = held(stage, account)
      let isClear = !leavesOrders(kind) || stage.venue.workingOrders(account).isEmpty
      if held == rest, isClear {
        try finish(kind, account, needed: needed, rest: rest, stage, &generator)
      } else if StageClock.now() - begunAt > Self.limit {
        throw StageFailure("the breach \(kind) is not settled, held: \(held), wanted: \(rest)")
      }
    case .losing(let account, let end):
      if try stage.isPaused(account, until: end) {
        settled(.pause, &generator)
      } else if StageClock.now() - begunAt > Self.limit {
        throw StageFailure("\(account) is not paused until \(end)")
      }
    }
  }

  private mutating func settled(_ kind: Kind, _ generator: inout RiskTestKit.SeededGenerator) {
    slowest = max(slowest, StageClock.now() - begunAt)
    counts[kind, default: 0] += 1
    state = .resting(until: ticks + Int64(generator.below(100)) + 50)
  }

  /// Begins a breach at once; only when it is resting and nothing but lockouts is open.
  mutating func begin(
    _ kind: Kind, _ stage: RiskdStage, _ generator: inout RiskTestKit.SeededGenerator
  ) throws {
    if kind == .pause { return try lose(stage) }
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
    case .pause: preconditionFailure("Invariant: a loss is no breach of what is held")
    }
    let audit = stage.audit(account)
    closedBefore = Dictionary(
      uniqueKeysWithValues: bought.keys.map { ($0, audit.closed($0)) })
    begunAt = StageClock.now()
    for (contract, size) in bought.sorted(by: { $0.key < $1.key }) {
      try stage.buy(account, contract, size)
      if leavesOrders(kind) { try leaveOrders(stage, account, contract, size) }
    }
    for (contract, size) in rest { bought[contract, default: 0] -= size }
    state = .waiting(kind, account, needed: bought, rest: rest)
  }

  /// A protective stop, and an order that would add to the position.
  private func leaveOrders(
    _ stage: RiskdStage, _ account: AccountID, _ contract: ContractID, _ size: Int64
  ) throws {
    let market = stage.venue.perform { exchange in
      (exchange.markets[contract]?.last, exchange.contracts[contract]?.specification.tickSize)
    }
    guard let last = market.0, let tick = market.1 else {
      throw StageFailure("\(contract) has no price")
    }
    func price(_ ticks: Int64) -> Price { Price(nanos: last.nanos - ticks * tick.nanos) }
    try stage.venue.trader.place(
      account, contract, .sell, size: size, type: .stop, stop: price(Self.stopTicks))
    try stage.venue.trader.place(
      account, contract, .buy, size: size, type: .limit, limit: price(2 * Self.stopTicks))
  }

  private mutating func lose(_ stage: RiskdStage) throws {
    guard let account = pausedAccount else { throw StageFailure("there is no account to pause") }
    begunAt = StageClock.now()
    try stage.realizeLoss(of: 60, contracts: 1, account)
    guard let trade = stage.venue.trades(account).last(where: { $0.profit != nil }) else {
      throw StageFailure("\(account) has lost nothing")
    }
    let end = trade.executedAt + Self.pause
    pausedUntil = end
    state = .losing(account, until: end)
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
    for (contract, size) in rest { try stage.sell(account, contract, size) }
    settled(kind, &generator)
  }

  /// What was closed is what had to be closed, and nothing else.
  func checkClosings(of accounts: [AccountID], on stage: RiskdStage) {
    for problem in problems { stage.check(false, problem) }
    for account in accounts {
      let closings = Dictionary(
        grouping: stage.audit(account).closings, by: \.contract
      ).mapValues { $0.reduce(0) { $0 + $1.size } }
      stage.check(
        closings == needed[account] ?? [:],
        "\(account): closed \(closings), needed \(needed[account] ?? [:])")
    }
  }

  private func held(_ stage: RiskdStage, _ account: AccountID) -> [ContractID: Int64] {
    Dictionary(
      uniqueKeysWithValues: stage.venue.positions(account).map { ($0.contract, $0.signedSize) })
  }
}
