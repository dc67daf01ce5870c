import Logging
import RiskModel
import RiskRules

/// State machine: after the database was lost, the way back to knowing what is.
///
/// Nothing can be barred before the first snapshots: what is held then would count as new. With
/// them the accounts may not grow until each was read once more and every rule has seen it.
struct Reconciliation {
  enum Step: Equatable {
    /// Can transition to: `.confirming`.
    case reading
    /// New exposure is barred. Ends the reconciliation.
    case confirming
  }

  let reason: String
  private let accounts: Set<AccountID>
  private var awaited: Set<AccountID>
  private(set) var step = Step.reading

  init(reason: String, awaited: Set<AccountID>) {
    self.reason = reason
    accounts = awaited
    self.awaited = awaited
  }

  var isBarring: Bool { step == .confirming }

  enum Outcome: Equatable {
    case waits
    case bars
    case isOver
  }

  /// An account was read, or cannot be acted on.
  mutating func read(_ account: AccountID) -> Outcome {
    awaited.remove(account)
    guard awaited.isEmpty else { return .waits }
    switch step {
    case .reading:
      step = .confirming
      awaited = accounts
      return .bars
    case .confirming:
      return .isOver
    }
  }
}

extension EvaluatorRole {
  func reconcile(_ account: AccountID) {
    switch reconciliation?.read(account) {
    case .bars?:
      logger.critical(
        "The record was lost; new exposure is barred until the venue was read again",
        metadata: ["problem": "\(reconciliation?.reason ?? "")"])
      setBar(true)
      refreshAll()
    case .isOver?:
      reconciliation = nil
      setBar(false)
      outbox.decisions.append(.reconciled)
      logger.notice("The state is reconciled with the venue")
      reportState()
    case .waits?, nil:
      return
    }
  }
}
