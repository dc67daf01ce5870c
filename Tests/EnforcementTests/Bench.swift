import RiskModel

@testable import Enforcement

let account = AccountID(101)
let otherAccount = AccountID(102)
let mnq = ContractID("CON.F.US.MNQ.Z25")
let mes = ContractID("CON.F.US.MES.Z25")

/// Drives one controller by hand: says what happens, keeps what it wants sent.
struct Bench {
  var controller: EnforcementController
  private(set) var now = MonotonicInstant(nanos: 1_000_000_000_000)
  private let started = MonotonicInstant(nanos: 1_000_000_000_000)
  private var revision: Int64 = 0
  private var lastTarget: Int64 = 0
  /// Requests without an answer, oldest first.
  private(set) var waiting: [(id: RequestID, request: EnforcementRequest)] = []
  private var sentRequests: [EnforcementRequest] = []
  private(set) var reports: [EnforcementReport] = []
  private(set) var alerts: [EnforcementAlert] = []
  private(set) var wakeAt: MonotonicInstant?

  init(
    limits: EnforcementLimits = .standard, policy: FailClosedPolicy = .noNewExposure
  ) {
    controller = EnforcementController(
      limits: limits, policy: policy, civilTime: Bench.civil(now, since: started), at: now)
  }

  private static func civil(_ now: MonotonicInstant, since start: MonotonicInstant) -> Instant {
    Instant(secondsSinceEpoch: 1_760_000_000) + (now - start)
  }

  var civilTime: Instant { Bench.civil(now, since: started) }

  private mutating func take(_ actions: [EnforcementAction]) {
    for action in actions {
      switch action {
      case .send(let request, let id, _):
        waiting.append((id, request))
        sentRequests.append(request)
      case .report(let report): reports.append(report)
      case .alert(let alert): alerts.append(alert)
      case .schedule(let moment): wakeAt = moment
      }
    }
  }

  /// The requests sent since the last call.
  mutating func sent() -> [EnforcementRequest] {
    defer { sentRequests = [] }
    return sentRequests
  }

  /// The requests sent since the last call that change the venue.
  mutating func changes() -> [EnforcementRequest] { sent().filter(\.changesTheVenue) }

  mutating func takeReports() -> [EnforcementReport] {
    defer { reports = [] }
    return reports
  }

  mutating func takeAlerts() -> [EnforcementAlert] {
    defer { alerts = [] }
    return alerts
  }

  var provenTargets: [TargetID] {
    reports.compactMap { if case .proven(let target, _, _, _) = $0 { target.id } else { nil } }
  }

  // What happens.

  mutating func start(
    accounts: [AccountID] = [account], listed: [AccountID]? = nil, targets: [Target] = []
  ) {
    link(isUp: true)
    protect(accounts)
    setTargets(targets)
    answer(.readAccounts, .accounts(listed ?? accounts))
  }

  /// Answers every read with what the venue holds until the start is over.
  mutating func settle(
    positions: [ContractID: Int64] = [:], orders: [Order] = [], seconds: Int64 = 5
  ) {
    let end = now + .seconds(seconds)
    while now < end {
      answerReads(positions: positions, orders: orders)
      advance(.milliseconds(100))
    }
    _ = sent()
  }

  /// A started enforcer that has been told all of this and has read it twice.
  static func ready(
    positions: [ContractID: Int64] = [:], orders: [Order] = [],
    limits: EnforcementLimits = .standard
  ) -> Bench {
    var bench = Bench(limits: limits)
    bench.start()
    bench.settle(positions: positions, orders: orders)
    for order in orders { bench.shows(order) }
    for (contract, size) in positions.sorted(by: { $0.key < $1.key }) {
      bench.shows(contract, size)
    }
    _ = bench.sent()
    _ = bench.takeReports()
    return bench
  }

  mutating func link(isUp: Bool) {
    take(controller.evaluatorLink(isUp: isUp, civilTime: civilTime, at: now))
  }

  mutating func protect(_ accounts: [AccountID]) { take(controller.protect(accounts, at: now)) }

  mutating func setTargets(
    _ targets: [Target], revision given: Int64? = nil, from source: TargetSource = .evaluator
  ) {
    revision = given ?? revision + 1
    take(controller.setTargets(targets, revision: revision, from: source, at: now))
  }

  func target(
    _ id: Int64, _ goal: Goal, end: TargetEnd = .episode, account owner: AccountID = account
  ) -> Target {
    Target(
      id: TargetID(inputOrdinal: id, index: 0), account: owner, goal: goal,
      cause: Cause(
        rule: .maxContracts, reason: .contractsAboveLimit(held: 6, limit: 5)),
      end: end, adoptedAt: civilTime)
  }

