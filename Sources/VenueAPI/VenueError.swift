package import RiskModel

/// Why something that the venue sent, or did not send, cannot be used.
///
/// The cases carry what is needed to find the fault and nothing that could be a secret: no body,
/// no header, no text of the venue.
package enum VenueError: Error, Equatable, Sendable {
  case transport(TransportFailure)
  /// HTTP 401: the token is missing, malformed or expired. Nothing was done.
  case unauthorized
  /// HTTP 429, with the wait that the venue asked for, where it did.
  case rateLimited(retryAfter: TimeSpan?)
  case httpStatus(Int)
  case emptyBody
  /// The body is not JSON: an HTML page of the edge, or cut off. The offset is the first bad byte.
  case notJSON(offset: Int)
  case memberMissing(String)
  case memberNull(String)
  case memberMalformed(String)
  /// A position type that is neither long nor short, with contracts held.
  case positionTypeUnknown(type: Int64, size: Int64)
  /// `success` and `errorCode` say opposite things.
  case contradiction(success: Bool, code: Int)
  /// A refusal of a query, or a sign-in refused, with the endpoint's own name of the code if known.
  case refused(endpoint: String, code: Int, name: String?)
  /// A row that belongs to an account that was not asked for.
  case foreignAccount(AccountID)
  /// The pages ended before the count that the venue gave, or never did.
  case pagesIncomplete(rows: Int, total: Int?)
  /// The rows moved while they were being paged.
  case pagesShifted(attempts: Int)
}

extension VenueError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .transport(let failure): return failure.description
    case .unauthorized: return "the venue does not accept the token (HTTP 401)"
    case .rateLimited(let wait):
      return "rate limited (HTTP 429)" + (wait.map { ", wait \($0.milliseconds) ms" } ?? "")
    case .httpStatus(let status): return "HTTP status \(status)"
    case .emptyBody: return "the body is empty"
    case .notJSON(let offset): return "the text is not JSON at byte \(offset)"
    case .memberMissing(let name): return "member \(name) is missing"
    case .memberNull(let name): return "member \(name) is null"
    case .memberMalformed(let name): return "member \(name) is malformed"
    case .positionTypeUnknown(let type, let size):
      return "position type \(type) is unknown and its size is \(size)"
    case .contradiction(let success, let code):
      return "success is \(success) and the error code is \(code)"
    case .refused(let endpoint, let code, let name):
      return "\(endpoint) refused with code \(code)" + (name.map { " (\($0))" } ?? "")
    case .foreignAccount(let account): return "a row belongs to account \(account)"
    case .pagesIncomplete(let rows, let total):
      return
        "the pages ended at \(rows) of \(total.map(String.init) ?? "an unknown number of") rows"
    case .pagesShifted(let attempts): return "the rows moved in \(attempts) attempts to page them"
    }
  }
}

/// Why there is no HTTP reply.
package enum TransportFailure: Error, Equatable, Sendable {
  /// No byte of the request left this machine. The reason is the shell's own text.
  case notSent(reason: String)
  /// The deadline passed; the venue may have acted.
  case timedOut
  /// The connection ended or broke after the request may have left.
  case connectionLost(reason: String)
  /// The reply exceeds the limit in bytes.
  case replyTooLarge(limit: Int)
}

extension TransportFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notSent(let reason): "the request was not sent: \(reason)"
    case .timedOut: "no reply within the deadline"
    case .connectionLost(let reason): "the connection was lost: \(reason)"
    case .replyTooLarge(let limit): "the reply exceeds \(limit) bytes"
    }
  }
}
