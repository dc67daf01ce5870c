package import RiskModel

/// Every number that bounds what the enforcer keeps, sends or waits for.
package struct EnforcementLimits: Equatable, Sendable {
  /// Requests in flight that change the venue, all accounts together.
  package var changesInFlight = 16
  /// Reads in flight. They are counted apart, so that a close never waits for one.
  package var readsInFlight = 8
  package var targets = 1_024
  /// Names of ended targets that are remembered, so that a repeated adoption does not revive one.
  package var endedTargets = 1_024
  /// And for how long.
  package var endedMemory = TimeSpan.seconds(3_600)
  /// Working orders kept per account.
  package var workingOrders = 4_096
  /// Finished orders remembered per account, so that a late event does not revive one.
  package var finishedOrders = 512
  package var contracts = 256

  /// How long a request that changes the venue may stay unanswered.
  package var changeDeadline = TimeSpan.seconds(5)
  package var readDeadline = TimeSpan.seconds(3)
  /// The same as `changeDeadline` for what is no close.
  package var placementDeadline = TimeSpan.seconds(5)
  package var cancelDeadline = TimeSpan.seconds(5)
  package var modifyDeadline = TimeSpan.seconds(5)
  /// How long after its deadline a request without any answer is given up by the controller itself.
  package var deadlineGrace = TimeSpan.seconds(1)

  /// How long after an adoption the event that caused it may still arrive.
  package var causeWindow = TimeSpan.milliseconds(50)

  /// How long an accepted request is given to show its effect before it may be said again.
  package var confirmation = TimeSpan.seconds(2)
  /// How long a closing request with an unknown effect waits for the working orders, when they cannot
  /// be read, before the position alone decides.
  package var ordersPatience = TimeSpan.seconds(10)
  /// The distance of two reads that count as agreeing.
  package var agreement = TimeSpan.seconds(2)
  /// How long after its first request a target may be unproven before it counts as one that is not
  /// reached.
  package var verification = TimeSpan.seconds(5)
  /// Whether that is told. What is done does not depend on it.
  package var tellsUnverified = true
  /// The same after the last fill of a close that was filled in part.
  package var completion = TimeSpan.seconds(60)
  /// Whether a close that was filled in part has that time; otherwise it has `verification`.
  package var followsPartialFills = true
  /// The first pause between two passes of an unproven target; doubles up to the sweep.
  package var passPause = TimeSpan.milliseconds(250)
  package var sweep = TimeSpan.seconds(10)
  package var sweepWithoutEvaluator = TimeSpan.seconds(2)
  /// Sweeps stretch with the number of swept accounts, so that they leave room in the venue's
  /// window of 200 requests per minute (documented) for requests that act.
  package var sweepPerAccount = TimeSpan.seconds(1)
  /// Passes over an account after a start, until two reads agree, while no target stands there.
  package var settlingPasses = 5

  /// The pause before the list of accounts is read again because one is missing in it.
  package var accountListPause = TimeSpan.seconds(30)
  /// The shortest time between two changes of one stop.
  package var stopInterval = TimeSpan.seconds(1)
  package var marketClosedPause = TimeSpan.seconds(30)
  /// Failed passes before a human is told.
  package var failedPassesBeforeAlert = 3
  package var reentriesBeforeAlert = 5
  package var reentryWindow = TimeSpan.seconds(600)
  package var evaluatorGone = TimeSpan.seconds(30)

  package static let standard = EnforcementLimits()

  package init() {}

  func deadline(of request: EnforcementRequest) -> TimeSpan {
    switch request {
    case .readWorkingOrders, .readPositions, .readAccounts: readDeadline
    case .close, .partialClose: changeDeadline
    case .cancel: cancelDeadline
    case .modifySize, .modifyStop: modifyDeadline
    case .placeStop: placementDeadline
    }
  }

  /// The pause after the `failures`-th failure in a row: 0, 1, 2, 4, 8, 16, 30, 30 … seconds.
  func retryPause(afterFailures failures: Int) -> TimeSpan {
    switch failures {
    case ...0: .zero
    case 1...5: .seconds(1 << Int64(failures - 1))
    default: .seconds(30)
    }
  }
}

/// What the enforcer does by itself while nobody evaluates the rules.
package enum FailClosedPolicy: String, Sendable, CaseIterable {
  /// Nothing beyond the sizes that were last known.
  case noNewExposure = "no_new_exposure"
  case flatten
  case alert
}
