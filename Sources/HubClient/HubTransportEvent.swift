package import RiskModel

/// What happens to a transport, in this order: at most one `opened`, then bytes and pongs, then exactly one
/// `closed`, after which nothing follows.
package enum HubTransportEvent: Equatable, Sendable {
  /// The hub agreed to speak WebSocket.
  case opened
  /// Text as it arrived; where a message begins and ends means nothing. `readAt` is the moment at
  /// which its last byte was read from the socket.
  case bytes([UInt8], readAt: MonotonicInstant)
  /// The hub answered a ping.
  case pong(readAt: MonotonicInstant)
  /// `nil` when the owner or, in good order, the hub closed the transport.
  case closed(HubTransportError?)
}

/// Why a transport could not be had or did not last. No case carries the address's query.
package enum HubTransportError: Error, Equatable, Sendable {
  case nameNotResolved(host: String)
  case connectFailed(String)
  /// Name, TCP, TLS and upgrade together took too long.
  case connectTimedOut
  case tlsFailed(String)
  /// The hub answered the upgrade with another status than 101. 401: the token is missing, bad or
  /// expired. 404 and 409: the hub takes the connection for one that it does not know or has.
  case upgradeRefused(status: Int)
  /// What answered does not speak WebSocket.
  case upgradeInvalid(String)
  /// A close frame with another code than 1000; `nil` is one without a code.
  case closedByServer(code: UInt16?)
  /// The connection ended without a close frame.
  case endOfStream
  case connectionFailed(String)
  case binaryFrame
  case frameTooLong(limit: Int)
  case protocolViolation(String)
}

extension HubTransportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .nameNotResolved(let host): "the name \(host) could not be resolved"
    case .connectFailed(let problem): "no connection to the hub: \(problem)"
    case .connectTimedOut: "no connection to the hub in time"
    case .tlsFailed(let problem): "encryption with the hub failed: \(problem)"
    case .upgradeRefused(let status): "the hub refused the connection with HTTP \(status)"
    case .upgradeInvalid(let problem): "the hub does not speak WebSocket: \(problem)"
    case .closedByServer(let code?): "the hub closed the connection with code \(code)"
    case .closedByServer(nil): "the hub closed the connection without a code"
    case .endOfStream: "the connection to the hub ended without a close frame"
    case .connectionFailed(let problem): "the connection to the hub failed: \(problem)"
    case .binaryFrame: "the hub sent a binary frame"
    case .frameTooLong(let limit): "the hub sent a frame of more than \(limit) bytes"
    case .protocolViolation(let problem): "the hub broke the WebSocket protocol: \(problem)"
    }
  }
}
