import HubClient
import HubProtocol
import ProcessControl
import RiskModel
import VenueAPI
import VenueREST

/// Connects to a hub, shakes hands and leaves again; nothing is subscribed.
final class HubGreeting {
  private static let patience = TimeSpan.seconds(15)

  private let reactor: Reactor
  private var machine = HubConnection()
  private var transport: HubTransport?
  /// Why the hub cannot be used; empty when it can, and `nil` while that is open.
  private var result: String?

  init(on reactor: Reactor) {
    self.reactor = reactor
  }

  /// - Returns: Why the hub cannot be used; `nil` when it can.
  func problem(
    at address: VenueAddress, token: VenueToken, through connector: HubTransportConnector
  ) -> String? {
    perform(machine.connect(), address, token, connector)
    let timer = reactor.schedule(after: Self.patience) { [reactor] in reactor.stop() }
    if result == nil { reactor.run() }
    reactor.cancel(timer)
    transport?.close()
    let found = result ?? "the hub did not answer in time"
    return found.isEmpty ? nil : found
  }

  private func perform(
    _ actions: [HubAction], _ address: VenueAddress, _ token: VenueToken,
    _ connector: HubTransportConnector
  ) {
    for action in actions {
      switch action {
      case .openTransport(let attempt):
        let inbox = reactor.inbox
        let here = ReactorBound(self, inbox)
        transport = connector.connect(address, token: Secret(token.revealed)) { event in
          inbox.post { here.value.handle(event, attempt, address, token, connector) }
        }
      case .send(let bytes): transport?.send(bytes)
      case .probe: transport?.ping()
      case .closeTransport: transport?.close()
      case .connected: end("")
      case .closed(let reason): end(reason.description)
      case .schedule, .deliver, .completed: continue
      }
    }
  }

  private func end(_ outcome: String) {
    guard result == nil else { return }
    result = outcome
    reactor.stop()
  }

  private func handle(
    _ event: HubTransportEvent, _ attempt: HubAttempt, _ address: VenueAddress,
    _ token: VenueToken, _ connector: HubTransportConnector
  ) {
    let actions =
      switch event {
      case .opened: machine.transportOpened(attempt, at: reactor.clock.monotonicNow())
      case .bytes(let bytes, let readAt): machine.received(bytes, attempt, at: readAt)
      case .pong(let readAt): machine.probeAnswered(attempt, at: readAt)
      case .closed(let error):
        machine.transportClosed(attempt, detail: error.map { "\($0)" })
      }
    perform(actions, address, token, connector)
  }
}

extension VenueInquiry {
  /// Why a hub cannot be used with a session; `nil` when it can.
  func problem(ofHub address: String, token: VenueToken) -> String? {
    do throws(VenueRESTError) {
      let address = try VenueAddress(address)
      return HubGreeting(on: reactor).problem(
        at: address, token: token,
        through: HubTransportConnector(group: venue.group, tls: venue.tls, clock: reactor.clock))
    } catch {
      return "\(error)"
    }
  }
}
