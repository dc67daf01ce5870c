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
    case .pong:
      connection?.heardPong()
    case .connectionClose:
      close(code: 1000)
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

  func sendPing() {
    guard let context else { return }
    let data = context.channel.allocator.buffer(string: "are you there")
    let frame = WebSocketFrame(fin: true, opcode: .ping, data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  func sendBinary(_ bytes: [UInt8]) {
    guard let context else { return }
    let data = context.channel.allocator.buffer(bytes: bytes)
    let frame = WebSocketFrame(fin: true, opcode: .binary, data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  func close(code: UInt16) {
    guard let context else { return }
    var data = context.channel.allocator.buffer(capacity: 2)
    data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: Int(code)))
    let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    context.close(promise: nil)
  }

  func cut(reset: Bool) {
    guard let context else { return }
    endTransport(of: context.channel, reset: reset)
  }
}
