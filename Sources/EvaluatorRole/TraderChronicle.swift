import PeerProtocol
import RiskModel
import RiskRules
import TraderFeed

/// What the evaluator remembers for the trader's screen alone; no decision looks at it.
struct TraderChronicle {
  private static let endedTargets = 64

  /// What happened to one account, newest first.
  struct Past {
    var events: [EventReport] = []
    var trades: [TradeReport] = []
    var endedLockouts: [LockoutReport] = []
    var totals = EnforcementTotals()
    /// Why the state of the account is not certain; `nil` when it is.
    var doubt: String?
  }

  private(set) var pasts: [AccountID: Past]
  private(set) var stream = StreamReport()
  private var hubs: [Hub: HubReport] = [:]
  /// Targets that stand and some that stood, so that what is said about one finds its account.
  private var targets: [TargetID: Target] = [:]

  init(accounts: [AccountID], since: Instant) {
    var past = Past()
    past.totals.since = since
    past.doubt = "not read from the venue since the start"
    pasts = Dictionary(uniqueKeysWithValues: accounts.map { ($0, past) })
    for hub in Hub.allCases { hubs[hub] = HubReport(name: hub.rawValue) }
    stream.hubs = Hub.allCases.compactMap { hubs[$0] }
  }

  mutating func remember(_ target: Target) {
    targets[target.id] = target
    guard targets.count > 2 * Self.endedTargets else { return }
    let kept = Set(targets.keys.sorted().suffix(Self.endedTargets))
    targets = targets.filter { $0.value.isLockout || kept.contains($0.key) }
  }

  /// What the venue told.
  mutating func note(_ message: FeedMessage, at now: Instant) {
    switch message {
    case .event(let event, _, _):
      note(event, at: now)
    case .snapshot(let snapshot, _):
      for trade in snapshot.trades.suffix(FeedBoard.tradeLimit) { note(trade) }
      change(snapshot.account.id) { $0.doubt = nil }
      stream.lastEventAt = now
    case .unknown(let account, let reason, _):
      change(account) { $0.doubt = reason }
    case .hub(let hub, let isConnected, let at):
      guard hubs[hub]?.isConnected != isConnected else { return }
      hubs[hub] = HubReport(name: hub.rawValue, isConnected: isConnected, since: at)
      stream.hubs = Hub.allCases.compactMap { hubs[$0] }
    case .differences, .unprotectable, .venueTime, .answer, .canary:
      break
    }
  }

  private mutating func note(_ event: VenueEvent, at now: Instant) {
    stream.events += 1
    switch event {
    case .quote:
      stream.lastQuoteAt = now
      return
    case .trade(let trade):
      stream.lastTradeAt = now
      note(trade)
    case .account, .position, .order, .contract:
      break
    }
    stream.lastEventAt = now
  }

  private mutating func note(_ trade: Trade) {
    change(trade.account) { past in
      past.trades.removeAll { $0.id == trade.id }
      guard !trade.isVoided else { return }
      past.trades.append(
        TradeReport(
          id: trade.id, at: trade.executedAt, contract: trade.contract, side: trade.side,
          size: trade.size, price: trade.price, profit: trade.profit))
      past.trades.sort { ($0.at, $0.id) > ($1.at, $1.id) }
      past.trades = Array(past.trades.prefix(FeedBoard.tradeLimit))
    }
  }

  mutating func noteWrite(at now: Instant) { stream.lastWriteAt = now }

  /// What was decided and done.
  mutating func note(_ record: LogRecord, at now: Instant) {
    switch record {
    case .adopted(let target):
      remember(target)
      guard target.isLockout else { return }
      change(target.account) { $0.totals.lockouts += 1 }
      tell(
        target.account, .lockout, target.cause.rule, at: now, "locked: \(target.goal.meaning)",
        target.cause.reason.sentence)
    case .ended(let id, let ending):
      end(id, ending, at: now)
    case .breach(let breach):
      tell(
        breach.account, .breach, breach.rule, at: breach.at, "rule broken", breach.reason.sentence)
    case .reentry(let account, let target, let contract, let count):
      tell(
        account, .reentry, targets[target]?.cause.rule, at: now, "exposure in \(contract) again",
        "the account is locked; time \(count)")
    case .dailyReset(let account, let ended, let realized):
      change(account) { past in
        past.totals = EnforcementTotals()
        past.totals.since = now
      }
      tell(
        account, .dailyReset, nil, at: now, "daily reset", "\(ended) ended with \(realized)")
    case .step(let step):
      note(step)
    case .proven(let id, let summary):
      guard let target = targets[id] else { return }
      tell(
        target.account, .proven, target.cause.rule, at: now, "proven at the venue",
        "\(target.goal.meaning); \(summary.requests) requests, "
          + "\(summary.duration.milliseconds) ms")
    case .failing(let id, let passes, let problem):
      guard let target = targets[id] else { return }
      tell(
        target.account, .failing, target.cause.rule, at: now, "not reached yet, pass \(passes)",
        problem)
    case .notice(let notice):
      guard let account = notice.account else { return }
      tell(account, .notice, nil, at: now, "notice", notice.sentence)
    case .evaluated, .unknown, .missed, .hub, .restored:
      break
    }
  }

  private mutating func note(_ step: EnforcementStep) {
    change(step.account) { past in
      past.totals.actions += 1
      switch step.action {
      case .close, .reduce: past.totals.closes += 1
      case .cancel: past.totals.cancels += 1
      case .shrinkOrder, .placeStop, .moveStop: break
      }
    }
    tell(
      step.account, .action, targets[step.target]?.cause.rule, at: step.sentAt,
      step.action.summary, step.outcome.summary)
  }

  private mutating func end(_ id: TargetID, _ ending: TargetEnding, at now: Instant) {
    guard let target = targets[id], target.isLockout else { return }
    var lockout = LockoutReport(
      id: id, rule: target.cause.rule, since: target.adoptedAt, endsAt: nil, ends: "",
      reason: target.cause.reason.sentence, means: target.goal.meaning)
    lockout.endedAt = now
    lockout.ending = ending.sentence
    change(target.account) { past in
      past.endedLockouts = [lockout] + past.endedLockouts.prefix(FeedBoard.endedLimit - 1)
    }
    tell(
      target.account, .lockout, target.cause.rule, at: now, "lockout ended", ending.sentence)
    targets[id] = nil
  }

  private mutating func tell(
    _ account: AccountID, _ kind: EventReport.Kind, _ rule: RuleID?, at: Instant, _ what: String,
    _ why: String
  ) {
    change(account) { past in
      let event = EventReport(at: at, kind: kind, rule: rule, what: what, why: why)
      past.events = [event] + past.events.prefix(FeedBoard.eventLimit - 1)
    }
  }

  private mutating func change(_ account: AccountID, _ body: (inout Past) -> Void) {
    guard var past = pasts[account] else { return }
    body(&past)
    pasts[account] = past
  }
}

extension Notice {
  fileprivate var account: AccountID? {
    switch self {
    case .accountUnprotectable(let account, _), .contractUnknown(let account, _),
      .contractMissing(let account, _), .markStale(let account, _), .markBack(let account, _),
      .canTradeUnknown(let account),
      .approaching(let account, _), .stopsUnconfirmed(let account, _, _),
      .reentriesRepeated(let account, _, _), .accountDiffered(let account, _, _):
      account
    case .printHeld: nil
    }
  }
}
