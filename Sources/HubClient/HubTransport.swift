package import NIOCore
package import RiskModel
package import VenueREST

/// Limits of a transport.
package struct HubTransportOptions: Equatable, Sendable {
  /// For name, TCP, TLS and upgrade together.
  package var connectTimeout: TimeSpan
  /// How long a hub may take to answer our close frame.
  package var closeTimeout: TimeSpan
  /// The largest WebSocket frame, in bytes.
  package var frameLimit: Int

  package init(
    connectTimeout: TimeSpan = .seconds(10), closeTimeout: TimeSpan = .seconds(2),
    frameLimit: Int = 1 << 20
  ) {
    self.connectTimeout = connectTimeout
    self.closeTimeout = closeTimeout
    self.frameLimit = frameLimit
  }
}

/// Opens WebSocket connections to the hubs of the venue.
///
/// The token travels in the query `access_token`, where the venue wants it (documented), over a
/// plain HTTP/1.1 upgrade without negotiation and without a subprotocol.
package struct HubTransportConnector: Sendable {
  private let group: any EventLoopGroup
  private let tls: VenueTLS
  private let clock: any RiskModel.Clock
  private let options: HubTransportOptions

  package init(
    group: any EventLoopGroup, tls: VenueTLS, clock: any RiskModel.Clock,
    options: HubTransportOptions = HubTransportOptions()
  ) {
    self.group = group
    self.tls = tls
    self.clock = clock
    self.options = options
  }

  /// Starts to connect. Events come on an event loop and must not block it; the transport lives
  /// until its `closed`, also when nobody holds it.
  package func connect(
    _ address: VenueAddress, token: Secret,
    events: @escaping @Sendable (HubTransportEvent) -> Void
  ) -> HubTransport {
    let loop = group.next()
    let socket = NIOLoopBoundBox.makeBoxSendingValue(
      HubSocket(
        address: address, tls: tls, clock: clock, options: options, loop: loop, events: events),
      eventLoop: loop)
    let transport = HubTransport(loop: loop, socket: socket)
    transport.onLoop { $0.connect(token: token) }
    return transport
  }
}

/// One WebSocket connection. Its methods may be called from any thread.
package final class HubTransport: Sendable {
  private let loop: any EventLoop
  private let socket: NIOLoopBoundBox<HubSocket>

  init(loop: any EventLoop, socket: NIOLoopBoundBox<HubSocket>) {
    self.loop = loop
    self.socket = socket
  }

  /// Sends UTF-8 text as one message. Without effect unless the transport is open.
  package func send(_ bytes: [UInt8]) {
    onLoop { $0.send(bytes) }
  }

  /// Asks for a sign of life, which comes as `pong`. Without effect unless the transport is open.
  package func ping() {
    onLoop { $0.ping() }
  }

  /// Closes in good order: close frame, answer, end. No bytes are reported any more.
  package func close() {
    onLoop { $0.close() }
  }

  func onLoop(_ work: @escaping @Sendable (HubSocket) -> Void) {
    let socket = socket
    if loop.inEventLoop {
      work(socket.value)
    } else {
      loop.execute { work(socket.value) }
    }
  }
}
