package import RiskModel

/// The pure risk engine: inputs in, decisions out, nothing else.
///
/// No clock, no I/O, no randomness, no floating point. The same state and the same inputs give the
/// same effects, byte for byte, on any machine; the journal and `riskctl replay` rest on that.
package struct RiskEngine {
  package internal(set) var state: EngineState
  var catalogs: [AccountID: RuleCatalog] = [:]
  var effects: [Effect] = []

  package init(state: EngineState = EngineState()) {
    self.state = state
    catalogs = state.configuration.mapValues(RuleCatalog.init)
  }

  /// The rules that are in force for an account.
  package func loadedRules(_ account: AccountID) -> [RuleID] {
    catalogs[account]?.loadedRules ?? []
  }

  /// The rules that an engine with this configuration evaluates.
  package static func loadedRules(_ configuration: RiskConfiguration) -> [RuleID] {
    RuleCatalog(configuration).loadedRules
  }

  /// Applies one input.
  ///
  /// - Parameters:
  ///   - input: What happened.
  ///   - instant: The local clock when the input was received.
  /// - Returns: The decisions, in the order in which they must be carried out: targets first.
  package mutating func apply(_ input: EngineInput, at instant: Instant) -> [Effect] {
    state.ordinal += 1
    state.now = instant
    effects = []
    if case .tick(let venueTime?) = input { state.venueNow = venueTime }
    resetDays()
    let triggers = absorb(input)
    tightenBaselines()
    // A target of an episode that is over must not stand for a breach of the next one.
    endTargets()
    for (account, trigger) in triggers { evaluate(account, after: trigger) }
    endTargets()
    updateWatch()
    return effects
  }

  private mutating func evaluate(_ id: AccountID, after trigger: Trigger) {
    guard var account = state.accounts[id], account.unprotectable == nil,
      let configuration = state.configuration[id], let catalog = catalogs[id]
    else { return }
    var seen = account
    seen.positions = account.positions.filter { account.provenFlat[$0.key] != $0.value.episode }
    let view = AccountView(
      state: seen, configuration: configuration, contracts: state.contracts,
      books: state.books, now: state.now)
    let verdicts = catalog.evaluate(view, after: trigger, memory: &account.memory)
    state.accounts[id]?.memory = account.memory
    for (rule, verdict) in verdicts { adopt(verdict, of: rule, for: id) }
    noteReentries(of: id)
  }

  mutating func adopt(_ verdict: Verdict, of rule: RuleID, for account: AccountID) {
    for demand in verdict.goals {
      let standing = state.targets.values.filter {
        $0.target.account == account && $0.target.cause.rule == rule
          && $0.target.goal.hasSameSubject(as: demand.goal)
      }
      if standing.contains(where: { demand.isCovered(by: $0.target) }) { continue }
      let target = Target(
        id: nextID(), account: account, goal: demand.goal,
        cause: Cause(rule: rule, reason: verdict.reason), end: demand.end, adoptedAt: state.now)
      state.targets[target.id] = StandingTarget(
        target: target, episodes: episodes(of: demand.goal, account))
      effects.append(.adopt(target))
      effects.append(
        .breach(
          Breach(
            account: account, rule: rule, reason: verdict.reason, target: target.id,
            at: state.now)))
      for old in standing.sorted(by: { $0.target.id < $1.target.id }) {
        end(old.target.id, .superseded)
      }
    }
  }

  /// Counts exposure that comes back while the account, or the contract, must stay flat.
  private mutating func noteReentries(of account: AccountID) {
    let positions = state.accounts[account]?.positions ?? [:]
    let opened = positions.keys.sorted().filter { positions[$0]?.episode == state.ordinal }
    for contract in opened { noteReentry(of: account, into: contract) }
  }

  private mutating func noteReentry(of account: AccountID, into contract: ContractID) {
    for id in standingIDs {
      guard let standing = state.targets[id], standing.target.account == account,
        standing.target.isLockout, standing.target.id.inputOrdinal < state.ordinal,
        standing.target.goal.forbidsPosition(in: contract)
      else { continue }
      state.targets[id]?.reentries += 1
      effects.append(
        .reentry(account, id, contract: contract, count: standing.reentries + 1))
    }
  }

  /// Moves the baselines of `noNewExposure` targets towards zero with the positions they bound.
  private mutating func tightenBaselines() {
    for id in standingIDs {
      guard let target = state.targets[id]?.target, case .noNewExposure(let old) = target.goal
      else { continue }
      let positions = state.accounts[target.account]?.positions ?? [:]
      let new = old.map { $0.tightened(to: positions[$0.contract]?.position.signedSize ?? 0) }
        .filter { $0.signedSize != 0 }
      guard new != old else { continue }
      state.targets[id]?.target.goal = .noNewExposure(new)
      if let amended = state.targets[id]?.target { effects.append(.amend(amended)) }
    }
  }

  private mutating func endTargets() {
    for id in standingIDs {
      guard let standing = state.targets[id], let ending = ending(of: standing) else { continue }
      end(id, ending)
    }
  }

  private func ending(of standing: StandingTarget) -> TargetEnding? {
    let target = standing.target
    switch target.end {
    case .episode:
      return isOvertaken(standing) ? .episodeOver : nil
    case .at(let end):
      return state.agreedNow.map { $0 >= end } ?? false ? .expired : nil
    case .dailyReset(let date):
      let end = tradingDay(of: target.account).end(of: date)
      return state.agreedNow.map { $0 >= end } ?? false ? .dailyReset : nil
    case .permanent:
      return nil
    case .configuration:
      return isWithdrawn(target) ? .configuration : nil
    case .tradingRestored:
      return isReleased(target) ? .tradingRestored : nil
    case .sessionStart:
      return isReleased(target) ? .expired : nil
    case .evaluationRestored:
      return canEvaluate(target.account) ? .evaluationRestored : nil
    }
  }

  /// A one-shot target gives way when its episodes are over and something new was opened.
  private func isOvertaken(_ standing: StandingTarget) -> Bool {
    let positions = state.accounts[standing.target.account]?.positions ?? [:]
    for (contract, episode) in standing.episodes
    where positions[contract]?.episode == episode { return false }
    return standing.episodes.keys.contains { positions[$0] != nil }
  }

  /// The configuration does not ask for the target any more, and the day of that change is over.
  private func isWithdrawn(_ target: Target) -> Bool {
    guard let account = state.accounts[target.account],
      account.ledger.tradingDate > account.configuredOn
    else { return false }
    return catalogs[target.account]?.rule(target.cause.rule) == nil || isReleased(target)
  }

  private func isReleased(_ target: Target) -> Bool {
    guard let account = state.accounts[target.account],
      let configuration = state.configuration[target.account],
      let rule = catalogs[target.account]?.rule(target.cause.rule)
    else { return false }
    let view = AccountView(
      state: account, configuration: configuration, contracts: state.contracts,
      books: state.books, now: state.now)
    return rule.releases(target, view)
  }

  mutating func end(_ id: TargetID, _ ending: TargetEnding) {
    state.targets[id] = nil
    effects.append(.end(id, ending))
  }

  func nextID() -> TargetID {
    TargetID(inputOrdinal: state.ordinal, index: effects.count)
  }

  private var standingIDs: [TargetID] { state.targets.keys.sorted() }

  private func episodes(of goal: Goal, _ account: AccountID) -> [ContractID: Int64] {
    let positions = state.accounts[account]?.positions ?? [:]
    switch goal {
    case .flatAccount, .noNewExposure: return positions.mapValues(\.episode)
    case .flat(let contract), .atMost(let contract, _):
      return positions[contract].map { [contract: $0.episode] } ?? [:]
    case .cancelled: return [:]
    }
  }

  private mutating func updateWatch() {
    var wanted: Set<ContractID> = []
    for account in state.accounts.values { wanted.formUnion(account.positions.keys) }
    let sorted = wanted.sorted()
    guard sorted != state.watched else { return }
    state.watched = sorted
    // A price that nobody followed is no price of the next position.
    state.books = state.books.filter { wanted.contains($0.key) }
    effects.append(.watch(sorted))
  }
}

extension RiskEngine {
  /// Lets targets stand that the journal's own record says stand.
  ///
  /// - Returns: Those that the engine did not know.
  package mutating func restore(_ targets: [Target]) -> [TargetID] {
    let unknown = targets.filter { state.targets[$0.id] == nil }
    for target in unknown {
      state.targets[target.id] = StandingTarget(target: target)
    }
    return unknown.map(\.id)
  }
}
