import GatewayRole
import PeerProtocol
import RiskModel
import RiskTestKit
import SimulatedVenue
import VenueAPI

/// The two hub connections of the gateway: opened, subscribed, delayed, cut.
final class HubNetwork: GatewayHubs {
  private final class Connection {
    let hub: Hub
    let generation: Int64
    let life: Life
    var isOpen = false
    var subscriptions: Set<HubInvocation> = []
    var arrivesAt = TimeSpan.zero

    init(_ hub: Hub, _ generation: Int64, _ life: Life) {
      self.hub = hub
      self.generation = generation
      self.life = life
    }
  }

  private unowned let world: World
  private var connections: [Connection] = []
  /// Until when a hub passes nothing on.
  private var stalledUntil: [Hub: TimeSpan] = [:]
  private var unreachableUntil: [Hub: TimeSpan] = [:]

  init(_ world: World) {
    self.world = world
  }

  private var role: GatewayRole? { world.machine.gateway?.role }

  func open(_ hub: Hub, generation: Int64, token: VenueToken) {
    guard let life = world.machine.gateway?.life, !life.isOver else { return }
    let connection = Connection(hub, generation, life)
    connections.append(connection)
    world.agenda.after(world.span(upTo: world.options.hubLatency)) { [self] in
      guard connections.contains(where: { $0 === connection }) else { return }
      if world.clock.elapsed < unreachableUntil[hub] ?? .zero {
        end(connection, "connection refused")
      } else {
        connection.isOpen = true
        world.note("\(hub.rawValue) hub \(generation) opens")
        world.machine.gateway?.turn { $0.hubOpened(hub, generation: generation) }
      }
    }
  }

  func invoke(_ invocation: HubInvocation, number: Int64, on hub: Hub, generation: Int64) {
    guard let connection = connection(hub, generation) else { return }
    world.agenda.after(world.span(upTo: world.options.hubLatency)) { [self] in
      guard connections.contains(where: { $0 === connection }) else { return }
      subscribe(connection, invocation)
      pass(to: connection) {
        $0.hubCompleted(hub, generation: generation, number: number, .succeeded)
      }
    }
  }

  private func subscribe(_ connection: Connection, _ invocation: HubInvocation) {
    switch invocation {
    case .unsubscribeQuotes(let contract):
      connection.subscriptions.remove(.subscribeQuotes(contract))
    case .subscribeQuotes(let contract):
      connection.subscriptions.insert(invocation)
      guard let market = world.venue.exchange.markets[contract] else { return }
      let change = QuoteChange(last: market.last, bid: market.bid, ask: market.ask)
      send(.quote(contract, change, at: world.clock.venueNow), to: connection)
    default:
      connection.subscriptions.insert(invocation)
    }
  }

  func close(_ hub: Hub, generation: Int64) {
    connections.removeAll { $0.hub == hub && $0.generation == generation }
  }

  /// The gateway's process is gone, and its connections with it.
  func ended(_ life: Life) {
    connections.removeAll { $0.life === life }
  }

  /// Tells the events to everybody who has subscribed to them.
  func publish(_ events: [ExchangeEvent]) {
    for event in events {
      guard let invocation = event.subscription else { continue }
      for connection in connections
      where connection.isOpen && connection.subscriptions.contains(invocation) {
        if world.faultOccurs(world.options.faults.hubLosses) {
          world.note("the hub loses \(event.short)")
          continue
        }
        send(event, to: connection)
        if world.faultOccurs(world.options.faults.hubDuplicates) { send(event, to: connection) }
        if world.faultOccurs(world.options.faults.hubDelays) {
          world.agenda.after(world.span(100...2_000)) { [self] in send(event, to: connection) }
        }
      }
    }
  }

  private func send(_ event: ExchangeEvent, to connection: Connection) {
    guard let message = world.venue.message(of: event) else { return }
    pass(to: connection) { [clock = world.clock] role in
      role.hubEvent(
        connection.hub, generation: connection.generation, target: message.target,
        arguments: message.arguments, readAt: clock.monotonicNow())
    }
  }

  /// In the order of sending, and behind a stall.
  private func pass(to connection: Connection, _ body: @escaping (GatewayRole) -> Void) {
    let soonest = world.clock.elapsed + world.span(upTo: world.options.hubLatency)
    let stall = stalledUntil[connection.hub] ?? .zero
    connection.arrivesAt = max(connection.arrivesAt, soonest, stall)
    world.agenda.after(connection.arrivesAt - world.clock.elapsed) { [self] in
      guard connections.contains(where: { $0 === connection }), !connection.life.isOver else {
        return
      }
      world.machine.gateway?.turn(body)
    }
  }

