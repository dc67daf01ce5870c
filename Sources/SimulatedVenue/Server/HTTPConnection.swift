import Glibc
import NIOCore
import NIOHTTP1
import NIOSSL
import RiskModel

/// One HTTP connection of the simulated venue: collects a request, hands it to the desk, writes
/// what comes back. The pipeline lets the next request in when the reply has left.
final class HTTPConnection: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Larger bodies are answered with 413.
  private static let maximumBodySize = 4 << 20
  /// Into how many pieces a slow body is cut.
  private static let trickledPieces: Int64 = 20

  private enum State {
    /// Can transition to receiving.
    case idle
    /// Can transition to answering.
    case receiving(HTTPRequestHead, [UInt8])
    /// Can transition to idle.
    case answering(keepsAlive: Bool)
  }

  let number: Int
  /// What was decided about an upgrade that the desk still has to refuse.
  var upgradeRefusal: Reply?

  private let desk: any RequestDesk
  private let date: () -> String
  private var state = State.idle
  private var context: ChannelHandlerContext?

  init(number: Int, desk: any RequestDesk, date: @escaping () -> String) {
    self.number = number
    self.desk = desk
    self.date = date
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError || error is NIOSSLError { context.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), _):
      state = .receiving(head, [])
    case (.body(let buffer), .receiving(let head, var body)):
      state = .idle
      if body.count <= HTTPConnection.maximumBodySize {
        body.append(contentsOf: buffer.readableBytesView)
      }
      state = .receiving(head, body)
    case (.end, .receiving(let head, let body)):
      state = .answering(keepsAlive: head.isKeepAlive)
      answer(head, body)
    default:
      break
    }
  }

  private func answer(_ head: HTTPRequestHead, _ body: [UInt8]) {
    guard body.count <= HTTPConnection.maximumBodySize else {
      return deliver(.reply(.empty(413)))
    }
    if let refusal = upgradeRefusal {
      upgradeRefusal = nil
      return deliver(.reply(refusal))
    }
    let request = ReceivedRequest(head: head, body: body, connection: number)
    desk.handle(request) { [weak self] in self?.deliver($0) }
  }

  private func deliver(_ delivery: Delivery) {
    guard let context, case .answering(let keepsAlive) = state else { return }
    switch delivery {
    case .reply(let reply):
      state = .idle
      write(reply, keepsAlive: keepsAlive, fraction: reply.body[...])
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      if !keepsAlive { context.close(promise: nil) }
    case .brokenOff(let reply):
      write(reply, keepsAlive: keepsAlive, fraction: reply.body.prefix(reply.body.count / 2))
      context.flush()
      end(context, reset: false)
    case .trickle(let reply, let span):
      write(reply, keepsAlive: keepsAlive, fraction: [])
      context.flush()
      trickle(reply.body[...], every: TimeSpan(nanos: span.nanos / Self.trickledPieces))
    case .drop(let reset):
      end(context, reset: reset)
    case .silence:
      break
    }
  }

  /// Sends the rest of a body piece by piece, then ends the reply.
  private func trickle(_ body: ArraySlice<UInt8>, every span: TimeSpan, piece: Int? = nil) {
    guard let context, case .answering(let keepsAlive) = state else { return }
    guard !body.isEmpty else {
      state = .idle
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      if !keepsAlive { context.close(promise: nil) }
      return
    }
    let piece = piece ?? max(1, body.count / Int(Self.trickledPieces))
    let buffer = context.channel.allocator.buffer(bytes: body.prefix(piece))
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    let loop = context.eventLoop.assumeIsolated()
    loop.scheduleTask(in: .nanoseconds(span.nanos)) { [weak self] in
      self?.trickle(body.dropFirst(piece), every: span, piece: piece)
    }
  }

  private func write(_ reply: Reply, keepsAlive: Bool, fraction: ArraySlice<UInt8>) {
    guard let context else { return }
    var headers = HTTPHeaders([("Date", date())] + reply.headers)
    if reply.status != 204 && reply.status != 304 {
      headers.add(name: "Content-Length", value: "\(reply.body.count)")
    }
    if !keepsAlive { headers.add(name: "Connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !fraction.isEmpty {
      let buffer = context.channel.allocator.buffer(bytes: fraction)
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
  }

  private func end(_ context: ChannelHandlerContext, reset: Bool) {
    endTransport(of: context.channel, reset: reset)
  }
}

/// Ends the TCP connection by FIN, or by RST, without the farewell of TLS.
func endTransport(of channel: any Channel, reset: Bool) {
  if reset, let options = channel as? any SocketOptionProvider {
    options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
  }
  if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
    tls.close(promise: nil)
  } else {
    channel.close(promise: nil)
  }
}
