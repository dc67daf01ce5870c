import NIOCore
import NIOHTTP1
import NIOWebSocket
import RiskModel
import VenueREST

/// First in the channel: remembers when bytes were last read from the socket.
final class ReadMoment: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let clock: any RiskModel.Clock
  private(set) var last: MonotonicInstant

  init(clock: any RiskModel.Clock) {
    self.clock = clock
    last = clock.monotonicNow()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    last = clock.monotonicNow()
    context.fireChannelRead(data)
  }
}

/// Last in the channel until the upgrade: asks for it, and hears a refusal.
final class UpgradeRequest: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let address: VenueAddress
  private let token: Secret
  private let socket: HubSocket
  private var isSent = false

  init(address: VenueAddress, token: Secret, socket: HubSocket) {
    self.address = address
    self.token = token
    self.socket = socket
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { send(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    send(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) {
      socket.refused(status: Int(head.status.code))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    socket.failed(HubTransportError.endOfStream)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    socket.failed(error)
  }

  private func send(_ context: ChannelHandlerContext) {
    guard !isSent else { return }
    isSent = true
    let path = address.path.isEmpty ? "/" : address.path
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET,
      uri: "\(path)?access_token=\(percentEncoded(token.reveal()))",
      headers: [
        "Host": address.authority, "User-Agent": "riskd/\(RiskdVersion.release)",
      ])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

/// Last in the channel after the upgrade: RFC 6455, as far as a client without extensions needs it.
///
/// Fragments are handed on as they come, which is as good as reassembled, since the borders of
/// messages mean nothing to the hub protocol.
final class HubFrames: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame

  private let socket: HubSocket
  private let readMoment: ReadMoment
  private let frameLimit: Int
  private var isInMessage = false

  init(socket: HubSocket, readMoment: ReadMoment, frameLimit: Int) {
    self.socket = socket
    self.readMoment = readMoment
    self.frameLimit = frameLimit
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    guard frame.reservedBits.isEmpty, frame.maskKey == nil else {
      return violated("a masked frame or an extension that was not agreed on")
    }
    switch frame.opcode {
    case .text, .continuation:
      guard isInMessage == (frame.opcode == .continuation) else {
        return violated("a fragment out of order")
      }
      isInMessage = !frame.fin
      if frame.data.readableBytes > 0 {
        socket.received(Array(frame.data.readableBytesView), readAt: readMoment.last)
      }
    case .binary: socket.violated(.binaryFrame, .unacceptableData)
    case .ping: socket.pinged(frame.data)
    case .pong: socket.ponged(readAt: readMoment.last)
    case .connectionClose:
      var data = frame.data
      socket.closeReceived(data.readWebSocketErrorCode())
    default: violated("an unknown kind of frame")
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    socket.failed(HubTransportError.endOfStream)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case NIOWebSocketError.invalidFrameLength:
      socket.violated(.frameTooLong(limit: frameLimit), .messageTooLarge)
    case is NIOWebSocketError: violated("\(error)")
    default: socket.failed(error)
    }
  }

  private func violated(_ problem: String) {
    socket.violated(.protocolViolation(problem), .protocolError)
  }
}

/// A text as part of a query: everything but RFC 3986's unreserved characters is escaped.
func percentEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      bytes.append(byte)
    default:
      bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
