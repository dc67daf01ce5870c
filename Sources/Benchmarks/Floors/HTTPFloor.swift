import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RiskModel

/// What a request of 120 bytes and its reply of 300 take at least over a connection that is open:
/// two threads of this process, over the loopback interface.
package enum HTTPFloor {
  static let requestBytes = 120
  static let replyBytes = 300

  /// With a certificate over TLS, else plain.
  package static func measure(
    _ rounds: Rounds, certificate: TemporaryCertificate? = nil
  ) throws(BenchmarkError) -> Percentiles {
    let venueThread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let clientThread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer {
      try? clientThread.syncShutdownGracefully()
      try? venueThread.syncShutdownGracefully()
    }
    do {
      let encryption = try certificate.map(Encryption.init)
      let server = try startServer(venueThread, encryption)
      let recorder = try exchange(clientThread, with: server, encryption, rounds)
      guard let percentiles = recorder.percentiles else {
        throw BenchmarkError.timedOut("a single HTTP exchange")
      }
      return percentiles
    } catch let error as BenchmarkError {
      throw error
    } catch {
      throw .network("\(error)")
    }
  }

  private struct Encryption {
    var server: NIOSSLContext
    var client: NIOSSLContext

    init(_ certificate: TemporaryCertificate) throws {
      let chain = try NIOSSLCertificate.fromPEMFile(certificate.certificateFile)
      let key = try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)
      server = try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
      var trusting = TLSConfiguration.makeClientConfiguration()
      trusting.trustRoots = .certificates(chain)
      client = try NIOSSLContext(configuration: trusting)
    }
  }

  private static func startServer(
    _ group: MultiThreadedEventLoopGroup, _ encryption: Encryption?
  ) throws -> any Channel {
    try ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let encryption {
            try pipeline.addHandler(NIOSSLServerHandler(context: encryption.server))
          }
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(ReplyingHandler())
        }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  private static func exchange(
    _ group: MultiThreadedEventLoopGroup, with server: any Channel, _ encryption: Encryption?,
    _ rounds: Rounds
  ) throws -> LatencyRecorder {
    guard let address = server.localAddress else {
      throw BenchmarkError.network("a listener without an address")
    }
    let done = group.any().makePromise(of: LatencyRecorder.self)
    ClientBootstrap(group: group)
      .connectTimeout(.seconds(5))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let encryption {
            try pipeline.addHandler(
              NIOSSLClientHandler(context: encryption.client, serverHostname: nil))
          }
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(AskingHandler(rounds, done))
        }
      }
      .connect(to: address)
      .whenFailure { done.fail($0) }
    return try done.futureResult.wait()
  }
}

/// Answers every request.
private final class ReplyingHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let body = ByteBuffer(repeating: 0x61, count: HTTPFloor.replyBytes)

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    let head = HTTPResponseHead(
      version: .http1_1, status: .ok,
      headers: ["content-type": "application/json", "content-length": "\(body.readableBytes)"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

/// Sends a request as soon as the one before it is answered.
private final class AskingHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let rounds: Rounds
  private let done: EventLoopPromise<LatencyRecorder>
  private let body = ByteBuffer(repeating: 0x61, count: HTTPFloor.requestBytes)
  private var recorder = LatencyRecorder()
  private var exchanges = 0
  private var sentAt = NIODeadline.now()
  private var deadline = NIODeadline.distantFuture

  init(_ rounds: Rounds, _ done: EventLoopPromise<LatencyRecorder>) {
    self.rounds = rounds
    self.done = done
  }

  func channelActive(context: ChannelHandlerContext) {
    deadline = .now() + .nanoseconds(rounds.limit.nanos)
    ask(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    let now = NIODeadline.now()
    exchanges += 1
    if exchanges > rounds.warmUp {
      recorder.record(TimeSpan(nanos: (now - sentAt).nanoseconds))
    }
    if recorder.count >= rounds.count || now > deadline {
      done.succeed(recorder)
    } else {
      ask(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    done.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    done.fail(BenchmarkError.network("the connection ended"))
  }

  private func ask(_ context: ChannelHandlerContext) {
    let head = HTTPRequestHead(
      version: .http1_1, method: .POST, uri: "/api/Position/closeContract",
      headers: [
        "host": "127.0.0.1", "content-type": "application/json",
        "content-length": "\(body.readableBytes)",
        "authorization": "Bearer " + String(repeating: "a", count: 120),
      ])
    sentAt = .now()
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
