package import RiskModel

/// One try to have a connection. Late news of an earlier one are told apart by it.
package struct HubAttempt: Hashable, Sendable {
  package var number: Int

  package init(number: Int) {
    self.number = number
  }
}

/// A moment that a `HubConnection` asked to be told of. Late ones are ignored, so that a timer
/// never has to be cancelled.
package enum HubTimer: Hashable, Sendable {
  case handshake(HubAttempt)
  case keepAlive(HubAttempt)
  case silence(HubAttempt)
  case probe(HubAttempt)
  case invocation(HubInvocationID)
}

/// What the owner of a `HubConnection` has to do, in the order given.
package enum HubAction: Equatable, Sendable {
  case openTransport(HubAttempt)
  /// Hand bytes to the transport of the latest attempt.
  case send([UInt8])
  /// Ask the transport of the latest attempt for a sign of life, below the hub protocol: a ping of
  /// WebSocket, which whoever speaks it answers at once (RFC 6455, 5.5.2).
  case probe
  case closeTransport(HubAttempt)
  case schedule(HubTimer, at: MonotonicInstant)
  /// The handshake is accepted. The server knows no subscriptions of earlier connections.
  case connected
  /// The server called a method. `arguments` is the text of a JSON array, checked for syntax only;
  /// it is a slice that keeps the bytes of the whole read alive, so decode it rather than store it.
  case deliver(target: HubTarget, arguments: ArraySlice<UInt8>, receivedAt: MonotonicInstant)
  /// What came of a call; every call gets exactly one of these.
  case completed(HubInvocationID, HubInvocationOutcome)
  /// The connection is over; nothing follows until the next attempt.
  case closed(HubCloseReason)
}

/// What came of a call of the client.
package enum HubInvocationOutcome: Equatable, Sendable {
  case succeeded
  /// The server's own words.
  case failed(String)
  case timedOut
  /// The connection ended first; the server may have acted on the call.
  case connectionLost
  /// There was no connection, so nothing was sent.
  case notConnected
}

/// Why a connection is over. Every reason leads to the next attempt, except the owner's own wish.
package enum HubCloseReason: Equatable, Sendable {
  case asked
  case handshakeTimedOut
  case handshakeRefused(String)
  case envelope(HubEnvelopeError)
  /// Not one byte came for this long.
  case serverSilent(TimeSpan)
  /// A hub that has answered probes before left one unanswered for this long.
  case probeUnanswered(TimeSpan)
  /// The server said so. Spontaneous closes are routine (observed live, 17 in two days).
  case closedByServer(error: String?, allowReconnect: Bool)
  /// The transport ended by itself, with its own words where it has some.
  case transportLost(String?)
}

extension HubCloseReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .asked: "closed as asked"
    case .handshakeTimedOut: "the hub did not answer the handshake in time"
    case .handshakeRefused(let error): "the hub refused the handshake: \(excerpt(error))"
    case .envelope(let error): error.description
    case .serverSilent(let limit): "nothing came from the hub for \(limit.milliseconds) ms"
    case .probeUnanswered(let limit):
      "the hub left a ping unanswered for \(limit.milliseconds) ms"
    case .closedByServer(let error?, _): "the hub closed the connection: \(excerpt(error))"
    case .closedByServer(nil, _): "the hub closed the connection"
    case .transportLost(let detail?): "the connection to the hub was lost: \(excerpt(detail))"
    case .transportLost(nil): "the connection to the hub was lost"
    }
  }
}

/// The limits of a hub connection. The defaults are those of stock clients and servers, except the
/// size of a record, which stock clients leave open.
package struct HubLimits: Equatable, Sendable {
  package var handshakeTimeout: TimeSpan
  /// A ping is sent after this much silence of our own.
  package var pingInterval: TimeSpan
  /// The connection is given up after this long without one byte.
  package var serverTimeout: TimeSpan
  package var invocationTimeout: TimeSpan
  package var recordBytes: Int
  /// After this long without a sign of life the transport is probed; `nil` probes never.
  package var probeInterval: TimeSpan?
  /// How long a hub that answers probes may take for one. One that never answered any is judged by
  /// `serverTimeout` alone.
  package var probeTimeout: TimeSpan

  package init(
    handshakeTimeout: TimeSpan = .seconds(10), pingInterval: TimeSpan = .seconds(15),
    serverTimeout: TimeSpan = .seconds(30), invocationTimeout: TimeSpan = .seconds(15),
    recordBytes: Int = 1 << 20, probeInterval: TimeSpan? = nil, probeTimeout: TimeSpan = .seconds(5)
  ) {
    self.handshakeTimeout = handshakeTimeout
    self.pingInterval = pingInterval
    self.serverTimeout = serverTimeout
    self.invocationTimeout = invocationTimeout
    self.recordBytes = recordBytes
    self.probeInterval = probeInterval
    self.probeTimeout = probeTimeout
  }
}

/// What a `HubConnection` has seen since its start, over all attempts.
package struct HubCounters: Equatable, Sendable {
  package var records = 0
  package var deliveries = 0
  package var pingsReceived = 0
  package var pingsSent = 0
  package var probesSent = 0
  package var probesAnswered = 0
  /// Records of kinds without a meaning here, and empty ones.
  package var unusedRecords = 0
  /// Completions of calls that are unknown or already over.
  package var strayCompletions = 0
  /// News of transports that are not the present one.
  package var lateNews = 0

  package init() {}
}
