package import RiskModel

/// One request to the venue. It is sent at most once.
package struct HTTPCall: Equatable, Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  package var method: Method
  /// Starts with "/"; appended to the path of the venue's address.
  package var path: String
  /// JSON text, or empty.
  package var body: [UInt8]
  package var token: Secret?

  package init(method: Method, path: String, body: [UInt8] = [], token: Secret? = nil) {
    self.method = method
    self.path = path
    self.body = body
    self.token = token
  }
}

/// Which calls go first when connections are scarce.
package enum HTTPPriority: Sendable {
  /// Never waits behind a normal call.
  case enforcement
  case normal
}

/// An answer of the venue, whatever its status. Redirects are answers like any other.
package struct HTTPReply: Equatable, Sendable {
  package var status: Int
  package var body: [UInt8]
  /// The venue's own time, to the second; `nil` when the header is missing or not a date.
  package var date: Instant?
  package var retryAfter: RetryAfter?

  package init(status: Int, body: [UInt8], date: Instant? = nil, retryAfter: RetryAfter? = nil) {
    self.status = status
    self.body = body
    self.date = date
    self.retryAfter = retryAfter
  }

  package enum RetryAfter: Equatable, Sendable {
    case delay(TimeSpan)
    case date(Instant)
  }
}

/// What is known about a call when it is over.
package enum HTTPOutcome: Equatable, Sendable {
  case response(HTTPReply)
  /// Certainly not one byte of it was sent: it may be tried again.
  case notSent(NotSentReason)
  /// The venue may have acted on it: look before acting again.
  case unknownOutcome(UnknownOutcomeReason)
}

package enum NotSentReason: Equatable, Sendable {
  /// The deadline passed before a connection was free.
  case deadline
  /// No connection could be had; the last try failed with this.
  case connectFailed(String)
  /// The connections that were to carry it were gone already, twice.
  case connectionLost
  /// The path or the token has a character that a request head cannot carry.
  case invalidCall
  case clientClosed
}

package enum UnknownOutcomeReason: Equatable, Sendable {
  case deadline
  /// The connection was reset or its encryption failed.
  case connectionFailed(String)
  /// The connection ended before the reply began.
  case endBeforeReply
  /// The connection ended within the reply.
  case endWithinReply
  case replyTooLong(limit: Int)
  case malformedReply(String)
  case clientClosed
}

/// The end of a call and its moments.
package struct HTTPReport: Equatable, Sendable {
  package var outcome: HTTPOutcome
  /// When the kernel had taken the last byte of the request.
  package var bytesHandedToSocketAt: MonotonicInstant?
  package var finishedAt: MonotonicInstant

  package init(
    outcome: HTTPOutcome, bytesHandedToSocketAt: MonotonicInstant?, finishedAt: MonotonicInstant
  ) {
    self.outcome = outcome
    self.bytesHandedToSocketAt = bytesHandedToSocketAt
    self.finishedAt = finishedAt
  }
}

extension HTTPOutcome: CustomStringConvertible {
  package var description: String {
    switch self {
    case .response(let reply): "HTTP \(reply.status), \(reply.body.count) bytes"
    case .notSent(let reason): "not sent: \(reason)"
    case .unknownOutcome(let reason): "outcome unknown: \(reason)"
    }
  }
}

extension NotSentReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .deadline: "no connection was free before the deadline"
    case .connectFailed(let problem): "no connection to the venue: \(problem)"
    case .connectionLost: "the connections to the venue were lost"
    case .invalidCall: "the request has a character that cannot be sent"
    case .clientClosed: "the connections to the venue are being closed"
    }
  }
}

extension UnknownOutcomeReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .deadline: "no reply before the deadline"
    case .connectionFailed(let problem): "the connection failed: \(problem)"
    case .endBeforeReply: "the connection ended before the reply"
    case .endWithinReply: "the connection ended within the reply"
    case .replyTooLong(let limit): "the reply is longer than \(limit) bytes"
    case .malformedReply(let problem): "the reply is not HTTP: \(problem)"
    case .clientClosed: "the connections to the venue were closed"
    }
  }
}
