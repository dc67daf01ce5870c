import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import SimulatedVenue

/// A mail server on this machine: real SMTP with STARTTLS and AUTH, over real sockets.
final class MailServer: Sendable {
  struct Behaviour: Sendable {
    var offersTLS = true
    var methods = "PLAIN LOGIN"
    /// Commands that are refused with a code, by their first word.
    var refusals: [String: Int] = [:]
    /// Says this right behind its agreement to encrypt.
    var injection = ""
    /// Says nothing at all.
    var isMute = false
  }

  struct Log: Sendable {
    var commands: [String] = []
    var mail = ""
    var isEncrypted = false
  }

  let port: Int
  private let channel: any Channel
  private let log: NIOLockedValueBox<Log>

  init(
    _ behaviour: Behaviour = Behaviour(), certificate: VenueTLS, group: any EventLoopGroup
  ) throws {
    let log = NIOLockedValueBox(Log())
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificateFile).map {
        .certificate($0)
      },
      privateKey: .privateKey(
        try NIOSSLPrivateKey(file: certificate.privateKeyFile, format: .pem)))
    let context = try NIOSSLContext(configuration: configuration)
    channel = try ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            MailHandler(behaviour, log: log, tls: context))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
    port = channel.localAddress?.port ?? 0
    self.log = log
  }

  var seen: Log { log.withLockedValue { $0 } }

  func close() throws { try channel.close().wait() }
}

private final class MailHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let behaviour: MailServer.Behaviour
  private let log: NIOLockedValueBox<MailServer.Log>
  private let tls: NIOSSLContext
  private var text = ""
  private var isMail = false
  private var logins = 0

  init(
    _ behaviour: MailServer.Behaviour, log: NIOLockedValueBox<MailServer.Log>, tls: NIOSSLContext
  ) {
    self.behaviour = behaviour
    self.log = log
    self.tls = tls
  }

  func channelActive(context: ChannelHandlerContext) {
    if !behaviour.isMute { say("220 mail.example ready", context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    text += String(buffer: unwrapInboundIn(data))
    while let end = text.firstRange(of: "\r\n") {
      let line = String(text[..<end.lowerBound])
      text = String(text[end.upperBound...])
      if isMail { takeMail(line, context) } else { obey(line, context) }
    }
  }

  private func takeMail(_ line: String, _ context: ChannelHandlerContext) {
    guard line == "." else { return log.withLockedValue { $0.mail += line + "\n" } }
    isMail = false
    say(refusal("content") ?? "250 taken", context)
  }

  private func obey(_ line: String, _ context: ChannelHandlerContext) {
    log.withLockedValue { $0.commands.append(line) }
    let word = line.split(separator: " ").first.map(String.init) ?? ""
    if let refusal = refusal(word) { return say(refusal, context) }
    if logins > 0 {
      logins -= 1
      return say(logins == 0 ? "235 welcome" : "334 UGFzc3dvcmQ6", context)
    }
    switch word {
    case "EHLO":
      let isEncrypted = log.withLockedValue { $0.isEncrypted }
      let offer = behaviour.offersTLS && !isEncrypted ? "250-STARTTLS\r\n" : ""
      say("250-mail.example\r\n\(offer)250-AUTH \(behaviour.methods)\r\n250 SIZE 1000000", context)
    case "STARTTLS":
      say("220 go ahead\r\n\(behaviour.injection)", context, isLine: behaviour.injection.isEmpty)
      log.withLockedValue { $0.isEncrypted = true }
      try? context.pipeline.syncOperations.addHandler(
        NIOSSLServerHandler(context: tls), position: .first)
    case "AUTH" where line.hasPrefix("AUTH LOGIN"):
      logins = 2
      say("334 VXNlcm5hbWU6", context)
    case "AUTH": say("235 welcome", context)
    case "DATA":
      isMail = true
      say("354 go ahead", context)
    case "QUIT": say("221 bye", context)
    default: say("250 ok", context)
    }
  }

  private func refusal(_ word: String) -> String? {
    behaviour.refusals[word].map { "\($0) no" }
  }

  private func say(_ text: String, _ context: ChannelHandlerContext, isLine: Bool = true) {
    let whole = isLine && !text.hasSuffix("\r\n") ? text + "\r\n" : text
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: whole)), promise: nil)
  }
}
