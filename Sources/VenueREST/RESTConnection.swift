import NIOCore
import NIOHTTP1
import NIOTLS

/// Who is told what happens on a connection. All of it happens on the event loop.
protocol RESTConnectionOwner: AnyObject {
  /// The connection can carry a call; encryption is up where there is any.
  func connectionOpened(_ connection: RESTConnection)
  func connectionOpenFailed(_ id: ConnectionID, _ problem: String)
  func requestWritten(on id: ConnectionID)
  func replyCompleted(on id: ConnectionID, _ reply: HTTPReply, isReusable: Bool)
  /// The connection is gone; a call that it carried ends for this reason.
  func connectionLost(_ id: ConnectionID, _ reason: UnknownOutcomeReason)
}

/// One connection to the venue: the last handler of its channel.
final class RESTConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private enum State {
    /// Can transition to: idle, closed
    case opening
    /// Can transition to: busy, closed
    case idle
    /// Can transition to: idle, closed
    case busy(ReplyAssembly)
    case closed
  }

  let id: ConnectionID
  private let isSecure: Bool
  private let replyLimit: Int
  /// Weak, as the owner holds its connections.
  private weak let owner: (any RESTConnectionOwner)?
  private var state = State.opening
  private var context: ChannelHandlerContext?

  init(
    id: ConnectionID, isSecure: Bool, replyLimit: Int, owner: any RESTConnectionOwner
  ) {
    self.id = id
    self.isSecure = isSecure
    self.replyLimit = replyLimit
    self.owner = owner
  }

  /// Writes a request. `false`: the connection is gone and not one byte was written.
  func start(_ head: HTTPRequestHead, _ body: [UInt8]) -> Bool {
    guard case .idle = state, let context, context.channel.isActive else { return false }
    state = .busy(ReplyAssembly(limit: replyLimit))
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !body.isEmpty {
      let buffer = context.channel.allocator.buffer(bytes: body)
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenSuccess { [weak owner, id] in
      owner?.requestWritten(on: id)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    return true
  }

  func openingTimedOut() {
    if case .opening = state { lost(.connectionFailed("no TLS handshake in time")) }
  }

  /// Closes without telling the owner.
  func close() {
    state = .closed
    context?.close(promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    if !isSecure { opened() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event { opened() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .busy(var assembly) = state else { return }
    state = .idle
    let problem = assembly.add(unwrapInboundIn(data))
    state = .busy(assembly)
    if let problem {
      lost(problem)
    } else if let (reply, isReusable) = assembly.complete {
      state = .idle
      owner?.replyCompleted(on: id, reply, isReusable: isReusable)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .busy(let assembly) = state {
      lost(assembly.hasBegun ? .endWithinReply : .endBeforeReply)
    } else {
      lost(.endBeforeReply)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case HTTPParserError.invalidEOFState: lost(.endWithinReply)
    case is HTTPParserError, is NIOHTTPDecoderError: lost(.malformedReply("\(error)"))
    default: lost(.connectionFailed("\(error)"))
    }
  }

  private func opened() {
    guard case .opening = state else { return }
    state = .idle
    owner?.connectionOpened(self)
  }

  private func lost(_ reason: UnknownOutcomeReason) {
    switch state {
    case .opening:
      close()
      owner?.connectionOpenFailed(id, reason.description)
    case .idle, .busy:
      close()
      owner?.connectionLost(id, reason)
    case .closed:
      break
    }
  }
}
