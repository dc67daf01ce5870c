import Enforcement
import EnforcerRole
import Logging
import PeerLink
import PeerProtocol
import ProcessControl
import RequestWindow
import RiskModel
import RiskRules
import Settings
import Store
import Supervision
import TokenStore
import VenueAPI
import VenueREST

/// The enforcer worker: the role on its reactor, with its own connections to the venue.
final class EnforcerProcess: WorkerDelegate {
  private let reactor: Reactor
  private let host: WorkerHost
  private let logger: Logger
  private var venue: VenueConnections?
  private var desk: EnforcementDesk?
  private var verdict: VerdictPort?
  private var timer: TimerOnReactor?
  private var role: EnforcerRole?
  private var reported: String??

  init(reactor: Reactor, host: WorkerHost, logger: Logger) {
    self.reactor = reactor
    self.host = host
    self.logger = logger
  }

  func start(settings text: String) {
    do {
      try start(WorkerBriefing.decode(text))
    } catch {
      logger.critical("The enforcer cannot start", metadata: ["problem": "\(error)"])
      host.leave(.configurationUnusable)
    }
  }

  private func start(_ briefing: WorkerBriefing) throws {
    guard let credentials = briefing.credentials else { throw BriefingError.credentialsMissing }
    let settings = briefing.settings
    let venue = try VenueConnections(
      settings.venue, authorityFile: settings.venue.caFilePath.map(briefing.path),
      warmConnections: 4, reactor: reactor)
    let names = settings.enabledAccounts.map { ($0.id, $0.platformName) }
    let pace = EnforcementPace(
      venue: venue, window: RequestWindow.shared(briefing, logger), reactor: reactor)
    let session = EnforcementSession(
      store: SessionToken(TokenStore(briefing, credentials), logger: logger), pace: pace,
      reactor: reactor,
      key: SignInKey(
        userName: credentials.userName.revealed, apiKey: credentials.apiKey.revealed),
      timing: EnforcementSession.timing(settings.venue.token), logger: logger)
    let desk = EnforcementDesk(
      pace: pace, session: session, reactor: reactor,
      accountNames: Dictionary(names, uniquingKeysWith: { first, _ in first }))
    let verdict = VerdictPort(
      WorkerLink(
        .verdict, producerEpoch: reactor.clock.now().nanosSinceEpoch, committed: nil,
        reactor: reactor, host: host, logger: logger))
    let timer = TimerOnReactor(reactor)
    let role = EnforcerRole(
      venue: desk, link: verdict, timer: timer, clock: reactor.clock, logger: logger,
      fallback: DatabaseTargets(
        path: briefing.path(settings.database.path),
        accounts: settings.enabledAccounts.map(\.id), clock: reactor.clock),
      settings: EnforcerSettings(
        failClosed: Self.policy(settings), limits: EnforcementLimits(settings.orders)))
    desk.role = role
    desk.flush = { [weak self] in self?.afterTurn() }
    verdict.role = role
    verdict.afterTurn = { [weak self] in self?.afterTurn() }
    verdict.snapshotCame = { [weak desk] in desk?.learn($0.account) }
    timer.fired = { [weak self] in
      self?.role?.timerFired()
      self?.afterTurn()
    }
    self.venue = venue
    self.desk = desk
    self.verdict = verdict
    self.timer = timer
    self.role = role
    desk.start()
    role.start()
    // Its job needs no neighbour: targets come when the evaluator does, or from the database.
    host.reportReady()
    afterTurn()
  }

  /// The strictest policy of the accounts, for what the enforcer decides by itself.
  private static func policy(_ settings: RiskdSettings) -> FailClosedPolicy {
    let actions = settings.enabledAccounts.map(\.rules.failClosed)
    if actions.contains(.flatten) { return .flatten }
    return actions.contains(.noNewExposure) ? .noNewExposure : .alert
  }

  private func afterTurn() {
    verdict?.flush()
    let degradation = desk?.trouble ?? role?.degradation
    if reported != .some(degradation) {
      reported = .some(degradation)
      host.reportDegraded(degradation)
    }
    if let done = drained, role?.isDrained == true {
      drained = nil
      venue?.close()
      done()
    }
  }

  private var drained: (() -> Void)?

