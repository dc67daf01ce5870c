import AlertDelivery
import AlertRules
import MonitorRole
import NIOCore
import NIOPosix
import ProcessControl
import RiskModel
import RiskTestKit
import Settings
import Supervision
import Testing
import VenueREST

@testable import Workers

/// Alerts as people get them, and secrets as the monitor gets them.
@Suite struct AlertPostTests {
  private static func notice(_ news: AlertNews) throws -> AlertNotice {
    AlertNotice(
      rule: AlertRule(
        name: "Circuit \"Breaker\"",
        condition: try AlertCondition("circuit_breaker_state == 'OPEN'"),
        severity: .critical, message: "API calls blocked"),
      news: news, value: "OPEN", at: Instant(secondsSinceEpoch: 1_763_735_400))
  }

  @Test func `a post is JSON as Slack wants it`() throws {
    #expect(
      String(decoding: AlertPost.body(try Self.notice(.fired)), as: UTF8.self)
        == #"{"text":"CRITICAL Circuit \"Breaker\": API calls blocked\n"#
        + #"condition: circuit_breaker_state == 'OPEN'\nvalue: OPEN\n"#
        + #"time: 2025-11-21T14:30:00.000Z"}"#)
  }

  @Test func `a mail says it in its subject`() throws {
    let mail = AlertPost.mail(
      try Self.notice(.resolved),
      MailSettings(host: "h", port: 587, from: "a@b.c", to: ["d@e.f"]), number: 3)
    #expect(mail.subject == "[riskd] RESOLVED Circuit \"Breaker\"")
    #expect(mail.to == ["d@e.f"] && mail.from == "a@b.c")
    #expect(mail.date == "Fri, 21 Nov 2025 14:30:00 +0000")
    #expect(mail.messageID == "1763735400000000000.3@riskd.invalid")
    #expect(mail.body.contains("value: OPEN\n"))
  }

  @Test func `delivery is tried until the alert is due again, and no longer`() throws {
    let tried = AlertPost.pauses.reduce(TimeSpan.zero) { $0 + $1 }
    let again = AlertSettings().repeatAfter
    #expect(tried < again)
    #expect(tried + (AlertPost.pauses.last ?? .zero) >= again, "a gap in which nobody tries")
    #expect(AlertPost.pauses == AlertPost.pauses.sorted())
  }

  @Test(arguments: [
    "https://hooks.example/services/a_b/c?x=1&y=2", "https://hooks.example:8443", "HTTPS://h/x",
    "https://[2001:db8::1]:8443/x", "http://127.0.0.1:8080/x", "http://localhost/x",
    "http://[::1]:8080/x",
  ])
  func `an address that the configuration takes can be posted to`(url: String) throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    let webhook = try Webhook(
      url: url, tls: try VenueTLS(additionalAuthorityFile: nil), clock: SystemClock(),
      loop: group.next())
    webhook.close()
  }

  @Test func `the secrets of the channels go to the monitor alone`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    var (settings, credentials) = try root.settings()
    settings.monitoring.alerts.webhook = WebhookSettings(
      url: Secret("https://hooks.example/s3cret"))
    credentials.mail = MailCredentials(userName: Secret("u"), password: Secret("s3cret"))
    for worker in WorkerName.allCases {
      let text = try WorkerBriefing(
        for: worker, root: root.path, settings: settings, credentials: credentials
      ).encoded()
      #expect(text.contains("s3cret") == (worker == .monitor))
      #expect(
        text.contains(credentials.apiKey.revealed) == (worker == .gateway || worker == .enforcer))
    }
  }
}
