import NIOCore
import RiskModel

/// One client of a hub: its protocol, its subscriptions, what is due to it.
final class HubConnection {
  private enum State {
    /// Can transition to live, ended.
    case awaitingHandshake
    /// Can transition to stalled, ended.
    case live
    /// Nothing is sent or heard any more. Can transition to ended.
    case stalled
    case ended
  }

  let number: Int
  let hub: VenueHub
  let token: String
  let expiresAt: Instant
  private(set) var subscriptions = Subscriptions()
  private(set) var sentEvents = 0
  /// Pongs of WebSocket that came.
  private(set) var pongs = 0

  private unowned let floor: VenueFloor
  private let transport: any HubTransport
  private var reader: HubRecordReader
  private var state = State.awaitingHandshake
  private var outbox = HubOutbox()
  private var watch = HubWatch(startingAt: VenueClock.monotonicNow())

  init(
    number: Int, grant: HubGrant, transport: any HubTransport, floor: VenueFloor
  ) {
    self.number = number
    hub = grant.hub
    token = grant.token
    expiresAt = grant.expiresAt
    self.transport = transport
    self.floor = floor
    reader = HubRecordReader(maximumSize: floor.hub.maximumRecordSize)
  }

  var isLive: Bool { if case .live = state { true } else { false } }
  var isStalled: Bool { if case .stalled = state { true } else { false } }

  /// Takes bytes from the client.
  func receive(_ bytes: some Sequence<UInt8>) {
    watch.heard(at: VenueClock.monotonicNow())
    for input in reader.read(bytes) {
      switch state {
      case .awaitingHandshake: greet(input)
      case .live: handle(input)
      case .stalled, .ended: return
      }
    }
    flush()
  }

  private func greet(_ input: HubInput) {
    let strike = floor.faults.strike(hub: hub, .handshake)
    if let strike { tellStrike(strike.number) }
    switch (input, strike?.effect) {
    case (_, .ignore):
      break
    case (_, .fail(let error)):
      end(with: HubRecord.handshakeRefused(error))
    case (_, .cut):
      cut(reset: false)
    case (_, .reset):
      cut(reset: true)
    case (.handshake("json", 1), .delay(let span)):
      floor.schedule(after: span) { [weak self] _ in
        self?.accept()
        self?.flush()
      }
    case (.handshake("json", 1), let effect):
      accept()
      if case .records(let texts) = effect { enqueue(texts) }
    case (.handshake("json", let version), _):
      end(
        with: HubRecord.handshakeRefused(
          "The server does not support version \(version) of the 'json' protocol."))
    case (.handshake(let name, _), _):
      end(with: HubRecord.handshakeRefused("The protocol '\(name)' is not supported."))
    default:
      end(with: HubRecord.handshakeRefused("Expected a handshake request from the client."))
    }
  }

  private func accept() {
    guard case .awaitingHandshake = state else { return }
    state = .live
    send(HubRecord.handshakeAccepted)
    tell("is live")
  }

  private func handle(_ input: HubInput) {
    switch input {
    case .invocation(let id, let target, let arguments):
      invoke(id, target, arguments)
    case .ping:
      watch.pinged()
    case .close:
      end(with: nil)
    case .completion, .skipped:
      break
    case .handshake, .violation:
      end(with: HubRecord.close(error: "Connection closed with an error."))
    }
  }

  private func invoke(_ id: String?, _ target: String, _ arguments: [JSONValue]) {
    if let strike = floor.faults.strike(hub: hub, .invocation) {
      tellStrike(strike.number)
      switch strike.effect {
      case .ignore: return
      case .fail(let error): return complete(id, error: error)
      case .records(let texts): enqueue(texts)
      case .delay(let span):
        floor.schedule(after: span) { [weak self] _ in
          self?.carryOut(id, target, arguments)
          self?.flush()
        }
        return
      default: return suffer(strike.effect)
      }
    }
    carryOut(id, target, arguments)
  }

  private func carryOut(_ id: String?, _ target: String, _ arguments: [JSONValue]) {
    guard let (method, adds) = HubMethod.named(target, on: hub) else {
      return complete(id, error: "Unknown hub method '\(target)'")
    }
    guard method.apply(arguments, adds: adds, to: &subscriptions) else {
      return complete(id, error: "Failed to invoke '\(target)' due to an error on the server.")
    }
    tell(target + arguments.map { " " + ($0.text ?? $0.jsonText) }.joined())
    complete(id)
    if adds, floor.hub.sendsSnapshots {
      for record in floor.hubs.snapshot(method, for: subscriptions) { outbox.append(record) }
    }
  }

  private func complete(_ id: String?, error: String? = nil) {
    if let id { send(HubRecord.completion(id, error: error)) }
  }