  func attach(
    link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor
  ) {
    guard link == .verdict else { return }
    verdict?.link.attach(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
  }

  func stop(done: @escaping () -> Void) {
    guard let role else { return done() }
    role.stop()
    drained = done
    afterTurn()
  }

  func orphaned() {
    role?.orphaned()
    drained = { [weak self] in self?.host.leave(.orphaned) }
    afterTurn()
  }

  func progress() -> RoleProgress {
    RoleProgress(
      inputs: role?.inputs ?? 0, outputs: role?.outputs ?? 0,
      figures: (role?.figures ?? [:]).merging(venue?.figures ?? [:]) { first, _ in first },
      canary: (role?.canary).map { canary in
        CanarySighting(
          number: canary.number, microseconds: canary.latency.nanos / 1_000, count: canary.count)
      })
  }
}

extension EnforcerProcess: LatencyTelling {
  var latencies: [String: LatencyCounts] { venue.map { ["api": $0.answerTimes] } ?? [:] }
}

/// The verdict link as the enforcer's role sees it.
final class VerdictPort: VerdictLink, WorkerLinkDelegate {
  typealias Outgoing = VerdictReport

  let link: WorkerLink<VerdictReport, VerdictMessage>
  weak var role: EnforcerRole?
  var afterTurn: () -> Void = {}
  var snapshotCame: (AccountSnapshot) -> Void = { _ in }
  private var isUp = false

  init(_ link: WorkerLink<VerdictReport, VerdictMessage>) {
    self.link = link
    link.delegate = self
  }

  func send(_ report: VerdictReport) {
    // A full backlog is given up: what stands is proven and reported again.
    if !link.send(report) { link.sendSnapshot([]) }
  }

  func flush() { link.flush() }

  func received(_ message: VerdictMessage, at position: StreamPosition) {
    if case .snapshot(let snapshot) = message { snapshotCame(snapshot) }
    role?.received(message)
    link.commit(through: position)
    afterTurn()
  }

  func skipped(at position: StreamPosition) {
    role?.missed()
    link.commit(through: position)
    afterTurn()
  }

  /// The enforcer remembers nothing that the evaluator would have to be told first.
  func snapshotNeeded() {
    link.sendSnapshot([])
  }

  func linkChanged(_ state: LinkState) {
    let isUp = state == .live || state == .congested
    guard isUp != self.isUp else { return }
    self.isUp = isUp
    role?.linkChanged(isUp: isUp)
    afterTurn()
  }
}

final class TimerOnReactor: EnforcerTimer {
  var fired: () -> Void = {}
  private let reactor: Reactor
  private var token: TimerToken?

  init(_ reactor: Reactor) {
    self.reactor = reactor
  }

  func wake(at moment: MonotonicInstant) {
    if let token { reactor.cancel(token) }
    token = reactor.schedule(at: moment) { [weak self] in
      self?.token = nil
      self?.fired()
    }
  }
}

/// The open targets as the evaluator's database has them, while the evaluator is down.
final class DatabaseTargets: OpenTargetsReader {
  private let path: String
  private let accounts: [AccountID]
  private let clock: any Clock

  init(path: String, accounts: [AccountID], clock: any Clock) {
    self.path = path
    self.accounts = accounts
    self.clock = clock
  }

  func openTargets() throws -> OpenTargets {
    let store = try Store.open(
      path: path, readOnly: true, inspection: .none, now: clock.now())
    let targets = try store.openTargets()
    let newest = targets.map(\.id.inputOrdinal).max() ?? 0
    // An account that was taken out of the configuration is still bound by what it carries.
    let bound = Set(accounts).union(targets.map(\.account)).sorted()
    let result = OpenTargets(revision: newest * 1_000, accounts: bound, targets: targets)
    try store.close()
    return result
  }
}

extension EnforcementLimits {
  /// What the configuration says about following what was sent. How it is decided that something may
  /// be sent again is not a matter of configuration.
  init(_ orders: OrderSettings) {
    self.init()
    tellsUnverified = orders.verifies
    verification = orders.verificationTimeout
    endedMemory = orders.idempotencyLifetime
    followsPartialFills = orders.tracksPartialFills
    completion = orders.partialFillTimeout
    passPause = orders.verificationInterval ?? passPause
    failedPassesBeforeAlert =
      orders.verificationRetries.map { max(1, Int($0)) } ?? failedPassesBeforeAlert
    placementDeadline = orders.timeouts.placement ?? placementDeadline
    cancelDeadline = orders.timeouts.cancellation ?? cancelDeadline
    modifyDeadline = orders.timeouts.modification ?? modifyDeadline
  }
}
