import AuditLog
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
import Telemetry

/// The evaluator worker: the role on its reactor, with the database, both links and the supervisor.
final class EvaluatorProcess: WorkerDelegate {
  private static let tickInterval = TimeSpan.seconds(1)
  /// The database has this part of what caches may take: 256 KiB of the shipped 16 MiB. A breach
  /// changes 12 pages of 4 KiB and what it reads is at the end of its tables; a larger cache fills
  /// with rows of the journal that nobody reads again, for hours at the pace of a quiet market.
  private static let databaseShare: Int64 = 64
  /// The records of a stop are waited for this long.
  private static let auditPatience = TimeSpan.milliseconds(300)

  /// A transport that came before there was a link to use it.
  private struct Transport {
    var epoch: Int64
    var readEnd: Descriptor
    var writeEnd: Descriptor
  }

  private let reactor: Reactor
  private let host: WorkerHost
  private let logger: Logger
  private let publisher: TraderPublisher?
  private var store: Store?
  private var role: EvaluatorRole?
  private var feed: EvaluatorPort<FeedRequest, FeedMessage>?
  private var verdict: EvaluatorPort<VerdictMessage, VerdictReport>?
  private var isReady = false
  private var waiting: [LinkName: Transport] = [:]
  private var unavailable: StoreError?
  private var bookkeeping: Bookkeeping?
  private var recorder: AuditRecorder?
  private var audit: AuditDesk?
  private var deadline: (at: Instant, token: TimerToken)?

  /// `outlet` leads to the monitor; `nil` where nobody looks.
  init(reactor: Reactor, host: WorkerHost, logger: Logger, outlet: TelemetryOutlet? = nil) {
    self.reactor = reactor
    self.host = host
    self.logger = logger
    publisher = outlet.map { TraderPublisher(outlet: $0, reactor: reactor) }
  }

  func start(settings text: String) {
    perform { try open(WorkerBriefing.decode(text)) }
  }

  private func perform(_ body: () throws -> Void) {
    do {
      try body()
    } catch let error as StoreError {
      logger.critical("The database cannot be used", metadata: ["problem": "\(error)"])
      switch error {
      case .newerSchema, .olderSchema: host.leave(.configurationUnusable)
      default: host.leave(.internalFailure)
      }
    } catch {
      logger.critical("The evaluator cannot start", metadata: ["problem": "\(error)"])
      host.leave(.internalFailure)
    }
  }

  /// Opens the database, or tries again later: a disk or a permission that is in the way must not
  /// become a crash loop, and the enforcer keeps going meanwhile.
  private func open(_ briefing: WorkerBriefing) throws {
    let database = briefing.settings.database
    // Nobody else writes: a stranger's lock must not look like a hang.
    let opening = DatabaseOpening(
      path: briefing.path(database.path),
      backups: BackupFolder(path: briefing.path(database.backup.directory)),
      busyTimeout: min(.seconds(1), database.busyTimeout),
      syncsEveryCommit: database.synchronous == .full,
      cacheBytes: briefing.settings.cacheBytes / Self.databaseShare, clock: reactor.clock,
      logger: logger)
    switch try opening.open() {
    case .open(let store, let recovery, let loss):
      if unavailable != nil {
        unavailable = nil
        logger.notice("The database can be used again")
        host.reportDegraded(nil)
      }
      try begin(briefing, store, recovery, loss)
    case .unavailable(let error):
      wait(because: error)
      reactor.schedule(after: Self.tickInterval) { [weak self] in
        self?.perform { try self?.open(briefing) }
      }
    }
  }

  private func wait(because error: StoreError) {
    guard unavailable != error else { return }
    unavailable = error
    logger.critical(
      "The database cannot be opened; it is tried again", metadata: ["problem": "\(error)"])
    host.reportDegraded("nothing is evaluated: \(error)")
    // To be started again would change nothing.
    guard !isReady else { return }
    isReady = true
    host.reportReady()
  }

