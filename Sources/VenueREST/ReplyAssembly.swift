import NIOCore
import NIOHTTP1

/// One reply as it comes in: a head, pieces of a body, an end.
struct ReplyAssembly {
  private enum State {
    /// Can transition to: body
    case nothing
    /// Can transition to: complete
    case body(HTTPResponseHead)
    case complete(HTTPReply, isReusable: Bool)
  }

  private var state = State.nothing
  private var body: [UInt8] = []
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  var hasBegun: Bool { if case .nothing = state { false } else { true } }

  /// The reply once it is complete, and whether its connection can carry another call.
  var complete: (reply: HTTPReply, isReusable: Bool)? {
    if case .complete(let reply, let isReusable) = state { (reply, isReusable) } else { nil }
  }

  /// Adds a part; the answer is a reason to give the reply up.
  mutating func add(_ part: HTTPClientResponsePart) -> UnknownOutcomeReason? {
    switch (part, state) {
    case (.head(let head), .nothing):
      let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
      guard length <= limit else { return .replyTooLong(limit: limit) }
      body.reserveCapacity(length)
      state = .body(head)
    case (.body(let piece), .body):
      guard body.count + piece.readableBytes <= limit else { return .replyTooLong(limit: limit) }
      body += piece.readableBytesView
    case (.end, .body(let head)):
      state = .complete(ReplyAssembly.reply(head, body), isReusable: head.isKeepAlive)
    case (.head, _), (.body, _), (.end, _):
      return .malformedReply("a part of a reply out of order")
    }
    return nil
  }

  private static func reply(_ head: HTTPResponseHead, _ body: [UInt8]) -> HTTPReply {
    HTTPReply(
      status: Int(head.status.code), body: body,
      date: head.headers.first(name: "date").flatMap { HTTPDate.instant($0) },
      retryAfter: head.headers.first(name: "retry-after").flatMap { HTTPDate.retryAfter($0) })
  }
}
