import AlertDelivery
import AlertRules
import FoundationEssentials
import Logging
import MonitorRole
import NIOPosix
import ProcessControl
import RiskModel
import Settings
import Supervision
import VenueREST

/// The channels beside the alert's file: mail and webhook. What fails is tried again at growing waits,
/// until an alert that goes on is due again anyway.
final class AlertPost: AlertChannels {
  static let pauses: [TimeSpan] = [5, 30, 60, 120, 240, 300].map { .seconds($0) }

  private let reactor: Reactor
  private let logger: Logger
  private let mail: (client: SMTPClient, settings: MailSettings)?
  private let webhook: Webhook?
  private(set) var delivered: Int64 = 0
  private(set) var undelivered: Int64 = 0
  private var number: Int64 = 0

  init(
    _ settings: AlertSettings, credentials: MailCredentials?, authorityFile: String?,
    group: MultiThreadedEventLoopGroup, reactor: Reactor, logger: Logger
  ) throws {
    self.reactor = reactor
    self.logger = logger
    let tls = try VenueTLS(additionalAuthorityFile: authorityFile)
    mail = try settings.mail.map { mail in
      (
        try SMTPClient(
          host: mail.host, port: Int(mail.port), tls: tls, wantsTLS: mail.usesTLS,
          login: credentials.map {
            MailLogin(user: $0.userName.revealed, password: $0.password.revealed)
          }, loop: group.next()), mail
      )
    }
    webhook = try settings.webhook.map { webhook in
      try Webhook(
        url: webhook.url.revealed, tls: tls, clock: reactor.clock, loop: group.next())
    }
  }

  func deliver(_ notice: AlertNotice) {
    number += 1
    if let mail { send(Self.mail(notice, mail.settings, number: number), by: mail.client, 0) }
    if let webhook { post(Self.body(notice), to: webhook, 0) }
  }

  func close() { webhook?.close() }

  private func send(_ mail: OutgoingMail, by client: SMTPClient, _ attempt: Int) {
    let (inbox, here) = (reactor.inbox, ReactorBound(self, reactor.inbox))
    client.send(mail) { problem in
      inbox.post {
        here.value.ended(problem.map { "\($0)" }, "email", attempt) {
          here.value.send(mail, by: client, attempt + 1)
        }
      }
    }
  }

  private func post(_ body: [UInt8], to webhook: Webhook, _ attempt: Int) {
    let (inbox, here) = (reactor.inbox, ReactorBound(self, reactor.inbox))
    webhook.post(body) { problem in
      inbox.post {
        here.value.ended(problem.map { "\($0)" }, "webhook", attempt) {
          here.value.post(body, to: webhook, attempt + 1)
        }
      }
    }
  }

  private func ended(
    _ problem: String?, _ channel: String, _ attempt: Int, again: @escaping () -> Void
  ) {
    guard let problem else {
      delivered += 1
      return
    }
    let isLast = attempt >= Self.pauses.count
    logger.log(
      level: isLast ? .error : .warning,
      "An alert was not delivered\(isLast ? "" : "; it is tried again")",
      metadata: ["channel": "\(channel)", "problem": "\(problem)"])
    guard !isLast else {
      undelivered += 1
      return
    }
    reactor.schedule(after: Self.pauses[attempt], again)
  }
}

extension AlertPost {
  private struct Post: Encodable {
    var text: String
  }

  /// As Slack and those that copy it want it: {"text": …}.
  static func body(_ notice: AlertNotice) -> [UInt8] {
    let text = "\(notice.line)\n\(details(notice).joined(separator: "\n"))"
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let json = try? encoder.encode(Post(text: text)) else { return [] }
    return Array(json)
  }

  static func mail(
    _ notice: AlertNotice, _ settings: MailSettings, number: Int64
  ) -> OutgoingMail {
    OutgoingMail(
      from: settings.from, to: settings.to, subject: "[riskd] \(notice.line)",
      body: "\(notice.line)\n\n\(details(notice).joined(separator: "\n"))\n",
      date: date(notice.at),
      messageID: "\(notice.at.nanosSinceEpoch).\(number)@riskd.invalid")
  }

  private static func details(_ notice: AlertNotice) -> [String] {
    [
      "condition: \(notice.rule.condition)", "value: \(notice.value)",
      "time: \(notice.at.timestamp)",
    ]
  }

  /// `Fri, 21 Nov 2025 14:30:00 +0000`
  static func date(_ at: Instant) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let second = Int(at.nanosSinceEpoch / Instant.nanosPerSecond)
    let date = CivilDate(daysSinceEpoch: second / 86_400)
    let time = at.timestamp.dropFirst(11).prefix(8)
    return "\(days[date.weekday]), \(date.day) \(months[date.month - 1]) \(date.year) \(time) +0000"
  }
}
