import RiskModel

// When two targets are the same decision, and what both of them demand.
extension Target {
  /// Whether two releases mean the same: the rule, the subject, the end and the positions are one.
  func isSameDecision(as other: Target) -> Bool {
    guard account == other.account, cause.rule == other.cause.rule, end == other.end,
      goal.joined(with: other.goal) != nil
    else { return false }
    guard let episodes, let others = other.episodes else { return true }
    return episodes.count == others.count
      && zip(episodes, others).allSatisfy { $0.isSamePosition(as: $1) }
  }

  /// The recorded target, as strict as this one of the same decision.
  func joined(to recorded: Target) -> Target {
    var target = recorded
    target.goal = goal.joined(with: recorded.goal) ?? recorded.goal
    guard let episodes else { return target }
    target.episodes = recorded.episodes ?? episodes
    // What either side saw end is over.
    for (index, episode) in episodes.enumerated() where target.episodes?[index].isOver == false {
      target.episodes?[index].leftovers = episode.leftovers
    }
    return target
  }
}

extension PositionEpisode {
  fileprivate func isSamePosition(as other: PositionEpisode) -> Bool {
    contract == other.contract && position == other.position && openedAt == other.openedAt
  }
}

extension Goal {
  /// What both goals demand, in one; `nil` when they are about different things.
  func joined(with other: Goal) -> Goal? {
    switch (self, other) {
    case (.flatAccount, .flatAccount): self
    case (.flat(let a), .flat(let b)): a == b ? self : nil
    case (.cancelled(let a), .cancelled(let b)): a == b ? self : nil
    case (.atMost(let a, let size), .atMost(let b, let otherSize)):
      a == b ? .atMost(a, size: min(size, otherSize)) : nil
    case (.noNewExposure(let bounds), .noNewExposure(let others)):
      .noNewExposure(bounds.compactMap { $0.joined(with: others) })
    case (.protected(let a, let stop), .protected(let b, let otherStop)):
      a == b ? stop.joined(with: otherStop).map { .protected(a, $0) } : nil
    default: nil
    }
  }
}

extension Baseline {
  /// What may stay under both; a contract that is not listed has baseline zero.
  fileprivate func joined(with others: [Baseline]) -> Baseline? {
    guard let other = others.first(where: { $0.contract == contract }),
      other.signedSize.signum() == signedSize.signum()
    else { return nil }
    return abs(other.signedSize) < abs(signedSize) ? other : self
  }
}

extension ProtectiveStop {
  fileprivate func joined(with other: ProtectiveStop) -> ProtectiveStop? {
    guard side == other.side else { return nil }
    return ProtectiveStop(
      side: side, price: isTighter(than: other.price) ? price : other.price,
      movesOnly: movesOnly == true && other.movesOnly == true ? true : nil)
  }
}
