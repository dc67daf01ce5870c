import PeerProtocol
import RiskModel
import SimulatedVenue
import VenueAPI

/// What the enforcer that runs now has asked and was told.
struct RequestAudit {
  struct Read {
    var size: Int64
    var askedAt: TimeSpan
  }

  struct Exit {
    var number: Int
    var sentAt: TimeSpan
    var isAnswered = false
    var isAccepted = false
  }

  var toldAt = TimeSpan.zero
  /// Sizes by the last event, or by an answer to what was asked since.
  fileprivate(set) var toldSizes: [Auditor.Subject: Int64] = [:]
  /// When the event of such a size was told, or the answer asked for.
  fileprivate var toldAsOf: [Auditor.Subject: TimeSpan] = [:]
  /// Exits at the market that it was told are working, and when.
  var marketOrders: [OrderID: (order: Order, toldAt: TimeSpan)] = [:]
  /// When the evaluator last said what it knows of an account.
  var snapshotAt: [AccountID: TimeSpan] = [:]
  /// What it says until it says what stands is what it remembers, which is no excuse for a cancel.
  var isReminded = false
  /// The targets that it was told, and the contracts that it was told are flat since.
  var targets: [TargetID: Target] = [:]
  var flatSince: [TargetID: Set<ContractID>] = [:]
  var exits: [Auditor.Subject: Exit] = [:]
  /// Since when the outcome of an exit is unknown, or of a cancel, and nobody has looked.
  var unknownExits: [Auditor.Subject: TimeSpan] = [:]
  var unknownCancels: [OrderID: TimeSpan] = [:]
  /// What reads showed since the start or the last unknown outcome.
  var reads: [Auditor.Subject: [Read]] = [:]
  var sentAt: [Int: TimeSpan] = [:]
  /// What a read saw at the venue, and when.
  var seen: [Int: [ContractID: Int64]] = [:]
  var seenPositions: [Int: [Position]] = [:]
  var seenOrders: [Int: [Order]] = [:]
  var seenAt: [Int: TimeSpan] = [:]
  /// What the latest answers to reads showed.
  var shownPositions: [AccountID: [Position]] = [:]
  var shownOrders: [AccountID: [Order]] = [:]
  /// As of when the enforcer knows a size.
  var sizeKnownAt: [Auditor.Subject: TimeSpan] = [:]
  /// Orders of which it was told, by events or all at once.
  var toldOrders: Set<OrderID> = []
}

extension RequestAudit {
  /// Nothing orders an answer against the events that were told since it was asked for, nor against
  /// what was asked for later: it says nothing new.
  fileprivate mutating func took(_ size: Int64, of subject: Auditor.Subject, asOf moment: TimeSpan)
  {
    if let known = toldAsOf[subject], known > moment { return }
    toldSizes[subject] = size
    toldAsOf[subject] = moment
  }

  fileprivate mutating func forgetSize(of subject: Auditor.Subject) {
    toldSizes[subject] = nil
    toldAsOf[subject] = nil
  }

  /// A name that a power cut took from the record may come again for something else.
  fileprivate mutating func told(_ target: Target) {
    if targets[target.id]?.adoptedAt != target.adoptedAt { flatSince[target.id] = nil }
    targets[target.id] = target
    let over = (target.episodes ?? []).filter(\.isOver).map(\.contract)
    if !over.isEmpty { flatSince[target.id, default: []].formUnion(over) }
  }
}

extension Auditor {
  func enforcerEnded() { requests = RequestAudit() }

  /// The evaluator tells the enforcer something.
  func told(_ message: VerdictMessage) {
    requests.toldAt = clock.elapsed
    world.note("told \(String("\(message)".prefix(150)))")
    switch message {
    case .accounts:
      requests.isReminded = true
    case .targets(_, let targets):
      requests.isReminded = false
      requests.targets = [:]
      for target in targets { requests.told(target) }
    case .adopt(_, let target, _):
      requests.told(target)
    case .end(_, let id, _):
      requests.targets[id] = nil
    case .venue(.position(let position)):
      let subject = Subject(position.account, position.contract)
      requests.took(position.signedSize, of: subject, asOf: clock.elapsed)
      requests.sizeKnownAt[subject] = clock.elapsed
      guard position.isFlat else { return }
      for target in requests.targets.values where target.account == position.account {
        requests.flatSince[target.id, default: []].insert(position.contract)
      }
    case .venue(.order(let order)):
      requests.toldOrders.insert(order.id)
      guard order.type == .market else { return }
      requests.marketOrders[order.id] =
        order.status.isWorking ? (order, clock.elapsed) : nil
    case .snapshot(let snapshot):
      requests.toldOrders.formUnion(snapshot.workingOrders.map(\.id))
      guard !requests.isReminded else { return }
      // It may be older than what the enforcer has read by itself, and than a read under way, which
      // the enforcer takes for the older of the two.
      requests.snapshotAt[snapshot.account.id] = clock.elapsed
      for contract in options.contracts {
        requests.forgetSize(of: Subject(snapshot.account.id, contract))
      }
    default: return
    }
  }

