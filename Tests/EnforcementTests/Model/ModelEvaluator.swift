import RiskModel

@testable import Enforcement

// The evaluator of the model: passes events on, adopts and ends targets, comes and goes.
extension ModelWorld {
  mutating func deliver(_ event: VenueEvent, _ moves: Int) {
    switch event {
    case .position(let position):
      note("told position \(position.account) \(position.contract) \(position.signedSize)")
      let adoptsFirst = random.chance(50)
      let target = targetCaused(by: position)
      if adoptsFirst, let target { tellAdopt(target) }
      auditor.told(
        Subject(account: position.account, contract: position.contract),
        size: position.signedSize, moves: moves,
        openTargets: standing.filter { $0 != target || position.size == 0 })
      act(controller.venueEvent(event, at: now))
      if !adoptsFirst, let target { tellAdopt(target) }
      endEpisodes(position)
    case .order(let order):
      note(
        "told order \(order.id) \(order.type.rawValue) \(order.side) \(order.size) "
          + "status \(order.status.rawValue)")
      auditor.told(order, at: now)
      act(controller.venueEvent(event, at: now))
    default:
      break
    }
  }

  mutating func tellAdopt(_ target: Target) {
    book[target.id] = target
    revision += 1
    note("adopt \(target.id) \(target.account) \(target.goal) \(target.end)")
    act(controller.adopt(target, revision: revision, causeReadAt: now, at: now))
  }

  mutating func tellEnd(_ target: TargetID) {
    revision += 1
    note("end \(target)")
    act(controller.end(target, revision: revision, at: now))
  }

  private mutating func endEpisodes(_ position: Position) {
    for target in standing where target.account == position.account {
      guard case .protected(position.contract, var stop) = target.goal else { continue }
      if stop.side.sign * position.signedSize >= 0 {
        book[target.id] = nil
        tellEnd(target.id)
      } else if random.chance(30) {
        var tighter = target
        let step = Int64.random(in: 1...2, using: &random) * -stop.side.sign
        stop.price = Price(nanos: stop.price.nanos + step * 1_000_000_000)
        tighter.goal = .protected(position.contract, stop)
        tellAdopt(tighter)
      }
    }
    guard position.isFlat else { return }
    for target in standing where target.account == position.account && !target.isLockout {
      switch target.goal {
      case .flat(let contract), .atMost(let contract, _):
        guard contract == position.contract, random.chance(50) else { continue }
        book[target.id] = nil
        tellEnd(target.id)
      default:
        continue
      }
    }
  }

  mutating func restart() {
    note("restart")
    generation += 1
    auditor.restarted()
    venue.enforcerRestarted()
    controller = EnforcementController(civilTime: civilTime, at: now)
    isLinkUp = true
    connect()
  }

  mutating func connect() {
    act(controller.evaluatorLink(isUp: true, civilTime: civilTime, at: now))
    act(controller.protect(ModelWorld.accounts, at: now))
    revision += 1
    act(controller.setTargets(standing, revision: revision, at: now))
  }

  /// The gateway reads everything again; what was on its way before is forgotten.
  mutating func snapshot() {
    note("snapshot")
    held = []
    queue.removeAll { if case .deliver = $0.item { true } else { false } }
    _ = venue.takeEvents()
    for account in ModelWorld.accounts {
      let working = venue.working(on: account)
      for contract in ModelWorld.contracts {
        let subject = Subject(account: account, contract: contract)
        auditor.told(
          subject, size: venue.held(subject), moves: venue.traderMoves[subject] ?? 0,
          openTargets: [])
      }
      auditor.toldOrders(working, of: account, at: now)
      act(
        controller.snapshot(
          AccountSnapshot(
            account: Account(id: account, name: "A", balance: .zero, canTrade: true),
            positions: venue.open(on: account), workingOrders: working, trades: [],
            startedAt: civilTime), at: now))
    }
  }

  mutating func link(isUp: Bool) {
    guard isUp != isLinkUp else { return }
    isLinkUp = isUp
    note("link \(isUp)")
    act(controller.evaluatorLink(isUp: isUp, civilTime: civilTime, at: now))
    guard isUp else { return }
    if random.chance(50) { return snapshot() }
    let late = held
    held = []
    for (event, moves) in late { deliver(event, moves) }
  }
}
