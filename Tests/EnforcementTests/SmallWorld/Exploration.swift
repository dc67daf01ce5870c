import RiskModel

/// Every state that a small world can reach, breadth first.
struct Exploration {
  private(set) var states = 0
  private(set) var ends = 0
  private(set) var depth = 0
  /// The first violation, and the shortest way to it.
  private(set) var violation: String?
  private(set) var path: [String] = []
  /// Whether every state was visited.
  private(set) var isComplete = false

  init(_ setting: SmallWorld.Setting, limit: Int = 1_000_000) {
    var frontier = [SmallWorld(setting)]
    var seen: Set<SmallWorld.Name> = [frontier[0].name]
    states = 1
    while !frontier.isEmpty {
      var next: [SmallWorld] = []
      for world in frontier {
        for step in world.steps {
          var after = world
          after.perform(step)
          after.path.append("\(step)")
          after.auditTime()
          if after.isOver {
            ends += 1
            after.auditEnd()
          }
          if let found = after.violations.first {
            violation = "\(found), at depth \(depth), by \(step)"
            path = after.path
            return
          }
          guard seen.insert(after.name).inserted else { continue }
          states += 1
          guard !after.isOver, after.now - after.begunAt <= SmallWorld.horizon else { continue }
          next.append(after)
        }
        guard states < limit else { return }
      }
      frontier = next
      depth += 1
    }
    isComplete = true
  }
}
