import Glibc
package import ProcessControl
package import RiskModel

/// Who may look at the trader socket, by what the kernel says of the peer: root, the service's own
/// user, and members of the group `risktraders`; nobody else, also where the socket's mode would let
/// them in.
package struct TraderAccess: Equatable, Sendable {
  package static let traderGroup = "risktraders"

  package var user: UInt32
  /// The number of the traders' group; `nil` where the machine has none.
  package var traders: UInt32?

  package init(user: UInt32, traders: UInt32?) {
    self.user = user
    self.traders = traders
  }

  /// For a service of this process's user, with the machine's own group of traders.
  package static func forOwnUser() -> TraderAccess {
    TraderAccess(user: geteuid(), traders: SystemGroup.number(of: traderGroup))
  }

  /// Why the peer sees nothing; `nil` when it may look.
  package func refusal(of peer: PeerCredentials) -> String? {
    if peer.user == 0 || peer.user == user { return nil }
    if let traders, peer.group == traders || peer.groups.contains(traders) { return nil }
    return "uid \(peer.user) is no trader of riskd; members of the group \(Self.traderGroup) are"
  }

  /// The group that the socket is for, where this process may hand files to it.
  package var groupOfSocket: UInt32? {
    traders.flatMap { SystemGroup.isOwn($0) ? $0 : nil }
  }
}

/// What one trader's screen may take of the monitor.
package struct TraderLimits: Equatable, Sendable {
  /// Connections at a time; the next one is told so and closed.
  package var clients = 16
  /// From the first byte of a picture to its last one taken by the client.
  package var drainTime = TimeSpan.seconds(5)
  /// Between two requests of one client; what comes earlier waits.
  package var requestPause = TimeSpan.milliseconds(500)
  /// Pause before the next client, after the process ran out of descriptors.
  package var acceptPause = TimeSpan.seconds(1)

  package init() {}
}
