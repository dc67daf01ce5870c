import GatewayRole
import HubClient
import HubProtocol
import PeerProtocol
import ProcessControl
import RiskModel
import VenueAPI
import VenueREST

/// The hub connections of the gateway, two of one hub while it changes to a newer token: for each a
/// `HubConnection` machine on the reactor and a transport on the network's own thread.
final class HubSessions: GatewayHubs {
  /// Where news of a hub go; always called on the reactor's thread.
  weak var role: GatewayRole?
  /// Called after the role has handled something, so that what it queued leaves at once.
  var flush: () -> Void = {}

  private struct Name: Hashable {
    var hub: Hub
    var generation: Int64
  }

  private final class Session {
    var machine: HubConnection
    let generation: Int64
    let token: Secret
    var transport: HubTransport?
    /// With what status of HTTP the venue refused the connection.
    var upgradeStatus: Int?
    /// The role's numbers of the invocations under way.
    var numbers: [HubInvocationID: Int64] = [:]

    init(generation: Int64, token: Secret, limits: HubLimits) {
      self.generation = generation
      self.token = token
      machine = HubConnection(limits: limits)
    }
  }

  private let reactor: Reactor
  private let connector: HubTransportConnector
  private let addresses: [Hub: VenueAddress]
  private let limits: HubLimits
  private var sessions: [Name: Session] = [:]

  init(
    reactor: Reactor, connector: HubTransportConnector, addresses: [Hub: VenueAddress],
    limits: HubLimits
  ) {
    self.reactor = reactor
    self.connector = connector
    self.addresses = addresses
    self.limits = limits
  }

  func open(_ hub: Hub, generation: Int64, token: VenueToken) {
    let session = Session(
      generation: generation, token: Secret(token.revealed), limits: limits)
    sessions[Name(hub: hub, generation: generation)] = session
    perform(session.machine.connect(), hub, session)
  }

  func invoke(
    _ invocation: HubInvocation, number: Int64, on hub: Hub, generation: Int64
  ) {
    guard let session = sessions[Name(hub: hub, generation: generation)] else { return }
    let arguments: [HubArgument] =
      switch invocation.argument {
      case .integer(let number)?: [.integer(number)]
      case .text(let text)?: [.text(text)]
      case nil: []
      }
    let (id, actions) = session.machine.invoke(
      invocation.method, arguments, at: reactor.clock.monotonicNow())
    session.numbers[id] = number
    perform(actions, hub, session)
  }

  func close(_ hub: Hub, generation: Int64) {
    let name = Name(hub: hub, generation: generation)
    guard let session = sessions.removeValue(forKey: name) else { return }
    perform(session.machine.disconnect(), hub, session)
  }

  /// How long each hub has said nothing, in milliseconds, by name. Of two connections of one hub the
  /// one that was heard last counts.
  var figures: [String: Int64] {
    let now = reactor.clock.monotonicNow()
    var figures: [String: Int64] = [:]
    for (name, session) in sessions {
      let silence = (now - session.machine.lastReceivedAt).milliseconds
      let key = "\(name.hub.rawValue)HubSilentMilliseconds"
      figures[key] = min(figures[key] ?? silence, silence)
    }
    return figures
  }

  private func perform(_ actions: [HubAction], _ hub: Hub, _ session: Session) {
    for action in actions {
      switch action {
      case .openTransport(let attempt):
        connect(hub, session, attempt)
      case .send(let bytes):
        session.transport?.send(bytes)
      case .probe:
        session.transport?.ping()
      case .closeTransport:
        session.transport?.close()
      case .schedule(let timer, let deadline):
        reactor.schedule(at: deadline) { [weak self, weak session] in
          guard let self, let session else { return }
          let now = self.reactor.clock.monotonicNow()
          self.perform(session.machine.timerFired(timer, at: now), hub, session)
        }
      case .connected:
        tell(hub, session) { $0.hubOpened(hub, generation: session.generation) }
      case .deliver(let target, let arguments, let readAt):
        tell(hub, session) {
          $0.hubEvent(
            hub, generation: session.generation, target: target.text,
            arguments: Array(arguments), readAt: readAt)
        }
      case .completed(let id, let outcome):
        guard let number = session.numbers.removeValue(forKey: id) else { continue }
        tell(hub, session) {
          $0.hubCompleted(
            hub, generation: session.generation, number: number, outcome.completion)
        }
      case .closed(let reason):
        tell(hub, session) {
          $0.hubClosed(
            hub, generation: session.generation, reason: reason.description,
            upgradeStatus: session.upgradeStatus)
        }
        sessions[Name(hub: hub, generation: session.generation)] = nil
      }
    }
  }

  /// A session that the role closed tells nothing any more.
  private func tell(_ hub: Hub, _ session: Session, _ news: (GatewayRole) -> Void) {
    let name = Name(hub: hub, generation: session.generation)
    guard sessions[name] === session, let role else { return }
    news(role)
    flush()
  }

  private func connect(_ hub: Hub, _ session: Session, _ attempt: HubAttempt) {
    guard let address = addresses[hub] else {
      preconditionFailure("Invariant: the \(hub.rawValue) hub has an address")
    }
    let inbox = reactor.inbox
    let here = ReactorBound((self, session), inbox)
    session.transport = connector.connect(address, token: session.token) { event in
      inbox.post {
        let (sessions, session) = here.value
        sessions.handle(event, hub, session, attempt)
      }
    }
  }

  private func handle(
    _ event: HubTransportEvent, _ hub: Hub, _ session: Session, _ attempt: HubAttempt
  ) {
    switch event {
    case .opened:
      perform(
        session.machine.transportOpened(attempt, at: reactor.clock.monotonicNow()), hub, session)
    case .bytes(let bytes, let readAt):
      perform(session.machine.received(bytes, attempt, at: readAt), hub, session)
    case .pong(let readAt):
      perform(session.machine.probeAnswered(attempt, at: readAt), hub, session)
    case .closed(let error):
      if case .upgradeRefused(let status)? = error { session.upgradeStatus = status }
      perform(
        session.machine.transportClosed(attempt, detail: error.map { "\($0)" }), hub, session)
    }
  }
}

extension HubInvocationOutcome {
  fileprivate var completion: HubCompletion {
    switch self {
    case .succeeded: .succeeded
    case .failed(let text): .refused(text)
    case .timedOut, .connectionLost, .notConnected: .lost
    }
  }
}
