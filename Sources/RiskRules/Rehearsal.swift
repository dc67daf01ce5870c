package import RiskModel

/// Other rules over a record of what happened: what would they have decided?
///
/// The record keeps its course: nobody knows what the trader would have done after the first decision
/// that was not taken then. A target counts as reached as soon as the record shows its state, and as
/// overtaken by the next position; locks stand to their ends, so that what the trader did against
/// them is seen as re-entries.
package struct Rehearsal {
  package private(set) var engine: RiskEngine
  /// What the engine of the record asked, by its own numbers.
  private var asked: [QueryID: Query] = [:]

  /// A moment and what was decided there.
  package struct Moment: Equatable, Sendable {
    package var at: Instant
    package var effects: [Effect]
  }

  /// - Parameters:
  ///   - configuration: The rules that are tried.
  ///   - record: The state from which the record goes on; `nil` for a record from its beginning.
  ///   - instant: The local clock there.
  package init(
    _ configuration: [AccountID: RiskConfiguration], from record: EngineState?, at instant: Instant
  ) {
    asked = record?.questions ?? [:]
    var state = (record ?? EngineState()).withoutDecisions(for: configuration)
    state.configuration = configuration
    engine = RiskEngine(state: state)
    _ = engine.apply(.configuration(configuration), at: max(instant, state.now))
  }

  /// Lets the record go on by one input. `decisions` are what was decided on it in truth, which is how
  /// its answers are understood.
  package mutating func take(
    _ input: EngineInput, at instant: Instant, decisions: [Effect]
  ) -> [Moment] {
    var moments = passTime(until: instant)
    for case .query(let id, let query) in decisions { asked[id] = query }
    switch input {
    case .configuration, .proven, .journal, .unknown, .administrator:
      // Of other rules, of other targets, or of that machine and its network.
      break
    case .answer(let id, let answer):
      moments += take(answer, to: asked.removeValue(forKey: id), at: instant)
    default:
      moments.append(apply(input, at: instant))
    }
    return moments + settle(at: instant)
  }

  /// Lets time pass up to a moment at which the record has nothing to say.
  package mutating func passTime(until instant: Instant) -> [Moment] {
    var moments: [Moment] = []
    var at = engine.state.now
    while true {
      let next = engine.changes.filter { $0 > at }.min()
      at = min(next ?? instant, at + Rehearsal.longestStep)
      guard at < instant else { return moments }
      let venueTime = engine.venueTime(at: at)
      guard engine.isTickDue(at: at, venueTime: venueTime) else { continue }
      moments.append(apply(.tick(venueTime: venueTime), at: at))
      moments += settle(at: at)
    }
  }

  /// Closing hours and the like are looked at this often when nothing says when.
  private static let longestStep = TimeSpan.seconds(60)

  private mutating func take(
    _ answer: QueryAnswer, to query: Query?, at instant: Instant
  ) -> [Moment] {
    if let query, let own = engine.state.questions.first(where: { $0.value == query })?.key {
      return [apply(.answer(own, answer), at: instant)]
    }
    switch answer {
    case .contract(let contract): return [apply(.event(.contract(contract)), at: instant)]
    case .workingOrders(let orders):
      return orders.map { apply(.event(.order($0)), at: instant) }
    case .failed: return []
    }
  }

  /// Answers what only these rules ask from what the record knows, and takes what it shows for
  /// reached as proven.
  private mutating func settle(at instant: Instant) -> [Moment] {
    var moments: [Moment] = []
    for (id, query) in engine.state.questions.sorted(by: { $0.key < $1.key }) {
      guard case .workingOrders(let account) = query, !asked.values.contains(query) else {
        continue
      }
      let orders = engine.state.accounts[account]?.orders.values.sorted { $0.id < $1.id } ?? []
      moments.append(apply(.answer(id, .workingOrders(orders)), at: instant))
    }
    for id in engine.reachedTargets { moments.append(apply(.proven(id), at: instant)) }
    return moments
  }

  private mutating func apply(_ input: EngineInput, at instant: Instant) -> Moment {
    Moment(at: instant, effects: engine.apply(input, at: instant))
  }
}

extension EngineState {
  /// What the venue had told, without anything that rules made of it.
  func withoutDecisions(for configuration: [AccountID: RiskConfiguration]) -> EngineState {
    var state = self
    state.targets = [:]
    state.questions = [:]
    state.isJournalWritable = true
    state.accounts = state.accounts.filter { configuration[$0.key] != nil }
    for id in state.accounts.keys {
      state.accounts[id]?.memory = RuleMemory()
      state.accounts[id]?.provenFlat = [:]
      state.accounts[id]?.traces.warnings = []
      state.accounts[id]?.traces.orderReading = .init()
      if let day = configuration[id]?.tradingDay { state.accounts[id]?.tradingDay = day }
    }
    return state
  }
}

extension RiskEngine {
  /// The venue's clock at a moment of the local one, as far ahead or behind as when both were read.
  func venueTime(at instant: Instant) -> Instant? {
    state.venueNow == nil ? nil : instant - state.clockLead
  }

  /// Moments of the local clock at which time alone may change something.
  var changes: [Instant] {
    let lead = state.clockLead
    let resets = state.accounts.values.map {
      tradingDay(of: $0.id).end(of: $0.ledger.tradingDate) + lead
    }
    let ends = state.targets.values.compactMap { standing -> Instant? in
      switch standing.target.end {
      case .at(let end): end + lead
      case .dailyReset(let date): tradingDay(of: standing.target.account).end(of: date) + lead
      default: nil
      }
    }
    let marks = state.accounts.values.flatMap { account in
      account.positions.values.compactMap { held -> Instant? in
        guard !held.isStale, let limit = state.configuration[account.id]?.staleThreshold else {
          return nil
        }
        return held.markedAt + limit + .milliseconds(1)
      }
    }
    return [nextDeadline].compactMap { $0 } + resets + ends + marks
  }

  /// One-shot targets whose state the account is in.
  var reachedTargets: [TargetID] {
    state.targets.values.filter { standing in
      guard standing.endsWithProof, let account = state.accounts[standing.target.account] else {
        return false
      }
      if case .cancelled(let order) = standing.target.goal { return account.orders[order] == nil }
      return !account.positions.values.contains { standing.target.goal.forbids($0.position) }
    }.map(\.target.id).sorted()
  }
}
