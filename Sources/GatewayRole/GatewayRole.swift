package import Logging
import PeerProtocol
import RiskModel
import VenueAPI

/// The venue session: token, hubs, snapshots and what they tell, as messages for the evaluator.
///
/// One object on one thread. It is told what happens outside and answers through its ports; all
/// its waiting is one timer. It only reads at the venue.
package final class GatewayRole {
  let settings: GatewaySettings
  let ports: GatewayPorts
  let logger: Logger

  var token: TokenKeeper
  var lane: RequestLane
  var userHub: HubLine
  var marketHub: HubLine
  var desks: [AccountID: AccountDesk]
  /// The configured accounts, in the order of the configuration.
  let accounts: [AccountID]
  var contracts = ContractDirectory()
  /// Events that wait for the data of their contract, in order of arrival.
  var heldEvents: [ContractID: [RecordedEvent]] = [:]
  var quotes = QuoteBook()
  var silence = SilenceWatch()
  var wishes: QuoteWishes
  /// The evaluator's own list.
  var watchList: Set<ContractID> = []
  var queries: [QueryID: PendingQuery] = [:]
  var time: VenueTimekeeper
  var breakers: [RequestClass: CircuitBreaker]
  /// Until when the window of requests is known to have no place, for what is routine or for all.
  var windowClosure: WindowClosure?
  /// Who waits for which list of the venue's accounts.
  var accountLists: [Int64: [AccountListReader]] = [:]
  var lastAccountListNumber: Int64 = 0
  var memory = VenueMemory()
  /// When the gateway began to wait for the right to ask for a new token.
  var refreshWantedSince: MonotonicInstant?
  var moments = Moments()
  /// Accounts whose reads wait for room.
  var readLine = ReadLine()
  /// Accounts of which the evaluator says that something is held, works or is to be enforced there.
  var exposedAccounts: Set<AccountID> = []
  /// The memory has something that is not kept yet.
  var isMemoryChanged = false
  var counts = GatewayFigures()
  var status = GatewayStatus.starting
  var statusWatch = StatusWatch()
  var payloadThrottle = LogThrottle()

  /// Whether there ever was a reader. Before that nothing is told: the first link gets everything.
  var hasReader = false
  var isCatalogueHere = false
  /// Attempts in a row that brought no catalogue, and no list of accounts.
  var catalogueFailures = 0
  var accountListFailures = 0
  var isInitialReadComplete = false
  var isStartupOver = false
  var isStopped = false
  var lastReadNumber: Int64 = 0
  var lastInvocationNumber: Int64 = 0
  var lastCanaryNumber: Int64 = 0
  private var isSettling = false
  private var timer: GatewayTimer?
  private var armedAt: MonotonicInstant?

  package init(settings: GatewaySettings, ports: GatewayPorts, logger: Logger) {
    precondition(!settings.accounts.isEmpty, "Condition failed: at least one account is configured")
    self.settings = settings
    self.ports = ports
    self.logger = logger
    token = TokenKeeper(timing: settings.token)
    time = VenueTimekeeper(rate: settings.clockRate)
    lane = RequestLane(timing: settings.requests)
    breakers = Dictionary(
      uniqueKeysWithValues: RequestClass.allCases.map { ($0, CircuitBreaker(settings.breaker)) })
    userHub = HubLine(settings.reconnection)
    marketHub = HubLine(settings.reconnection)
    wishes = QuoteWishes(linger: settings.quoteLinger)
    var order: [AccountID] = []
    var desks: [AccountID: AccountDesk] = [:]
    for configured in settings.accounts {
      if let known = desks[configured.id] {
        guard known.configured != configured else { continue }
        desks[configured.id] = AccountDesk(known.configured, isContradictory: true)
      } else {
        order.append(configured.id)
        desks[configured.id] = AccountDesk(configured)
      }
    }
    accounts = order
    self.desks = desks
  }

  /// Signs in and connects. The reader is told everything when its link opens.
  package func start() {
    turn {
      let now = self.now
      userHub.want(.subscribeAccounts)
      moments.set(.tick, at: now + settings.tickInterval)
      moments.set(.canary, at: now + settings.canaryInterval)
      moments.set(.startup, at: now + settings.startupTimeout)
      moments.set(.poll, at: now + pollInterval)
      moments.set(.check, at: now + settings.reads.checkInterval)
      if settings.reads.isPeriodic { moments.set(.full, at: now + settings.reads.fullInterval) }
      if settings.isMarketHubEnabled, settings.watchesSilence {
        moments.set(.silence, at: now + settings.silence.interval)
      }
      for account in accounts { alarmIfContradictory(account) }
      remember()
      perform(token.start(stored: ports.tokens.load(), now: ports.clock.now()))
    }
  }

  /// Ends both connections and all waiting; nothing is sent any more.
  package func stop() {
    guard !isStopped else { return }
    isStopped = true
    for hub in Hub.allCases {
      dropSuccessor(hub)
      guard self[hub].isPresent(self[hub].generation) else { continue }
      ports.hubs.close(hub, generation: self[hub].generation)
      logger.info("SignalR Manager: \(hub.title) is closed (onclose): the gateway stops")
    }
    if let timer { ports.timers.cancel(timer) }
    timer = nil
    ports.tokens.endRefresh()
  }

  /// The figures of the role, by name, for status screens.
  package var figures: [String: Int64] {
    var figures = counts.byName
    figures["accountsKnown"] = Int64(desks.values.count { $0.isProtected })
    figures["accountsWaiting"] = Int64(readLine.count)
    figures["accountsInDoubt"] = Int64(desks.values.filter { $0.doubt != nil }.count)
    figures["requestsInFlight"] = Int64(lane.inFlightCount)
    figures["requestsWaiting"] = Int64(lane.waitingCount)
    figures["openBreakers"] = Int64(breakers.values.count { $0.isOpen })
    figures["userHubUp"] = self[.user].isDelivering ? 1 : 0
    if hubs.contains(.market) { figures["marketHubUp"] = self[.market].isDelivering ? 1 : 0 }
    if let end = token.expiresAt, token.current != nil {
      figures["tokenSecondsLeft"] = (end - ports.clock.now()).nanos / Instant.nanosPerSecond
    } else if token.revision > 0 || isStartupOver {
      // A figure that is not told keeps its last value with who listens.
      figures["tokenSecondsLeft"] = 0
    }
    return figures
  }

  var now: MonotonicInstant { ports.clock.monotonicNow() }

  subscript(hub: Hub) -> HubLine {
    get { hub == .user ? userHub : marketHub }
    set {
      switch hub {
      case .user: userHub = newValue
      case .market: marketHub = newValue
      }
    }
  }

  /// Every input runs in a turn: the input itself, then all that it made possible. Events of the
  /// hubs are the frequent ones and leave the status to the next turn.
  func turn(isEvent: Bool = false, _ work: () -> Void) {
    guard !isStopped else { return }
    work()
    guard !isSettling else { return }
    isSettling = true
    while startNextRead() || sendNextRequest() || sendNextSubscription() {}
    isSettling = false
    keepMemory()
    if !isEvent { refreshStatus() }
    rearm()
  }

  private func rearm() {
    guard moments.earliest != armedAt, !isStopped else { return }
    if let timer { ports.timers.cancel(timer) }
    timer = nil
    armedAt = moments.earliest
    if let armedAt {
      timer = ports.timers.schedule(at: armedAt) { [weak self] in self?.timerFired() }
    }
  }

  private func timerFired() {
    timer = nil
    armedAt = nil
    turn {
      let now = self.now
      while let moment = moments.popDue(now) { came(moment) }
    }
  }

  private func came(_ moment: Moment) {
    switch moment {
    case .tokenRenewal: perform(token.renewalDue())
    case .tokenRetry: perform(token.retryDue())
    case .tokenLock: askForNewToken()
    case .laneResume: lane.resume()
    case .accountCheck: checkAccounts()
    case .catalogue: fetchCatalogue()
    case .hubOpening(let hub): hubFailed(hub, reason: "it did not open in time")
    case .hubRetry(let hub): openHub(hub)
    case .subscriptions(let hub): subscriptionsDue(hub)
    case .rotation(let hub): rotationDue(hub)
    case .silence: lookForSilence()
    case .read(let account): startRead(account)
    case .readAgain(let account): readAgain(account)
    case .patience(let account): patienceOver(account)
    case .doubt(let account): doubtOverdue(account)
    case .poll: poll()
    case .check: check()
    case .full: readEverything()
    case .contractWait(let contract): contractOverdue(contract)
    case .contractRetry(let contract): fetchContract(contract)
    case .query(let id): queryOverdue(id)
    case .tick: tick()
    case .canary: sendCanary()
    case .startup: startupOver()
    }
  }
}
