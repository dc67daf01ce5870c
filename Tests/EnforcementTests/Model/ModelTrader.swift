import RiskModel

@testable import Enforcement

// The trader, who does whatever he likes, and the rules of a few lines that answer him.
extension ModelWorld {
  mutating func trade() {
    guard isTrading else { return }
    after(milliseconds(20...3_000), .trade)
    let subject = Subject(
      account: random.pick(ModelWorld.accounts),
      contract: random.pick(ModelWorld.contracts))
    let held = venue.held(subject)
    let side: Side = random.chance(50) ? .buy : .sell
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1, 2:
      market(subject, side, Int64.random(in: 1...4, using: &random))
    case 3 where held != 0:
      market(subject, held > 0 ? .sell : .buy, abs(held))
    case 4 where abs(held) > 1:
      market(subject, held > 0 ? .sell : .buy, 1)
    case 5:
      let price = Int64.random(in: 90...110, using: &random)
      _ = venue.place(
        subject, side, Int64.random(in: 1...3, using: &random),
        type: random.chance(70) ? .limit : .stop, owner: .trader, price: price, at: civilTime)
    case 6:
      bracket(subject, side)
    case 7:
      protect(subject, held: held)
    case 8:
      let resting = venue.working(on: subject.account).filter {
        $0.type != .market && $0.status == .open && venue.owners[$0.id] == .trader
      }
      if let order = resting.randomElement(using: &random) { after(.zero, .fill(order.id)) }
    case 9:
      let resting = venue.working(on: subject.account).filter {
        venue.owners[$0.id] == .trader || $0.type == .stop
      }
      if let order = resting.randomElement(using: &random) {
        venue.setStatus(order.id, .cancelled, at: civilTime)
      }
    default:
      break
    }
  }

  private mutating func market(_ subject: Subject, _ side: Side, _ size: Int64) {
    guard venue.isOpen else { return }
    note("trader \(side) \(size) \(subject.account) \(subject.contract)")
    let order = venue.place(
      subject, side, size, type: .market, owner: .trader, status: .pending, at: civilTime)
    after(milliseconds(0...30), .fill(order))
  }

  /// An entry whose stop and limit exit wait, suspended, for its fill.
  private mutating func bracket(_ subject: Subject, _ side: Side) {
    let size = Int64.random(in: 1...2, using: &random)
    let entry = venue.place(
      subject, side, size, type: .limit, owner: .trader, price: 100, at: civilTime)
    let stop = venue.place(
      subject, side.opposite, size, type: .stop, owner: .trader, status: .suspended,
      price: side == .buy ? 90 : 110, parent: entry, at: civilTime)
    _ = venue.place(
      subject, side.opposite, size, type: .limit, owner: .trader, status: .suspended,
      price: side == .buy ? 110 : 90, parent: entry, linked: stop, at: civilTime)
  }

  private mutating func protect(_ subject: Subject, held: Int64) {
    guard held != 0 else { return }
    let side: Side = held > 0 ? .sell : .buy
    let stop = venue.place(
      subject, side, abs(held), type: .stop, owner: .trader, price: held > 0 ? 90 : 110,
      at: civilTime)
    if random.chance(60) {
      _ = venue.place(
        subject, side, abs(held), type: .limit, owner: .trader, price: held > 0 ? 110 : 90,
        linked: stop, at: civilTime)
    }
  }

  /// What a rule might ask for when it sees this position.
  mutating func targetCaused(by position: Position) -> Target? {
    guard hasFaults, position.size > 0, book.count < 6, random.chance(25) else { return nil }
    let contract = position.contract
    let (goal, end): (Goal, TargetEnd)
    switch Int.random(in: 0..<16, using: &random) {
    case 12...:
      guard !isProtected(position) else { return nil }
      let side: Side = position.signedSize > 0 ? .sell : .buy
      let price = Price(points: 100 + side.sign * 15)
      (goal, end) = (.protected(contract, ProtectiveStop(side: side, price: price)), .episode)
    case 0: (goal, end) = (.flatAccount, .permanent)
    case 1, 2: (goal, end) = (.flatAccount, .episode)
    case 3, 4: (goal, end) = (.flat(contract), .episode)
    case 5: (goal, end) = (.flat(contract), .configuration)
    case 6: (goal, end) = (.noNewExposure(baselines(position)), .permanent)
    default:
      guard position.size > 1 else { return nil }
      (goal, end) = (.atMost(contract, size: position.size - 1), .episode)
    }
    nextTarget += 1
    return Target(
      id: TargetID(inputOrdinal: nextTarget, index: 0), account: position.account, goal: goal,
      cause: Cause(rule: .maxContracts, reason: .contractsAboveLimit(held: 2, limit: 1)),
      end: end, adoptedAt: civilTime)
  }

  private func baselines(_ position: Position) -> [Baseline] {
    [Baseline(contract: position.contract, signedSize: position.signedSize)]
  }

  private func isProtected(_ position: Position) -> Bool {
    standing.contains { target in
      guard target.account == position.account,
        case .protected(position.contract, let stop) = target.goal
      else { return false }
      return stop.side.sign * position.signedSize < 0
    }
  }

  /// What stands in the way of the end: everything that a target asks for is so at the venue, and
  /// no stop of the enforcer's is left over.
  func unmet() -> [String] { unmetTargets() + strayStops() }

  private func strayStops() -> [String] {
    ModelWorld.accounts.flatMap { account in
      ModelWorld.contracts.flatMap { contract -> [String] in
        let subject = Subject(account: account, contract: contract)
        let held = venue.held(subject)
        return venue.stopsByEnforcer(subject).filter {
          $0.side.sign * held >= 0 || $0.remainingSize > abs(held)
        }.map { "stop \($0.id) for \($0.remainingSize) is left over on \(subject) of \(held)" }
      }
    }
  }

  private func isUnprotected(_ subject: Subject, _ stop: ProtectiveStop) -> Bool {
    venue.held(subject) * stop.side.sign < 0
      && !venue.working(subject).contains { $0.status != .suspended && stop.isMet(by: $0) }
  }

  private func unmetTargets() -> [String] {
    standing.compactMap { target in
      if case .protected(let contract, let stop) = target.goal {
        let subject = Subject(account: target.account, contract: contract)
        return isUnprotected(subject, stop) ? "\(subject) has no stop at \(stop.price)" : nil
      }
      guard target.isLockout else { return "\(target.id) \(target.goal) is still open" }
      let working = venue.working(on: target.account)
      switch target.goal {
      case .flatAccount:
        let isFlat = venue.open(on: target.account).isEmpty && working.isEmpty
        return isFlat ? nil : "\(target.account) is not flat"
      case .flat(let contract):
        let subject = Subject(account: target.account, contract: contract)
        let isFlat = venue.held(subject) == 0 && venue.working(subject).isEmpty
        return isFlat ? nil : "\(subject) is not flat"
      case .noNewExposure(let baselines):
        let isWithin = venue.open(on: target.account).allSatisfy { position in
          let baseline = baselines.first { $0.contract == position.contract }?.signedSize ?? 0
          return baseline * position.signedSize > 0 && abs(baseline) >= position.size
        }
        let hasOpening = working.contains { order in
          let held = venue.held(Subject(account: order.account, contract: order.contract))
          return order.side.sign * held >= 0
        }
        return isWithin && !hasOpening ? nil : "\(target.account) has new exposure"
      case .atMost, .cancelled, .protected:
        return nil
      }
    }
  }
}

extension Target {
  /// A protected position stays protected; other one-shot targets end with their proof.
  var endsWhenProven: Bool {
    if case .protected = goal { return false }
    return !isLockout
  }
}
