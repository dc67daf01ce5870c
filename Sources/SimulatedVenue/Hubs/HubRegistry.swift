import NIOCore
import NIOHTTP1
import RiskModel
import RiskTestKit

/// What becomes of a request to open a WebSocket.
enum UpgradeVerdict {
  case accept(HubGrant)
  case refuse(Reply)
  /// Never answered.
  case ignore
}

/// A WebSocket that may be opened.
struct HubGrant {
  var hub: VenueHub
  var token: String
  var expiresAt: Instant
  /// The name that negotiation gave to the connection.
  var name: String?
}

/// The hubs: who is connected, who may connect, and what goes to whom.
final class HubRegistry {
  /// Negotiated connections that nobody opened are forgotten beyond this number.
  private static let pendingLimit = 1_000

  private unowned let floor: VenueFloor
  private(set) var connections: [HubConnection] = []
  private var pending: [(name: String, hub: VenueHub)] = []
  private var namesInUse: Set<String> = []
  private var generator: SeededGenerator
  var sentEvents: [VenueHub: Int] = [:]
  var lostEvents = 0

  init(floor: VenueFloor) {
    self.floor = floor
    generator = SeededGenerator(seed: floor.configuration.seed &+ 2)
  }

  /// Writes events in the form of the moment.
  private var writer: HubEventWriter {
    HubEventWriter(behaviour: floor.hub, contracts: floor.exchange.contracts)
  }

  /// Answers `POST /hubs/<hub>/negotiate`, and refuses what a hub does not answer in plain HTTP;
  /// `nil` for other paths.
  func negotiate(_ request: ReceivedRequest) -> Reply? {
    if VenueHub.allCases.contains(where: { $0.path == request.path }) {
      return .text("Connection ID required", status: 400)
    }
    guard let hub = VenueHub.allCases.first(where: { $0.path + "/negotiate" == request.path })
    else { return nil }
    guard request.method == "POST" else { return .empty(405) }
    let token =
      request.query["access_token"] ?? bearerToken(request.headers.first(name: "Authorization"))
    guard floor.sessions.expiry(of: token ?? "", at: floor.clock.now()) != nil else {
      return .empty(401)
    }
    let name = hexadecimal(generator.next())
    pending.append((name, hub))
    if pending.count > HubRegistry.pendingLimit { pending.removeFirst() }
    let isVersion1 = request.query["negotiateVersion"].flatMap { Int($0) } ?? 0 >= 1
    let id = isVersion1 ? hexadecimal(generator.next()) : name
    return .json(negotiation(id: id, token: isVersion1 ? name : nil))
  }

  private func negotiation(id: String, token: String?) -> JSONValue {
    var members = [
      JSONMember("negotiateVersion", .integer(token == nil ? 0 : 1)),
      JSONMember("connectionId", .string(id)),
    ]
    if let token { members.append(JSONMember("connectionToken", .string(token))) }
    members.append(
      JSONMember(
        "availableTransports",
        .array([
          .object([
            "transport": .string("WebSockets"),
            "transferFormats": .array([.string("Text"), .string("Binary")]),
          ])
        ])))
    return .object(members)
  }

  /// Decides about a WebSocket: 404 for an unknown path or connection, 401 for a token that is no
  /// good, 409 for a connection that is already open (stock SignalR).
  func examine(_ head: HTTPRequestHead) -> UpgradeVerdict {
    let request = ReceivedRequest(head: head, body: [], connection: 0)
    guard let hub = VenueHub.allCases.first(where: { $0.path == request.path }) else {
      return .refuse(.empty(404))
    }
    if let strike = floor.faults.strike(hub: hub, .upgrade) {
      floor.tell(.fault(strike.number, what: "strikes an upgrade of the \(hub.rawValue) hub"))
      if case .refuse(let status) = strike.effect { return .refuse(.empty(status)) }
      return .ignore
    }
    guard let token = request.query["access_token"],
      let expiresAt = floor.sessions.expiry(of: token, at: floor.clock.now())
    else { return .refuse(.empty(401)) }
    guard let name = request.query["id"] else {
      return .accept(HubGrant(hub: hub, token: token, expiresAt: expiresAt))
    }
    guard !namesInUse.contains(name) else { return .refuse(.empty(409)) }
    guard let index = pending.firstIndex(where: { $0.name == name && $0.hub == hub }) else {
      return .refuse(.empty(404))
    }
    pending.remove(at: index)
    return .accept(HubGrant(hub: hub, token: token, expiresAt: expiresAt, name: name))
  }

