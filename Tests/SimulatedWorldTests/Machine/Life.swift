import RiskModel

/// The workers of the machine.
enum WorkerName: String, CaseIterable {
  case gateway, evaluator, enforcer
}

/// One life of a worker's process. Whatever its role does after the death has no effect: a death
/// in the middle of a call cuts a turn of the role in two.
final class Life {
  let worker: WorkerName
  private unowned let world: World
  private(set) var isOver = false

  init(_ worker: WorkerName, _ world: World) {
    self.worker = worker
    self.world = world
  }

  /// A call of the role to the outside: the process may die before it or after it.
  ///
  /// - Returns: The call's value; `nil` when the process is dead.
  func call<Value>(_ place: String, _ body: () -> Value) -> Value? {
    mayDie(before: place)
    guard !isOver else { return nil }
    let value = body()
    mayDie(after: place)
    return value
  }

  private func mayDie(before place: String) {
    if !isOver, world.faultOccurs(world.options.faults.deathPerCall) { end("before \(place)") }
  }

  private func mayDie(after place: String) {
    if !isOver, world.faultOccurs(world.options.faults.deathPerCall) { end("after \(place)") }
  }

  /// SIGKILL.
  func end(_ place: String) {
    guard !isOver else { return }
    isOver = true
    world.auditor.count("deaths")
    world.note("\(worker.rawValue) dies \(place)")
    world.machine.ended(self)
  }
}