  /// Takes an event that is due; the faults may change its fate.
  func deliver(_ topic: HubTopic, _ bytes: [UInt8]) {
    guard isLive else { return }
    if floor.faults.hasEventFaults,
      let strike = floor.faults.strike(
        hub: hub, .event(topic.kind), account: topic.account, contract: topic.contract)
    {
      tellStrike(strike.number)
      return deliver(bytes, struckBy: strike.effect)
    }
    enqueueEvent(bytes)
  }

  private func deliver(_ bytes: [UInt8], struckBy effect: HubEffect) {
    switch effect {
    case .lose:
      floor.hubs.lostEvents += 1
    case .duplicate:
      enqueueEvent(bytes)
      enqueueEvent(bytes)
    case .delay(let span):
      floor.schedule(after: span) { [weak self] _ in
        self?.enqueueEvent(bytes)
        self?.flush()
      }
    case .records(let texts):
      enqueue(texts)
      enqueueEvent(bytes)
    case .garble:
      outbox.append(Array(bytes.prefix(bytes.count / 2)) + [recordSeparator])
    default:
      suffer(effect)
    }
  }

  private func enqueueEvent(_ bytes: [UInt8]) {
    guard isLive else { return }
    sentEvents += 1
    floor.hubs.sentEvents[hub, default: 0] += 1
    outbox.append(bytes)
  }

  private func enqueue(_ texts: [String]) {
    for text in texts { outbox.append(Array(text.utf8) + [recordSeparator]) }
  }

  private func send(_ record: JSONValue) {
    outbox.append(
      HubRecord.bytes(floor.hub.form.addsUnknownMembers ? record.withUnknownMembers : record))
  }

  /// Sends what is due. A client that leaves too much unread is dropped.
  func flush() {
    guard !outbox.isEmpty else { return }
    switch state {
    case .awaitingHandshake, .live: break
    case .stalled, .ended: return outbox.clear()
    }
    for frame in outbox.takeFrames(floor.hub.grouping) { transport.send(frame) }
    transport.flush()
    watch.sent(at: VenueClock.monotonicNow())
    if transport.backlog > floor.hub.maximumBacklog {
      tell("reads too slowly")
      cut(reset: true)
    }
  }

  /// What happens to the connection as a whole.
  func suffer(_ effect: HubEffect) {
    if case .ended = state { return }
    switch effect {
    case .cut: cut(reset: false)
    case .reset: cut(reset: true)
    case .stall:
      flush()
      state = .stalled
      tell("is stalled")
    case .close(let error, let allowReconnect):
      end(with: HubRecord.close(error: error, allowReconnect: allowReconnect))
    case .logout(let message, let endsToken):
      if endsToken { floor.sessions.end(token) }
      send(HubRecord.invocation("GatewayLogout", message.map { [.string($0)] } ?? []))
      end(with: HubRecord.close())
    case .records(let texts):
      enqueue(texts)
      flush()
    case .binary(let bytes):
      flush()
      transport.sendBinary(bytes)
    case .webSocketPing:
      flush()
      transport.sendPing()
    case .webSocketClose(let code):
      end(with: nil, code: code)
    case .lose, .duplicate, .delay, .garble, .refuse, .ignore, .fail:
      preconditionFailure("Invariant: \(effect) does not concern a whole connection")
    }
  }

  /// Ends the connection in an orderly way, after a last record.
  func end(with record: JSONValue?, code: UInt16 = 1000) {
    if case .ended = state { return }
    if let record { send(record) }
    flush()
    state = .ended
    transport.close(code: code)
  }

  func cut(reset: Bool) {
    if case .ended = state { return }
    flush()
    state = .ended
    transport.cut(reset: reset)
  }

  func heardPong() {
    pongs += 1
    watch.heard(at: VenueClock.monotonicNow())
  }

  /// The connection is gone.
  func transportEnded() {
    state = .ended
    tell("has ended")
  }

  /// Looks after the times of the protocol.
  func tick() {
    switch state {
    case .awaitingHandshake, .live: break
    case .stalled, .ended: return
    }
    let now = VenueClock.monotonicNow()
    switch watch.due(isLive: isLive, at: now, floor.hub) {
    case .nothing: break
    case .ping:
      send(HubRecord.ping)
      flush()
    case .handshakeOverdue: end(with: HubRecord.handshakeRefused("Handshake was canceled."))
    case .clientGone: cut(reset: false)
    }
  }

  func tokenExpired() {
    switch floor.hub.tokenExpiry {
    case .staysConnected: break
    case .aborts: cut(reset: false)
    case .logsOut: suffer(.logout(message: nil, endsToken: false))
    case .closes: end(with: HubRecord.close(error: "Connection closed with an error."))
    }
  }

  private func tell(_ what: String) {
    floor.tell(.hub(hub, connection: number, what: what))
  }

  private func tellStrike(_ fault: Int) {
    floor.tell(.fault(fault, what: "strikes connection \(number) of the \(hub.rawValue) hub"))
  }
}
