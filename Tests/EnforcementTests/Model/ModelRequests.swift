import RiskModel

@testable import Enforcement

// The way of a request to the model venue and back.
extension ModelWorld {
  mutating func arrive(_ sent: Sent) {
    let fault = hasFaults ? Int.random(in: 0..<100, using: &random) : 99
    let changes = sent.request.changesTheVenue
    if fault < 6 {
      let outcome: RequestOutcome = changes ? .unknown("lost before") : .failed("lost")
      lose(sent, outcome)
    } else if fault < 9, changes {
      answer(sent, .refused(random.pick([.orderRejected, .notSent, .other])))
    } else if fault < 11, changes {
      answer(sent, .pending)
    } else {
      let (outcome, moves) = apply(sent)
      if fault < 17, changes, outcome == .accepted {
        if fault < 14 { lose(sent, .unknown("lost after")) } else { answer(sent, .pending) }
      } else {
        answer(sent, outcome, moves)
      }
    }
  }

  private mutating func lose(_ sent: Sent, _ outcome: RequestOutcome) {
    let early = now + milliseconds(1...40)
    at(random.chance(50) ? early : max(early, sent.deadline), .reply(sent, outcome, movesRead: [:]))
  }

  private mutating func answer(
    _ sent: Sent, _ outcome: RequestOutcome, _ moves: [Subject: Int] = [:]
  ) {
    at(
      min(now + milliseconds(2...60), max(now, sent.deadline)),
      .reply(sent, outcome, movesRead: moves))
  }

  private mutating func apply(_ sent: Sent) -> (RequestOutcome, [Subject: Int]) {
    switch sent.request {
    case .readAccounts:
      return (.accounts(ModelWorld.accounts), [:])
    case .readWorkingOrders(let account):
      return (.workingOrders(venue.working(on: account)), [:])
    case .readPositions(let account):
      let moves = ModelWorld.contracts.map { contract in
        let subject = Subject(account: account, contract: contract)
        return (subject, venue.traderMoves[subject] ?? 0)
      }
      return (.positions(venue.open(on: account)), Dictionary(uniqueKeysWithValues: moves))
    case .close(let account, let contract):
      return (exit(sent, Subject(account: account, contract: contract), size: nil), [:])
    case .partialClose(let account, let contract, let size):
      return (exit(sent, Subject(account: account, contract: contract), size: size), [:])
    case .cancel(_, let order):
      return (cancel(order), [:])
    case .modifySize(_, let order, let size):
      guard venue.orders[order]?.status.isWorking == true else { return (.gone, [:]) }
      venue.setSize(order, size, at: civilTime)
      return (.accepted, [:])
    case .modifyStop(_, let order, let price):
      guard venue.orders[order]?.status.isWorking == true else { return (.gone, [:]) }
      venue.setStopPrice(order, price, at: civilTime)
      return (.accepted, [:])
    case .placeStop(let account, let contract, let side, let size, let price, let tag):
      let subject = Subject(account: account, contract: contract)
      return (placeStop(subject, side, size, price, tag), [:])
    }
  }

  private mutating func placeStop(
    _ subject: Subject, _ side: Side, _ size: Int64, _ price: Price, _ tag: String
  ) -> RequestOutcome {
    guard venue.isOpen else { return .refused(.marketClosed) }
    guard !venue.hasUsed(tag, on: subject.account) else { return .refused(.orderRejected) }
    auditor.stopPlaced(subject, venue: venue)
    let position = venue.held(subject)
    note("venue takes the stop \(tag) for \(size) holding \(position)")
    let order = venue.place(
      subject, side, size, type: .stop, owner: .enforcer,
      price: price.nanos / 1_000_000_000, tag: tag, at: civilTime)
    guard random.chance(20) else { return .accepted }
    let delay = milliseconds(100...20_000)
    after(delay, .trigger(order))
    return .accepted
  }

  /// The market reaches a stop that has something to close.
  mutating func trigger(_ id: OrderID) {
    guard let order = venue.orders[id], order.status.isWorking else { return }
    let held = venue.held(Subject(account: order.account, contract: order.contract))
    if order.side.sign * held < 0, order.remainingSize <= abs(held) { fill(id) }
  }

  private mutating func exit(_ sent: Sent, _ subject: Subject, size: Int64?) -> RequestOutcome {
    guard venue.isOpen else { return .refused(.marketClosed) }
    let position = venue.held(subject)
    guard position != 0 else { return .gone }
    if let size, size > abs(position) { return .refused(.invalidSize) }
    if sent.generation == generation {
      auditor.applied(
        sent.request, venue: venue, movesAtSending: sent.moves, targets: standing)
    }
    // One close at a time: error code 6 of the closing request (documented).
    if size == nil, venue.closingByEnforcer(subject) > 0 { return .pending }
    note("venue takes \(sent.request) holding \(position)")
    let order = venue.place(
      subject, position > 0 ? .sell : .buy, size ?? abs(position), type: .market,
      owner: .enforcer, status: random.chance(50) ? .pending : .open, at: civilTime)
    if sent.generation != generation { venue.disown(order) }
    after(fillDelay(), .fill(order))
    return .accepted
  }

  private mutating func fillDelay() -> TimeSpan {
    milliseconds(hasFaults && random.chance(10) ? 100...1_500 : 0...20)
  }

  mutating func fill(_ id: OrderID) {
    guard let order = venue.orders[id], order.status.isWorking else { return }
    let inParts = order.remainingSize > 1 && random.chance(20)
    venue.fill(
      id, size: inParts ? 1 : nil, positionFirst: random.chance(50), at: civilTime)
    note("filled \(id) \(order.side) \(order.size)")
    if inParts { after(milliseconds(1...200), .fill(id)) }
  }

  private mutating func cancel(_ id: OrderID) -> RequestOutcome {
    guard let order = venue.orders[id], order.status.isWorking else { return .gone }
    if random.chance(20) {
      venue.setStatus(id, .pendingCancellation, at: civilTime)
      after(milliseconds(10...400), .cancelled(order.id))
    } else {
      venue.setStatus(id, .cancelled, at: civilTime)
    }
    return .accepted
  }

  mutating func reply(
    _ sent: Sent, _ outcome: RequestOutcome, _ movesRead: [Subject: Int]
  ) {
    guard sent.generation == generation else { return }
    note("reply \(sent.id) \(outcome)")
    var subject = sent.subject
    if case .cancel(let account, let id) = sent.request {
      subject = venue.orders[id].map { Subject(account: account, contract: $0.contract) }
    }
    auditor.answered(
      sent.request, outcome, movesRead: movesRead, subject: subject,
      askedAs: sent.sequence, sentAt: sent.sentAt, at: now)
    let sentAt = start + (sent.sentAt - MonotonicInstant(nanos: 0))
    act(controller.requestAnswered(sent.id, outcome, sentAt: sentAt, at: now))
  }
}
