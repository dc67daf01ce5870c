import RiskModel

@testable import Enforcement

/// The controller, a venue, a trader, a link and an evaluator of a few lines in one virtual time.
/// Everything that can go wrong does, by seed, until the faults stop.
struct ModelWorld {
  typealias Subject = ModelVenue.Subject

  enum Item {
    case tick
    case arrive(Sent)
    case reply(Sent, RequestOutcome, movesRead: [Subject: Int])
    case fill(OrderID)
    case cancelled(OrderID)
    case deliver(VenueEvent, moves: Int)
    case end(TargetID)
    case trade
    case restart
    case link(isUp: Bool)
    case snapshot
    case market(isOpen: Bool)
  }

  struct Sent {
    var generation: Int
    var id: RequestID
    var request: EnforcementRequest
    var sentAt: MonotonicInstant
    var deadline: MonotonicInstant
    var moves: Int?
    /// The auditor's count when it was sent.
    var sequence: Int

    var subject: Subject? {
      switch request {
      case .close(let account, let contract), .partialClose(let account, let contract, _):
        Subject(account: account, contract: contract)
      default: nil
      }
    }
  }

  static let accounts = [AccountID(1), AccountID(2)]
  static let contracts = [mnq, mes]

  var random: SeededGenerator
  var venue = ModelVenue()
  var auditor = ModelAuditor()
  var controller: EnforcementController
  private(set) var now = MonotonicInstant(nanos: 0)
  var queue: [(at: MonotonicInstant, order: Int, item: Item)] = []
  private var queued = 0
  private var generation = 0
  private var lastDelivery = MonotonicInstant(nanos: 0)
  private var isLinkUp = true
  private var held: [(VenueEvent, Int)] = []
  var hasFaults = true
  var isTrading = true
  var isLossy: Bool
  /// Targets that stand, by the evaluator's book.
  var book: [TargetID: Target] = [:]
  var revision: Int64 = 1
  var nextTarget: Int64 = 1
  var proofs = 0
  let start = Instant(secondsSinceEpoch: 1_760_000_000)
  private(set) var trace: [String] = []
  let isTraced: Bool

  init(seed: UInt64, isTraced: Bool = false) {
    random = SeededGenerator(seed: seed)
    isLossy = random.chance(30)
    self.isTraced = isTraced
    controller = EnforcementController(civilTime: start, at: now)
  }

  var civilTime: Instant { start + (now - MonotonicInstant(nanos: 0)) }

  mutating func note(_ text: @autoclosure () -> String) {
    if isTraced { trace.append("\(now.nanos / 1_000) \(text())") }
  }

  mutating func milliseconds(_ range: ClosedRange<Int64>) -> TimeSpan {
    .microseconds(
      Int64.random(in: range.lowerBound * 1_000...range.upperBound * 1_000, using: &random))
  }

  mutating func after(_ span: TimeSpan, _ item: Item) { at(now + span, item) }

  mutating func at(_ moment: MonotonicInstant, _ item: Item) {
    queued += 1
    let entry = (at: moment, order: queued, item: item)
    let place = queue.firstIndex { ($0.at, $0.order) > (moment, queued) } ?? queue.endIndex
    queue.insert(entry, at: place)
  }

  /// Puts what was objected to into the trace, where it happened.
  private mutating func noteObjections(since count: Int) {
    guard isTraced else { return }
    for objection in auditor.objections.dropFirst(count) { note("OBJECTION \(objection)") }
  }

  mutating func run(until end: MonotonicInstant) {
    while let next = queue.first, next.at <= end {
      queue.removeFirst()
      now = next.at
      let count = auditor.objections.count
      perform(next.item)
      publish()
      noteObjections(since: count)
    }
    now = end
  }

