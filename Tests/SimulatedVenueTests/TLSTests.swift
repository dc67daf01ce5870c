import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import SimulatedVenue
import Testing

struct TLSTests {
  /// A self-signed certificate for localhost and 127.0.0.1, made for this test.
  static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
    c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjExOTEyMzEwMDAwMDBaMBQxEjAQBgNVBAMM
    CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCsSgwudrSWBPUn/
    VUptf8AzvIcnYdWUSHpI+tVCcJWqLI1WqDfLVoV9deUu6IMj5GMRIiOUM1cpFy8+
    ApXxoK6jTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
    BTADAQH/MB0GA1UdDgQWBBSP2K1ODDZGuvQJcyGdaKCWIKTlFzAKBggqhkjOPQQD
    AgNIADBFAiBZqokJan/zhM0pV4bTeAc9L7wiCRJh1oP6pc+Yx1dHNQIhAJb2Poeh
    KdKEYQ38WNfm2eayf6tZEpwEEr4Piun1pset
    -----END CERTIFICATE-----

    """

  static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5N7acT4BEMM/YWY6
    GhbJjgtby6/vnDuMCjK3zcGRSoihRANCAAQrEoMLna0lgT1J/1VKbX/AM7yHJ2HV
    lEh6SPrVQnCVqiyNVqg3y1aFfXXlLuiDI+RjESIjlDNXKRcvPgKV8aCu
    -----END PRIVATE KEY-----

    """

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
  private func exchange(_ request: String, port: Int) async throws -> String {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates([
      try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem)
    ])
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

  private func withTLSVenue(_ body: (SimulatedVenueServer) async throws -> Void) async throws {
    let folder = try #require(mkdtempString())
    defer { rmdir(folder) }
    let files = VenueTLS(
      certificateFile: "\(folder)/certificate.pem", privateKeyFile: "\(folder)/key.pem")
    defer {
      unlink(files.certificateFile)
      unlink(files.privateKeyFile)
    }
    try write(Self.certificate, to: files.certificateFile)
    try write(Self.key, to: files.privateKeyFile)
    var configuration = SimulatedVenueConfiguration()
    configuration.tls = files
    let venue = try SimulatedVenueServer.start(configuration)
    defer { venue.stop() }
    try await body(venue)
  }

  @Test func `the venue serves over TLS, the faults work there too`() async throws {
    try await withTLSVenue { venue in
      #expect(venue.baseURL.hasPrefix("https://") && venue.adminURL.hasPrefix("http://"))
      let request = "GET /api/Status/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      let reply = try await exchange(request, port: venue.port)
      #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n") && reply.hasSuffix("\r\n\r\npong"))
      for reset in [false, true] {
        venue.addFault(.request(.ping, .dropConnection(applied: true, reset: reset)))
        #expect(try await exchange(request, port: venue.port) == "")
      }
    }
  }

  @Test func `a certificate that cannot be used is an error`() throws {
    var configuration = SimulatedVenueConfiguration()
    configuration.tls = VenueTLS(certificateFile: "/nonexistent", privateKeyFile: "/nonexistent")
    let error = #expect(throws: SimulatedVenueError.self) {
      try SimulatedVenueServer.start(configuration)
    }
    #expect(error?.description.hasPrefix("cannot use the certificate /nonexistent: ") == true)
  }

  private func mkdtempString() -> String? {
    var template = Array("/tmp/simulated-venue-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    #expect(fputs(text, file) >= 0)
  }
}
