import NIOHTTP1
import RiskModel

// What faults make of an answer on its way out.

extension GatewayDesk {
  /// The answer with what a fault does to its content.
  func altered(
    _ answer: GatewayAnswer, _ operation: GatewayOperation, _ effect: RequestEffect?,
    _ sequence: Int
  ) -> GatewayAnswer {
    var answer = answer
    if answer.status == 200, let effect {
      switch (effect, operation.payloadMember) {
      case (.nullPayload, let member?):
        answer.body = answer.body.replacing(member, with: .null)
      case (.missingPayload, let member?):
        answer.body = answer.body.replacing(member, with: nil)
      case (.envelope(let success, let code, let message, _), _):
        answer.body = answer.body.replacing("success", with: .bool(success))
          .replacing("errorCode", with: .integer(code))
          .replacing("errorMessage", with: .optional(message) { .string($0) })
        answer.errorCode = code
      default:
        break
      }
    }
    floor.requests.edit(sequence) { $0.errorCode = answer.errorCode }
    return answer
  }

  /// What is delivered in place of the reply, or the reply.
  func delivery(
    of reply: Reply, _ operation: GatewayOperation, _ effect: RequestEffect?
  ) -> Delivery {
    switch effect {
    case .dropConnection(_, let reset): .drop(reset: reset)
    case .silence: .silence
    case .status(let status, _, let retryAfter):
      .reply(Reply(status: status, headers: retryAfter.map { [("Retry-After", $0)] } ?? []))
    case .html(let status, _):
      .reply(.text(Self.edgePage(status), status: status, type: "text/html"))
    case .truncated:
      .reply(
        Reply(
          status: reply.status, headers: reply.headers,
          body: Array(reply.body.prefix(reply.body.count / 2))))
    case .brokenOff: .brokenOff(reply)
    case .redirect(let status, let location, _):
      .reply(Reply(status: status, headers: [("Location", location)]))
    case .inflated(let bytes):
      .reply(
        Reply(
          status: reply.status, headers: reply.headers,
          body: reply.body + [UInt8](repeating: UInt8(ascii: " "), count: bytes)))
    case .trickled(let span): .trickle(reply, over: span)
    case .envelope(let success, let code, let message, false):
      .reply(.json(.envelope([:], success: success, code: code, message: message)))
    case .marketClosed:
      .reply(
        .json(
          .envelope(
            operation == .placeOrder ? ["orderId": .null] : [:], success: false,
            code: operation.closedMarketCode ?? 1, message: "Outside of trading hours.")))
    case .envelope, .delay, .nullPayload, .missingPayload, nil: .reply(reply)
    }
  }

  private static func edgePage(_ status: Int) -> String {
    "<html><head><title>\(status)</title></head><body><h1>\(status)</h1>"
      + "<p>The service is temporarily unavailable.</p></body></html>\n"
  }
}
