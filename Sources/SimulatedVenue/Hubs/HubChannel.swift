import NIOCore
import NIOWebSocket

/// The WebSocket under a hub connection.
final class HubChannel: ChannelInboundHandler, HubTransport {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let floor: VenueFloor
  private let grant: HubGrant
  private let number: Int
  private var context: ChannelHandlerContext?
  private var connection: HubConnection?

  init(floor: VenueFloor, grant: HubGrant, number: Int) {
    self.floor = floor
    self.grant = grant
    self.number = number
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    connection = floor.hubs.open(grant, number: number, transport: self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    guard let connection else { return }
    self.connection = nil
    floor.hubs.ended(connection, grant)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .text, .binary, .continuation:
      connection?.receive(frame.unmaskedData.readableBytesView)
    case .ping where connection?.isStalled == false:
      let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
      context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
    case .connectionClose:
      close()
    default:
      break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func send(_ frame: HubOutbox.Frame) {
    guard let context else { return }
    let webSocketFrame = WebSocketFrame(
      fin: frame.isFinal, opcode: frame.isFirst ? .text : .continuation,
      data: context.channel.allocator.buffer(bytes: frame.bytes))
    context.write(wrapOutboundOut(webSocketFrame), promise: nil)
  }

  func flush() {
    context?.flush()
  }

  var backlog: Int {
    (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  func close() {
    guard let context else { return }
    var code = context.channel.allocator.buffer(capacity: 2)
    code.write(webSocketErrorCode: .normalClosure)
    let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: code)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    context.close(promise: nil)
  }

  func cut(reset: Bool) {
    guard let context else { return }
    endTransport(of: context.channel, reset: reset)
  }
}
