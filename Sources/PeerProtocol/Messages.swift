package import RiskModel

/// What the gateway tells the evaluator, in order, at least once.
package enum FeedMessage: Equatable, Sendable, Codable {
  /// The `readAt` of an event that no hub told: a part of a list that is too long for its snapshot.
  package static let listed = MonotonicInstant(nanos: 0)

  /// One event of the venue. `readAt` is the monotonic moment at which the gateway read its bytes.
  case event(VenueEvent, receivedAt: Instant, readAt: MonotonicInstant)
  /// The whole state of one account, read by query; replaces what was known.
  case snapshot(AccountSnapshot, receivedAt: Instant)
  /// What a read showed that no event had told; the snapshot of that read follows.
  case differences(AccountDifferences, receivedAt: Instant)
  /// The state of an account is not known until its next snapshot, and why.
  case unknown(AccountID, reason: String, receivedAt: Instant)
  /// A configured account that may not be acted on: not the venue's, or its name does not match.
  case unprotectable(AccountID, reason: String, receivedAt: Instant)
  /// Whether a hub delivers events.
  case hub(Hub, isConnected: Bool, receivedAt: Instant)
  /// The venue's own time (its Date header plus the monotonic time since), about once a second.
  case venueTime(Instant, receivedAt: Instant)
  case answer(QueryID, QueryAnswer, receivedAt: Instant)
  /// Measures the path; changes nothing.
  case canary(number: Int64, sentAt: MonotonicInstant)
}

/// The two streams of the venue.
package enum Hub: String, Sendable, Codable, CaseIterable {
  case user
  case market
}

/// What the evaluator asks of the gateway. The whole wish is sent again on every new link.
package enum FeedRequest: Equatable, Sendable, Codable {
  /// The contracts whose quotes are wanted, all of them.
  case watch([ContractID])
  /// The accounts in which something is held, works or is to be enforced: where not all can be read
  /// at once, these come first.
  case readFirst([AccountID])
  /// Read the state of an account again.
  case refresh(AccountID)
  case query(QueryID, Query)
}

/// What the evaluator tells the enforcer, in order, at least once.
package enum VerdictMessage: Equatable, Sendable, Codable {
  /// All targets that stand, with those that went ahead. Sent on a link to an enforcer that remembers
  /// nothing.
  case targets(revision: Int64, [Target])
  /// A part of the targets that stand, of which there are more than a frame takes; the last part is
  /// `targets`, and nothing of them counts before it.
  case targetsAhead([Target])
  /// One more target. `readAt` is the moment at which the gateway read the event that caused it.
  case adopt(revision: Int64, Target, readAt: MonotonicInstant?)
  case end(revision: Int64, TargetID, TargetEnding)
  /// An event of the venue other than a quote.
  case venue(VenueEvent)
  case snapshot(AccountSnapshot)
  /// The contracts, needed to tell a root from an id; sent with the targets.
  case accounts([AccountID])
  case canary(number: Int64, sentAt: MonotonicInstant)
}

/// What the enforcer tells the evaluator, in order, at least once.
package enum VerdictReport: Equatable, Sendable, Codable {
  case adopted(revision: Int64)
  case step(EnforcementStep)
  /// The venue's own answers show that the target is reached.
  case proven(TargetID, EnforcementSummary, at: Instant)
  /// The target is not reached after this many passes; it goes on.
  case failing(TargetID, passes: Int, problem: String, at: Instant)
  /// The enforcer's own reading of an account differs from what it was told.
  case surprised(AccountID, at: Instant)
  case canary(number: Int64, sentAt: MonotonicInstant, enforcerAt: MonotonicInstant)
}

/// One request of the enforcer that changes the venue, and what came of it.
package struct EnforcementStep: Equatable, Sendable, Codable {
  package var target: TargetID
  package var account: AccountID
  package var action: Action
  package var outcome: Outcome
  package var sentAt: Instant
  package var duration: TimeSpan
  /// Event read by the gateway to request bytes handed to the socket, where that is known.
  package var reaction: TimeSpan?

  package init(
    target: TargetID, account: AccountID, action: Action, outcome: Outcome, sentAt: Instant,
    duration: TimeSpan, reaction: TimeSpan? = nil
  ) {
    self.target = target
    self.account = account
    self.action = action
    self.outcome = outcome
    self.sentAt = sentAt
    self.duration = duration
    self.reaction = reaction
  }

  package enum Action: Equatable, Sendable, Codable {
    case close(ContractID)
    case reduce(ContractID, by: Int64)
    case cancel(OrderID)
    /// An exit becomes smaller, or a stop of riskd's as large as the position.
    case shrinkOrder(OrderID, to: Int64)
    case placeStop(ContractID, size: Int64, at: Price)
    case moveStop(OrderID, to: Price)
  }

  package enum Outcome: Equatable, Sendable, Codable {
    case accepted
    /// The venue said no, with the category of its code.
    case refused(String)
    /// The venue may or may not have acted; it is looked up before anything is repeated.
    case unknown(String)
  }
}

/// What reaching a target took.
package struct EnforcementSummary: Equatable, Sendable, Codable {
  package var requests: Int
  package var passes: Int
  /// First sight of the target to proof.
  package var duration: TimeSpan

  package init(requests: Int, passes: Int, duration: TimeSpan) {
    self.requests = requests
    self.passes = passes
    self.duration = duration
  }
}
