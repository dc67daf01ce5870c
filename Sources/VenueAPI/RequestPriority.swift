package import RiskModel

/// How urgent a request to the venue is where not all of them may leave at once, and how long it
/// waits for its place at the longest; then it has failed and whoever wanted it is told.
///
/// Every request of riskd is in one of these classes. Requests of one class leave in the order in
/// which they were made. Two kinds never end by waiting: enforcement, whose own deadlines are all
/// longer and which asks again, and signing in, which everything else waits for.
package enum RequestPriority: Int, CaseIterable, Sendable {
  /// The regular reading of the venue's catalogue.
  case catalogue = 1
  /// What an operator asks with `riskctl`.
  case inquiry = 2
  /// A regular reading of everything.
  case survey = 3
  /// Comparing what the hub told with the venue's lists.
  case comparison = 4
  /// An account whose state the evaluator has to be told.
  case state = 5
  /// The data of a contract that events wait for.
  case contract = 6
  /// Which accounts there are.
  case accounts = 7
  /// A question of the evaluator.
  case question = 8
  /// What enforcement looks at before it acts.
  case look = 9
  /// What enforcement does, and signing in.
  case action = 10

  /// Without effect for what never ends by waiting: the gateway exempts signing in, the enforcer has
  /// no queue of this kind.
  package var longestWait: TimeSpan {
    switch self {
    case .action: .seconds(1)
    case .look: .seconds(2)
    case .question: .seconds(5)
    case .accounts: .seconds(10)
    case .contract: .seconds(15)
    case .state: .seconds(30)
    case .comparison: .seconds(60)
    case .survey: .seconds(120)
    case .inquiry: .seconds(300)
    case .catalogue: .seconds(600)
    }
  }

  /// What can wait, and leaves a part of the window to what cannot.
  package var isRoutine: Bool { rawValue <= RequestPriority.state.rawValue }
}

extension RequestPriority: Comparable {
  package static func < (lhs: RequestPriority, rhs: RequestPriority) -> Bool {
    lhs.rawValue < rhs.rawValue
  }
}
