package import NIOCore
package import RiskModel

/// Limits of a `RESTClient`.
package struct RESTOptions: Equatable, Sendable {
  /// Connections kept open in the background, from the first call or `warmUp` on.
  package var warmConnections: Int
  /// Connections that may be open at once.
  package var mostConnections: Int
  /// How many of these normal calls may not use, so that an enforcement call never waits for one.
  package var reservedForEnforcement: Int
  /// For name, TCP and TLS together.
  package var connectTimeout: TimeSpan
  /// An idle connection is replaced after this time: a request that crosses the venue's own
  /// end of an idle connection would have an unknown outcome.
  package var idleLimit: TimeSpan
  /// The largest body of a reply, in bytes.
  package var replyLimit: Int

  package init(
    warmConnections: Int = 4, mostConnections: Int = 8, reservedForEnforcement: Int = 2,
    connectTimeout: TimeSpan = .seconds(5), idleLimit: TimeSpan = .seconds(50),
    replyLimit: Int = 16 << 20
  ) {
    self.warmConnections = warmConnections
    self.mostConnections = mostConnections
    self.reservedForEnforcement = reservedForEnforcement
    self.connectTimeout = connectTimeout
    self.idleLimit = idleLimit
    self.replyLimit = replyLimit
  }
}

/// Sends requests to one address over connections that are kept warm.
///
/// A request is written at most once: no redirect is followed, nothing is repeated. All methods may
/// be called from any thread; completions run on the event loop and must not block it. Connections
/// stay open until `close`.
package final class RESTClient: Sendable {
  private let loop: any EventLoop
  private let connections: NIOLoopBoundBox<RESTConnections>

  package init(
    address: VenueAddress, tls: VenueTLS, clock: any RiskModel.Clock, loop: any EventLoop,
    options: RESTOptions = RESTOptions()
  ) {
    self.loop = loop
    connections = NIOLoopBoundBox.makeBoxSendingValue(
      RESTConnections(address: address, tls: tls, clock: clock, options: options, loop: loop),
      eventLoop: loop)
  }

  /// Opens connections until this many are open, and keeps that many from now on.
  package func warmUp(count: Int) {
    onLoop { $0.warmUp(count) }
  }

  /// Sends a call. The completion runs exactly once, at the deadline at the latest.
  package func send(
    _ call: HTTPCall, deadline: MonotonicInstant, priority: HTTPPriority,
    completion: @escaping @Sendable (HTTPReport) -> Void
  ) {
    onLoop { $0.send(call, deadline: deadline, priority: priority, completion: completion) }
  }

  /// Ends all connections at once and for good. Calls under way end with `clientClosed`.
  package func close() {
    onLoop { $0.close() }
  }

  private func onLoop(_ work: @escaping @Sendable (RESTConnections) -> Void) {
    let connections = connections
    if loop.inEventLoop {
      work(connections.value)
    } else {
      loop.execute { work(connections.value) }
    }
  }
}
