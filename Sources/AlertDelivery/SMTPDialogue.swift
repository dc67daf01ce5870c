/// A mail, ready to be sent.
package struct OutgoingMail: Equatable, Sendable {
  package var from: String
  package var to: [String]
  package var subject: String
  package var body: String
  /// RFC 5322: `Fri, 21 Nov 2025 14:30:00 +0000`.
  package var date: String
  /// Without the angle brackets.
  package var messageID: String

  package init(
    from: String, to: [String], subject: String, body: String, date: String, messageID: String
  ) {
    self.from = from
    self.to = to
    self.subject = subject
    self.body = body
    self.date = date
    self.messageID = messageID
  }
}

/// Why a mail was not delivered. It never holds what a secret could be told from.
package enum MailProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case unreachable(String)
  case timedOut
  case closed(during: String)
  case unreadable
  case refused(step: String, code: Int)
  /// The server does not encrypt; nothing secret is sent then.
  case noEncryption
  /// Something came between the server's agreement to encrypt and the encryption.
  case injected
  case noPlainAuthentication

  package var description: String {
    switch self {
    case .unreachable(let problem): "the mail server cannot be reached: \(problem)"
    case .timedOut: "the mail server took too long"
    case .closed(let step): "the mail server closed the connection during \(step)"
    case .unreadable: "the mail server does not speak SMTP"
    case .refused(let step, let code): "the mail server refused \(step) (\(code))"
    case .noEncryption: "the mail server offers no STARTTLS"
    case .injected: "something spoke before the encryption with the mail server began"
    case .noPlainAuthentication: "the mail server does not offer AUTH PLAIN or LOGIN"
    }
  }
}

/// State machine: one mail to one server (RFC 5321, STARTTLS of RFC 3207, AUTH of RFC 4954).
struct SMTPDialogue {
  enum Step: Equatable {
    case send(String)
    /// Begin to encrypt, then tell `encrypted`.
    case encrypt
    /// Delivered; what is sent last is a farewell.
    case delivered(farewell: String)
    case failed(MailProblem)
  }

  private enum State: Equatable {
    /// Can transition to: `.hello`.
    case greeting
    /// Can transition to: `.startTLS`, `.authentication`, `.sender`.
    case hello
    /// Can transition to: `.hello`.
    case startTLS
    /// `left`: what is still to be said. Can transition to: `.sender`.
    case authentication(left: [String])
    /// Can transition to: `.recipient`.
    case sender
    /// Can transition to: `.recipient`, `.data`.
    case recipient(next: Int)
    /// Can transition to: `.content`.
    case data
    /// Can transition to: `.over`.
    case content
    case over

    var name: String {
      switch self {
      case .greeting: "the greeting"
      case .hello: "EHLO"
      case .startTLS: "STARTTLS"
      case .authentication: "the authentication"
      case .sender: "the sender"
      case .recipient: "a recipient"
      case .data: "DATA"
      case .content: "the mail"
      case .over: "the end"
      }
    }
  }

  private let mail: OutgoingMail
  private let login: MailLogin?
  private let wantsTLS: Bool
  private var isEncrypted = false
  private var state = State.greeting

  init(_ mail: OutgoingMail, login: MailLogin?, wantsTLS: Bool) {
    self.mail = mail
    self.login = login
    self.wantsTLS = wantsTLS
  }

  var stepName: String { state.name }

  mutating func received(_ reply: SMTPReply) -> Step {
    guard reply.isPositive else {
      return fail(.refused(step: state.name, code: reply.code))
    }
    switch state {
    case .greeting: return sayHello()
    case .hello: return goOn(after: reply)
    case .startTLS: return .encrypt
    case .authentication(let left): return authenticate(left)
    case .sender: return recipient(0)
    case .recipient(let next):
      if next < mail.to.count { return recipient(next) }
      state = .data
      return .send("DATA\r\n")
    case .data:
      state = .content
      return .send(mail.text)
    case .content:
      state = .over
      return .delivered(farewell: "QUIT\r\n")
    case .over: return fail(.unreadable)
    }
  }

  /// The connection is encrypted from now on.
  mutating func encrypted() -> Step {
    isEncrypted = true
    return sayHello()
  }

  private mutating func fail(_ problem: MailProblem) -> Step {
    state = .over
    return .failed(problem)
  }

  private mutating func sayHello() -> Step {
    state = .hello
    // A name of this machine's would say more than the server needs to know.
    return .send("EHLO [127.0.0.1]\r\n")
  }

  private mutating func goOn(after hello: SMTPReply) -> Step {
    let offers = hello.lines.dropFirst().map { $0.uppercased() }
    if wantsTLS, !isEncrypted {
      guard offers.contains("STARTTLS") else { return fail(.noEncryption) }
      state = .startTLS
      return .send("STARTTLS\r\n")
    }
    guard let login, isEncrypted else { return sender() }
    let methods = offers.filter { $0.hasPrefix("AUTH ") }.flatMap { $0.split(separator: " ") }
    if methods.contains("PLAIN") {
      state = .authentication(left: [])
      return .send("AUTH PLAIN \(base64("\0\(login.user)\0\(login.password)"))\r\n")
    }
    if methods.contains("LOGIN") {
      state = .authentication(left: [login.user, login.password])
      return .send("AUTH LOGIN\r\n")
    }
    return fail(.noPlainAuthentication)
  }

  private mutating func authenticate(_ left: [String]) -> Step {
    guard let next = left.first else { return sender() }
    state = .authentication(left: Array(left.dropFirst()))
    return .send("\(base64(next))\r\n")
  }

  private mutating func sender() -> Step {
    state = .sender
    return .send("MAIL FROM:<\(mail.from)>\r\n")
  }

  private mutating func recipient(_ index: Int) -> Step {
    state = .recipient(next: index + 1)
    return .send("RCPT TO:<\(mail.to[index])>\r\n")
  }
}

extension OutgoingMail {
  /// The mail with its headers and the dot that ends it. The body travels in base64: no line of it is
  /// too long, and none begins with a dot.
  var text: String {
    let headers = [
      "From: <\(from)>", "To: \(to.map { "<\($0)>" }.joined(separator: ", "))",
      "Subject: =?UTF-8?B?\(base64(String(clean(subject).prefix(100))))?=", "Date: \(date)",
      "Message-ID: <\(messageID)>", "MIME-Version: 1.0", "Auto-Submitted: auto-generated",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
    ]
    return (headers + ["", folded(base64(body)), ".", ""]).joined(separator: "\r\n")
  }

  /// A header is one line.
  private func clean(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }

  private func folded(_ text: String) -> String {
    var lines: [Substring] = []
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(rest.prefix(76))
      rest = rest.dropFirst(76)
    }
    return lines.joined(separator: "\r\n")
  }
}

/// RFC 4648.
func base64(_ text: String) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  let bytes = Array(text.utf8)
  var result = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let padded = Array(group) + Array(repeating: 0, count: 3 - group.count)
    let bits = padded.reduce(0) { $0 << 8 | Int($1) }
    for place in 0..<4 {
      result.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
    }
  }
  return result
}
