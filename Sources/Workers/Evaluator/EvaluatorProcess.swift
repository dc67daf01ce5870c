import EvaluatorRole
import Logging
import PeerLink
import PeerProtocol
import ProcessControl
import RiskModel
import RiskRules
import Settings
import Store
import Supervision

/// The evaluator worker: the role on its reactor, with the database, both links and the supervisor.
final class EvaluatorProcess: WorkerDelegate {
  private static let tickInterval = TimeSpan.seconds(1)
  /// Without an input for this long the log is moved into the database file.
  private static let idleTime = TimeSpan.seconds(5)

  private let reactor: Reactor
  private let host: WorkerHost
  private let logger: Logger
  private var store: Store?
  private var role: EvaluatorRole?
  private var feed: EvaluatorPort<FeedRequest, FeedMessage>?
  private var verdict: EvaluatorPort<VerdictMessage, VerdictReport>?
  private var isReady = false
  private var inputsAtLastTick: Int64 = 0
  private var idleSince: MonotonicInstant?
  private var deadline: (at: Instant, token: TimerToken)?

  init(reactor: Reactor, host: WorkerHost, logger: Logger) {
    self.reactor = reactor
    self.host = host
    self.logger = logger
  }

  func start(settings text: String) {
    do {
      try start(WorkerBriefing.decode(text))
    } catch let error as StoreError {
      logger.critical("The database cannot be used", metadata: ["problem": "\(error)"])
      host.leave(.internalFailure)
    } catch {
      logger.critical("The evaluator cannot start", metadata: ["problem": "\(error)"])
      host.leave(.internalFailure)
    }
  }

  private func start(_ briefing: WorkerBriefing) throws {
    let clock = reactor.clock
    let path = briefing.path(briefing.settings.database.path)
    // Nobody else writes. A stranger's lock must not look like a hang, and looking through a large
    // file must not delay a restart.
    let store = try Store.open(
      path: path, inspection: .none,
      busyTimeout: min(.seconds(1), briefing.settings.database.busyTimeout), now: clock.now())
    self.store = store
    let ballast = DiskBallast(path: path + ".ballast")
    do {
      try ballast.create()
    } catch {
      logger.warning("No ballast on the disk", metadata: ["problem": "\(error)"])
    }
    let recovery = try EngineRecovery(store, logger: logger)
    logger.notice(
      "State restored",
      metadata: [
        "ordinal": "\(recovery.engine.state.ordinal)", "replayed": "\(recovery.replayed)",
        "targets": "\(recovery.engine.state.targets.count)",
      ])
    let epoch = clock.now().nanosSinceEpoch
    let feed = EvaluatorPort<FeedRequest, FeedMessage>(
      WorkerLink(
        .feed, producerEpoch: epoch, committed: recovery.feed, reactor: reactor, host: host,
        logger: logger))
    let verdict = EvaluatorPort<VerdictMessage, VerdictReport>(
      WorkerLink(
        .verdict, producerEpoch: epoch, committed: recovery.verdict, reactor: reactor,
        host: host, logger: logger))
    let rules = briefing.settings.rules
    let enabled = Set(briefing.settings.enabledAccounts.map(\.id))
    let role = EvaluatorRole(
      engine: recovery.engine, configuration: rules.filter { enabled.contains($0.key) },
      settings: EvaluatorRole.Settings(),
      journal: StoreJournal(store, ballast: ballast, logger: logger), gateway: feed,
      enforcer: verdict, host: self, clock: clock, logger: logger)
    connect(role, feed, verdict)
    self.role = role
    self.feed = feed
    self.verdict = verdict
    tickLater()
  }

  private func connect(
    _ role: EvaluatorRole, _ feed: EvaluatorPort<FeedRequest, FeedMessage>,
    _ verdict: EvaluatorPort<VerdictMessage, VerdictReport>
  ) {
    feed.received = { [weak role] in role?.received($0, at: $1) }
    feed.skipped = { [weak role] in role?.skippedFeed(at: $0) }
    feed.everything = { [weak role] in role?.gatewayNeedsEverything() ?? [] }
    feed.changed = { [weak self] in self?.linksChanged() }
    verdict.received = { [weak role] in role?.received($0, at: $1) }
    verdict.skipped = { [weak role] in role?.skippedReport(at: $0) }
    verdict.everything = { [weak role] in role?.enforcerNeedsEverything() ?? [] }
    verdict.changed = { [weak self] in self?.linksChanged() }
  }

