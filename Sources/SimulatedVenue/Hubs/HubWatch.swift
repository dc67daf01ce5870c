import RiskModel

/// The times of one hub connection: when it must have shaken hands, when it is pinged, when a client
/// counts as gone.
struct HubWatch {
  enum Due: Equatable {
    case nothing
    case ping
    case handshakeOverdue
    case clientGone
  }

  private let startedAt: MonotonicInstant
  private var lastSentAt: MonotonicInstant
  private var lastHeardAt: MonotonicInstant
  private var hasPinged = false

  init(startingAt now: MonotonicInstant) {
    startedAt = now
    lastSentAt = now
    lastHeardAt = now
  }

  mutating func sent(at now: MonotonicInstant) {
    lastSentAt = now
  }

  mutating func heard(at now: MonotonicInstant) {
    lastHeardAt = now
  }

  /// A client that never pings is never timed out (stock SignalR).
  mutating func pinged() {
    hasPinged = true
  }

  func due(isLive: Bool, at now: MonotonicInstant, _ times: HubBehaviour) -> Due {
    guard isLive else {
      return now - startedAt > times.handshakeTimeout ? .handshakeOverdue : .nothing
    }
    if hasPinged, now - lastHeardAt > times.clientTimeout { return .clientGone }
    return now - lastSentAt >= times.keepAlive ? .ping : .nothing
  }
}