  /// Opens a connection that was granted.
  func open(_ grant: HubGrant, number: Int, transport: any HubTransport) -> HubConnection {
    if floor.hub.allowsOneConnection {
      for older in connections where older.hub == grant.hub && older.token == grant.token {
        older.suffer(.logout(message: nil, endsToken: false))
      }
    }
    if let name = grant.name { namesInUse.insert(name) }
    let connection = HubConnection(
      number: number, grant: grant, transport: transport, floor: floor)
    connections.append(connection)
    floor.tell(.hub(grant.hub, connection: number, what: "is open"))
    watch(connection)
    floor.schedule(after: floor.clock.realSpan(until: grant.expiresAt)) { $0.hubs.expireTokens() }
    return connection
  }

  func ended(_ connection: HubConnection, _ grant: HubGrant) {
    if let name = grant.name { namesInUse.remove(name) }
    connections.removeAll { $0 === connection }
    connection.transportEnded()
  }

  /// Does to connections whose tokens have expired by now what the hubs are set to.
  func expireTokens() {
    let now = floor.clock.now()
    for connection in connections where connection.expiresAt <= now { connection.tokenExpired() }
  }

  /// Stock SignalR looks at its times about once a second.
  private func watch(_ connection: HubConnection) {
    let times = floor.hub
    let shortest = min(times.keepAlive, times.clientTimeout, times.handshakeTimeout)
    let interval = min(.seconds(1), max(.milliseconds(1), TimeSpan(nanos: shortest.nanos / 4)))
    floor.schedule(after: interval) { [weak self, weak connection] _ in
      guard let self, let connection, self.connections.contains(where: { $0 === connection })
      else { return }
      connection.tick()
      self.watch(connection)
    }
  }

  func stop() {
    for connection in connections { connection.cut(reset: false) }
  }
}

extension HubRegistry {
  /// Sends events to everybody who wants them, in their order unless the hubs are set to shuffle.
  func publish(_ events: [ExchangeEvent]) {
    guard !connections.isEmpty else { return }
    let writer = writer
    for event in ordered(events) {
      let topic = HubTopic(event)
      var bytes: [UInt8]?
      for connection in connections
      where connection.hub == topic.kind.hub && connection.subscriptions.wants(topic) {
        let written = bytes ?? writer.bytes(event)
        bytes = written
        connection.deliver(topic, written)
      }
    }
    for connection in connections { connection.flush() }
  }

  private func ordered(_ events: [ExchangeEvent]) -> [ExchangeEvent] {
    switch floor.hub.eventOrder {
    case .asHappened: events
    case .tradesFirst: events.filter(\.isTrade) + events.filter { !$0.isTrade }
    case .reversed: events.reversed()
    case .shuffled: events.shuffled(using: &generator)
    }
  }

  /// Whether a client wants to hear something of a hub.
  func hasSubscriber(of hub: VenueHub) -> Bool {
    connections.contains { $0.hub == hub && $0.isLive && $0.subscriptions != Subscriptions() }
  }

  /// Makes something happen to all connections of a hub.
  func strikeAll(_ hub: VenueHub, _ effect: HubEffect) {
    for connection in connections where connection.hub == hub { connection.suffer(effect) }
  }

  /// The present state as records, as a subscription with snapshots gets it.
  func snapshot(_ method: HubMethod, for subscriptions: Subscriptions) -> [[UInt8]] {
    state(method).filter { subscriptions.wants(HubTopic($0)) }.map(writer.bytes)
  }

  private func state(_ method: HubMethod) -> [ExchangeEvent] {
    let exchange = floor.exchange
    switch method {
    case .accounts:
      return exchange.accountIDs.compactMap { exchange.accounts[$0] }.map { .account($0) }
    case .orders:
      return exchange.working.values.joined().sorted().compactMap { exchange.orders[$0] }
        .map { .order($0) }
    case .positions:
      return exchange.positions.values.sorted { $0.id < $1.id }.map { .position($0) }
    case .quotes:
      return exchange.contractIDs.compactMap { id in
        exchange.markets[id].map {
          .quote(id, QuoteChange(last: $0.last, bid: $0.bid, ask: $0.ask), at: exchange.now)
        }
      }
    case .trades, .marketTrades, .depth:
      return []
    }
  }
}
