import NIOCore
import NIOHTTP1
import NIOPosix
import RiskModel

/// The connections of a client and the calls under way. Lives on one event loop.
final class RESTConnections {
  private struct Pending {
    var call: HTTPCall
    var completion: @Sendable (HTTPReport) -> Void
    var deadline: Scheduled<Void>?
    var handedToSocketAt: MonotonicInstant?
  }

  private let address: VenueAddress
  private let tls: VenueTLS
  private let clock: any RiskModel.Clock
  private let options: RESTOptions
  private let loop: any EventLoop
  private let requestHeads: RequestHeads
  private var roster: ConnectionRoster
  private var connections: [ConnectionID: RESTConnection] = [:]
  private var idleWatches: [ConnectionID: Scheduled<Void>] = [:]
  private var calls: [CallID: Pending] = [:]
  private var carried: [ConnectionID: CallID] = [:]
  private var lastCall = 0
  private var isClosed = false

  init(
    address: VenueAddress, tls: VenueTLS, clock: any RiskModel.Clock, options: RESTOptions,
    loop: any EventLoop
  ) {
    self.address = address
    self.tls = tls
    self.clock = clock
    self.options = options
    self.loop = loop
    requestHeads = RequestHeads(address: address)
    roster = ConnectionRoster(
      limits: ConnectionRoster.Limits(
        warm: options.warmConnections, most: options.mostConnections,
        reserved: options.reservedForEnforcement))
  }

  func warmUp(_ count: Int) {
    if !isClosed { run(roster.warmUp(count)) }
  }

  func send(
    _ call: HTTPCall, deadline: MonotonicInstant, priority: HTTPPriority,
    completion: @escaping @Sendable (HTTPReport) -> Void
  ) {
    lastCall += 1
    let id = CallID(number: lastCall)
    calls[id] = Pending(call: call, completion: completion)
    let remaining = deadline - clock.monotonicNow()
    guard !isClosed else { return end(id, .notSent(.clientClosed)) }
    guard RequestHeads.isValid(call) else { return end(id, .notSent(.invalidCall)) }
    guard remaining > .zero else { return end(id, .notSent(.deadline)) }
    calls[id]?.deadline = after(remaining) { $0.deadlinePassed(id) }
    run(roster.submit(id, priority))
  }

  func close() {
    isClosed = true
    let sent = Set(carried.values)
    carried = [:]
    for connection in connections.values { connection.close() }
    connections = [:]
    for watch in idleWatches.values { watch.cancel() }
    idleWatches = [:]
    for id in calls.keys.sorted(by: { $0.number < $1.number }) {
      end(id, sent.contains(id) ? .unknownOutcome(.clientClosed) : .notSent(.clientClosed))
    }
  }

  private func deadlinePassed(_ id: CallID) {
    if roster.withdraw(id) { return end(id, .notSent(.deadline)) }
    guard let (connection, _) = carried.first(where: { $0.value == id }) else { return }
    // The reply may still come, and must not be taken for the reply to another call.
    connections[connection]?.close()
    connectionLost(connection, .deadline)
  }

  private func end(_ id: CallID, _ outcome: HTTPOutcome) {
    guard let pending = calls.removeValue(forKey: id) else { return }
    pending.deadline?.cancel()
    pending.completion(
      HTTPReport(
        outcome: outcome, bytesHandedToSocketAt: pending.handedToSocketAt,
        finishedAt: clock.monotonicNow()))
  }

  /// A completion that closes the client ends every call, so nothing is left to do after it.
  private func run(_ actions: [ConnectionRoster.Action]) {
    for action in actions where !isClosed {
      switch action {
      case .open(let id): open(id)
      case .start(let call, let id): start(call, id)
      case .close(let id):
        connections.removeValue(forKey: id)?.close()
        idleWatches.removeValue(forKey: id)?.cancel()
      case .fail(let call, let reason): end(call, .notSent(reason))
      case .replenish(let delay):
        _ = after(delay) { if !$0.isClosed { $0.run($0.roster.replenish()) } }
      }
    }
  }

