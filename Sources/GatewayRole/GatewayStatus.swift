package import PeerProtocol
package import RiskModel
package import VenueAPI

/// How well the gateway does its job.
package enum GatewayStatus: Equatable, Sendable {
  /// Can transition to: protecting, degraded.
  case starting
  /// Every configured account is known and both hubs deliver. Can transition to: degraded.
  case protecting
  /// What is missing, for people. Can transition to: protecting.
  case degraded([String])
}

/// Something that a person has to know at once.
package enum GatewayAlarm: Equatable, Sendable {
  /// The venue refuses the user or the key.
  case credentialsRefused(LoginCode)
  /// The session token ends soon and could not be renewed.
  case tokenExpiring(secondsLeft: Int64)
  case unprotectable(AccountID, reason: String)
  case hubUnreachable(Hub, attempts: Int)
  /// The venue ended the session of a hub by its own event.
  case loggedOut(Hub)
  case notProtecting(missing: [String])
}

extension GatewayAlarm: CustomStringConvertible {
  package var description: String {
    switch self {
    case .credentialsRefused(let code):
      "The venue refuses to sign in (\(code)); check the user name, the API key and the "
        + "subscription."
    case .tokenExpiring(let seconds):
      "The session token ends in \(seconds) s and could not be renewed."
    case .unprotectable(let account, let reason):
      "Account \(account) is not protected: \(reason)."
    case .hubUnreachable(let hub, let attempts):
      "The \(hub.rawValue) hub cannot be reached after \(attempts) attempts."
    case .loggedOut(let hub):
      "The venue ended the session on the \(hub.rawValue) hub; another program may be signed in "
        + "with the same user."
    case .notProtecting(let missing):
      "Not fully protecting: \(missing.joined(separator: "; "))."
    }
  }
}
