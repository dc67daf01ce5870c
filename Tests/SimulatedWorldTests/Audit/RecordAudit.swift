import EvaluatorRole
import RiskModel
import RiskRules

/// What is recorded on the disk, and whether it stays.
struct RecordAudit {
  struct Known {
    var target: Target
    var recordedAt: TimeSpan
    var isDurable = false
    /// The input with which it ended, and when that was recorded.
    var endedBy: Int64?
    var endedAt: TimeSpan?
  }

  /// Targets by name; a name that a power cut took from the record may come again.
  var targets: [TargetID: Known] = [:]
  var lastOrdinal: Int64 = 0
  /// When something could not be recorded. Protection goes on in memory then.
  var failedAt: TimeSpan?
  /// With which input an execution was recorded first, and when.
  var executions: [TradeID: (ordinal: Int64, recordedAt: TimeSpan)] = [:]
}

extension Auditor {
  var standing: [Target] {
    record.targets.values.filter { $0.endedBy == nil }.map(\.target).sorted { $0.id < $1.id }
  }

  /// Targets that an enforcer may work for: they stand, or ended too short a time ago for everybody
  /// to know of it.
  func goalsAtWork(_ account: AccountID?) -> [Goal] {
    record.targets.values.filter { known in
      known.target.account == account
        && known.endedAt.map { clock.elapsed - $0 < Auditor.endingTakes } ?? true
    }.map(\.target.goal)
  }

  func isLocked(_ account: AccountID) -> Bool {
    standing.contains { $0.account == account && $0.isLockout }
  }

  /// A transaction is committed.
  func recorded(_ batch: JournalBatch) {
    count("commits")
    for entry in batch.entries {
      if entry.ordinal != record.lastOrdinal + 1 {
        object("input \(entry.ordinal) is recorded behind \(record.lastOrdinal)")
      }
      record.lastOrdinal = entry.ordinal
      world.note("recorded \(entry.ordinal): \(entry.input.short)")
      for trade in entry.input.executions where record.executions[trade] == nil {
        record.executions[trade] = (entry.ordinal, clock.elapsed)
      }
      for effect in entry.effects { recorded(effect, of: entry.ordinal) }
    }
  }

  func notRecorded() { record.failedAt = clock.elapsed }

  private func recorded(_ effect: Effect, of ordinal: Int64) {
    switch effect {
    case .adopt(let target), .amend(let target):
      world.note("target \(target.id) \(target.account): \(target.goal) until \(target.end)")
      let known = record.targets[target.id]
      if known == nil { count(target.isLockout ? "lockouts" : "one-shot targets") }
      record.targets[target.id] = RecordAudit.Known(
        target: target, recordedAt: known?.recordedAt ?? clock.elapsed,
        isDurable: known?.isDurable ?? false)
    case .end(let id, let ending):
      world.note("target \(id) ends: \(ending.rawValue)")
      guard let known = record.targets[id] else { return object("\(id) ends and never stood") }
      record.targets[id]?.endedBy = ordinal
      record.targets[id]?.endedAt = clock.elapsed
      if known.target.isLockout { lockoutEnded(known.target, ending) }
    default: return
    }
  }

  /// A lockout ends at its time, or where another holds what it held.
  private func lockoutEnded(_ target: Target, _ ending: TargetEnding) {
    switch (ending, target.end) {
    case (.expired, .at(let end)):
      if clock.venueNow < end { object("lockout \(target.id) ends before its time") }
    case (.superseded, _):
      if !standing.contains(where: { $0.account == target.account && $0.isLockout }) {
        object("lockout \(target.id) gives way to nothing")
      }
    case (.evaluationRestored, .evaluationRestored): return
    default: object("lockout \(target.id) until \(target.end) ends: \(ending.rawValue)")
    }
  }

  /// What was recorded through this input is on the disk for good.
  func synchronised(through ordinal: Int64) {
    for id in record.targets.keys where id.inputOrdinal <= ordinal {
      record.targets[id]?.isDurable = true
    }
  }

  /// The disk lost what was recorded behind this input.
  func forgotten(after ordinal: Int64, at moment: TimeSpan) {
    for (id, known) in record.targets.sorted(by: { $0.key < $1.key }) {
      if known.endedBy.map({ $0 > ordinal }) == true {
        record.targets[id]?.endedBy = nil
        record.targets[id]?.endedAt = nil
      }
      guard id.inputOrdinal > ordinal else { continue }
      if known.isDurable { object("\(id) was on the disk and is gone") }
      let age = moment - known.recordedAt
      if known.target.isLockout, age > options.syncTime + .seconds(6) {
        object("lockout \(id) is lost \(age.milliseconds) ms after it was recorded")
      }
      record.targets[id] = nil
    }
    record.executions = record.executions.filter { $1.ordinal <= ordinal }
    record.lastOrdinal = ordinal
  }

  /// A lockout that was recorded stands, whoever died.
  func checkLockouts(_ engine: EngineState) {
    for target in standing where target.isLockout && engine.targets[target.id] == nil {
      object("lockout \(target.id) of \(target.account) is lost")
    }
  }

  /// The record gives the same decisions again.
  func checkReplay() {
    var engine = RiskEngine()
    for entry in world.machine.disk.entries {
      let effects = engine.apply(entry.input, at: entry.at)
      guard effects == entry.effects, engine.state.ordinal == entry.ordinal else {
        world.note("recorded: \(entry.effects)")
        world.note("replayed: \(effects)")
        return object("input \(entry.ordinal) is decided differently when it is replayed")
      }
    }
    guard let state = world.machine.evaluator?.role.engineState else { return }
    if engine.state != state { object("the replayed state is not that of the evaluator") }
  }
}

extension EngineInput {
  /// Of which it tells.
  fileprivate var executions: [TradeID] {
    switch self {
    case .event(.trade(let trade)): [trade.id]
    case .snapshot(let snapshot): snapshot.trades.map(\.id)
    default: []
    }
  }

  var short: String {
    switch self {
    case .mark(let mark): "mark \(mark.contract.root) \(mark.price)"
    case .snapshot(let snapshot):
      "snapshot \(snapshot.account.id) "
        + snapshot.positions.map { "\($0.contract.root) \($0.signedSize)" }.joined(separator: ", ")
        + " orders \(snapshot.workingOrders.map(\.id.number)) trades \(snapshot.trades.count)"
    case .event(.position(let position)):
      "position \(position.account) \(position.contract.root) \(position.signedSize)"
    case .event(.order(let order)): "order \(order.id) status \(order.status.rawValue)"
    case .event(.trade(let trade)): "trade \(trade.id)"
    case .configuration: "configuration"
    default: String("\(self)".prefix(120))
    }
  }
}
