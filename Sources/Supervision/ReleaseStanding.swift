/// What the supervisor knows at its start about the release that runs.
package struct ReleaseStanding: Equatable, Sendable {
  package enum State: String, Sendable, Codable {
    /// Nobody counts starts or goes back.
    case unmanaged
    /// It has not shown yet that it works.
    case trial
    case good
    case bad
  }

  /// The release of the program that runs; `nil` when it does not stand in a folder of releases.
  package var id: String?
  package var state: State
  /// Why the release gate asks for safe mode; `nil` when it does not.
  package var safeModeReason: String?

  package static let unmanaged = ReleaseStanding(id: nil, state: .unmanaged)

  package init(id: String?, state: State, safeModeReason: String? = nil) {
    self.id = id
    self.state = state
    self.safeModeReason = safeModeReason
  }

  package init(_ facts: ReleaseFacts) {
    id = facts.own
    guard let gate = facts.gate, gate.current == facts.own else {
      state = .unmanaged
      safeModeReason = facts.gate.flatMap(Self.reason)
      return
    }
    switch gate.standing {
    case .trial: state = facts.isMarkedGood ? .good : .trial
    case .good: state = .good
    case .bad: state = .bad
    }
    safeModeReason = Self.reason(gate)
  }

  private static func reason(_ gate: GateState) -> String? {
    guard gate.isSafeMode else { return nil }
    return gate.reason.isEmpty ? "no release works" : gate.reason
  }
}

/// The last word of a release about itself, for the release gate.
package struct ReleaseVerdict: Equatable, Sendable {
  package enum Word: String, Sendable {
    case good
    case bad
  }

  package var release: String
  package var word: Word
  package var reason: String

  package init(release: String, word: Word, reason: String) {
    self.release = release
    self.word = word
    self.reason = reason
  }
}
