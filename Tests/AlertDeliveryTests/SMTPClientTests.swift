import AlertDelivery
import NIOCore
import NIOPosix
import RiskModel
import SimulatedVenue
import Testing
import VenueREST

/// Mails to a real server on this machine.
@Suite(.serialized) struct SMTPClientTests {
  private static let mail = OutgoingMail(
    from: "riskd@example.com", to: ["a@example.com", "b@example.com"], subject: "[riskd] Grüße\nX",
    body: "Line one\n.\nLine three", date: "Fri, 21 Nov 2025 14:30:00 +0000",
    messageID: "1.2@riskd.invalid")
  private static let login = MailLogin(user: "user", password: "secret")

  /// Sends the mail and gives what came of it.
  private func outcome(
    _ behaviour: MailServer.Behaviour = MailServer.Behaviour(), login: MailLogin? = login,
    wantsTLS: Bool = true, trusts: Bool = true, limit: TimeSpan = .seconds(20)
  ) async throws -> (MailProblem?, MailServer.Log) {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let authority = try TestAuthority()
    let server = try MailServer(
      behaviour, certificate: try authority.certificate(), group: group)
    let client = try SMTPClient(
      host: "localhost", port: server.port,
      tls: try AlertDeliveryTLS(additionalAuthorityFile: trusts ? authority.authorityFile : nil),
      wantsTLS: wantsTLS, login: login, loop: group.next(), limit: limit)
    let problem = await withCheckedContinuation { continuation in
      client.send(Self.mail) { continuation.resume(returning: $0) }
    }
    let seen = server.seen
    try await group.shutdownGracefully()
    return (problem, seen)
  }

  @Test func `a mail is delivered over an encrypted connection, with user and password`()
    async throws
  {
    let (problem, seen) = try await outcome()
    #expect(problem == nil)
    #expect(seen.isEncrypted)
    #expect(
      seen.commands.prefix(8) == [
        "EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "AUTH PLAIN AHVzZXIAc2VjcmV0",
        "MAIL FROM:<riskd@example.com>", "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>",
        "DATA",
      ])
    #expect(
      seen.mail == """
        From: <riskd@example.com>
        To: <a@example.com>, <b@example.com>
        Subject: =?UTF-8?B?W3Jpc2tkXSBHcsO8w59lIFg=?=
        Date: Fri, 21 Nov 2025 14:30:00 +0000
        Message-ID: <1.2@riskd.invalid>
        MIME-Version: 1.0
        Auto-Submitted: auto-generated
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: base64

        TGluZSBvbmUKLgpMaW5lIHRocmVl

        """)
  }

  @Test func `AUTH LOGIN where there is no PLAIN`() async throws {
    let (problem, seen) = try await outcome(MailServer.Behaviour(methods: "LOGIN"))
    #expect(problem == nil)
    #expect(seen.commands.contains("AUTH LOGIN"))
    #expect(seen.commands.contains("dXNlcg==") && seen.commands.contains("c2VjcmV0"))
  }

  @Test func `without encryption nothing secret is said`() async throws {
    let (problem, seen) = try await outcome(MailServer.Behaviour(offersTLS: false))
    #expect(problem == .noEncryption)
    #expect(seen.commands == ["EHLO [127.0.0.1]"])
    let (plain, said) = try await outcome(MailServer.Behaviour(offersTLS: false), wantsTLS: false)
    #expect(plain == nil)
    #expect(!said.commands.contains { $0.hasPrefix("AUTH") })
  }

  @Test func `a server that nobody vouches for gets nothing`() async throws {
    let (problem, seen) = try await outcome(trusts: false)
    guard case .unreachable? = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(!seen.commands.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
  }

  @Test func `words before the encryption are not believed`() async throws {
    let (problem, seen) = try await outcome(
      MailServer.Behaviour(injection: "250 AUTH PLAIN\r\n"))
    #expect(problem != nil)
    #expect(!seen.commands.contains { $0.hasPrefix("AUTH") })
  }

  @Test(arguments: [
    ("AUTH", "the authentication", 535), ("MAIL", "the sender", 550),
    ("RCPT", "a recipient", 550), ("DATA", "DATA", 451), ("content", "the mail", 552),
    ("EHLO", "EHLO", 421), ("STARTTLS", "STARTTLS", 454),
  ])
  func `a refusal is named`(word: String, step: String, code: Int) async throws {
    let (problem, _) = try await outcome(MailServer.Behaviour(refusals: [word: code]))
    #expect(problem == .refused(step: step, code: code))
    #expect(problem?.description == "the mail server refused \(step) (\(code))")
  }

  @Test func `no method that we speak`() async throws {
    let (problem, _) = try await outcome(MailServer.Behaviour(methods: "GSSAPI"))
    #expect(problem == .noPlainAuthentication)
  }

  @Test func `a server that says nothing is given up`() async throws {
    let (problem, _) = try await outcome(
      MailServer.Behaviour(isMute: true), limit: .milliseconds(300))
    #expect(problem == .timedOut)
  }

  @Test func `nobody there`() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let client = try SMTPClient(
      host: "127.0.0.1", port: 1, tls: try AlertDeliveryTLS(), wantsTLS: true, login: nil,
      loop: group.next())
    let problem = await withCheckedContinuation { continuation in
      client.send(Self.mail) { continuation.resume(returning: $0) }
    }
    guard case .unreachable? = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    try await group.shutdownGracefully()
  }

  @Test func `a login shows nothing`() {
    #expect("\(Self.login)" == "<redacted>")
    #expect(!String(reflecting: Self.login).contains("secret"))
  }
}

private typealias AlertDeliveryTLS = VenueREST.VenueTLS
