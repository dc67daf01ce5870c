package import Enforcement
package import PeerProtocol
package import RiskModel

/// The venue, as the enforcer uses it: over connections of its own, warm, every request once.
package protocol EnforcementVenue: AnyObject {
  /// Sends a request now, without waiting for anything else.
  ///
  /// The answer goes to `EnforcerRole.answered`, exactly once per id and at `deadline` at the
  /// latest; it may come before this returns. A request whose bytes never left is
  /// `.refused(.notSent)`, or `.failed` if it is a read; one of which nobody knows is `.unknown`.
  /// The port renews the token by itself; it never repeats a request that changes the venue.
  func send(_ request: EnforcementRequest, id: RequestID, deadline: MonotonicInstant)
}

/// What came of one request, with its moments.
package struct VenueAnswer: Equatable, Sendable {
  package var id: RequestID
  package var outcome: RequestOutcome
  /// The wall clock when the request was handed to the venue.
  package var sentAt: Instant
  /// From sending to the answer.
  package var duration: TimeSpan
  /// When the last byte of the request was handed to the socket; `nil` if that never happened.
  package var bytesHandedAt: MonotonicInstant?

  package init(
    id: RequestID, outcome: RequestOutcome, sentAt: Instant, duration: TimeSpan,
    bytesHandedAt: MonotonicInstant?
  ) {
    self.id = id
    self.outcome = outcome
    self.sentAt = sentAt
    self.duration = duration
    self.bytesHandedAt = bytesHandedAt
  }
}

/// The enforcer's end of the link to the evaluator. What it sends arrives at least once, in order.
package protocol VerdictLink: AnyObject {
  func send(_ report: VerdictReport)
}

/// One timer, set to another moment by every call; then `EnforcerRole.timerFired` is called.
package protocol EnforcerTimer: AnyObject {
  func wake(at moment: MonotonicInstant)
}

/// Reads the open targets from the database, read-only, while the evaluator does not answer.
package protocol OpenTargetsReader: AnyObject {
  func openTargets() throws -> OpenTargets
}

package struct OpenTargets: Equatable, Sendable {
  package var revision: Int64
  /// The accounts to protect.
  package var accounts: [AccountID]
  package var targets: [Target]

  package init(revision: Int64, accounts: [AccountID], targets: [Target]) {
    self.revision = revision
    self.accounts = accounts
    self.targets = targets
  }
}

/// What the settings say about the role.
package struct EnforcerSettings: Equatable, Sendable {
  package var failClosed: FailClosedPolicy
  package var limits: EnforcementLimits
  /// How long after the start the evaluator may be silent before the targets are read from the
  /// database.
  package var fallbackAfter: TimeSpan

  package init(
    failClosed: FailClosedPolicy = .noNewExposure, limits: EnforcementLimits = .standard,
    fallbackAfter: TimeSpan = .seconds(2)
  ) {
    self.failClosed = failClosed
    self.limits = limits
    self.fallbackAfter = fallbackAfter
  }
}

/// A canary of the gateway that came through the evaluator.
package struct CanaryArrival: Equatable, Sendable {
  /// Counted by the gateway.
  package var number: Int64
  /// From the gateway to here.
  package var latency: TimeSpan
  /// Canaries that have come since the start of this process.
  package var count: Int64
}