  @discardableResult
  mutating func adopt(
    _ goal: Goal, end: TargetEnd = .episode, account owner: AccountID = account,
    readAt: MonotonicInstant? = nil
  ) -> TargetID {
    lastTarget += 1
    let target = target(1_000 + lastTarget, goal, end: end, account: owner)
    revision += 1
    take(controller.adopt(target, revision: revision, causeReadAt: readAt, at: now))
    return target.id
  }

  mutating func adopt(_ target: Target, revision given: Int64) {
    revision = max(revision, given)
    take(controller.adopt(target, revision: given, causeReadAt: nil, at: now))
  }

  mutating func end(_ target: TargetID, revision given: Int64? = nil) {
    if given == nil { revision += 1 }
    take(controller.end(target, revision: given ?? revision, at: now))
  }

  mutating func shows(
    _ contract: ContractID, _ signedSize: Int64, row: Int64 = 1, openedAt: Int64 = 0,
    account owner: AccountID = account
  ) {
    take(
      controller.venueEvent(
        .position(
          position(contract, signedSize, row: row, openedAt: openedAt, account: owner)), at: now))
  }

  func position(
    _ contract: ContractID, _ signedSize: Int64, row: Int64 = 1, openedAt: Int64 = 0,
    account owner: AccountID = account
  ) -> Position {
    Position(
      id: row, account: owner, contract: contract,
      openedAt: Instant(secondsSinceEpoch: 1_759_990_000 + openedAt), signedSize: signedSize,
      averagePrice: Price(points: 20_000))
  }

  mutating func event(_ event: VenueEvent) { take(controller.venueEvent(event, at: now)) }

  mutating func shows(_ order: Order, status: OrderStatus? = nil) {
    var order = order
    if let status {
      order.status = status
      if status == .filled { order.filledSize = order.size }
    }
    event(.order(order))
  }

  func order(
    _ id: Int64, _ contract: ContractID, _ side: Side, _ size: Int64, type: OrderType = .limit,
    status: OrderStatus = .open, price: Int64? = nil, tag: String? = nil, parent: Int64? = nil,
    linked: Int64? = nil, filled: Int64 = 0, account owner: AccountID = account
  ) -> Order {
    let level = price.map { Price(points: $0) }
    return Order(
      id: OrderID(id), account: owner, contract: contract, createdAt: civilTime,
      status: status, type: type, side: side, size: size, filledSize: filled,
      limitPrice: type.isStop ? nil : level, stopPrice: type.isStop ? level : nil,
      customTag: tag, parent: parent.map { OrderID($0) }, linked: linked.map { OrderID($0) })
  }

  mutating func snapshot(
    positions: [Position] = [], orders: [Order] = [], startedBefore: TimeSpan = .zero,
    account owner: AccountID = account
  ) {
    take(
      controller.snapshot(
        AccountSnapshot(
          account: Account(id: owner, name: "A", balance: .zero, canTrade: true),
          positions: positions, workingOrders: orders, trades: [],
          startedAt: civilTime - startedBefore), at: now))
  }

  mutating func advance(_ span: TimeSpan) {
    let end = now + span
    while let next = wakeAt, next <= end {
      now = next
      wakeAt = nil
      take(controller.tick(at: now))
    }
    now = end
    take(controller.tick(at: now))
  }

  /// Answers the oldest such request. Without one it does nothing and says so.
  @discardableResult
  mutating func answer(_ request: EnforcementRequest, _ outcome: RequestOutcome) -> Bool {
    guard let place = waiting.firstIndex(where: { $0.request == request }) else { return false }
    let id = waiting.remove(at: place).id
    take(controller.requestAnswered(id, outcome, sentAt: civilTime, at: now))
    return true
  }

  mutating func answerAll(_ outcome: RequestOutcome) {
    for (_, request) in waiting where request.changesTheVenue { answer(request, outcome) }
  }

  /// Answers the reads that wait, and those that follow on them, with what the venue holds.
  mutating func answerReads(
    positions: [ContractID: Int64] = [:], rows: [Position]? = nil, orders: [Order] = []
  ) {
    let rows = rows ?? positions.sorted { $0.key < $1.key }.map { position($0.key, $0.value) }
    while let (_, request) = waiting.first(where: { !$0.request.changesTheVenue }) {
      switch request {
      case .readWorkingOrders(let owner):
        answer(request, .workingOrders(orders.filter { $0.account == owner }))
      case .readPositions(let owner):
        answer(request, .positions(owner == account ? rows : []))
      default:
        answer(request, .accounts([account]))
      }
    }
  }

  mutating func drain() { controller.drain() }
}
