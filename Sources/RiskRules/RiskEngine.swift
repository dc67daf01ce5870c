package import RiskModel

/// The pure risk engine: inputs in, decisions out, nothing else.
///
/// No clock, no I/O, no randomness, no floating point. The same state and the same inputs give the
/// same effects, byte for byte, on any machine; the journal and `riskctl replay` rest on that.
package struct RiskEngine {
  package internal(set) var state: EngineState
  var catalogs: [AccountID: RuleCatalog] = [:]
  var effects: [Effect] = []
  var index: EngineIndex
  /// What is held may not be what is watched. Also an engine that was made from a state looks once.
  var isWatchInDoubt = true
  /// When the rules of an account want to be asked again, and the accounts of which that may be
  /// otherwise by now.
  var deadlines: [AccountID: Instant] = [:]
  var changedAccounts: Set<AccountID> = []

  package init(state: EngineState = EngineState()) {
    self.state = state
    catalogs = state.configuration.mapValues(RuleCatalog.init)
    index = EngineIndex(state)
    changedAccounts = Set(state.accounts.keys)
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
    if case .tick(let venueTime?) = input {
      state.venueNow = venueTime
      state.venueSeenAt = instant
    }
    resetDays()
    // What is re-entered is compared with what was there before, where a target forbids anything.
    let moved = state.targets.isEmpty ? nil : input.movedAccount
    let before = moved.flatMap { state.accounts[$0]?.positions } ?? [:]
    if let account = input.account { changedAccounts.insert(account) }
    let triggers = absorb(input)
    tightenBaselines()
    noteEndedEpisodes()
    // A target of an episode that is over must not stand for a breach of the next one.
    endTargets()
    for (account, trigger) in triggers {
      evaluate(account, after: trigger)
      changedAccounts.insert(account)
      if account == moved { noteReentries(of: account, before: before) }
    }
    endTargets()
    if isWatchInDoubt, input.canChangeWatch { updateWatch() }
    return effects
  }

  private mutating func evaluate(_ id: AccountID, after trigger: Trigger) {
    guard var account = state.accounts[id], account.unprotectable == nil,
      !account.reading.isSetAside, let configuration = state.configuration[id],
      let catalog = catalogs[id]
    else { return }
    var seen = account
    if !account.provenFlat.isEmpty {
      seen.positions = account.positions.filter { account.provenFlat[$0.key] != $0.value.episode }
    }
    guard let view = view(of: seen, at: state.now, venueNow: state.venueNow)?.sorted else { return }
    let verdicts = catalog.evaluate(view, after: trigger, memory: &account.memory)
    state.accounts[id]?.memory = account.memory
    let answers = verdicts.map { ($0, configuration.breachResponse.answer(to: $1, in: view)) }
    for (rule, verdict) in RiskEngine.strongestFirst(answers) { adopt(verdict, of: rule, for: id) }
    for question in catalog.questions(view, account.memory)
    where !state.questions.values.contains(question) {
      ask(question)
      // Until it is answered there is nothing to wake up for.
      state.accounts[id]?.traces.orderReading.retryAt = nil
    }
    warn(id, catalog.distances(view, account.memory))
  }

  func view(of account: AccountState, at now: Instant, venueNow: Instant?) -> AccountView? {
    guard let configuration = state.configuration[account.id] else { return nil }
    let targets = index.targets(of: account.id).compactMap { state.targets[$0]?.target }
    return AccountView(
      state: account, configuration: configuration, contracts: state.contracts,
      books: state.books, roots: index.roots, now: now, venueNow: venueNow,
      clockLead: state.clockLead, ordinal: state.ordinal, targets: targets)
  }

  /// Moves the baselines of `noNewExposure` targets towards zero with the positions they bound.
  private mutating func tightenBaselines() {
    for id in standingIDs {
      guard let target = state.targets[id]?.target, case .noNewExposure(let old) = target.goal
      else { continue }
      let account = state.accounts[target.account]
      let now = state.now
      let new = old.map { baseline in
        baseline.tightened(to: account?.boundingSize(of: baseline.contract, at: now) ?? 0)
      }.filter { $0.signedSize != 0 }
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
    if case .protected(let contract, _) = target.goal, !isOpen(contract, of: standing) {
      return .episodeOver
    }
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
      return state.accounts[target.account]?.account?.canTrade == true ? .tradingRestored : nil
    case .sessionStart:
      return isSessionOpen(again: target) ? .expired : nil
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

  private func isOpen(_ contract: ContractID, of standing: StandingTarget) -> Bool {
    let held = state.accounts[standing.target.account]?.positions[contract]
    return held.map { $0.episode == standing.episodes[contract] } ?? false
  }

  /// The configuration does not ask for the target any more, and the day of that change is over.
  private func isWithdrawn(_ target: Target) -> Bool {
    isDayOfChangeOver(target.account) && isReleased(target) ?? true
  }

  /// Whether what the configuration says counts by now, also where it says less than before.
  private func isDayOfChangeOver(_ id: AccountID) -> Bool {
    state.accounts[id].map { $0.ledger.tradingDate > $0.configuredOn } ?? false
  }

  /// Whether a lockout of the hours is over. One whose rule was taken away, or whose account was, ends
  /// as it would have ended: with the next session of the hours that it was adopted under.
  func isSessionOpen(again target: Target) -> Bool {
    if let isReleased = isReleased(target) { return isReleased }
    guard let account = state.accounts[target.account], let venueNow = state.venueNow else {
      return false
    }
    return account.memory.sessionBlockOutside.admits(
      target, at: state.now, venueNow: venueNow, account.tradingDay)
  }

  /// What the rule of a target says about its end; `nil` when the rule is not in force.
  private func isReleased(_ target: Target) -> Bool? {
    guard let account = state.accounts[target.account],
      let view = view(of: account, at: state.now, venueNow: state.venueNow)
    else { return nil }
    return catalogs[target.account]?.releases(target, view, account.memory)
  }

  mutating func end(_ id: TargetID, _ ending: TargetEnding) {
    if let account = state.targets[id]?.target.account { index.ended(id, of: account) }
    state.targets[id] = nil
    effects.append(.end(id, ending))
  }

  func nextID() -> TargetID {
    TargetID(inputOrdinal: state.ordinal, index: effects.count)
  }

  var standingIDs: [TargetID] { index.standing }

  func episodes(of goal: Goal, _ account: AccountID) -> [ContractID: Int64] {
    let positions = state.accounts[account]?.positions ?? [:]
    switch goal {
    case .flatAccount, .noNewExposure: return positions.mapValues(\.episode)
    case .flat(let contract), .atMost(let contract, _), .protected(let contract, _):
      return positions[contract].map { [contract: $0.episode] } ?? [:]
    case .cancelled: return [:]
    }
  }

  private mutating func updateWatch() {
    isWatchInDoubt = false
    let sorted = index.holders.keys.sorted()
    guard sorted != state.watched else { return }
    state.watched = sorted
    // A price that nobody followed is no price of the next position.
    state.books = state.books.filter { index.holders[$0.key] != nil }
    effects.append(.watch(sorted))
  }
}

extension EngineInput {
  /// Prices come by far the most often.
  fileprivate var canChangeWatch: Bool {
    if case .mark = self { false } else { true }
  }

  /// The account of which positions may become other ones that rules then look at.
  fileprivate var movedAccount: AccountID? {
    switch self {
    case .event(.position(let position)): position.account
    case .snapshot(let snapshot): snapshot.account.id
    default: nil
    }
  }

  /// The one account that the input is about.
  fileprivate var account: AccountID? {
    switch self {
    case .event(.account(let account)): account.id
    case .event(.position(let position)): position.account
    case .event(.order(let order)): order.account
    case .event(.trade(let trade)): trade.account
    case .snapshot(let snapshot): snapshot.account.id
    case .differences(let differences): differences.account
    case .unknown(let account, _), .unprotectable(let account, _): account
    case .ownClose(let close): close.account
    case .event(.quote), .event(.contract), .mark, .answer, .tick, .configuration, .proven,
      .journal, .administrator:
      nil
    }
  }
}

extension RiskEngine {
  /// Lets targets stand that the journal's own record says stand.
  ///
  /// - Returns: Those that the engine did not know.
  package mutating func restore(_ targets: [Target]) -> [TargetID] {
    let unknown = targets.filter { state.targets[$0.id] == nil }
    for target in unknown {
      state.targets[target.id] = StandingTarget(target: target, episodes: openEpisodes(of: target))
      index.adopted(target.id, of: target.account)
    }
    return unknown.map(\.id)
  }

  /// Of a target that the record alone knows: those of the positions that it names and that are held
  /// still, or, where it names none, of what is held now.
  private func openEpisodes(of target: Target) -> [ContractID: Int64] {
    guard target.end == .episode else { return [:] }
    let episodes = episodes(of: target.goal, target.account)
    guard let named = target.episodes else { return episodes }
    let positions = state.accounts[target.account]?.positions ?? [:]
    return episodes.filter { contract, _ in
      named.contains { episode in
        guard episode.contract == contract, !episode.isOver,
          let held = positions[contract]?.position
        else { return false }
        return episode.position == held.id && episode.openedAt == held.openedAt
      }
    }
  }
}