  func sent(_ request: VenueRequest, by life: Life, number: Int) {
    guard life.worker == .enforcer else { return }
    requests.sentAt[number] = clock.elapsed
    if request.changesVenue { checkRecorded(request) }
    switch request {
    case .positionClose(let account, let contract):
      exit(Subject(account, contract), number)
      checkEpisode(account, contract)
    case .positionPartialClose(let account, let contract, _):
      let subject = Subject(account, contract)
      exit(subject, number)
      if !isSettled(subject) {
        object("\(account) \(contract.root) is reduced before two reads agree")
      }
    case .orderCancel(let account, let order):
      checkCancel(account, order)
    default: return
    }
  }

  /// What is asked of the venue rests on a target that is recorded.
  private func checkRecorded(_ request: VenueRequest) {
    // An enforcer that hears nothing for so long bars new exposure by itself.
    guard clock.elapsed - requests.toldAt < .seconds(25) else { return }
    // While the disk is full the decisions of the evaluator leave without a record.
    if let failedAt = record.failedAt, clock.elapsed - failedAt < .seconds(10) { return }
    let isCovered = goalsAtWork(request.account).contains { goal in
      switch (request, goal) {
      case (.positionClose(_, let contract), .flat(let named)): contract == named
      case (.positionClose, .flatAccount), (.positionClose, .noNewExposure): true
      case (.positionPartialClose(_, let contract, _), .atMost(let named, _)): contract == named
      case (.positionPartialClose, .noNewExposure): true
      case (.orderCancel, _), (.orderModify, _): true
      case (.orderPlace(let order), .protected(let named, _)): order.contract == named
      default: false
      }
    }
    if !isCovered { object("\(request.short) is sent before what asks for it is recorded") }
  }

  /// An unfinished close has nothing to do with what is opened after its position.
  private func checkEpisode(_ account: AccountID, _ contract: ContractID) {
    let asking = requests.targets.values.filter { target in
      guard target.account == account else { return false }
      switch target.goal {
      case .flatAccount, .noNewExposure: return true
      case .flat(let named), .atMost(let named, _): return named == contract
      case .cancelled, .protected: return false
      }
    }
    let isOver = asking.allSatisfy { target in
      !target.isLockout && requests.flatSince[target.id]?.contains(contract) == true
    }
    if !asking.isEmpty, isOver {
      object("\(account) \(contract.root) is closed although it was told to be flat")
    }
  }

  private func exit(_ subject: Subject, _ number: Int) {
    if let exit = requests.exits[subject], !exit.isAnswered {
      object("a second close of \(subject.contract.root) is sent beside one in flight")
    }
    if requests.unknownExits[subject] != nil {
      object("\(subject.contract.root) is closed again without a look")
    }
    for (order, toldAt) in requests.marketOrders.values
    where order.account == subject.account && order.contract == subject.contract
      && order.side.sign * (requests.toldSizes[subject] ?? 0) < 0
      && clock.elapsed - toldAt < .seconds(2)
      && world.venue.exchange.orders[order.id]?.order.status.isWorking == true
    {
      object("\(subject.contract.root) is closed beside the market exit \(order.id)")
    }
    requests.exits[subject] = RequestAudit.Exit(number: number, sentAt: clock.elapsed)
  }

  /// Whether two reads since the start or the last unknown outcome agree, two seconds apart.
  private func isSettled(_ subject: Subject) -> Bool {
    guard let reads = requests.reads[subject] else { return false }
    return reads.contains { first in
      reads.contains { second in
        second.askedAt - first.askedAt >= .seconds(2) && second.size == first.size
          && reads.allSatisfy {
            $0.askedAt < first.askedAt || $0.askedAt > second.askedAt || $0.size == first.size
          }
      }
    }
  }

