/// The name of a target: the ordinal of the journalled input that caused it and its place among
/// the effects of that input, `184-0`. The same journal gives the same names.
package struct TargetID: Hashable, Comparable, Sendable, Codable {
  package var inputOrdinal: Int64
  package var index: Int

  package init(inputOrdinal: Int64, index: Int) {
    self.inputOrdinal = inputOrdinal
    self.index = index
  }

  package init?(_ text: String) {
    let parts = text.split(separator: "-")
    guard parts.count == 2, let ordinal = Int64(parts[0]), let index = Int(parts[1]) else {
      return nil
    }
    self.init(inputOrdinal: ordinal, index: index)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = TargetID(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "A target id is ORDINAL-INDEX, not \(text).")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package static func < (lhs: TargetID, rhs: TargetID) -> Bool {
    (lhs.inputOrdinal, lhs.index) < (rhs.inputOrdinal, rhs.index)
  }
}

extension TargetID: CustomStringConvertible {
  package var description: String { "\(inputOrdinal)-\(index)" }
}

/// A signed size per contract, in contract order.
package struct Baseline: Equatable, Sendable, Codable {
  package var contract: ContractID
  package var signedSize: Int64

  package init(contract: ContractID, signedSize: Int64) {
    self.contract = contract
    self.signedSize = signedSize
  }
}

/// A state of the account that the enforcer makes true and keeps true.
package enum Goal: Equatable, Sendable, Codable {
  /// No position and no working order in any contract.
  case flatAccount
  /// No position and no working order in one contract.
  case flat(ContractID)
  /// A position of at most `size` contracts in magnitude, and no exits larger than it.
  case atMost(ContractID, size: Int64)
  /// No exposure beyond the baseline; a contract that is not listed has baseline zero.
  case noNewExposure([Baseline])
  /// One order is not working.
  case cancelled(OrderID)
  /// A working stop at this price or a tighter one, never larger than the position. The price of a
  /// standing goal is only ever tightened; while the goal stands it is the same stop.
  case protected(ContractID, ProtectiveStop)
}

/// Where a stop has to be that protects a position.
package struct ProtectiveStop: Equatable, Sendable, Codable {
  /// The side of the stop order: `sell` protects a long position. A position of the other sign is
  /// none of this stop's business.
  package var side: Side
  /// On the tick grid of the contract.
  package var price: Price
  /// `true` where only a stop that is there may be moved and none is placed.
  package var movesOnly: Bool?

  package init(side: Side, price: Price, movesOnly: Bool? = nil) {
    self.side = side
    self.price = price
    self.movesOnly = movesOnly
  }

  /// Whether a stop at this price gives up less than one at `other`.
  package func isTighter(than other: Price) -> Bool {
    side == .sell ? price > other : price < other
  }

  /// Whether a working order does what is wanted of this stop.
  package func isMet(by order: Order) -> Bool {
    guard order.status.isWorking, order.type.isStop, order.side == side,
      let stop = order.stopPrice
    else { return false }
    return !isTighter(than: stop)
  }
}

/// When a target stops standing. Only the evaluator ends a target.
package enum TargetEnd: Equatable, Sendable, Codable {
  /// With the position episode it belongs to: proven, or overtaken by a new position.
  case episode
  /// At a moment that both the local clock and the venue's own time have reached.
  case at(Instant)
  /// At the daily reset that ends this trading date.
  case dailyReset(CivilDate)
  /// By an administrator only.
  case permanent
  /// When the configuration no longer asks for it.
  case configuration
  /// When the venue lets the account trade again.
  case tradingRestored
  /// When the account trades inside its session again; computed, never stored.
  case sessionStart
  /// When the rules of the account can be evaluated again.
  case evaluationRestored
}

/// Why a target stands: which rule saw which numbers.
package struct Cause: Equatable, Sendable, Codable {
  package var rule: RuleID
  package var reason: BreachReason

  package init(rule: RuleID, reason: BreachReason) {
    self.rule = rule
    self.reason = reason
  }
}

/// A position that a one-shot target is about, from open to flat or sign change, by venue truth.
///
/// Once it is over, what is held in its contract is another position, and none of the target's
/// business: also for an enforcer that was started after that.
package struct PositionEpisode: Equatable, Sendable, Codable {
  package var contract: ContractID
  /// The venue's number of the position.
  package var position: Int64
  package var openedAt: Instant
  /// `sell` is a short position.
  package var side: Side
  /// The orders that worked when it was seen to be over, which have to go; `nil` while it is open.
  package var leftovers: [OrderID]?

  package init(
    contract: ContractID, position: Int64, openedAt: Instant, side: Side,
    leftovers: [OrderID]? = nil
  ) {
    self.contract = contract
    self.position = position
    self.openedAt = openedAt
    self.side = side
    self.leftovers = leftovers
  }

  /// The episode of a position that is open.
  package init(of position: Position) {
    self.init(
      contract: position.contract, position: position.id, openedAt: position.openedAt,
      side: position.signedSize < 0 ? .sell : .buy)
  }

  package var isOver: Bool { leftovers != nil }
}

/// A state to reach and keep, adopted by the evaluator and made true by the enforcer.
///
/// A lockout is a target whose end is not its episode.
package struct Target: Equatable, Sendable, Codable {
  package var id: TargetID
  package var account: AccountID
  package var goal: Goal
  package var cause: Cause
  package var end: TargetEnd
  package var adoptedAt: Instant
  /// The positions that a one-shot target was adopted for, in contract order; `nil` where the end is
  /// another one or the goal is not about what is held, and in the record of an earlier release.
  package var episodes: [PositionEpisode]?

  package init(
    id: TargetID, account: AccountID, goal: Goal, cause: Cause, end: TargetEnd, adoptedAt: Instant,
    episodes: [PositionEpisode]? = nil
  ) {
    self.episodes = episodes
    self.id = id
    self.account = account
    self.goal = goal
    self.cause = cause
    self.end = end
    self.adoptedAt = adoptedAt
  }

  package var isLockout: Bool { end != .episode }
}

/// Why a target ended.
package enum TargetEnding: String, Sendable, Codable {
  /// The enforcer proved the state at the venue.
  case proven
  /// The position episode ended by itself or gave way to a new position.
  case episodeOver
  /// The instant of its end came, by both clocks.
  case expired
  case dailyReset
  /// The configuration changed, which ends only targets that rest on the configuration.
  case configuration
  case tradingRestored
  case evaluationRestored
  case administrator
  /// A stronger target of the same account covers it.
  case superseded
}
