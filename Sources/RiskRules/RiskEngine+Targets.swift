package import RiskModel

extension RiskEngine {
  /// The verdicts in the order in which they are adopted: the strongest leaves first.
  static func strongestFirst(_ verdicts: [(RuleID, Verdict)]) -> [(RuleID, Verdict)] {
    func weakness(_ verdict: Verdict) -> (Int, Int) {
      verdict.goals.map { ($0.goal.weakness, $0.end.weakness) }.min { $0 < $1 } ?? (.max, .max)
    }
    return verdicts.enumerated().sorted { first, second in
      let (a, b) = (weakness(first.element.1), weakness(second.element.1))
      return a == b ? first.offset < second.offset : a < b
    }.map(\.element)
  }

  /// Adopts what a rule demands, as far as nothing that stands does it already.
  ///
  /// A lockout belongs to its rule: those of several rules stand beside each other, each until its own
  /// end, and one rule's is only ever replaced by a longer one. A one-shot target that another rule
  /// asked for serves this one as well; the breach is recorded all the same.
  mutating func adopt(_ verdict: Verdict, of rule: RuleID, for account: AccountID) {
    let tradingDay = tradingDay(of: account)
    for demand in verdict.goals {
      let alike = index.targets(of: account).compactMap { state.targets[$0] }
        .filter { $0.target.goal.hasSameSubject(as: demand.goal) }
      let standing = alike.filter { $0.target.cause.rule == rule }
      let covering = alike.filter {
        demand.isCovered(by: $0.target, tradingDay) && !hasBeenEnteredBehind($0.target)
      }
      if covering.contains(where: {
        $0.target.cause.rule == rule || $0.alsoFor.rules.contains(rule)
      }) {
        continue
      }
      if demand.end == .episode, let shared = covering.first(where: { !$0.target.isLockout }) {
        state.targets[shared.target.id]?.alsoFor.rules.append(rule)
        record(verdict.reason, of: rule, account, target: shared.target.id)
        continue
      }
      if case .protected = demand.goal, let old = standing.first {
        tighten(old.target, to: demand.goal, verdict.reason)
        continue
      }
      adopt(demand, verdict.reason, of: rule, account, instead: standing)
    }
  }

  private mutating func adopt(
    _ demand: Verdict.Demand, _ reason: BreachReason, of rule: RuleID, _ account: AccountID,
    instead standing: [StandingTarget]
  ) {
    let tradingDay = tradingDay(of: account)
    let target = Target(
      id: nextID(), account: account, goal: narrowed(demand.goal, by: standing),
      cause: Cause(rule: rule, reason: reason), end: demand.end, adoptedAt: state.now,
      episodes: openEpisodes(of: demand, account))
    state.targets[target.id] = StandingTarget(
      target: target, episodes: episodes(of: demand.goal, account))
    index.adopted(target.id, of: account)
    changedAccounts.insert(account)
    effects.append(.adopt(target))
    noteClosing(target)
    if case .stopWanted = reason {} else { record(reason, of: rule, account, target: target.id) }
    for old in standing where demand.replaces(old.target, tradingDay) {
      end(old.target.id, .superseded)
    }
  }

  private mutating func record(
    _ reason: BreachReason, of rule: RuleID, _ account: AccountID, target: TargetID
  ) {
    effects.append(
      .breach(
        Breach(account: account, rule: rule, reason: reason, target: target, at: state.now)))
  }

  private mutating func tighten(_ target: Target, to goal: Goal, _ reason: BreachReason) {
    var target = target
    target.goal = goal
    target.cause.reason = reason
    state.targets[target.id]?.target = target
    effects.append(.amend(target))
  }

  /// What may stay under a lockout may stay under the one that replaces it, and no more.
  private func narrowed(_ goal: Goal, by standing: [StandingTarget]) -> Goal {
    guard case .noNewExposure(var baselines) = goal else { return goal }
    for case .noNewExposure(let bounds) in standing.map(\.target.goal) {
      baselines = baselines.compactMap { baseline in
        let bound = bounds.first { $0.contract == baseline.contract }?.signedSize ?? 0
        let narrow = baseline.tightened(to: bound)
        return narrow.signedSize == 0 ? nil : narrow
      }
    }
    return .noNewExposure(baselines)
  }

  /// Remembers which contracts riskd is about to close in.
  private mutating func noteClosing(_ target: Target) {
    for held in state.accounts[target.account]?.openPositions ?? []
    where target.goal.forbids(held.position) {
      state.accounts[target.account]?.traces.closingAsked[held.position.contract] = state.now
    }
  }

