import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import RiskModel
import VenueREST

/// The life of one connection, from the name to the end. Lives on one event loop.
final class HubSocket {
  private enum State {
    /// Can transition to: open, closed
    case connecting((any Channel)?)
    /// Can transition to: closing, closed
    case open(any Channel)
    /// Our close frame is sent. Can transition to: closed
    case closing(any Channel)
    case closed
  }

  private let address: VenueAddress
  private let tls: VenueTLS
  private let clock: any RiskModel.Clock
  private let options: HubTransportOptions
  private let loop: any EventLoop
  private let events: @Sendable (HubTransportEvent) -> Void
  private var state = State.connecting(nil)
  private var timer: Scheduled<Void>?

  init(
    address: VenueAddress, tls: VenueTLS, clock: any RiskModel.Clock,
    options: HubTransportOptions, loop: any EventLoop,
    events: @escaping @Sendable (HubTransportEvent) -> Void
  ) {
    self.address = address
    self.tls = tls
    self.clock = clock
    self.options = options
    self.loop = loop
    self.events = events
  }

  func connect(token: Secret) {
    let timeout = TimeAmount.nanoseconds(options.connectTimeout.nanos)
    timer = loop.assumeIsolated().scheduleTask(in: timeout) { self.end(.connectTimedOut) }
    ClientBootstrap(group: loop)
      .connectTimeout(timeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: address.connectHost, port: address.port)
      .assumeIsolated()
      .whenComplete { [self] result in
        do {
          try connected(result.get(), token)
        } catch {
          failed(error)
        }
      }
  }

  func send(_ bytes: [UInt8]) {
    guard case .open(let channel) = state else { return }
    write(.text, ByteBuffer(bytes: bytes), channel)
  }

  func ping() {
    guard case .open(let channel) = state else { return }
    write(.ping, ByteBuffer(), channel)
  }

  func close() {
    switch state {
    case .connecting:
      end(nil)
    case .open(let channel):
      state = .closing(channel)
      timer = loop.assumeIsolated().scheduleTask(
        in: .nanoseconds(options.closeTimeout.nanos)
      ) { self.end(nil) }
      writeClose(.normalClosure, channel)
    case .closing, .closed:
      break
    }
  }

  /// Runs before the channel reads its first byte, once for the one address that answered.
  private func connected(_ channel: any Channel, _ token: Secret) throws {
    guard case .connecting = state else { return channel.close(promise: nil) }
    state = .connecting(channel)
    let readMoment = ReadMoment(clock: clock)
    let request = UpgradeRequest(address: address, token: token, socket: self)
    let frames = HubFrames(socket: self, readMoment: readMoment, frameLimit: options.frameLimit)
    let parts = NIOLoopBound((socket: self, request: request, frames: frames), eventLoop: loop)
    let upgrader = NIOWebSocketClientUpgrader(
      maxFrameSize: options.frameLimit, automaticErrorHandling: false,
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          let (socket, request, frames) = parts.value
          channel.pipeline.syncOperations.removeHandler(request, promise: nil)
          try channel.pipeline.syncOperations.addHandler(frames)
          socket.opened(channel)
        }
      })
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(readMoment)
    if address.isSecure { try tls.addHandler(to: pipeline, for: address) }
    try pipeline.addHTTPClientHandlers(
      leftOverBytesStrategy: .forwardBytes,
      withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    try pipeline.addHandler(request)
  }

  private func opened(_ channel: any Channel) {
    guard case .connecting = state else { return }
    timer?.cancel()
    state = .open(channel)
    events(.opened)
  }

  private func end(_ error: HubTransportError?) {
    let channel: (any Channel)?
    switch state {
    case .connecting(let underWay): channel = underWay
    case .open(let open), .closing(let open): channel = open
    case .closed: return
    }
    timer?.cancel()
    state = .closed
    channel?.close(promise: nil)
    events(.closed(error))
  }

  private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ channel: any Channel) {
    channel.writeAndFlush(
      WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data), promise: nil)
  }

  private func writeClose(_ code: WebSocketErrorCode, _ channel: any Channel) {
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    write(.connectionClose, data, channel)
  }
}

/// What the handlers of the channel report.
extension HubSocket {
  func received(_ bytes: [UInt8], readAt: MonotonicInstant) {
    if case .open = state { events(.bytes(bytes, readAt: readAt)) }
  }

  func ponged(readAt: MonotonicInstant) {
    if case .open = state { events(.pong(readAt: readAt)) }
  }

  func pinged(_ data: ByteBuffer) {
    switch state {
    case .open(let channel), .closing(let channel): write(.pong, data, channel)
    case .connecting, .closed: break
    }
  }

  /// A close frame is answered with its own code.
  func closeReceived(_ code: WebSocketErrorCode?) {
    switch state {
    case .open(let channel):
      writeClose(code ?? .normalClosure, channel)
      end(
        code == .normalClosure
          ? nil : .closedByServer(code: code.map { UInt16(webSocketErrorCode: $0) }))
    case .closing: end(nil)
    case .connecting, .closed: break
    }
  }

  /// The hub broke the protocol; it is told with which code we leave.
  func violated(_ error: HubTransportError, _ code: WebSocketErrorCode) {
    if case .open(let channel) = state { writeClose(code, channel) }
    failed(error)
  }

  func refused(status: Int) {
    end(.upgradeRefused(status: status))
  }

  /// The channel ended, or an error ended it.
  func failed(_ error: any Error) {
    switch state {
    case .connecting: end(HubTransportError(whileConnecting: error))
    case .open: end(HubTransportError(whileOpen: error))
    case .closing: end(nil)
    case .closed: break
    }
  }
}
