import RiskModel
import RiskRules

@testable import Enforcement

// What happens in a step.
extension SmallWorld {
  mutating func perform(_ step: Step) {
    let orderly = orderly
    if step != orderly.first, orderly.contains(step) { departures -= 1 }
    switch step {
    case .arrive(let number): arrive(number, isLost: false)
    case .arriveAndLose(let number):
      departures -= 1
      arrive(number, isLost: true)
    case .reply(let number):
      guard let reply = replies.removeValue(forKey: number) else { return }
      note(step, riskd: true, venue: false)
      deliver(reply)
    case .fill(let order):
      note(step, riskd: false, venue: true)
      late.remove(order)
      fill(order)
    case .delay(let order):
      departures -= 1
      note(step, riskd: false, venue: true)
      late.insert(order)
    case .hear:
      note(step, riskd: true, venue: false)
      hear(stream.removeFirst())
    case .trade:
      note(step, riskd: false, venue: true)
      trade(moves.removeFirst())
    case .trigger(let order):
      departures -= 1
      note(step, riskd: false, venue: true)
      stream += venue.fill(order, at: civil)
    case .restart:
      departures -= 1
      note(step, riskd: true, venue: false)
      restart()
    case .doubleDeath:
      departures -= 1
      note(step, riskd: true, venue: false)
      stream = []
      isUnread = true
      act(controller.evaluatorLink(isUp: false, civilTime: civil, at: now))
      connect()
    case .read:
      // What it finds is the venue as it is now.
      note([Int64(happened & 0xFFFF_FFFF)], riskd: true, venue: false)
      isUnread = false
      read()
    case .time:
      note(step, riskd: true, venue: true)
      passTime()
    }
  }

  private mutating func trade(_ move: TraderMove) {
    wasClosingAtOpening = travelling.values.contains {
      $0.request == .close(account, move.contract)
    }
    switch move {
    case .buy(let contract, let size):
      stream += venue.move(contract, by: size, at: civil)
    case .enter(let contract, let size):
      stream += venue.move(contract, by: size, at: civil)
      stream += venue.protect(contract, at: civil)
    }
  }

  // The way of a request.

  private mutating func arrive(_ number: Int64, isLost: Bool) {
    guard let sent = travelling.removeValue(forKey: number) else { return }
    var signature = Hasher()
    signature.combine(number)
    signature.combine(isLost)
    signature.combine(sent.request)
    // A read changes nothing at the venue, but what it shows is the venue as it is now.
    if sent.request.changesTheVenue {
      note(signature.finalize(), riskd: false, venue: true)
      audit(arrived: sent)
    }
    let outcome = answer(sent.request)
    if sent.request.changesTheVenue {
      replies[number] = Reply(sent: sent, outcome: outcome, isLost: isLost)
    } else {
      note([number, Int64(happened & 0xFFFF_FFFF)], riskd: true, venue: false)
      deliver(Reply(sent: sent, outcome: outcome))
    }
  }

  private mutating func answer(_ request: EnforcementRequest) -> RequestOutcome {
    switch request {
    case .readAccounts: return .accounts([account])
    case .readWorkingOrders:
      return .workingOrders(venue.working)
    case .readPositions: return .positions(venue.open)
    case .cancel(_, let order):
      return taken(venue.cancel(order, at: civil))
    case .modifySize(_, let order, let size):
      return taken(venue.resize(order, to: size, at: civil))
    case .close(_, let contract):
      return close(contract, nil)
    case .partialClose(_, let contract, let size):
      return close(contract, size)
    case .placeStop, .modifyStop:
      violations.append("\(request): nobody asked for a stop")
      return .refused(.other)
    }
  }

  private mutating func taken(_ events: [VenueEvent]?) -> RequestOutcome {
    guard let events else { return .gone }
    stream += events
    return .accepted
  }

  private mutating func close(_ contract: ContractID, _ size: Int64?) -> RequestOutcome {
    let held = venue.held(contract)
    guard held != 0 else { return .gone }
    guard !venue.isClosing(contract) else { return .pending }
    if let size, size > abs(held) { return .refused(.invalidSize) }
    stream += venue.place(
      .market, contract, held > 0 ? .sell : .buy, size ?? abs(held), isOurs: true, at: civil)
    return .accepted
  }

  private mutating func fill(_ id: OrderID) {
    guard let order = venue.orders[id] else { return }
    let before = venue.held(order.contract)
    stream += venue.fill(id, at: civil)
    audit(filled: order, from: before, to: venue.held(order.contract))
  }

  private mutating func deliver(_ reply: Reply) {
    guard reply.sent.life == life else { return }
    let sent = reply.sent
    act(controller.requestAnswered(sent.id, reply.outcome, sentAt: sent.sentAt, at: now))
  }

  private mutating func passTime() {
    let fills = venue.filling.compactMap { venue.orders[$0]?.createdAt }.min().map {
      now + (($0 + SmallWorld.longestFill) - civil)
    }
    let losses = replies.values.filter(\.isLost).map(\.sent.deadline).min()
    now =
      [wakeAt, fills, losses].compactMap { $0 }.min().map { max($0, now) }
      ?? now + .seconds(1)
    if let order = venue.filling.first(where: {
      venue.orders[$0].map { civil >= $0.createdAt + SmallWorld.longestFill } ?? false
    }) {
      late.remove(order)
    }
    for (number, reply) in replies where reply.isLost && reply.sent.deadline <= now {
      replies[number]?.isLost = false
      replies[number]?.outcome = .unknown("no answer")
    }
    wakeAt = nil
    act(controller.tick(at: now))
    if engine.isTickDue(at: civil, venueTime: civil) { decide(.tick(venueTime: civil)) }
  }
}