  /// Ready once the enforcer can be told: the gateway comes after the evaluator.
  private func linksChanged() {
    guard !isReady, verdict?.isLive == true else { return }
    isReady = true
    host.reportReady()
  }

  private func tickLater() {
    reactor.schedule(after: Self.tickInterval) { [weak self] in
      guard let self, let role = self.role else { return }
      role.tick()
      self.moveLogWhenIdle(role)
      self.tickLater()
    }
  }

  private func moveLogWhenIdle(_ role: EvaluatorRole) {
    let inputs = role.figures.inputs
    let now = reactor.clock.monotonicNow()
    defer { inputsAtLastTick = inputs }
    guard inputs == inputsAtLastTick else {
      idleSince = now
      return
    }
    guard let since = idleSince, now - since >= Self.idleTime else { return }
    idleSince = nil
    do {
      try store?.moveLogIntoDatabase()
    } catch {
      logger.warning("The database log was not moved", metadata: ["problem": "\(error)"])
    }
  }

  func attach(
    link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor
  ) {
    switch link {
    case .feed: feed?.link.attach(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
    case .verdict: verdict?.link.attach(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
    }
  }

  func stop(done: @escaping () -> Void) {
    role?.stop()
    closeStore()
    done()
  }

  func orphaned() {
    role?.stop()
    closeStore()
    host.leave(.orphaned)
  }

  private func closeStore() {
    do {
      try store?.flushToDisk()
      try store?.close()
    } catch {
      logger.error("The database was not closed in order", metadata: ["problem": "\(error)"])
    }
    store = nil
    role = nil
  }

  func progress() -> RoleProgress {
    guard let role else { return RoleProgress() }
    let figures = role.figures
    return RoleProgress(
      inputs: figures.inputs, outputs: figures.outputs,
      figures: [
        "ordinal": role.engineState.ordinal,
        "openTargets": Int64(role.engineState.targets.count),
        "breaches": figures.breaches, "proofs": figures.proofs,
        "reentries": figures.reentries, "unjournalled": figures.unjournalled,
        "commitMicroseconds": figures.lastCommit.nanos / 1_000,
        "canaryMicroseconds": figures.canaryTrip.nanos / 1_000,
        "foreignEvents": role.engineState.foreignEvents,
      ])
  }
}

extension EvaluatorProcess: EvaluatorHost {
  func requestTurn() {
    reactor.enqueue { [weak self] in
      self?.role?.turn()
      self?.scheduleDeadline()
    }
  }

  func reportDegraded(_ reason: String?) {
    host.reportDegraded(reason)
  }

  /// The engine may wait for a moment that comes before the next tick.
  private func scheduleDeadline() {
    guard let next = role?.nextDeadline else {
      if let deadline { reactor.cancel(deadline.token) }
      deadline = nil
      return
    }
    guard next != deadline?.at else { return }
    if let deadline { reactor.cancel(deadline.token) }
    let wait = max(.zero, next - reactor.clock.now())
    let token = reactor.schedule(after: wait) { [weak self] in
      self?.deadline = nil
      self?.role?.tick()
    }
    deadline = (next, token)
  }
}

/// A link of the evaluator, as the role sees it.
final class EvaluatorPort<Outgoing: Codable & Sendable, Incoming: Codable & Sendable>:
  EvaluatorLink, WorkerLinkDelegate
{
  let link: WorkerLink<Outgoing, Incoming>
  var received: (Incoming, StreamPosition) -> Void = { _, _ in }
  var skipped: (StreamPosition) -> Void = { _ in }
  var everything: () -> [Outgoing] = { [] }
  var changed: () -> Void = {}

  init(_ link: WorkerLink<Outgoing, Incoming>) {
    self.link = link
    link.delegate = self
  }

  var isLive: Bool { link.state == .live || link.state == .congested }

  func send(_ message: Outgoing) {
    // A refused message is part of the whole that replaces it.
    if !link.send(message) { link.sendSnapshot(everything()) }
  }

  func commit(through position: StreamPosition) { link.commit(through: position) }
  func flush() { link.flush() }

  func received(_ message: Incoming, at position: StreamPosition) { received(message, position) }
  func skipped(at position: StreamPosition) { skipped(position) }
  func snapshotNeeded() { link.sendSnapshot(everything()) }
  func linkChanged(_ state: LinkState) { changed() }
}
