package import RiskModel

/// One thing that riskd had to put right, from its cause to the proof.
package struct Incident: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    case breach(RuleID)
    /// Exposure in this contract came back under a lockout.
    case reentry(ContractID)
    /// riskd acted for a lockout without naming what had come back: it found it by its own look.
    case found
  }

  package struct Proof: Equatable, Sendable {
    package var requests: Int
    /// From the first sight of the cause to the proof.
    package var milliseconds: Int64
    /// Whether the venue itself was as wanted at that moment; `nil` when that cannot be seen.
    package var isConfirmed: Bool?

    package init(requests: Int, milliseconds: Int64, isConfirmed: Bool?) {
      self.requests = requests
      self.milliseconds = milliseconds
      self.isConfirmed = isConfirmed
    }
  }

  package var chapter: Chapter?
  package var target: String
  package var account: AccountID
  package var cause: Cause
  /// What was sent, as the log writes it, in order.
  package var actions: [String] = []
  /// Of the first request: from the gateway's reading of the event to the socket.
  package var reactionMicroseconds: Int64?
  package var proof: Proof?

  package init(chapter: Chapter?, target: String, account: AccountID, cause: Cause) {
    self.chapter = chapter
    self.target = target
    self.account = account
    self.cause = cause
  }

  package func meets(_ expectation: Chapter.Expectation) -> Bool {
    switch (expectation, cause) {
    case (.breach(let expected), .breach(let rule)): expected == rule
    case (.comeback, .reentry), (.comeback, .found): true
    case (.breach, _), (.comeback, _): false
    }
  }
}

/// Collects the incidents of the day from riskd's log.
package struct IncidentBook: Equatable, Sendable {
  package private(set) var incidents: [Incident] = []
  package private(set) var decisions: [String: LogNews.Decision] = [:]
  /// Where new incidents belong.
  package var chapter: Chapter?

  package init() {}

  /// Takes a line of the log; `isConfirmed` tells whether the venue is as a proven goal wants it.
  package mutating func take(
    _ news: LogNews, isConfirmed: (LogNews.Decision) -> Bool?
  ) {
    switch news {
    case .adopted(let decision):
      decisions[decision.target] = decision
    case .breach(let account, let rule, _, let target):
      open(target, account, .breach(rule))
    case .reentry(let account, let contract, let target, _):
      if let last = lastOpen(target), incidents[last].cause == .found {
        incidents[last].cause = .reentry(contract)
      } else {
        open(target, account, .reentry(contract))
      }
    case .step(let step):
      if lastOpen(step.target) == nil { open(step.target, step.account, .found) }
      guard let last = lastOpen(step.target) else { return }
      incidents[last].actions.append(step.action)
      if incidents[last].actions.count == 1 {
        incidents[last].reactionMicroseconds = step.reactionMicroseconds
      }
    case .proven(let target, let requests, let milliseconds):
      let isConfirmed = decisions[target].flatMap(isConfirmed)
      for index in incidents.indices
      where incidents[index].target == target && incidents[index].proof == nil {
        incidents[index].proof = Incident.Proof(
          requests: requests, milliseconds: milliseconds, isConfirmed: isConfirmed)
      }
    case .failing, .hub, .workerStopped, .workerReady, .trouble, .other:
      break
    }
  }

  package func incidents(of chapter: Chapter) -> [Incident] {
    incidents.filter { $0.chapter == chapter }
  }

  /// Whether the chapter has come to what it must lead to.
  package func isSettled(_ chapter: Chapter) -> Bool {
    let own = incidents(of: chapter)
    return own.contains { $0.meets(chapter.expectation) } && own.allSatisfy { $0.proof != nil }
  }

  private func lastOpen(_ target: String) -> Int? {
    incidents.lastIndex { $0.target == target && $0.proof == nil }
  }

  private mutating func open(_ target: String, _ account: AccountID, _ cause: Incident.Cause) {
    incidents.append(
      Incident(chapter: chapter, target: target, account: account, cause: cause))
  }
}
