import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import RiskModel

/// Listens for HTTP on the loopback interface and hands its connections to a desk.
struct Listener {
  let channel: any Channel

  /// Largest WebSocket frame that is accepted.
  private static let maximumFrameSize = 1 << 20

  var port: Int { channel.localAddress?.port ?? 0 }

  /// Starts to listen. `opensHubs` accepts WebSockets of the hubs.
  static func start(
    at address: String, port: Int, floor: NIOLoopBound<VenueFloor>,
    desk: NIOLoopBound<any RequestDesk>, opensHubs: Bool, tls: NIOSSLContext?,
    on group: MultiThreadedEventLoopGroup
  ) throws(SimulatedVenueError) -> Listener {
    let socketAddress = try loopbackAddress(address, port: port)
    do {
      let channel = try ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try prepare(channel, floor.value, desk.value, opensHubs: opensHubs, tls: tls)
          }
        }
        .bind(to: socketAddress).wait()
      return Listener(channel: channel)
    } catch {
      throw .cannotListen(address: address, port: port, reason: "\(error)")
    }
  }

  private static func prepare(
    _ channel: any Channel, _ floor: VenueFloor, _ desk: any RequestDesk, opensHubs: Bool,
    tls: NIOSSLContext?
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
    let number = opensHubs ? floor.nextConnection() : 0
    let http = HTTPConnection(number: number, desk: desk) { [unowned floor] in
      floor.clock.now().httpDate
    }
    let httpBound = NIOLoopBound(http, eventLoop: channel.eventLoop)
    let upgrader = upgrader(floor, httpBound, channel.eventLoop)
    let leave: @Sendable (ChannelHandlerContext) -> Void = { context in
      context.pipeline.syncOperations.removeHandler(httpBound.value).whenFailure { _ in }
    }
    try pipeline.configureHTTPServerPipeline(
      position: ChannelPipeline.SynchronousOperations.Position.last,
      withServerUpgrade: opensHubs ? (upgraders: [upgrader], completionHandler: leave) : nil)
    try pipeline.addHandler(http)
  }

  private static func upgrader(
    _ floor: VenueFloor, _ http: NIOLoopBound<HTTPConnection>, _ loop: any EventLoop
  ) -> NIOWebSocketServerUpgrader {
    let floor = NIOLoopBound(floor, eventLoop: loop)
    let grant = NIOLoopBoundBox<HubGrant?>(nil, eventLoop: loop)
    return NIOWebSocketServerUpgrader(
      maxFrameSize: maximumFrameSize,
      shouldUpgrade: { channel, head in
        switch floor.value.hubs.examine(head) {
        case .accept(let granted):
          grant.value = granted
          let date = floor.value.clock.now().httpDate
          return channel.eventLoop.makeSucceededFuture(["Date": date])
        case .refuse(let reply):
          http.value.upgradeRefusal = reply
          return channel.eventLoop.makeSucceededFuture(nil)
        case .ignore:
          let never = channel.eventLoop.makePromise(of: HTTPHeaders?.self)
          channel.closeFuture.whenComplete { _ in never.fail(ChannelError.ioOnClosedChannel) }
          return never.futureResult
        }
      },
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          guard let granted = grant.value else {
            preconditionFailure("Invariant: an upgrade goes on only when it was granted")
          }
          try channel.pipeline.syncOperations.addHandler(
            HubChannel(floor: floor.value, grant: granted, number: http.value.number))
        }
      })
  }
}

/// The address, if it belongs to the loopback interface.
func loopbackAddress(_ text: String, port: Int) throws(SimulatedVenueError) -> SocketAddress {
  let number = text == "localhost" ? "127.0.0.1" : text
  guard number == "::1" || number.hasPrefix("127."),
    let address = try? SocketAddress(ipAddress: number, port: port)
  else { throw .notLoopback(address: text) }
  return address
}