  /// Counts exposure that comes back, or grows, while a lockout forbids it.
  mutating func noteReentries(of account: AccountID, before: [ContractID: PositionState]) {
    for held in state.accounts[account]?.openPositions ?? [] {
      let earlier = before[held.position.contract]
      let isNew = earlier?.episode != held.episode
      let hasGrown = held.position.size > earlier?.position.size ?? 0
      guard isNew || hasGrown else { continue }
      noteReentry(of: account, into: held.position)
    }
  }

  private mutating func noteReentry(of account: AccountID, into position: Position) {
    for id in index.targets(of: account) {
      guard let standing = state.targets[id], standing.target.isLockout,
        standing.target.id.inputOrdinal < state.ordinal,
        standing.target.goal.forbids(position)
      else { continue }
      state.targets[id]?.reentries += 1
      state.accounts[account]?.traces.closingAsked[position.contract] = state.now
      effects.append(
        .reentry(account, id, contract: position.contract, count: standing.reentries + 1))
      countReentry(account, id)
    }
  }

  private mutating func countReentry(_ account: AccountID, _ id: TargetID) {
    guard var times = state.targets[id]?.reentryTimes else { return }
    times.latest =
      times.latest.filter { state.now - $0 <= StandingTarget.alarmWindow } + [state.now]
    if times.latest.count >= StandingTarget.alarmCount {
      effects.append(.notice(.reentriesRepeated(account, id, count: times.latest.count)))
      times.latest = []
    }
    state.targets[id]?.reentryTimes = times
  }

  /// Tells each time that a rule has come nearer to firing than before.
  mutating func warn(_ account: AccountID, _ distances: [Distance]) {
    guard var warnings = state.accounts[account]?.traces.warnings else { return }
    warnings.removeAll { warning in !distances.contains { warning.isAbout($0) } }
    for distance in distances where distance.isGraded {
      let index = warnings.firstIndex { $0.isAbout(distance) }
      let told = index.map { warnings[$0].grade } ?? .far
      let grade = distance.grade
      if grade > told {
        effects.append(.notice(.approaching(account, distance)))
      } else if !distance.hasLeft(told) {
        continue
      }
      if let index { warnings.remove(at: index) }
      if grade > .far {
        warnings.append(.init(rule: distance.rule, subject: distance.subject, grade: grade))
      }
    }
    state.accounts[account]?.traces.warnings = warnings
  }

  /// How far the rules of an account are from firing, in the order of their numbers.
  package func distances(_ account: AccountID) -> [Distance] {
    distances(account, at: state.now)
  }

  /// The same as it is at a moment after the last input.
  package func distances(_ account: AccountID, at now: Instant) -> [Distance] {
    guard let known = state.accounts[account], let catalog = catalogs[account],
      let view = view(of: known, at: now, venueNow: state.venueNow)
    else { return [] }
    return catalog.distances(view, known.memory)
  }

  /// An account as its rules see it at a moment; `nil` when it is not configured.
  package func view(of account: AccountID, at now: Instant) -> AccountView? {
    state.accounts[account].flatMap { view(of: $0, at: now, venueNow: state.venueNow) }
  }
}

extension StandingTarget {
  /// So many re-entries within the window are somebody who tries to get around the lockout.
  static let alarmCount = 5
  static let alarmWindow = TimeSpan.seconds(600)
}

extension Verdict.Demand {
  /// Whether a standing target of the same rule and subject has nothing to add to this demand.
  func replaces(_ target: Target, _ tradingDay: TradingDayRule) -> Bool {
    guard end.outlasts(target.end, tradingDay) else { return false }
    if case (.atMost(_, let wanted), .atMost(_, let standing)) = (goal, target.goal) {
      return wanted <= standing
    }
    return true
  }
}

extension AccountTraces.Warning {
  func isAbout(_ distance: Distance) -> Bool {
    rule == distance.rule && subject == distance.subject
  }
}

extension Distance {
  /// A figure that hovers at a grade is told once: the grade is left ten percent below it.
  static let hysteresis: Int64 = 10

  func hasLeft(_ grade: Grade) -> Bool { percent < Int64(grade.rawValue) - Distance.hysteresis }

  /// The end of a session comes every day; it is shown and not warned of.
  var isGraded: Bool { rule != .sessionBlockOutside }
}