  /// Sends what the venue said down the stream, in order, each event some time later.
  private mutating func publish() {
    for event in venue.takeEvents() {
      if hasFaults, isLossy, random.chance(10) { continue }
      var moves = 0
      if case .position(let position) = event {
        moves =
          venue.traderMoves[Subject(account: position.account, contract: position.contract)] ?? 0
      }
      let moment = now + milliseconds(hasFaults && random.chance(5) ? 1...3_000 : 1...40)
      lastDelivery = max(lastDelivery, moment)
      at(lastDelivery, .deliver(event, moves: moves))
    }
  }

  private mutating func perform(_ item: Item) {
    switch item {
    case .tick:
      act(controller.tick(at: now))
    case .arrive(let sent):
      arrive(sent)
    case .reply(let sent, let outcome, let moves):
      reply(sent, outcome, moves)
    case .fill(let order):
      fill(order)
    case .cancelled(let order):
      venue.setStatus(order, .cancelled, at: civilTime)
    case .deliver(let event, let moves):
      if isLinkUp { deliver(event, moves) } else { held.append((event, moves)) }
    case .end(let target):
      if book.removeValue(forKey: target) != nil { tellEnd(target) }
    case .trade:
      trade()
    case .restart:
      restart()
    case .link(let isUp):
      link(isUp: isUp)
    case .snapshot:
      if isLinkUp { snapshot() }
    case .market(let isOpen):
      venue.isOpen = isOpen
    }
  }

  mutating func act(_ actions: [EnforcementAction]) {
    for action in actions {
      switch action {
      case .send(let request, let id, let deadline):
        send(request, id: id, deadline: deadline)
      case .schedule(let moment):
        at(max(moment, now), .tick)
      case .report(.proven(let target, _, let passes, _)):
        note("proven \(target.id) after \(passes)")
        proofs += 1
        if !target.isLockout { after(milliseconds(1...200), .end(target.id)) }
      case .report(let report):
        note("\(report)")
      case .alert(let alert):
        note("alert \(alert)")
      }
    }
  }

  private mutating func send(
    _ request: EnforcementRequest, id: RequestID, deadline: MonotonicInstant
  ) {
    note("send \(id) \(request)")
    auditor.sent(
      request, venue: venue, targets: standing, inFlight: controller.requestsInFlight, at: now)
    var sent = Sent(
      generation: generation, id: id, request: request, sentAt: now, deadline: deadline,
      sequence: auditor.sequence)
    sent.moves = sent.subject.flatMap { auditor.informedMoves(of: $0) }
    after(milliseconds(hasFaults && random.chance(5) ? 20...1_500 : 5...60), .arrive(sent))
  }

  var standing: [Target] { book.values.sorted { $0.id < $1.id } }

  private mutating func arrive(_ sent: Sent) {
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
    }
  }

  private mutating func exit(_ sent: Sent, _ subject: Subject, size: Int64?) -> RequestOutcome {
    guard venue.isOpen else { return .refused(.marketClosed) }
    let position = venue.held(subject)
    guard position != 0 else { return .gone }
    if let size, size > abs(position) { return .refused(.invalidSize) }
    auditor.applied(
      sent.request, venue: venue, movesAtSending: sent.moves, targets: standing)
    note("venue takes \(sent.request) holding \(position)")
    let order = venue.place(
      subject, position > 0 ? .sell : .buy, size ?? abs(position), type: .market,
      owner: .enforcer, status: random.chance(50) ? .pending : .open, at: civilTime)
    after(fillDelay(), .fill(order))
    return .accepted
  }

  private mutating func fillDelay() -> TimeSpan {
    milliseconds(hasFaults && random.chance(10) ? 100...1_500 : 0...20)
  }

  private mutating func fill(_ id: OrderID) {
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

  private mutating func reply(
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

  private mutating func deliver(_ event: VenueEvent, _ moves: Int) {
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

  private mutating func tellEnd(_ target: TargetID) {
    revision += 1
    note("end \(target)")
    act(controller.end(target, revision: revision, at: now))
  }

  private mutating func endEpisodes(_ position: Position) {
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

  private mutating func restart() {
    note("restart")
    generation += 1
    auditor.restarted()
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
  private mutating func snapshot() {
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

  private mutating func link(isUp: Bool) {
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
