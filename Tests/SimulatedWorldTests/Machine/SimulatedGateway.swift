import GatewayRole
import HubProtocol
import Logging
import PeerProtocol
import RiskModel
import VenueAPI

/// The gateway's role in a life of its process, with its ports to the simulated outside.
final class SimulatedGateway {
  private static let tradesInSnapshot = 500

  let life: Life
  let feed: LinkEnd<FeedMessage, FeedRequest>
  private(set) var role: GatewayRole
  private let ports: GatewaySide

  init(_ world: World, _ life: Life) {
    self.life = life
    let feed = LinkEnd<FeedMessage, FeedRequest>(
      world, producerEpoch: world.machine.nextProducerEpoch(), committed: nil)
    self.feed = feed
    let ports = GatewaySide(world, life, feed)
    self.ports = ports
    var settings = GatewaySettings(
      accounts: world.options.accounts.map {
        ConfiguredAccount(id: $0, platformName: "ACCOUNT-\($0)")
      }, key: SignInKey(userName: "trader", apiKey: "key"))
    settings.reconnection.jitterPermille = 0
    role = GatewayRole(
      settings: settings,
      ports: GatewayPorts(
        venue: ports, hubs: ports, feed: ports, timers: ports, tokens: ports, reports: ports,
        clock: world.clock, random: { [unowned world] in world.random.next() }),
      logger: Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() })
    feed.received = { [unowned self, life] request, position in
      guard !life.isOver else { return }
      role.feedRequested(request)
      feed.commit(through: position)
      feed.flush()
    }
    feed.skipped = { feed.commit(through: $0) }
    feed.snapshotNeeded = { [unowned self, life] in if !life.isOver { ports.beginAfresh(role) } }
    feed.changed = { [unowned self, life] isUp in
      guard isUp, !life.isOver else { return }
      role.feedOpened(snapshotNeeded: false)
      feed.flush()
    }
    feed.broken = { [unowned world] _ in world.machine.linkBroke(isFeed: true) }
    ports.refused = { [unowned self, life] in if !life.isOver { ports.beginAfresh(role) } }
  }

  func start() { role.start() }

  /// Something outside happened.
  func turn(_ body: (GatewayRole) -> Void) {
    guard !life.isOver else { return }
    body(role)
    if !life.isOver { feed.flush() }
  }
}

/// Everything that the gateway's role calls.
private final class GatewaySide: GatewayVenue, GatewayHubs, GatewayFeed, GatewayTimers,
  GatewayTokenStore, GatewayReports
{
  private unowned let world: World
  private let life: Life
  private let link: LinkEnd<FeedMessage, FeedRequest>
  var refused: () -> Void = {}

  init(_ world: World, _ life: Life, _ link: LinkEnd<FeedMessage, FeedRequest>) {
    self.world = world
    self.life = life
    self.link = link
  }

  // The REST connection.

  func send(
    _ request: VenueRequest, token: VenueToken?, deadline: MonotonicInstant,
    _ completion: @escaping (VenueAnswer) -> Void
  ) {
    _ = life.call("a request") {
      world.network.send(request, of: life, deadline: deadline) { [link] answer in
        completion(answer)
        link.flush()
      }
    }
  }

  // The hubs.

  func open(_ hub: Hub, generation: Int64, token: VenueToken) {
    if !life.isOver { world.hubs.open(hub, generation: generation, token: token) }
  }

  func invoke(_ invocation: HubInvocation, number: Int64, on hub: Hub, generation: Int64) {
    if !life.isOver {
      world.hubs.invoke(invocation, number: number, on: hub, generation: generation)
    }
  }

  func close(_ hub: Hub, generation: Int64) {
    if !life.isOver { world.hubs.close(hub, generation: generation) }
  }

  // The link to the evaluator.

  var isOpen: Bool { link.isUp }

  func send(_ message: FeedMessage, _ delivery: FeedDelivery) {
    _ = life.call("a feed message") {
      let priority: SendPriority =
        switch delivery {
        case .reliable: .reliable
        case .coalescing(let contract): .coalescing(key: contract.text)
        }
      if !link.send(message, priority: priority) { refused() }
      if case .event = message { link.flush() }
    }
  }

  func beginAfresh(_ role: GatewayRole) {
    guard !life.isOver else { return }
    link.sendSnapshot([])
    role.feedOpened(snapshotNeeded: true)
    link.flush()
  }

  // Timers.

  func schedule(at instant: MonotonicInstant, _ fire: @escaping () -> Void) -> GatewayTimer {
    let number = world.agenda.at(instant) { [life, link] in
      guard !life.isOver else { return }
      fire()
      link.flush()
    }
    return GatewayTimer(number: Int64(number))
  }

  func cancel(_ timer: GatewayTimer) { world.agenda.cancel(Int(timer.number)) }

  // The token.

  func load() -> VenueToken? { world.machine.tokens.token }
  func save(_ token: VenueToken) { if !life.isOver { world.machine.tokens.token = token } }
  func beginRefresh() -> Bool { true }
  func endRefresh() {}

  // Reports.

  func statusChanged(_ status: GatewayStatus) { world.note("gateway is \(status)") }
  func alarm(_ alarm: GatewayAlarm) { world.note("alarm: \(alarm)") }
}

/// The token store of the machine.
final class TokenFile {
  var token: VenueToken?
}
