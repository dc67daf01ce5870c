import AlertDelivery
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import RiskModel
import Testing
import VenueREST

/// Posts to a real HTTP receiver on this machine, and the page for Prometheus.
@Suite(.serialized) struct WebhookTests {
  struct MachineClock: Clock {
    func now() -> Instant { Instant(secondsSinceEpoch: 0) }
    func monotonicNow() -> MonotonicInstant {
      MonotonicInstant(nanos: Int64(NIODeadline.now().uptimeNanoseconds))
    }
  }

  /// Answers every post with one status, and remembers it.
  final class Receiver: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    let status: HTTPResponseStatus
    let seen: NIOLockedValueBox<[String]>

    init(_ status: HTTPResponseStatus, _ seen: NIOLockedValueBox<[String]>) {
      self.status = status
      self.seen = seen
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        seen.withLockedValue {
          $0.append("\(head.method) \(head.uri) \(head.headers["Content-Type"])")
        }
      case .body(let body): seen.withLockedValue { $0.append(String(buffer: body)) }
      case .end:
        let head = HTTPResponseHead(
          version: .http1_1, status: status, headers: ["Content-Length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
    }
  }

  private func outcome(_ status: HTTPResponseStatus) async throws -> (WebhookProblem?, [String]) {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let seen = NIOLockedValueBox<[String]>([])
    let server = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Receiver(status, seen))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let webhook = try Webhook(
      url: "http://127.0.0.1:\(server.localAddress?.port ?? 0)/services/T0/B0/x?y=1",
      tls: try VenueTLS(), clock: MachineClock(), loop: group.next())
    let problem = await withCheckedContinuation { continuation in
      webhook.post(Array(#"{"text":"hello"}"#.utf8)) { continuation.resume(returning: $0) }
    }
    webhook.close()
    try await server.close()
    try await group.shutdownGracefully()
    return (problem, seen.withLockedValue { $0 })
  }

  @Test func `a post arrives as JSON`() async throws {
    let (problem, seen) = try await outcome(.ok)
    #expect(problem == nil)
    #expect(
      seen == [
        #"POST /services/T0/B0/x?y=1 ["application/json"]"#, #"{"text":"hello"}"#,
      ])
  }

  @Test func `a refusal is told without the URL`() async throws {
    let (problem, _) = try await outcome(.notFound)
    #expect(problem == .refused(status: 404))
    #expect(problem?.description == "the webhook answered with 404")
  }

  @Test func `nobody there, and URLs that are none`() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let webhook = try Webhook(
      url: "http://127.0.0.1:1", tls: try VenueTLS(), clock: MachineClock(), loop: group.next())
    let problem = await withCheckedContinuation { continuation in
      webhook.post([]) { continuation.resume(returning: $0) }
    }
    guard case .notDelivered? = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    for url in ["nowhere", "http://hooks.example/x"] {
      #expect(throws: WebhookProblem.self) {
        try Webhook(url: url, tls: try VenueTLS(), clock: MachineClock(), loop: group.next())
      }
    }
    webhook.close()
    try await group.shutdownGracefully()
  }

  @Test func `the page is shown to readers on this machine`() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let endpoint = try MetricsEndpoint.start(port: 0, group: group)
    endpoint.show("riskd_memory_usage_mb 42\n# EOF\n")
    let client = RESTClient(
      address: try VenueAddress("http://127.0.0.1:\(endpoint.port)"), tls: try VenueTLS(),
      clock: MachineClock(), loop: group.next(), options: RESTOptions(warmConnections: 0))
    func status(_ method: HTTPCall.Method, _ path: String) async -> (Int, String) {
      await withCheckedContinuation { continuation in
        client.send(
          HTTPCall(method: method, path: path),
          deadline: MachineClock().monotonicNow() + .seconds(10), priority: .normal
        ) { report in
          guard case .response(let reply) = report.outcome else {
            return continuation.resume(returning: (0, "\(report.outcome)"))
          }
          continuation.resume(
            returning: (reply.status, String(decoding: reply.body, as: UTF8.self)))
        }
      }
    }
    #expect(await status(.get, "/metrics") == (200, "riskd_memory_usage_mb 42\n# EOF\n"))
    #expect(await status(.get, "/") == (404, ""))
    #expect(await status(.post, "/metrics") == (405, ""))
    client.close()
    endpoint.close()
    try await group.shutdownGracefully()
  }
}
