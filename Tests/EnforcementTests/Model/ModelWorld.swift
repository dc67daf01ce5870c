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
    case trigger(OrderID)
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
  var generation = 0
  private var lastDelivery = MonotonicInstant(nanos: 0)
  var isLinkUp = true
  var held: [(VenueEvent, Int)] = []
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
    case .trigger(let order):
      trigger(order)
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
        if target.endsWhenProven { after(milliseconds(1...200), .end(target.id)) }
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
}
