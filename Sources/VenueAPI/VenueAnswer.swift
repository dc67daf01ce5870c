package import RiskModel

/// An HTTP reply of the venue, whole.
package struct VenueReply: Equatable, Sendable {
  package var status: Int
  package var body: [UInt8]
  /// The venue's own time, of its `Date` field.
  package var date: Instant?
  /// The wait that the venue asks for, of its `Retry-After` field.
  package var retryWait: TimeSpan?

  package init(
    status: Int, body: [UInt8], date: Instant? = nil, retryWait: TimeSpan? = nil
  ) {
    self.status = status
    self.body = body
    self.date = date
    self.retryWait = retryWait
  }
}

/// What came of one request: exactly one per request sent.
package enum VenueAnswer: Equatable, Sendable {
  case reply(VenueReply)
  case failed(TransportFailure)
}

/// The members that every reply of the venue has. A business refusal is HTTP 200 with `success`
/// false; the numbers of `errorCode` mean something else at every endpoint.
struct Envelope {
  var code: Int
  /// Untrusted text of the venue, without control characters, cut to 200 characters.
  var message: String?
  var body: JSONValue
}

extension VenueAnswer {
  /// The body of a reply that agrees with itself, or why there is none.
  func envelope() throws(VenueError) -> Envelope {
    let reply = try successfulReply()
    guard !reply.body.isEmpty else { throw .emptyBody }
    let body = try JSONReader.read(reply.body)
    let fields = try Fields(body, "reply")
    let isSuccess = try fields.flag("success")
    let code = Int(try fields.integer("errorCode"))
    guard isSuccess == (code == 0) else {
      throw .contradiction(success: isSuccess, code: code)
    }
    return Envelope(
      code: code, message: try fields.optionalText("errorMessage").map(VenueAnswer.harmless),
      body: body)
  }

  /// The reply, when its status is one of success.
  func successfulReply() throws(VenueError) -> VenueReply {
    switch self {
    case .reply(let reply) where (200..<300).contains(reply.status): return reply
    case .reply(let reply): throw VenueAnswer.statusError(reply)
    case .failed(let failure): throw .transport(failure)
    }
  }

  private static func statusError(_ reply: VenueReply) -> VenueError {
    switch reply.status {
    case 401: .unauthorized
    case 429: .rateLimited(retryAfter: reply.retryWait)
    default: .httpStatus(reply.status)
    }
  }

  private static func harmless(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 }.prefix(200)))
  }

  /// The body of a request that succeeded. The endpoint is named as the documentation names it.
  func body<Code: EndpointCode>(
    of endpoint: String, _: Code.Type
  ) throws(VenueError) -> JSONValue {
    let envelope = try self.envelope()
    guard envelope.code == 0 else {
      throw .refused(
        endpoint: endpoint, code: envelope.code,
        name: Code(rawValue: envelope.code).map { "\($0)" })
    }
    return envelope.body
  }

  /// Runs a decoder and catches its typed error as a value.
  static func result<Value>(
    _ decode: () throws(VenueError) -> Value
  ) -> Result<Value, VenueError> {
    do throws(VenueError) {
      return .success(try decode())
    } catch {
      return .failure(error)
    }
  }
}
