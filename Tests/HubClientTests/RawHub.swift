import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

/// A hub on this machine, byte by byte: it answers the upgrade as told, then the test writes.
final class RawHub: Sendable {
  enum Answer: Sendable {
    /// Agree, with these bytes behind the head in the same piece.
    case agree([UInt8] = [])
    case bytes(String)
    case end
    case reset
    case nothing
  }

  struct Record: Sendable {
    var head: String?
    /// What came after the head of the upgrade.
    var received: [UInt8] = []
    var accepted = 0
    var ended = 0
  }

  let port: Int
  private let record: NIOLockedValueBox<Record>
  private let peer: NIOLockedValueBox<(any Channel)?>

  init(tls: NIOSSLContext? = nil, _ answer: Answer = .agree()) async throws {
    let record = NIOLockedValueBox(Record())
    let peer = NIOLockedValueBox<(any Channel)?>(nil)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        peer.withLockedValue { $0 = channel }
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.addHandler(RawHubConnection(record: record, answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
    self.record = record
    self.peer = peer
  }

  var head: [String] {
    record.withLockedValue { $0.head?.split(separator: "\r\n").map { String($0) } ?? [] }
  }
  var frames: [ClientFrame]? { record.withLockedValue { ClientFrame.all(in: $0.received) } }
  var accepted: Int { record.withLockedValue { $0.accepted } }
  var open: Int { record.withLockedValue { $0.accepted - $0.ended } }

  /// Agrees to the upgrade later than at once.
  func agree() {
    write(agreement(to: record.withLockedValue { $0.head ?? "" }))
  }

  func write(_ bytes: [UInt8]) {
    peer.withLockedValue { $0 }?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  func end() {
    peer.withLockedValue { $0 }?.close(promise: nil)
  }

  func reset() {
    guard let channel = peer.withLockedValue({ $0 }) else { return }
    channel.eventLoop.execute { RawHubConnection.reset(channel) }
  }
}

private final class RawHubConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let record: NIOLockedValueBox<RawHub.Record>
  private let answer: RawHub.Answer
  private var isAsked = false
  private var unread: [UInt8] = []

  init(record: NIOLockedValueBox<RawHub.Record>, answer: RawHub.Answer) {
    self.record = record
    self.answer = answer
  }

  static func reset(_ channel: any Channel) {
    (channel as? any SocketOptionProvider)?
      .setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
    channel.close(promise: nil)
  }

  func channelActive(context: ChannelHandlerContext) {
    record.withLockedValue { $0.accepted += 1 }
  }

  func channelInactive(context: ChannelHandlerContext) {
    record.withLockedValue { $0.ended += 1 }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Array(unwrapInboundIn(data).readableBytesView)
    guard !isAsked else { return record.withLockedValue { $0.received += bytes } }
    unread += bytes
    let head = String(decoding: unread, as: UTF8.self)
    guard head.hasSuffix("\r\n\r\n") else { return }
    isAsked = true
    record.withLockedValue { $0.head = head }
    switch answer {
    case .agree(let more): write(agreement(to: head) + more, context)
    case .bytes(let text): write(Array(text.utf8), context)
    case .end: context.close(promise: nil)
    case .reset: RawHubConnection.reset(context.channel)
    case .nothing: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
  }
}

private func agreement(to head: String) -> [UInt8] {
  let key =
    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
    .map { $0.split(separator: " ")[1] } ?? ""
  return Array(
    ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Accept: \(acceptance(of: String(key)))\r\n\r\n").utf8)
}
