import AlertDelivery
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SimulatedVenue
import Testing
import VenueREST

/// Whom a webhook tells an alert: a server with a certificate that holds, or this machine.
@Suite(.serialized) struct WebhookTrustTests {
  private static let path = "/services/T0/B0/s3cret"

  /// Posts over TLS and gives what came of it, and what the receiver got to see.
  private func outcome(
    for names: [String] = TestAuthority.loopbackNames, isExpired: Bool = false,
    trusts: Bool = true
  ) async throws -> (WebhookProblem?, [String]) {
    let authority = try TestAuthority()
    let files = try authority.certificate(for: names, isExpired: isExpired)
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificateFile).map {
          .certificate($0)
        },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: files.privateKeyFile, format: .pem))))
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let seen = NIOLockedValueBox<[String]>([])
    let server = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(WebhookTests.Receiver(.ok, seen))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let webhook = try Webhook(
      url: "https://localhost:\(server.localAddress?.port ?? 0)\(Self.path)",
      tls: try ClientTLS(additionalAuthorityFile: trusts ? authority.authorityFile : nil),
      clock: WebhookTests.MachineClock(), loop: group.next())
    let problem = await withCheckedContinuation { continuation in
      webhook.post(Array(#"{"text":"hello"}"#.utf8)) { continuation.resume(returning: $0) }
    }
    webhook.close()
    try await server.close()
    try await group.shutdownGracefully()
    return (problem, seen.withLockedValue { $0 })
  }

  @Test func `a server with a certificate that holds gets the post`() async throws {
    let (problem, seen) = try await outcome()
    #expect(problem == nil)
    #expect(
      seen == [#"POST \#(Self.path) ["application/json"]"#, #"{"text":"hello"}"#])
  }

  @Test(arguments: [
    ("of an authority that nobody knows", TestAuthority.loopbackNames, false, false),
    ("for another name", ["DNS:hooks.example"], false, true),
    ("that is expired", TestAuthority.loopbackNames, true, true),
  ])
  func `a server with another certificate gets nothing`(
    certificate: String, names: [String], isExpired: Bool, trusts: Bool
  ) async throws {
    let (problem, seen) = try await outcome(for: names, isExpired: isExpired, trusts: trusts)
    guard case .notDelivered(let reason)? = problem else {
      Issue.record("a certificate \(certificate): \(String(describing: problem))")
      return
    }
    #expect(seen.isEmpty, "a certificate \(certificate)")
    #expect(!reason.contains("s3cret"))
  }

  @Test(arguments: [
    "http://hooks.example/x", "http://127.0.0.1.example/x", "http://localhost.example/x",
    "http://127.0.0.1@hooks.example/x", "http://127.0.0.1:80@hooks.example/x", "http://10.0.0.1/x",
    "http://[::2]/x", "http://0.0.0.0/x", "ftp://127.0.0.1/x", "https:///x",
  ])
  func `nobody else is told anything without encryption`(url: String) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    #expect(throws: WebhookProblem.self) {
      try Webhook(
        url: url, tls: try ClientTLS(), clock: WebhookTests.MachineClock(), loop: group.next())
    }
    try await group.shutdownGracefully()
  }
}

private typealias ClientTLS = VenueREST.VenueTLS
