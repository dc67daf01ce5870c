import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

/// A server on this machine that does to every request what its script says, byte by byte.
final class ScriptedServer: Sendable {
  enum Deed: Sendable {
    case bytes([UInt8])
    /// The rest of the script waits for one call of `release`.
    case hold
    case end
    case reset
  }

  struct Request: Sendable {
    /// Counts from 1, over all connections.
    var number: Int
    var connection: Int
    var head: String
    var body: [UInt8]

    var path: String { String(head.split(separator: " ")[1]) }
  }

  struct Record: Sendable {
    var requests: [Request] = []
    var accepted = 0
    var ended = 0
  }

  typealias Script = @Sendable (Request) -> [Deed]

  let port: Int
  private let channel: any Channel
  private let record: NIOLockedValueBox<Record>
  private let held: NIOLockedValueBox<[@Sendable () -> Void]>

  init(
    port: Int = 0, tls: NIOSSLContext? = nil, greeting: [Deed] = [],
    script: @escaping Script
  ) async throws {
    let record = NIOLockedValueBox(Record())
    let held = NIOLockedValueBox<[@Sendable () -> Void]>([])
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.addHandler(
            ScriptedConnection(record: record, held: held, greeting: greeting, script: script))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    self.port = channel.localAddress?.port ?? 0
    self.record = record
    self.held = held
  }

  /// On a port that the kernel gives to nobody by itself, so that it stays free after `stop`.
  static func onQuietPort(script: @escaping Script) async throws -> ScriptedServer {
    let first = 20_000 + Int(getpid()) % 10_000
    for port in first..<(first + 100) {
      if let server = try? await ScriptedServer(port: port, script: script) { return server }
    }
    return try await ScriptedServer(port: first + 100, script: script)
  }

  var requests: [Request] { record.withLockedValue { $0.requests } }
  var accepted: Int { record.withLockedValue { $0.accepted } }
  var open: Int { record.withLockedValue { $0.accepted - $0.ended } }

  /// Lets the oldest held script go on.
  func release() {
    held.withLockedValue { $0.isEmpty ? nil : $0.removeFirst() }?()
  }

  func stop() async throws {
    try await channel.close()
  }

  static func reply(
    _ body: String, status: String = "200 OK", headers: [String] = []
  ) -> Deed {
    let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
    return .bytes(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
  }
}

private final class ScriptedConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let record: NIOLockedValueBox<ScriptedServer.Record>
  private let held: NIOLockedValueBox<[@Sendable () -> Void]>
  private let greeting: [ScriptedServer.Deed]
  private let script: ScriptedServer.Script
  private var number = 0
  private var unread: [UInt8] = []

  init(
    record: NIOLockedValueBox<ScriptedServer.Record>,
    held: NIOLockedValueBox<[@Sendable () -> Void]>, greeting: [ScriptedServer.Deed],
    script: @escaping ScriptedServer.Script
  ) {
    self.record = record
    self.held = held
    self.greeting = greeting
    self.script = script
  }

  func channelActive(context: ChannelHandlerContext) {
    number = record.withLockedValue {
      $0.accepted += 1
      return $0.accepted
    }
    run(greeting[...], context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    record.withLockedValue { $0.ended += 1 }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    unread += unwrapInboundIn(data).readableBytesView
    while let (head, body) = nextRequest() {
      let request = record.withLockedValue {
        let request = ScriptedServer.Request(
          number: $0.requests.count + 1, connection: number, head: head, body: body)
        $0.requests.append(request)
        return request
      }
      run(script(request)[...], context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func nextRequest() -> (head: String, body: [UInt8])? {
    let text = String(decoding: unread, as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let head = String(parts[0])
    let length =
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    let start = head.utf8.count + 4
    guard unread.count >= start + length else { return nil }
    let body = Array(unread[start..<(start + length)])
    unread.removeFirst(start + length)
    return (head, body)
  }

  private func run(_ deeds: ArraySlice<ScriptedServer.Deed>, _ context: ChannelHandlerContext) {
    guard let deed = deeds.first else { return }
    let rest = deeds.dropFirst()
    switch deed {
    case .bytes(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      run(rest, context)
    case .hold:
      let loop = context.eventLoop
      let bound = NIOLoopBound((self, context), eventLoop: loop)
      held.withLockedValue {
        $0.append { loop.execute { bound.value.0.run(rest, bound.value.1) } }
      }
    case .end:
      context.close(promise: nil)
    case .reset:
      (context.channel as? any SocketOptionProvider)?
        .setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
      context.close(promise: nil)
    }
  }
}
