import ControlPlane
import RiskModel
import Supervision

/// The operators who wait for the end of a restart.
struct RestartWaits {
  struct Wait: Equatable {
    var worker: WorkerName
    /// A later life of the worker is waited for.
    var life: Int64
    var deadline: MonotonicInstant
    var timeoutSeconds: Int
  }

  private var waits: [ControlClientID: Wait] = [:]

  var nextDeadline: MonotonicInstant? { waits.values.map(\.deadline).min() }

  mutating func add(
    _ client: ControlClientID, _ request: RestartRequest, after life: Int64,
    deadline: MonotonicInstant
  ) {
    waits[client] = Wait(
      worker: request.worker, life: life, deadline: deadline,
      timeoutSeconds: request.timeoutSeconds)
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