  private func begin(
    _ briefing: WorkerBriefing, _ store: Store, _ recovery: EngineRecovery, _ loss: String?
  ) throws {
    let clock = reactor.clock
    self.store = store
    let ballast = DiskBallast(path: store.path + ".ballast")
    do {
      try ballast.create()
    } catch {
      logger.warning("No ballast on the disk", metadata: ["problem": "\(error)"])
    }
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
        logger: logger), clock: clock)
    let verdict = EvaluatorPort<VerdictMessage, VerdictReport>(
      WorkerLink(
        .verdict, producerEpoch: epoch, committed: recovery.verdict, reactor: reactor,
        host: host, logger: logger), clock: clock)
    let journal = StoreJournal(
      store, ballast: ballast, logger: logger, inbox: reactor.inbox, owed: recovery.owed)
    let audit = try keepBooks(briefing, store, recovery, loss, journal)
    let rules = briefing.settings.rules
    let enabled = Set(briefing.settings.enabledAccounts.map(\.id))
    var settings = EvaluatorRole.Settings()
    settings.lossOfRecord = loss
    let role = EvaluatorRole(
      engine: recovery.engine, configuration: rules.filter { enabled.contains($0.key) },
      settings: settings, journal: journal, gateway: feed, enforcer: verdict, host: self,
      clock: clock, logger: logger, audit: audit)
    connect(role, feed, verdict)
    self.role = role
    self.feed = feed
    self.verdict = verdict
    for (link, transport) in waiting { use(transport, for: link) }
    waiting = [:]
    tickLater()
  }

  private func keepBooks(
    _ briefing: WorkerBriefing, _ store: Store, _ recovery: EngineRecovery, _ loss: String?,
    _ journal: StoreJournal
  ) throws -> AuditDesk {
    let logger = self.logger
    let log = AuditLog(path: briefing.path(AuditLog.standardName))
    let recorder = AuditRecorder(log, who: "evaluator") { figures in
      if let problem = figures.problem {
        logger.critical(
          "The audit log cannot be written; what is lost is counted",
          metadata: ["problem": "\(problem)"])
      } else {
        logger.notice(
          "The audit log can be written again", metadata: ["lost": "\(figures.lost)"])
      }
    }
    let audit = AuditDesk(recorder, standing: recovery.engine.state.targets.mapValues(\.target))
    if let loss { audit.record("record.lost", ["reason": loss], at: reactor.clock.now()) }
    if !recovery.differences.isEmpty {
      audit.record("record.differed", recovery.differences.texts, at: reactor.clock.now())
    }
    audit.record(
      "evaluator.started",
      [
        "release": RiskdVersion.release, "ordinal": "\(recovery.engine.state.ordinal)",
        "targets": "\(recovery.engine.state.targets.count)",
      ], at: reactor.clock.now())
    let database = briefing.settings.database
    let books = try Bookkeeping(
      store, settings: database,
      backups: BackupFolder(path: briefing.path(database.backup.directory)), recorder: recorder,
      lossStands: loss != nil, reactor: reactor, logger: logger)
    journal.committed = { [weak books] in books?.committed($0) }
    journal.disagreed = { [weak audit, clock = reactor.clock] disagreements in
      let text = disagreements.map(\.description).joined(separator: "; ")
      audit?.record("record.differed", ["targets": text], at: clock.now())
    }
    bookkeeping = books
    self.recorder = recorder
    self.audit = audit
    return audit
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
      self.bookkeeping?.tick(role)
      self.publisher?.changed(role)
      self.tickLater()
    }
  }

  func attach(
    link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor
  ) {
    let transport = Transport(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
    if role == nil {
      waiting[link]?.readEnd.close()
      waiting[link]?.writeEnd.close()
      waiting[link] = transport
      // Taken, though not read yet: the supervisor must not count the wait as a hang.
      host.reportLinkReplaced(link, epoch: epoch)
    } else {
      use(transport, for: link)
    }
  }

  private func use(_ new: Transport, for link: LinkName) {
    let (epoch, readEnd, writeEnd) = (new.epoch, new.readEnd, new.writeEnd)
    switch link {
    case .feed: feed?.link.attach(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
    case .verdict: verdict?.link.attach(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
    }
  }

  func stop(done: @escaping () -> Void) {
    finish()
    done()
  }

  func orphaned() {
    finish()
    host.leave(.orphaned)
  }

  private func finish() {
    role?.stop()
    audit?.record("evaluator.stopped", [:], at: reactor.clock.now())
    recorder?.finish(within: Self.auditPatience)
    if let role { bookkeeping?.finish(role) }
    bookkeeping = nil
    do {
      try store?.flushToDisk()
      try store?.close()
    } catch {
      logger.error("The database was not closed in order", metadata: ["problem": "\(error)"])
    }
    store = nil
    role = nil
  }

  func ask(_ question: OperatorQuestion, answer: @escaping (OperatorAnswer) -> Void) {
    answer(LockoutDesk.answer(question, by: role))
  }

  func progress() -> RoleProgress {
    guard let role else { return RoleProgress() }
    let figures = role.figures
    let breaches = figures.breachesByRule.map { ("breaches.\($0.key)", $0.value) }
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
        "auditRecordsLost": recorder?.figures.lost ?? 0,
        "lockouts": figures.lockouts, "limitWarnings": figures.limitWarnings,
        "journalWritable": role.isJournalWritable ? 1 : 0,
      ].merging(breaches) { first, _ in first }
        .merging(bookkeeping?.figures ?? [:]) { first, _ in first })
  }
}

extension EvaluatorProcess: LatencyTelling {
  var latencies: [String: LatencyCounts] { role.map { ["event": $0.latencies] } ?? [:] }
}

extension EvaluatorProcess: EvaluatorHost {
  func requestTurn() {
    reactor.enqueue { [weak self] in
      guard let self, let role else { return }
      role.turn()
      bookkeeping?.turned(role)
      publisher?.changed(role)
      scheduleDeadline()
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
    let token = reactor.schedule(afterCivil: wait) { [weak self] in
      self?.deadline = nil
      self?.role?.tick()
    }
    deadline = (next, token)
  }
}

/// How long an evaluator waits until it tells everything again because a message was given up.
private let repetitionPause = TimeSpan.seconds(60)

/// A link of the evaluator, as the role sees it.
final class EvaluatorPort<Outgoing: Codable & Sendable, Incoming: Codable & Sendable>:
  EvaluatorLink, WorkerLinkDelegate
{
  let link: WorkerLink<Outgoing, Incoming>
  var received: (Incoming, StreamPosition) -> Void = { _, _ in }
  var skipped: (StreamPosition) -> Void = { _ in }
  var everything: () -> [Outgoing] = { [] }
  var changed: () -> Void = {}
  private let clock: any Clock
  private var repeatedAt: MonotonicInstant?

  init(_ link: WorkerLink<Outgoing, Incoming>, clock: any Clock) {
    self.link = link
    self.clock = clock
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

  /// What the peer was not told is part of the whole. If that breaks the link too, telling it again at
  /// once would do nothing else.
  func gaveUp() {
    let now = clock.monotonicNow()
    if let repeatedAt, now - repeatedAt < repetitionPause { return }
    repeatedAt = now
    link.sendSnapshot(everything())
  }

  func linkChanged(_ state: LinkState) { changed() }
}