  /// The trader's order that reduces exposure stays while there is some, but for a close on its way.
  private func checkCancel(_ account: AccountID, _ id: OrderID) {
    guard let order = world.venue.exchange.orders[id]?.order, order.status == .open else { return }
    if requests.unknownCancels[id] != nil {
      object("order \(id) is cancelled again without a look")
    }
    let subject = Subject(account, order.contract)
    checkJudgement(of: order)
    let told = requests.toldSizes[subject] ?? 0
    guard order.side.sign * held(subject) < 0,
      order.side.sign * told < 0 || isUndisturbed(account)
    else { return }
    let isClosing = requests.exits[subject].map {
      !$0.isAnswered || $0.isAccepted && clock.elapsed - $0.sentAt < .seconds(15)
    }
    if isClosing != true {
      object("the exit \(id) of \(held(subject)) is cancelled without a close")
    }
  }

  /// An order that only a read showed is not cancelled for opening something by an older knowledge of
  /// the position: on a flat contract it would be the protection of what was opened meanwhile.
  private func checkJudgement(of order: Order) {
    let subject = Subject(order.account, order.contract)
    let createdAt = order.createdAt - WorldClock.start
    guard order.side.sign * held(subject) < 0, !requests.toldOrders.contains(order.id),
      requests.sizeKnownAt[subject].map({ $0 < createdAt }) ?? true,
      requests.exits[subject] == nil
    else { return }
    object("the exit \(order.id) is cancelled by what was known before it")
  }

  /// A request is about to take effect.
  func arriving(_ request: VenueRequest) {
    switch request {
    case .positionClose(let account, let contract),
      .positionPartialClose(let account, let contract, _):
      closedAt[Subject(account, contract), default: []].append(clock.elapsed)
    default: break
    }
    guard case .positionPartialClose(let account, let contract, let size) = request else { return }
    let subject = Subject(account, contract)
    guard movedAt[subject].map({ clock.elapsed - $0 > Auditor.newsTakes }) ?? true else { return }
    let ceilings = goalsAtWork(account).compactMap { goal -> Int64? in
      switch goal {
      case .atMost(contract, let most): most
      case .noNewExposure, .flatAccount: 0
      case .flat(contract): 0
      default: nil
      }
    }
    let left = abs(held(subject)) - size
    if left >= 0, let most = ceilings.min(), left < most {
      object("\(contract.root) is reduced to \(left), below \(most)")
    }
  }

  func answered(_ request: VenueRequest, by life: Life, number: Int, _ answer: VenueAnswer) {
    guard life.worker == .enforcer, let sentAt = requests.sentAt[number] else { return }
    let isKnown = answer.isKnown(of: request)
    switch request {
    case .positionClose(let account, let contract),
      .positionPartialClose(let account, let contract, _):
      let subject = Subject(account, contract)
      requests.exits[subject]?.isAnswered = true
      requests.exits[subject]?.isAccepted = answer.isAccepted
      if answer.saysNoPosition { requests.took(0, of: subject, asOf: sentAt) }
      if !isKnown {
        requests.unknownExits[subject] = clock.elapsed
        requests.reads[subject] = []
      }
    case .orderCancel(_, let order):
      if !isKnown { requests.unknownCancels[order] = clock.elapsed }
    case .positionSearchOpen(let account):
      guard isKnown, let seen = requests.seen[number] else { return }
      for contract in options.contracts {
        let subject = Subject(account, contract)
        let size = seen[contract] ?? 0
        if requests.snapshotAt[account].map({ $0 <= sentAt }) ?? true {
          requests.took(size, of: subject, asOf: sentAt)
        }
        requests.reads[subject, default: []].append(.init(size: size, askedAt: sentAt))
        if requests.unknownExits[subject].map({ $0 <= sentAt }) == true {
          requests.unknownExits[subject] = nil
        }
        if let seenAt = requests.seenAt[number] {
          requests.sizeKnownAt[subject] = max(seenAt, requests.sizeKnownAt[subject] ?? .zero)
        }
      }
      requests.shownPositions[account] = requests.seenPositions[number]
    case .orderQuery(let account, _, _):
      guard isKnown else { return }
      requests.shownOrders[account] = requests.seenOrders[number]
      requests.unknownCancels = requests.unknownCancels.filter { $0.value > sentAt }
    default: return
    }
  }

  /// What a read finds at the venue.
  func reading(_ request: VenueRequest, number: Int) {
    requests.seenAt[number] = clock.elapsed
    switch request {
    case .positionSearchOpen(let account):
      let positions = world.venue.exchange.openPositions(of: account)
      let rows = positions.map { ($0.contract, $0.signedSize) }
      requests.seen[number] = Dictionary(uniqueKeysWithValues: rows)
      requests.seenPositions[number] = positions
    case .orderQuery(let account, _, _):
      requests.seenOrders[number] = world.venue.exchange.workingOrders(of: account)
    default: return
    }
  }
}
