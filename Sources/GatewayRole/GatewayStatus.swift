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
  /// The circuit breaker stops requests of a class; enforcement is not touched by it.
  case callsBlocked(RequestClass)
  /// The account could not be read so many times in a row; it is read again and again.
  case unreadable(AccountID, attempts: Int, problem: String)
  /// The venue's lists show what no event told, on a connection that seemed well.
  case eventsMissed(AccountID, cause: String, first: String, count: Int)
  /// Stream, lists and our own trades go on disagreeing; the venue's list is followed.
  case sourcesDisagree(AccountID, first: String, count: Int)
}

extension GatewayAlarm {
  /// By which the journal of the system finds it, of alarms that have a kind of their own.
  package var messageID: MessageID? {
    switch self {
    case .eventsMissed: .accountDiffered
    case .sourcesDisagree: .sourcesDisagree
    case .credentialsRefused, .tokenExpiring, .unprotectable, .hubUnreachable, .loggedOut,
      .notProtecting, .callsBlocked, .unreadable:
      nil
    }
  }
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
    case .callsBlocked(let blocked):
      "Circuit breaker OPEN: the venue keeps failing, API calls blocked for \(blocked.rawValue); "
        + "enforcement goes on."
    case .notProtecting(let missing):
      "Not fully protecting: \(missing.joined(separator: "; "))."
    case .unreadable(let account, let attempts, let problem):
      "Account \(account) could not be read \(attempts) times in a row: \(problem)."
    case .eventsMissed(let account, let cause, let first, let count):
      "Account \(account) had \(count) changes that no event told, found because of \(cause): "
        + "\(first)."
    case .sourcesDisagree(let account, let first, let count):
      "The sources about account \(account) disagree in \(count) things; the venue's list is "
        + "followed: \(first)."
    }
  }
}