  private func connection(_ hub: Hub, _ generation: Int64) -> Connection? {
    connections.first { $0.hub == hub && $0.generation == generation }
  }

  private func end(_ connection: Connection, _ reason: String) {
    connections.removeAll { $0 === connection }
    guard !connection.life.isOver else { return }
    world.note("\(connection.hub.rawValue) hub \(connection.generation) ends: \(reason)")
    world.machine.gateway?.turn {
      $0.hubClosed(connection.hub, generation: connection.generation, reason: reason)
    }
  }
}

// What goes wrong.
extension HubNetwork {
  /// Cuts a hub; it may be silent for a while before that is seen, and away for a while after.
  func cut(_ hub: Hub) {
    let silence = world.random.chance(50) ? TimeSpan.zero : world.span(100...5_000)
    world.note("the \(hub.rawValue) hub is cut, seen in \(silence.milliseconds) ms")
    for connection in connections where connection.hub == hub {
      connection.isOpen = false
      world.agenda.after(silence) { [self] in
        guard connections.contains(where: { $0 === connection }) else { return }
        end(connection, "cut")
      }
    }
    unreachableUntil[hub] = world.clock.elapsed + silence + world.span(0...4_000)
  }

  /// Holds everything back for a while; then it comes at once.
  func stall(_ hub: Hub) {
    let span = world.span(200...4_000)
    world.note("the \(hub.rawValue) hub stalls for \(span.milliseconds) ms")
    stalledUntil[hub] = world.clock.elapsed + span
  }

  func mend() {
    unreachableUntil = [:]
    stalledUntil = [:]
  }
}

extension ExchangeEvent {
  var subscription: HubInvocation? {
    switch self {
    case .account: .subscribeAccounts
    case .order(let order): .subscribeOrders(order.order.account)
    case .position(let position): .subscribePositions(position.account)
    case .trade(let trade): .subscribeTrades(trade.account)
    case .quote(let contract, _, _): .subscribeQuotes(contract)
    case .print: nil
    }
  }

  var isQuote: Bool {
    switch self {
    case .quote, .print: true
    default: false
    }
  }

  /// One line for a reader of the log.
  var short: String {
    switch self {
    case .account(let account): "account \(account.account.id) \(account.account.balance)"
    case .order(let venueOrder):
      "order \(venueOrder.order.id) \(venueOrder.order.account) \(venueOrder.order.contract.root) "
        + "\(venueOrder.order.side) \(venueOrder.order.filledSize)/\(venueOrder.order.size) type "
        + "\(venueOrder.order.type.rawValue) status \(venueOrder.order.status.rawValue)"
    case .trade(let trade):
      "trade \(trade.id) \(trade.account) \(trade.contract.root) \(trade.side) \(trade.size) "
        + "\(trade.profit.map { "\($0)" } ?? "-")"
    case .position(let position):
      "position \(position.account) \(position.contract.root) \(position.signedSize)"
    case .quote(let contract, let change, _):
      "quote \(contract.root) \(change.last.map { "\($0)" } ?? "-")"
    case .print: "print"
    }
  }
}

extension VenueRequest {
  /// One line for a reader of the log; nothing of the sign-in.
  var short: String {
    switch self {
    case .orderCancel(let account, let order): "cancel \(account) \(order)"
    case .orderModify(let account, let order, let change):
      "modify \(account) \(order) size \(change.size ?? 0)"
    case .positionClose(let account, let contract): "close \(account) \(contract.root)"
    case .positionPartialClose(let account, let contract, let size):
      "reduce \(account) \(contract.root) by \(size)"
    case .orderPlace(let order):
      "place \(order.account) \(order.contract.root) \(order.side) \(order.size)"
    case .positionSearchOpen(let account): "positions \(account)"
    case .orderQuery(let account, _, _): "orders \(account)"
    default: path
    }
  }
}

extension VenueAnswer {
  var short: String {
    switch self {
    case .failed(let failure): "\(failure)"
    case .reply(let reply) where reply.status != 200: "HTTP \(reply.status)"
    case .reply(let reply): String(decoding: reply.body.prefix(160), as: UTF8.self)
    }
  }
}