  private func start(_ id: CallID, _ connectionID: ConnectionID) {
    guard let pending = calls[id] else {
      preconditionFailure("Invariant: call \(id.number) was given to a connection, but it is over")
    }
    idleWatches.removeValue(forKey: connectionID)?.cancel()
    carried[connectionID] = id
    let head = requestHeads.head(of: pending.call)
    guard connections[connectionID]?.start(head, pending.call.body) != true else { return }
    carried[connectionID] = nil
    connections.removeValue(forKey: connectionID)?.close()
    run(roster.notStarted(connectionID))
  }

  private func after(
    _ delay: TimeSpan, _ work: @escaping (RESTConnections) -> Void
  ) -> Scheduled<Void> {
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.nanos)) { [weak self] in
      if let self { work(self) }
    }
  }
}

extension RESTConnections {
  private func open(_ id: ConnectionID) {
    let timeout = options.connectTimeout
    let deadline = clock.monotonicNow() + timeout
    ClientBootstrap(group: loop)
      .connectTimeout(.nanoseconds(timeout.nanos))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: address.connectHost, port: address.port)
      .assumeIsolated()
      .whenComplete { [self] result in
        do {
          try addHandlers(id, result.get(), deadline)
        } catch {
          connectionOpenFailed(id, "\(error)")
        }
      }
  }

  /// Runs before the channel reads its first byte, once for the one address that answered.
  private func addHandlers(
    _ id: ConnectionID, _ channel: any Channel, _ deadline: MonotonicInstant
  ) throws {
    let connection = RESTConnection(
      id: id, isSecure: address.isSecure, replyLimit: options.replyLimit, owner: self)
    let pipeline = channel.pipeline.syncOperations
    do {
      if address.isSecure { try tls.addHandler(to: pipeline, for: address) }
      try pipeline.addHTTPClientHandlers()
      try pipeline.addHandler(connection)
    } catch {
      channel.close(promise: nil)
      throw error
    }
    if address.isSecure {
      let remaining = max(deadline - clock.monotonicNow(), .zero)
      _ = after(remaining) { _ in connection.openingTimedOut() }
    }
  }

  private func watchIdle(_ id: ConnectionID, for limit: TimeSpan? = nil) {
    idleWatches[id] = after(limit ?? options.idleLimit) { owner in
      owner.idleWatches[id] = nil
      let (isDecided, actions) = owner.roster.retire(id)
      if !isDecided { owner.watchIdle(id, for: .seconds(1)) }
      owner.run(actions)
    }
  }
}

extension RESTConnections: RESTConnectionOwner {
  func connectionOpened(_ connection: RESTConnection) {
    guard !isClosed else { return connection.close() }
    connections[connection.id] = connection
    watchIdle(connection.id)
    run(roster.opened(connection.id, at: clock.monotonicNow()))
  }

  func connectionOpenFailed(_ id: ConnectionID, _ problem: String) {
    if !isClosed { run(roster.openFailed(id, problem)) }
  }

  func requestWritten(on id: ConnectionID) {
    guard let call = carried[id] else { return }
    calls[call]?.handedToSocketAt = clock.monotonicNow()
  }

  func replyCompleted(on id: ConnectionID, _ reply: HTTPReply, isReusable: Bool) {
    let call = carried.removeValue(forKey: id)
    watchIdle(id)
    run(roster.finished(id, isReusable: isReusable))
    if let call { end(call, .response(reply)) }
  }

  func connectionLost(_ id: ConnectionID, _ reason: UnknownOutcomeReason) {
    connections[id] = nil
    idleWatches.removeValue(forKey: id)?.cancel()
    let call = carried.removeValue(forKey: id)
    run(roster.closed(id, at: clock.monotonicNow()))
    if let call { end(call, .unknownOutcome(reason)) }
  }
}
