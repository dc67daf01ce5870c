import RiskModel
import RiskRules
import Store

/// The targets of a replayed engine beside those of the record, and what stands when both were heard.
///
/// The record is what was decided and enforced; the replay is what this release would have decided
/// on the same inputs, and another release may have decided otherwise. A target stands on when either
/// side holds it, unless the record has an end of the same decision that must be kept (`isKept`). Where
/// both hold the same decision it has the name of the record, which the enforcer and the venue
/// know, and is as strict as the stricter of the two.
struct RecordComparison {
  /// What the two sides differed in, by the names that stand now.
  struct Differences: Equatable {
    /// Known to the record alone.
    var restored: [TargetID] = []
    /// Decided by the replay alone.
    var adopted: [TargetID] = []
    /// Replayed as standing; the record says that they ended.
    var ended: [TargetID] = []
    /// The same decision, under another name or not as strict.
    var adjusted: [TargetID] = []

    var isEmpty: Bool { self == Differences() }

    /// For people, by what became of them.
    var texts: [String: String] {
      let groups = [
        "restored": restored, "adopted": adopted, "ended": ended, "adjusted": adjusted,
      ]
      return groups.filter { !$0.value.isEmpty }
        .mapValues { $0.map(\.description).joined(separator: " ") }
    }
  }

  private(set) var differences = Differences()
  /// What the engine goes on with.
  private(set) var engine: RiskEngine
  /// Targets that the record does not have, or not like this.
  private(set) var unrecorded: [Target] = []

  /// - Parameters:
  ///   - replayed: The engine behind the last input.
  ///   - open: The targets that stand by the record.
  ///   - ends: The ends that the record may have of what only the engine holds: those at or behind a
  ///     moment, and all of targets that these inputs caused.
  /// - Throws: What reading the ends throws.
  init(
    _ replayed: RiskEngine, open: [Target],
    ends: (_ since: Instant, _ inputs: Set<Int64>) throws(StoreError) -> [RecordedEnd]
  ) throws(StoreError) {
    engine = replayed
    let former = replayed.state.targets
    var pairs = Pairs(open: open, standing: former.values.map(\.target).sorted { $0.id < $1.id })
    pairs.match { $0.id == $1.id }
    pairs.match { $0.id.inputOrdinal == $1.id.inputOrdinal }
    pairs.match { _, _ in true }

    var state = replayed.state
    state.targets = [:]
    for (recorded, held) in pairs.matched {
      guard var standing = former[held.id] else { continue }
      standing.target = held.joined(to: recorded)
      state.targets[recorded.id] = standing
      if standing.target != recorded { unrecorded.append(standing.target) }
      if held != recorded { differences.adjusted.append(recorded.id) }
    }
    if let earliest = pairs.standing.map(\.adoptedAt).min() {
      let found = try ends(earliest, Set(pairs.standing.map(\.id.inputOrdinal)))
      keep(pairs.standing, former, found, named: Set(open.map(\.id) + found.map(\.id)), in: &state)
    }
    differences.restored = pairs.open.map(\.id)
    guard !differences.isEmpty else { return }
    engine = RiskEngine(state: state)
    _ = engine.restore(pairs.open)
  }

  /// What the engine alone holds stands on, unless the record has ended it.
  private mutating func keep(
    _ targets: [Target], _ former: [TargetID: StandingTarget], _ ends: [RecordedEnd],
    named recorded: Set<TargetID>, in state: inout EngineState
  ) {
    var names = recorded.union(former.keys)
    for target in targets {
      guard var standing = former[target.id] else { continue }
      if let end = ends.first(where: { $0.isKept(for: target) }) {
        differences.ended.append(target.id)
        if end.ending == .proven { state.noteProvenFlat(standing) }
        continue
      }
      // A name that the record knows stays with what it named.
      if recorded.contains(target.id) {
        let indices = names.filter { $0.inputOrdinal == target.id.inputOrdinal }.map(\.index)
        standing.target.id.index = (indices.max() ?? 0) + 1
        names.insert(standing.target.id)
      }
      state.targets[standing.target.id] = standing
      unrecorded.append(standing.target)
      differences.adopted.append(standing.target.id)
    }
  }

  /// Which target of one side is which of the other.
  private struct Pairs {
    /// Without a partner, both.
    var open: [Target]
    var standing: [Target]
    var matched: [(recorded: Target, held: Target)] = []

    init(open: [Target], standing: [Target]) {
      self.open = open
      self.standing = standing
    }

    mutating func match(where isNear: (Target, Target) -> Bool) {
      open.removeAll { recorded in
        guard
          let place = standing.firstIndex(where: {
            isNear(recorded, $0) && $0.isSameDecision(as: recorded)
          })
        else { return false }
        matched.append((recorded, standing.remove(at: place)))
        return true
      }
    }
  }
}

extension RecordedEnd {
  /// Whether the recorded end also ends a target that the engine holds.
  ///
  /// The end of a one-shot target is kept: what was closed must not be closed again on the next
  /// position, and a rule that is still broken asks anew. A lockout stays ended when an administrator
  /// or the reset ended it, or one that the record holds took its place; every other end of a lockout
  /// is a condition that the engine looks at again with its next input.
  func isKept(for target: Target) -> Bool {
    guard let ended = self.target, ended.isSameDecision(as: target),
      ended.id.inputOrdinal == target.id.inputOrdinal || at > target.adoptedAt
    else { return false }
    guard target.isLockout else { return ended.goal.joined(with: target.goal) == ended.goal }
    switch ending {
    case .administrator, .dailyReset, .superseded: return true
    case .proven, .episodeOver, .expired, .configuration, .tradingRestored, .evaluationRestored,
      nil:
      return false
    }
  }
}

extension EngineState {
  /// The proof reached an engine that had another name for the target.
  fileprivate mutating func noteProvenFlat(_ standing: StandingTarget) {
    switch standing.target.goal {
    case .flatAccount, .flat:
      let account = standing.target.account
      for (contract, episode) in standing.episodes
      where accounts[account]?.positions[contract]?.episode == episode {
        accounts[account]?.provenFlat[contract] = episode
      }
    case .atMost, .noNewExposure, .cancelled, .protected:
      return
    }
  }
}
