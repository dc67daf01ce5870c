import AlertDelivery
import AlertRules
import Logging
import MonitorRole
import NIOCore
import NIOPosix
import ProcessControl
import RiskModel
import Settings
import SimulatedVenue
import Synchronization
import Testing

@testable import Workers

/// A webhook at a server that the certificate says nothing good of.
@Suite struct AlertPostTrustTests {
  private final class Lines: Sendable {
    let texts = Mutex<[String]>([])
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ lines: Lines) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.texts.withLock {
        $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])")
      }
    }
  }

  /// The first attempts of one alert: what was written of them, and how many were delivered.
  private func attempts(trusts: Bool) throws -> (lines: [String], delivered: Int64, seen: Int) {
    let authority = try TestAuthority()
    var venue = SimulatedVenueConfiguration()
    venue.tls = try authority.certificate()
    let server = try SimulatedVenueServer.start(venue)
    defer { server.stop() }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    let reactor = try Reactor()
    let lines = Lines()
    // The simulated venue has no webhook: what it answers is its refusal of an unknown path.
    let post = try AlertPost(
      AlertSettings(
        webhook: WebhookSettings(url: Secret("https://localhost:\(server.port)/hooks/s3cret"))),
      credentials: nil, authorityFile: trusts ? authority.authorityFile : nil, group: group,
      reactor: reactor, logger: Logger(label: "monitor") { _ in Handler(lines) })
    post.deliver(
      AlertNotice(
        rule: AlertRule(
          name: "Memory", condition: try AlertCondition("memory_usage_mb > 150"),
          severity: .warning, message: "too much"),
        news: .fired, value: "200", at: Instant(secondsSinceEpoch: 1_763_735_400)))
    let patience = reactor.clock.monotonicNow() + .seconds(30)
    // The second attempt comes after a pause.
    while lines.texts.withLock(\.count) < 2, reactor.clock.monotonicNow() < patience {
      reactor.schedule(after: .milliseconds(20)) { [unowned reactor] in reactor.stop() }
      reactor.run()
    }
    post.close()
    return (lines.texts.withLock { $0 }, post.delivered, server.requests().count)
  }

  @Test func `a server that nobody vouches for is told nothing, and each attempt is noted`() throws
  {
    let (lines, delivered, seen) = try attempts(trusts: false)
    #expect(lines.count == 2)
    for line in lines {
      #expect(line.hasPrefix("warning An alert was not delivered; it is tried again"), "\(line)")
      #expect(line.contains("CERTIFICATE_VERIFY_FAILED"), "\(line)")
      #expect(!line.contains("s3cret"), "\(line)")
    }
    #expect(delivered == 0)
    #expect(seen == 0)
  }

  @Test func `one that is vouched for is asked`() throws {
    let (lines, delivered, _) = try attempts(trusts: true)
    #expect(lines.allSatisfy { $0.contains("the webhook answered with 404") }, "\(lines)")
    #expect(lines.count == 2)
    #expect(delivered == 0)
  }
}
