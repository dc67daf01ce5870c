import Glibc
package import ProcessControl

/// Who may ask for what on the control socket, by what the kernel says of the peer.
///
/// Root: everything. The service's own user: all but ending a lockout. Members of the group
/// `riskops`: status, history, lockouts and restarts, which end nothing and loosen nothing. Everybody
/// else: nothing, also where the socket's mode would let them in.
package struct ControlAccess: Equatable, Sendable {
  package static let operatorGroup = "riskops"

  private enum Standing {
    case owner, member, stranger
  }

  package var user: UInt32
  /// The number of the operators' group; `nil` where the machine has none.
  package var operators: UInt32?

  package init(user: UInt32, operators: UInt32?) {
    self.user = user
    self.operators = operators
  }

  /// For a service of this process's user, with the machine's own group of operators.
  package static func forOwnUser() -> ControlAccess {
    ControlAccess(user: geteuid(), operators: SystemGroup.number(of: operatorGroup))
  }

  /// Why the peer does not get what it asks for; `nil` when it does.
  package func refusal(
    of request: ControlRequest, by peer: PeerCredentials
  ) -> ControlRefusal? {
    switch (standing(of: peer), request) {
    case (_, .endLockout) where peer.user != 0:
      ControlRefusal(.refused, "only root may end a lockout")
    case (.owner, _), (.member, .status), (.member, .history), (.member, .restart),
      (.member, .lockouts):
      nil
    case (.member, .endLockout):
      ControlRefusal(.refused, "only root may end a lockout")
    case (.member, .reload):
      ControlRefusal(
        .refused, "only root and the user of riskd may have the configuration read anew")
    case (.stranger, _):
      ControlRefusal(
        .refused,
        "uid \(peer.user) is no operator of riskd; members of the group \(Self.operatorGroup) are")
    }
  }

  /// Whether this process may hand a file to the operators' group.
  package var mayGiveToOperators: Bool { operators.map(SystemGroup.isOwn) ?? false }

  private func standing(of peer: PeerCredentials) -> Standing {
    if peer.user == 0 || peer.user == user { return .owner }
    guard let operators else { return .stranger }
    return peer.group == operators || peer.groups.contains(operators) ? .member : .stranger
  }
}
