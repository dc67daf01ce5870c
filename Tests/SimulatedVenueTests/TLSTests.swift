import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import SimulatedVenue
import Testing

struct TLSTests {
  /// Collects what comes until the connection ends.
  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var text = ""
    private let done: EventLoopPromise<String>

    init(_ done: EventLoopPromise<String>) {
      self.done = done
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      text += String(buffer: unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
      done.succeed(text)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }

  /// Sends a request over TLS with a verified certificate and returns all that came.
  private func exchange(
    _ request: String, port: Int, trusting authorityFile: String
  ) async throws -> String {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(authorityFile)
    configuration.minimumTLSVersion = .tlsv12
    let context = try NIOSSLContext(configuration: configuration)
    let done = loop.makePromise(of: String.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let tls = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
          try channel.pipeline.syncOperations.addHandlers([tls, Collector(done)])
        }
      }
      .connectTimeout(.seconds(10))
      .connect(host: "127.0.0.1", port: port).get()
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(10)) {
      channel.close(promise: nil)
    }
    try await channel.writeAndFlush(ByteBuffer(string: request))
    let text = try await done.futureResult.get()
    deadline.cancel()
    return text
  }

  private let ping =
    "GET /api/Status/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

  private func withTLSVenue(
    _ files: VenueTLS, _ body: (SimulatedVenueServer) async throws -> Void
  ) async throws {
    var configuration = SimulatedVenueConfiguration()
    configuration.tls = files
    let venue = try SimulatedVenueServer.start(configuration)
    defer { venue.stop() }
    try await body(venue)
  }

  @Test func `the venue serves over TLS, the faults work there too`() async throws {
    let authority = try TestAuthority()
    try await withTLSVenue(try authority.certificate()) { venue in
      #expect(venue.baseURL.hasPrefix("https://") && venue.adminURL.hasPrefix("http://"))
      let trusted = authority.authorityFile
      let reply = try await exchange(ping, port: venue.port, trusting: trusted)
      #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n") && reply.hasSuffix("\r\n\r\npong"))
      for reset in [false, true] {
        venue.addFault(.request(.ping, .dropConnection(applied: true, reset: reset)))
        #expect(try await exchange(ping, port: venue.port, trusting: trusted) == "")
      }
    }
  }

  @Test(arguments: ["nobody vouches", "expired", "another name", "TLS 1.1"])
  func `a careful client does not talk to a venue with the wrong certificate or an old TLS`(
    what: String
  ) async throws {
    let authority = try TestAuthority()
    let stranger = try TestAuthority()
    var files = try authority.certificate(
      for: what == "another name" ? ["DNS:venue.example"] : TestAuthority.loopbackNames,
      isExpired: what == "expired", label: "wrong")
    if what == "TLS 1.1" { files.newestVersion = .tls1_1 }
    let trusted = what == "nobody vouches" ? stranger : authority
    try await withTLSVenue(files) { venue in
      let text = try? await exchange(ping, port: venue.port, trusting: trusted.authorityFile)
      #expect((text ?? "").isEmpty)
      #expect(venue.requests().isEmpty)
    }
    let sound = try authority.certificate(label: "sound")
    try await withTLSVenue(sound) { venue in
      let text = try await exchange(ping, port: venue.port, trusting: authority.authorityFile)
      #expect(text.hasSuffix("pong"))
    }
  }

  @Test func `an authority leaves nothing behind`() throws {
    var authority: TestAuthority? = try TestAuthority()
    let file = try #require(authority?.authorityFile)
    #expect(access(file, R_OK) == 0)
    authority = nil
    #expect(access(file, F_OK) != 0)
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    #expect(access("/" + folder, F_OK) != 0)
  }

  @Test func `a certificate that cannot be used is an error`() throws {
    var configuration = SimulatedVenueConfiguration()
    configuration.tls = VenueTLS(certificateFile: "/nonexistent", privateKeyFile: "/nonexistent")
    let error = #expect(throws: SimulatedVenueError.self) {
      try SimulatedVenueServer.start(configuration)
    }
    #expect(error?.description.hasPrefix("cannot use the certificate /nonexistent: ") == true)
  }
}
