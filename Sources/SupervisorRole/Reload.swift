import ControlPlane
import RiskModel
import Supervision

/// The restarts that a reload brings about, one after the other in the order in which workers start,
/// and the operators who wait for their end.
struct Reload {
  struct Turn: Equatable {
    var worker: WorkerName
    /// A later life of the worker has the new configuration.
    var life: Int64
    /// The next worker does not wait longer than until then.
    var deadline: MonotonicInstant
  }

  struct Wait: Equatable {
    var report: ReloadReport
    var deadline: MonotonicInstant
    var timeoutSeconds: Int
  }

  private var pending: Set<WorkerName> = []
  private(set) var turn: Turn?
  /// The lives that ended or end for the latest reloads.
  private(set) var ended: [WorkerName: Int64] = [:]
  private var waits: [ControlClientID: Wait] = [:]

  var nextDeadline: MonotonicInstant? {
    (waits.values.map(\.deadline) + [turn?.deadline].compactMap(\.self)).min()
  }

  /// Whether restarts are outstanding; what was restarted may still be on its way.
  var isOver: Bool { pending.isEmpty && turn == nil }

  mutating func add(_ workers: Set<WorkerName>) {
    pending.formUnion(workers)
  }

  mutating func add(_ client: ControlClientID, _ wait: Wait) {
    waits[client] = wait
  }

  /// The worker whose restart is due now; `nil` while another one has its turn.
  mutating func next() -> WorkerName? {
    guard turn == nil, let worker = WorkerName.allCases.first(where: pending.contains) else {
      return nil
    }
    pending.remove(worker)
    return worker
  }

  mutating func begin(_ turn: Turn) {
    self.turn = turn
    ended[turn.worker] = turn.life
  }

  mutating func endTurn() {
    turn = nil
  }

  /// Those for whom the condition holds wait no longer.
  mutating func take(
    where condition: (Wait) -> Bool
  ) -> [(client: ControlClientID, wait: Wait)] {
    let taken = waits.filter { condition($0.value) }
    for client in taken.keys { waits[client] = nil }
    return taken.map { (client: $0.key, wait: $0.value) }
  }
}
