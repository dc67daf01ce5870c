import HubProtocol
import Logging
import PeerProtocol
import RiskModel
import VenueAPI

@testable import GatewayRole

/// A gateway with everything outside of it faked, in one thread and in manual time.
final class World {
  static let start = Instant(secondsSinceEpoch: 1_787_150_000)

  let clock = ManualClock(start: World.start)
  let timers = ManualTimers()
  let hubs = FakeHubs()
  let feed = FakeFeed()
  let tokens = FakeTokenStore()
  let window = FakeWindow()
  let memory = FakeMemory()
  let reports = FakeReports()
  let log = LogLines()
  let venue: FakeVenue
  let role: GatewayRole
  var state: VenueState
  /// Paths that are not answered.
  var held: Set<String> = []
  /// Answers that go before those of the state.
  var override: (VenueRequest) -> VenueAnswer? = { _ in nil }

  init(
    accounts: [ConfiguredAccount] = [ConfiguredAccount(id: alpha, platformName: "PRAC-A")],
    _ configure: (inout GatewaySettings) -> Void = { _ in }
  ) {
    var settings = GatewaySettings(
      accounts: accounts, key: SignInKey(userName: "user-secret", apiKey: "key-secret"))
    settings.reconnection.jitterPermille = 0
    configure(&settings)
    state = VenueState { number in
      GatewayRoleTests.token(until: World.start + .seconds(86_400), mark: "t\(number)")
    }
    let venue = FakeVenue { _, _ in nil }
    self.venue = venue
    let lines = log
    role = GatewayRole(
      settings: settings,
      ports: GatewayPorts(
        venue: venue, hubs: hubs, feed: feed, timers: timers, tokens: tokens, reports: reports,
        clock: clock, window: window, memory: memory, random: { 0 }),
      logger: Logger(label: "gateway") { _ in LineLogHandler(lines: lines) })
    hubs.role = role
    venue.answer = { [weak self] request, token in
      guard let self, !held.contains(request.path) else { return nil }
      return override(request) ?? state.answer(request, token)
    }
  }

  /// A world that is up, with the start's messages forgotten.
  static func running(
    accounts: [ConfiguredAccount] = [ConfiguredAccount(id: alpha, platformName: "PRAC-A")],
    _ prepare: (World) -> Void = { _ in },
    configure: (inout GatewaySettings) -> Void = { _ in }
  ) -> World {
    let world = World(accounts: accounts, configure)
    prepare(world)
    world.open()
    world.role.start()
    world.settle()
    world.feed.forget()
    return world
  }

  func open(snapshotNeeded: Bool = true) {
    feed.isOpen = true
    role.feedOpened(snapshotNeeded: snapshotNeeded)
  }

  /// Lets everything outside answer until nothing happens any more at this moment.
  func settle() {
    for _ in 0..<10_000 {
      if hubs.step() || venue.answerNext() || fireDue(by: clock.monotonicNow()) { continue }
      return
    }
    preconditionFailure("Invariant: the world comes to rest")
  }

  func advance(_ span: TimeSpan) {
    let end = clock.monotonicNow() + span
    settle()
    while fireDue(by: end) { settle() }
    clock.move(to: end)
  }

  private func fireDue(by end: MonotonicInstant) -> Bool {
    guard let timer = timers.next(by: end) else { return false }
    clock.move(to: timer.at)
    timer.fire()
    return true
  }

  func event(
    _ target: String, _ arguments: String, on hub: Hub = .user, generation: Int64? = nil
  ) {
    role.hubEvent(
      hub, generation: generation ?? hubs.generation(hub), target: target,
      arguments: Array(arguments.utf8), readAt: clock.monotonicNow())
  }

  func position(
    _ account: AccountID, _ contract: ContractID, _ size: Int, generation: Int64? = nil
  ) {
    event(
      "GatewayUserPosition", #"[{"action":1,"data":\#(Row.position(account, contract, size))}]"#,
      generation: generation)
  }

  func order(
    _ account: AccountID, _ id: Int, _ contract: ContractID, status: Int = 1, second: Int = 0
  ) {
    event(
      "GatewayUserOrder",
      "[\(Row.order(account, id, contract, status: status, second: second))]")
  }

  func trade(_ account: AccountID, _ id: Int, _ contract: ContractID, voided: Bool = false) {
    event("GatewayUserTrade", "[\(Row.trade(account, id, contract, voided: voided))]")
  }

  func drop(_ hub: Hub) {
    role.hubClosed(hub, generation: hubs.generation(hub), reason: "dropped")
  }

  /// The messages so far, in short, without time and canaries, which come by the clock.
  var told: [String] {
    feed.messages.map(\.short).filter { $0 != "time" && !$0.hasPrefix("canary") }
  }

  func count(_ text: String) -> Int { told.filter { $0 == text }.count }
}

extension FeedMessage {
  /// One line that says what matters to a reader of a transcript.
  var short: String {
    switch self {
    case .event(let event, _, _): event.short
    case .snapshot(let snapshot, _): snapshot.short
    case .differences(let differences, _):
      "differences \(differences.account) \(differences.count) by \(differences.cause.rawValue)"
    case .unknown(let account, _, _): "unknown \(account)"
    case .unprotectable(let account, _, _): "unprotectable \(account)"
    case .hub(let hub, let isConnected, _): "\(hub.rawValue) hub \(isConnected ? "up" : "down")"
    case .venueTime: "time"
    case .answer(let id, let answer, _): "answer \(id) \(answer.short)"
    case .canary(let number, _): "canary \(number)"
    }
  }
}

extension QueryAnswer {
  fileprivate var short: String {
    switch self {
    case .workingOrders(let orders): "orders \(orders.map(\.id.number))"
    case .contract(let specification): "contract \(specification.id.root)"
    case .failed(let reason): "failed: \(reason)"
    }
  }
}

extension VenueEvent {
  fileprivate var short: String {
    switch self {
    case .account(let account): "account \(account.id) \(account.balance)"
    case .position(let position):
      "position \(position.account) \(position.contract.root) \(position.signedSize)"
    case .order(let order): "order \(order.account) \(order.id) \(order.status.rawValue)"
    case .trade(let trade): "trade \(trade.account) \(trade.id)\(trade.isVoided ? " void" : "")"
    case .quote(let quote):
      "quote \(quote.contract.root) last \(quote.last?.description ?? "-") "
        + "bid \(quote.bid?.description ?? "-") ask \(quote.ask?.description ?? "-")"
    case .contract(let contract): "contract \(contract.id.root)"
    }
  }
}

extension AccountSnapshot {
  fileprivate var short: String {
    "snapshot \(account.id)"
      + positions.map { " \($0.contract.root) \($0.signedSize)" }.joined()
      + " orders \(workingOrders.map(\.id.number)) trades \(trades.map(\.id.number))"
  }
}
