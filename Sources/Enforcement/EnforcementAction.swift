package import RiskModel

/// What the controller wants done.
package enum EnforcementAction: Equatable, Sendable {
  /// Send now; the answer must say the same id, and comes at the deadline at the latest.
  case send(EnforcementRequest, id: RequestID, deadline: MonotonicInstant)
  case report(EnforcementReport)
  case alert(EnforcementAlert)
  /// Call `tick` at this moment. Replaces the moment named before.
  case schedule(at: MonotonicInstant)
}

/// What the evaluator is told.
package enum EnforcementReport: Equatable, Sendable {
  case adopted(revision: Int64)
  case step(EnforcedStep)
  /// The venue's own answers show that the target is reached.
  case proven(Target, requests: Int, passes: Int, duration: TimeSpan)
  case failing(Target, passes: Int, problem: String)
  /// What the enforcer read for itself differs, lastingly, from what it was told.
  case surprised(AccountID)
}

/// One request that changes the venue, answered.
package struct EnforcedStep: Equatable, Sendable {
  package var id: RequestID
  /// The strongest of the targets that asked for it.
  package var target: Target
  package var request: EnforcementRequest
  /// The contract of a cancelled or shrunk order.
  package var contract: ContractID
  /// What the account held in the contract when the request was sent; negative is short.
  package var heldSize: Int64
  package var result: Result
  /// When the gateway read the event that caused the target, on the first steps of a target.
  package var causeReadAt: MonotonicInstant?

  package init(
    id: RequestID, target: Target, request: EnforcementRequest, contract: ContractID,
    heldSize: Int64, result: Result, causeReadAt: MonotonicInstant?
  ) {
    self.id = id
    self.target = target
    self.request = request
    self.contract = contract
    self.heldSize = heldSize
    self.result = result
    self.causeReadAt = causeReadAt
  }

  package enum Result: Equatable, Sendable {
    case accepted
    /// There was nothing left to act on.
    case gone
    case refused(Refusal)
    case unknown(String)
  }
}

/// What a human has to know at once.
package enum EnforcementAlert: Equatable, Sendable {
  /// The third failed pass in a row.
  case failing(Target, passes: Int, problem: String)
  /// A target stands for an account that is not in the list that the enforcer read itself, or that
  /// it was not told to protect. Nothing is done there.
  case accountNotOurs(AccountID)
  case accountRefuses(AccountID, Refusal)
  /// Requests wait for the market to open.
  case marketClosed(AccountID, ContractID)
  /// Positions were opened again under a lockout, this many within the window.
  case reentries(AccountID, count: Int)
  /// More than the enforcer keeps; the rest is read from the venue again.
  case limitReached(String, limit: Int)
  case evaluatorGone(TimeSpan)
  /// A target came before the set of all targets; it is not acted on.
  case targetsMissing(TargetID)
}

extension EnforcementAlert: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failing(let target, let passes, let problem):
      "Target \(target.id) on account \(target.account) is not reached after \(passes) passes: "
        + "\(problem); it goes on"
    case .accountNotOurs(let account):
      "Account \(account) has a target but is not ours to act on"
    case .accountRefuses(let account, let refusal):
      "The venue does not let riskd act on account \(account): \(refusal.rawValue)"
    case .marketClosed(let account, let contract):
      "The market for \(contract) is closed; account \(account) is acted on when it opens"
    case .reentries(let account, let count):
      "Account \(account) opened \(count) positions under a lockout"
    case .limitReached(let what, let limit):
      "More than \(limit) \(what)"
    case .evaluatorGone(let span):
      "The evaluator has been gone for \(span.milliseconds / 1_000) s"
    case .targetsMissing(let target):
      "Target \(target) came before the set of all targets"
    }
  }
}

/// What the enforcer has done since its start, for status screens.
package struct EnforcementFigures: Equatable, Sendable {
  package var closes: Int64 = 0
  package var reductions: Int64 = 0
  package var cancels: Int64 = 0
  package var shrinks: Int64 = 0
  package var stopsPlaced: Int64 = 0
  package var stopsMoved: Int64 = 0
  package var reads: Int64 = 0
  package var refusals: Int64 = 0
  package var unknownOutcomes: Int64 = 0
  /// Targets that were not verified in time.
  package var unverified: Int64 = 0
  package var failedReads: Int64 = 0
  package var proofs: Int64 = 0
  package var reentries: Int64 = 0
  package var surprises: Int64 = 0
  /// Events of accounts that are not ours to act on.
  package var ignoredEvents: Int64 = 0
  /// Answers that came after their request had been given up.
  package var lateAnswers: Int64 = 0

  package init() {}
}
