package import RiskModel

/// Makes the venue match the targets that stand, and proves that it does.
///
/// A value that is told what happened and answers what to do; it keeps nothing on disk. It is not a
/// list of commands: after every input it compares what the targets ask with what is known of the
/// accounts and asks for whatever is still missing. The same inputs give the same actions.
///
/// Promises: no request increases exposure: a protective stop, never larger than the position, is
/// the only order that it places. An order that reduces exposure is cancelled only when
/// the close of its contract is on its way. A request that changes the venue is repeated only after
/// a look. Accounts that are not in the list that it read itself, or that it was not told to
/// protect, are left alone.
package struct EnforcementController: Sendable {
  let limits: EnforcementLimits
  let policy: FailClosedPolicy
  var safeguards = Safeguards.all

  /// The place of the present input.
  var ordinal: Ordinal = 0
  var now: MonotonicInstant
  var actions: [EnforcementAction] = []

  var targets = TargetTable()
  /// When targets ended.
  var ended: RecentMap<TargetID, MonotonicInstant>
  var revision: Int64?
  /// The targets come from the database, so the evaluator's first set replaces them whatever its
  /// revision.
  var isProvisional = false

  var evaluator: EvaluatorPresence
  var accountList = AccountList()
  /// The accounts that we were told to protect, in order; `nil` until told.
  var protected: [AccountID]? {
    didSet { protectedAccounts = Set(protected ?? []) }
  }
  private(set) var protectedAccounts: Set<AccountID> = []
  var accounts = AccountTable()

  var inFlight = SortedMap<RequestID, RequestInFlight>()
  var lastRequest = RequestID(0)
  var scheduledAt: MonotonicInstant?
  var isDraining = false
  /// What the evaluator says of the accounts until it says what stands is what it remembers.
  var isReminded = false

  package internal(set) var figures = EnforcementFigures()

  /// `civilTime` is the wall clock at `now`.
  package init(
    limits: EnforcementLimits = .standard, policy: FailClosedPolicy = .noNewExposure,
    civilTime: Instant, at now: MonotonicInstant
  ) {
    self.limits = limits
    self.policy = policy
    self.now = now
    ended = RecentMap(limit: limits.endedTargets)
    evaluator = EvaluatorPresence(goneSince: now, civilTime: civilTime)
  }

  /// Requests without an answer.
  package var requestsInFlight: Int { inFlight.count }
  package var openTargets: Int { targets.count }
  /// The revision of the targets that are acted on.
  package var adoptedRevision: Int64? { revision }

  /// A venue event other than a quote, as the evaluator passed it on.
  package mutating func venueEvent(
    _ event: VenueEvent, at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      controller.evaluatorSpoke()
      controller.apply(event)
    }
  }

  package mutating func snapshot(
    _ snapshot: AccountSnapshot, at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      controller.evaluatorSpoke()
      controller.apply(snapshot)
    }
  }

  /// The answer to a request. `sentAt` is the wall clock when it was handed to the venue.
  package mutating func requestAnswered(
    _ id: RequestID, _ outcome: RequestOutcome, sentAt: Instant, at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      guard let request = controller.inFlight[id] else {
        controller.figures.lateAnswers += 1
        return
      }
      controller.inFlight[id] = nil
      controller.answer(request, outcome, sentAt: sentAt)
    }
  }

  package mutating func tick(at moment: MonotonicInstant) -> [EnforcementAction] {
    handle(at: moment) { _ in }
  }

  /// Whether the link to the evaluator works; every start begins without it.
  package mutating func evaluatorLink(
    isUp: Bool, civilTime: Instant, at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      controller.evaluatorLinkChanged(isUp: isUp, civilTime: civilTime)
    }
  }

  /// Sends nothing new from now on; answers are still taken.
  package mutating func drain() {
    isDraining = true
  }

  mutating func handle(
    at moment: MonotonicInstant, _ change: (inout EnforcementController) -> Void
  ) -> [EnforcementAction] {
    now = max(now, moment)
    ordinal += 1
    actions = []
    change(&self)
    giveUpOverdueRequests()
    failClosedIfEvaluatorIsGone()
    tellUnverified()
    plan()
    let result = actions
    actions = []
    return result
  }
}

/// A request without an answer.
struct RequestInFlight: Sendable {
  var id: RequestID
  var request: EnforcementRequest
  var contract: ContractID?
  var heldSize: Int64
  var target: Target?
  var stamps: [PassStamp]
  var causeReadAt: MonotonicInstant?
  var sentAs: Ordinal
  var sentAt: MonotonicInstant
  var deadline: MonotonicInstant
}

/// Whether somebody evaluates the rules.
struct EvaluatorPresence: Sendable {
  var isUp = false
  /// It said something since the link came up.
  var isHeard = false
  var goneSince: MonotonicInstant
  var civilTime: Instant
  var isAlerted = false

  init(goneSince: MonotonicInstant, civilTime: Instant) {
    self.goneSince = goneSince
    self.civilTime = civilTime
  }
}

/// The accounts that the venue shows, read by the enforcer itself.
struct AccountList: Sendable {
  private(set) var accounts: Set<AccountID>?
  private(set) var failures = 0
  var isInFlight = false
  /// `nil` is "not needed now".
  var readAt: MonotonicInstant?

  func contains(_ account: AccountID) -> Bool { accounts?.contains(account) ?? false }

  mutating func read(_ list: [AccountID]) {
    accounts = Set(list)
    failures = 0
    readAt = nil
  }

  mutating func failed(at now: MonotonicInstant, limits: EnforcementLimits) {
    failures += 1
    readAt = now + limits.retryPause(afterFailures: failures)
  }
}
