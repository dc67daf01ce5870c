package import RiskModel

/// What is known of the release that runs when a crash loop has to be judged.
package struct ReleaseFacts: Equatable, Sendable {
  /// The release of the program that runs; `nil` when it does not stand in a folder of releases.
  package var own: String?
  /// `nil` when no gate manages releases here.
  package var gate: GateState?
  /// What this release has said about itself before: it ran as it should for long enough.
  package var isMarkedGood: Bool
  /// The newest schema of the database that the previous release can read.
  package var previousSchema: Int?
  /// The schema of the database that this release writes.
  package var schema: Int

  package init(
    own: String?, gate: GateState?, isMarkedGood: Bool = false, previousSchema: Int?, schema: Int
  ) {
    self.own = own
    self.gate = gate
    self.isMarkedGood = isMarkedGood
    self.previousSchema = previousSchema
    self.schema = schema
  }
}

/// What a crash loop means for the release.
package enum CrashLoopVerdict: Equatable, Sendable {
  /// The release stays, for this reason.
  case safeMode(because: String)
  /// The release is bad: the gate goes back to the one named.
  case rollBack(to: String)
}

/// Whether a crash loop is the release's fault.
package enum ReleaseRule {
  /// A release that has been the current one for longer is not blamed any more.
  package static let probation = TimeSpan.seconds(24 * 3_600)
  /// The exit code that asks the gate to look at the verdict. From sysexits (EX_SOFTWARE).
  package static let badReleaseCode: Int32 = 70

  /// A roll-back happens once, only from a release on probation, and only to one that can read the
  /// database. Everything that is not known speaks against it.
  package static func verdict(
    on facts: ReleaseFacts, at now: Instant
  ) -> CrashLoopVerdict {
    guard let gate = facts.gate else { return .safeMode(because: "releases are not managed here") }
    guard facts.own == gate.current else {
      let own = facts.own ?? "a program outside of the releases"
      return .safeMode(because: "\(own) runs, and \(gate.current) is the current release")
    }
    if gate.isSafeMode { return .safeMode(because: "the release gate asks for safe mode") }
    guard gate.standing == .trial, !facts.isMarkedGood else {
      let word = gate.standing == .trial ? "good" : gate.standing.rawValue
      return .safeMode(because: "release \(gate.current) is not on trial but \(word)")
    }
    // A clock that was set back must not lengthen the probation for ever, nor end it.
    guard now - gate.activated < probation else {
      return .safeMode(because: "release \(gate.current) is no longer on probation")
    }
    if gate.isRolledBack {
      return .safeMode(because: "the gate has gone back to release \(gate.current) already")
    }
    guard let previous = gate.previous else {
      return .safeMode(because: "there is no release before \(gate.current)")
    }
    guard let schema = facts.previousSchema else {
      return .safeMode(because: "release \(previous) does not say which databases it can read")
    }
    guard schema >= facts.schema else {
      return .safeMode(
        because: "release \(previous) reads databases up to schema \(schema), not \(facts.schema)")
    }
    return .rollBack(to: previous)
  }
}
