package import NIOCore
import NIOPosix
package import RiskModel
package import VenueREST

/// What a mail server asks for; no description of it shows anything.
package struct MailLogin: Sendable, CustomStringConvertible, CustomReflectable {
  let user: String
  let password: String

  package init(user: String, password: String) {
    self.user = user
    self.password = password
  }

  package var description: String { "<redacted>" }
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

/// Sends mails, each over a connection of its own. What it is told to do and what came of it is never
/// waited for.
package final class SMTPClient: Sendable {
  private let address: VenueAddress
  private let tls: VenueTLS
  private let loop: any EventLoop
  private let login: MailLogin?
  private let wantsTLS: Bool
  private let limit: TimeSpan

  /// The certificate has to be that of `host`.
  ///
  /// - Throws: `VenueRESTError` for a host that cannot be one.
  package init(
    host: String, port: Int, tls: VenueTLS, wantsTLS: Bool,
    login: MailLogin?, loop: any EventLoop,
    limit: TimeSpan = .seconds(30)
  ) throws(VenueRESTError) {
    address = try VenueAddress("https://\(host):\(port)")
    self.tls = tls
    self.loop = loop
    self.login = login
    self.wantsTLS = wantsTLS
    self.limit = limit
  }

  /// Calls back once, on the event loop, with the problem or `nil`.
  package func send(
    _ mail: OutgoingMail, _ completion: @escaping @Sendable (MailProblem?) -> Void
  ) {
    let (address, tls, wantsTLS) = (self.address, self.tls, self.wantsTLS)
    let login = self.login
    let promise = loop.makePromise(of: Void.self)
    promise.futureResult.whenComplete { result in
      switch result {
      case .success: completion(nil)
      case .failure(let problem as MailProblem): completion(problem)
      case .failure(let error): completion(.unreachable("\(error)"))
      }
    }
    let patience = TimeAmount.nanoseconds(limit.nanos)
    ClientBootstrap(group: loop)
      .connectTimeout(min(patience, .seconds(10)))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            SMTPHandler(
              SMTPDialogue(mail, login: login, wantsTLS: wantsTLS), address: address, tls: tls,
              promise: promise))
        }
      }
      .connect(host: address.host, port: address.port)
      .whenComplete { result in
        switch result {
        case .failure(let error):
          promise.fail(MailProblem.unreachable("\(error)"))
        case .success(let channel):
          let watch = channel.eventLoop.scheduleTask(in: patience) {
            promise.fail(MailProblem.timedOut)
            channel.close(promise: nil)
          }
          channel.closeFuture.whenComplete { _ in watch.cancel() }
        }
      }
  }
}

/// Carries the dialogue over a channel.
private final class SMTPHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var dialogue: SMTPDialogue
  private var reader = SMTPReplyReader()
  private let address: VenueAddress
  private let tls: VenueTLS
  private let promise: EventLoopPromise<Void>
  private var isOver = false

  init(
    _ dialogue: SMTPDialogue, address: VenueAddress, tls: VenueTLS, promise: EventLoopPromise<Void>
  ) {
    self.dialogue = dialogue
    self.address = address
    self.tls = tls
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    reader.append(unwrapInboundIn(data).readableBytesView)
    while !isOver, let finding = reader.next() {
      switch finding {
      case .unreadable: finish(context, .unreadable)
      case .reply(let reply): perform(dialogue.received(reply), context)
      }
    }
  }

  private func perform(_ step: SMTPDialogue.Step, _ context: ChannelHandlerContext) {
    switch step {
    case .send(let text):
      write(text, context)
    case .encrypt:
      // What came in the clear must not be taken for the server's encrypted word.
      guard !reader.hasMore else { return finish(context, .injected) }
      do {
        try tls.addHandler(to: context.pipeline.syncOperations, for: address)
        perform(dialogue.encrypted(), context)
      } catch {
        finish(context, .unreachable("\(error)"))
      }
    case .delivered(let farewell):
      write(farewell, context)
      finish(context, nil)
    case .failed(let problem):
      finish(context, problem)
    }
  }

  private func write(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }

  private func finish(_ context: ChannelHandlerContext, _ problem: MailProblem?) {
    guard !isOver else { return }
    isOver = true
    if let problem { promise.fail(problem) } else { promise.succeed() }
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard !isOver else { return }
    isOver = true
    promise.fail(MailProblem.closed(during: dialogue.stepName))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(context, .unreachable("\(error)"))
  }
}
