import RiskModel

/// What the targets of an account together ask of one contract.
struct ContractDemand: Sendable {
  /// The largest size that is allowed, and the strongest target that allows no more.
  private(set) var ceiling: (size: Int64, target: TargetID)?
  /// Opening orders have to go.
  private(set) var cancelsOpenings: TargetID?
  /// Exits have to go too, once the contract is being closed.
  private(set) var clearsExits: TargetID?
  /// Exits may not be larger than the position.
  private(set) var shrinksExits: TargetID?

  /// `targets` from the strongest to the weakest.
  init(
    _ targets: [OpenTarget], contract: ContractID, holding signedSize: Int64, seenAt: Ordinal
  ) {
    for target in targets {
      guard let size = target.ceiling(of: contract, holding: signedSize),
        !target.mayBeOutdated(contract, holding: signedSize, seenAt: seenAt)
      else { continue }
      let id = target.target.id
      if size < ceiling?.size ?? .max { ceiling = (size, id) }
      if size == 0 {
        cancelsOpenings = cancelsOpenings ?? id
        clearsExits = clearsExits ?? id
      }
      switch target.target.goal {
      case .noNewExposure:
        cancelsOpenings = cancelsOpenings ?? id
        shrinksExits = shrinksExits ?? id
      case .atMost:
        shrinksExits = shrinksExits ?? id
      case .flatAccount, .flat, .cancelled, .protected:
        break
      }
    }
  }
}

/// An account at one moment, to hold a target against.
struct AccountView: Sendable {
  /// A contract that is not listed is flat.
  var rows: SortedMap<ContractID, PositionRow>
  /// Orders that can still trade.
  var orders: [Order]

  func signedSize(of contract: ContractID) -> Int64 { rows[contract]?.signedSize ?? 0 }

  private func hasOpening(in contract: ContractID? = nil) -> Bool {
    orders.contains { order in
      (contract == nil || order.contract == contract)
        && OrderEffect(of: order, onPosition: signedSize(of: order.contract)) == .opening
    }
  }

  private func hasShrinkableExits(in contract: ContractID) -> Bool {
    ExitSurplus.nextShrink(
      position: signedSize(of: contract), orders: orders.filter { $0.contract == contract }) != nil
  }

  /// Whether the target's state holds here.
  func meets(_ open: OpenTarget) -> Bool {
    if let episode = open.episode, episode.isOver { return isClear(of: episode) }
    switch open.target.goal {
    case .flatAccount:
      return open.episode == nil && orders.isEmpty && rows.values.allSatisfy { $0.size == 0 }
    case .flat(let contract):
      return open.episode == nil && signedSize(of: contract) == 0
        && !orders.contains { $0.contract == contract }
    case .atMost(let contract, let size):
      let held = signedSize(of: contract)
      if open.episode != nil, held == 0 { return false }
      return abs(held) <= size && !hasShrinkableExits(in: contract)
    case .noNewExposure:
      return !hasOpening()
        && rows.allSatisfy { contract, row in
          row.size <= open.ceiling(of: contract, holding: row.signedSize) ?? .max
            && !hasShrinkableExits(in: contract)
        }
    case .cancelled(let order):
      return !orders.contains { $0.id == order }
    case .protected(let contract, let stop):
      let held = signedSize(of: contract)
      guard held * stop.side.sign < 0 else { return !orders.contains(where: open.owns) }
      let stops = orders.filter { $0.protects(contract, side: stop.side) }
      return !stops.contains { $0.isOversizedStop(onPosition: held) }
        && ExitSurplus.growth(ofOurStopAmong: stops, position: held) == nil
        && (stops.contains(where: stop.isMet) || open.hasBeenMet(byOneOf: stops)
          || (stops.isEmpty && stop.movesOnly == true))
    }
  }

  /// Whether nothing is left of an episode: what is held in its contracts is something new, and no
  /// left-over order could open anything.
  private func isClear(of episode: Episode) -> Bool {
    let holdsNothing = episode.flatAt.keys.allSatisfy { contract in
      guard let row = rows[contract], row.size != 0 else { return true }
      return episode.isAnother(row, in: contract)
    }
    return holdsNothing
      && !orders.contains { order in
        episode.leftovers.contains(order.id)
          && OrderEffect(of: order, onPosition: signedSize(of: order.contract)) == .opening
      }
  }
}
