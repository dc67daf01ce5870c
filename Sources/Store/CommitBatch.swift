package import PeerProtocol
package import RiskModel

/// What one transaction records.
package struct CommitBatch: Equatable, Sendable {
  /// In the order of their ordinals.
  package var rows: [JournalRow] = []
  /// Targets that were adopted or, under the same id, became stricter.
  package var standing: [Target] = []
  package var ended: [EndedTarget] = []
  package var breaches: [BreachRecord] = []
  package var enforcement: [EnforcementRecord] = []
  /// What is committed of each incoming stream, by the name of the stream.
  package var progress: [String: StreamPosition] = [:]
  package var segment: StoredSegment?
  package var checkpoint: StoredCheckpoint?
  package var meta: [String: String] = [:]

  package init() {}

  package var isEmpty: Bool { self == CommitBatch() }
}

package struct EndedTarget: Equatable, Sendable {
  package var id: TargetID
  package var ending: TargetEnding
  package var at: Instant

  package init(id: TargetID, ending: TargetEnding, at: Instant) {
    self.id = id
    self.ending = ending
    self.at = at
  }
}

/// A rule that fired on the input `ordinal`.
package struct BreachRecord: Equatable, Sendable {
  package var ordinal: Int64
  package var at: Instant
  package var account: AccountID
  package var cause: Cause

  package init(ordinal: Int64, at: Instant, account: AccountID, cause: Cause) {
    self.ordinal = ordinal
    self.at = at
    self.account = account
    self.cause = cause
  }
}

/// Something that the enforcer did.
package enum EnforcementRecord: Equatable, Sendable {
  case step(EnforcementStep)
  case proven(TargetID, EnforcementSummary, at: Instant)
}

/// What is in force from an input on.
package struct StoredSegment: Equatable, Sendable {
  package var firstOrdinal: Int64
  package var startedAt: Instant
  /// The effective configuration as JSON.
  package var configuration: [UInt8]
  package var engineVersion: Int
  /// Of the engine's state before the first input.
  package var stateDigest: [UInt8]

  package init(
    firstOrdinal: Int64, startedAt: Instant, configuration: [UInt8], engineVersion: Int,
    stateDigest: [UInt8]
  ) {
    self.firstOrdinal = firstOrdinal
    self.startedAt = startedAt
    self.configuration = configuration
    self.engineVersion = engineVersion
    self.stateDigest = stateDigest
  }
}

/// The engine's state after the input `ordinal`.
package struct StoredCheckpoint: Equatable, Sendable {
  package var ordinal: Int64
  package var at: Instant
  package var state: [UInt8]

  package init(ordinal: Int64, at: Instant, state: [UInt8]) {
    self.ordinal = ordinal
    self.at = at
    self.state = state
  }
}
