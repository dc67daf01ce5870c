import AuditLog
import Dispatch
import EvaluatorRole
import Logging
import PeerProtocol
import ProcessControl
import RiskModel
import RiskRules
import Settings
import Store

/// What the evaluator does for its database between decisions: the tables of the specification,
/// retention, moving the log, the daily backup, and the memory of the audit log's end.
final class Bookkeeping {
  /// The name in `meta` of the last record of the audit log.
  static let auditHeadName = "auditHead"

  private static let projectionInterval = TimeSpan.seconds(5)
  /// Inputs of the journal that are read at once while catching up.
  private static let catchUpRows = 300
  /// The log is moved after this time without an input, or when it is this large.
  private static let quietTime = TimeSpan.seconds(5)
  private static let largeLog: Int64 = 4 * 1_024 * 1_024
  private static let movePause = TimeSpan.seconds(10)
  /// While there is no idle moment, old rows go this often.
  private static let prunePause = TimeSpan.seconds(5)
  private static let backupPause = TimeSpan.seconds(60)
  /// Three times in each interval of the health check.
  private static let beatPause = TimeSpan.seconds(10)
  static let heartbeatName = "heartbeat"
  /// Of the time that a worker has for its end; what is not written then is read from the journal at
  /// the next start.
  private static let finishLimit = TimeSpan.seconds(1)

  private let store: Store
  private let settings: DatabaseSettings
  private let backups: BackupFolder
  private let recorder: AuditRecorder
  private let reactor: Reactor
  private let logger: Logger
  private let background = DispatchQueue(label: "evaluator.backup")

  private var projection: Projection
  private var unread: JournalCursor?
  private var unwritten: ProjectionBatch?
  private var projectedAt: MonotonicInstant
  private var inputs: Int64 = 0
  private var quietSince: MonotonicInstant
  private var movedAt: MonotonicInstant
  private var prunedAt: MonotonicInstant
  private var backupCheckedAt: MonotonicInstant
  private var beatAt: MonotonicInstant?
  private var heartbeat: Int64 = -1
  private var isProjecting = false
  private var isBackingUp = false
  private var hasFailed = false
  private var lossStands: Bool
  private var writtenHead: AuditHead?
  private var isAuditTrusted = false

  init(
    _ store: Store, settings: DatabaseSettings, backups: BackupFolder, recorder: AuditRecorder,
    lossStands: Bool, reactor: Reactor, logger: Logger
  ) throws(StoreError) {
    self.store = store
    self.settings = settings
    self.backups = backups
    self.recorder = recorder
    self.lossStands = lossStands
    self.reactor = reactor
    self.logger = logger
    let projected = try store.projectedOrdinal()
    projection = Projection(after: projected)
    unread = store.readJournal(from: projected + 1)
    writtenHead = try store.meta(Self.auditHeadName).flatMap { AuditHead($0) }
    let now = reactor.clock.monotonicNow()
    projectedAt = now
    quietSince = now
    movedAt = now
    prunedAt = now
    backupCheckedAt = now
    verifyAudit()
  }

  /// Takes notes of what was committed.
  func committed(_ entries: [JournalEntry]) {
    // What is read from the journal is not taken twice.
    guard unread == nil else { return }
    for entry in entries { projection.take(entry) }
  }

  /// Called behind a turn of the role, when its decisions have left. What waits goes first.
  func turned(_ role: EvaluatorRole) {
    guard !isProjecting, unread == nil, projection.isFull || projection.changesLockouts else {
      return
    }
    isProjecting = true
    reactor.enqueue { [weak self, weak role] in
      guard let self, let role else { return }
      isProjecting = false
      // One transaction at a time: what else waits is not held up by many.
      if project(role, isUrgent: true) { turned(role) }
    }
  }

  /// Called about once a second.
  func tick(_ role: EvaluatorRole) {
    let now = reactor.clock.monotonicNow()
    beat(now)
    let isQuiet = role.figures.inputs == inputs
    inputs = role.figures.inputs
    if !isQuiet { quietSince = now }
    if unread != nil {
      catchUp()
    } else if now - projectedAt >= Self.projectionInterval {
      projectedAt = now
      project(role)
      // The rest, if there is one, goes in pieces.
      turned(role)
    } else if isQuiet || now - prunedAt >= Self.prunePause {
      prunedAt = now
      prune(role.engineState)
    }
    moveLog(now)
    backUp(now)
  }

  /// What the health check asks of the database: how long a row takes to be written and read again,
  /// in microseconds, -1 where that failed; and how much of the log waits to be moved. A file that was
  /// large once stays so and is written over.
  var figures: [String: Int64] {
    ["heartbeatMicroseconds": heartbeat, "databaseLogBytes": store.logBytesInUse]
  }

  private func beat(_ now: MonotonicInstant) {
    if let last = beatAt, now - last < Self.beatPause { return }
    beatAt = now
    let text = "\(reactor.clock.now().nanosSinceEpoch)"
    do throws(StoreError) {
      try store.setMeta([Self.heartbeatName: text])
      let isThere = try store.meta(Self.heartbeatName) == text
      heartbeat = isThere ? (reactor.clock.monotonicNow() - now).nanos / 1_000 : -1
    } catch {
      heartbeat = -1
    }
  }

  /// Writes what is not written yet, as far as the time goes.
  func finish(_ role: EvaluatorRole) {
    let end = reactor.clock.monotonicNow() + Self.finishLimit
    while unread != nil, !hasFailed, reactor.clock.monotonicNow() < end { catchUp() }
    while unread == nil, reactor.clock.monotonicNow() < end, project(role) {}
  }

  private func catchUp() {
    let coder = MessageCoder()
    attempt {
      for _ in 0..<Self.catchUpRows {
        guard let row = try unread?.next() else {
          unread = nil
          return
        }
        projection.take(try StoreJournal.input(of: row, coder), ordinal: row.ordinal)
      }
    }
  }

  /// Writes one transaction.
  ///
  /// - Returns: Whether there is another one to write.
  @discardableResult
  private func project(_ role: EvaluatorRole, isUrgent: Bool = false) -> Bool {
    guard role.isRecorded else { return false }
    var isMore = false
    attempt {
      guard let batch = unwritten ?? nextBatch(role, isUrgent: isUrgent) else { return }
      unwritten = batch
      try store.project(batch)
      unwritten = nil
      isMore = batch.through == nil && projection.isFull
    }
    return isMore
  }

  private func nextBatch(_ role: EvaluatorRole, isUrgent: Bool) -> ProjectionBatch? {
    let now = reactor.clock.now()
    let state = role.engineState
    var meta: [String: String] = [:]
    if lossStands, role.isReconciled {
      lossStands = false
      meta[DatabaseOpening.lossName] = ""
    }
    if isAuditTrusted, let head = recorder.head, head.sequence > writtenHead?.sequence ?? 0 {
      writtenHead = head
      meta[Self.auditHeadName] = head.description
    }
    var batch = projection.batch(of: state, at: now, isUrgent: isUrgent)
    if batch == nil, !meta.isEmpty { batch = ProjectionBatch(through: nil, at: now) }
    batch?.meta = meta
    return batch
  }

  private func prune(_ state: EngineState) {
    guard state.agreedNow != nil else { return }
    attempt { _ = try store.prune(limits(state)) }
  }

  private func limits(_ state: EngineState) -> RetentionLimits {
    RetentionLimits(settings.retention, state: state)
  }

  private func moveLog(_ now: MonotonicInstant) {
    guard now - movedAt >= Self.movePause else { return }
    let isLarge = store.logBytes >= Self.largeLog
    guard isLarge || now - quietSince >= Self.quietTime else { return }
    movedAt = now
    let logger = self.logger
    store.moveLogInBackground { error in
      guard let error else { return }
      logger.warning("The database log was not moved", metadata: ["problem": "\(error)"])
    }
  }

  private func backUp(_ now: MonotonicInstant) {
    guard !isBackingUp,
      now - backupCheckedAt >= reactor.pace.realSpan(Self.backupPause)
    else {
      return
    }
    backupCheckedAt = now
    isBackingUp = true
    let (backups, path) = (self.backups, store.path)
    let (instant, settings) = (reactor.clock.now(), settings.backup)
    let inbox = reactor.inbox
    let here = ReactorBound({ [weak self] in self?.backedUp($0) }, inbox)
    background.async {
      let outcome = BackupOutcome(backups, of: path, at: instant, settings)
      inbox.post { here.value(outcome) }
    }
  }

  private func backedUp(_ outcome: BackupOutcome) {
    isBackingUp = false
    switch outcome {
    case .notDue: return
    case .made(let file):
      logger.notice("Backup made", metadata: ["file": "\(file)"])
    case .failed(let problem):
      logger.error("No backup could be made", metadata: ["problem": "\(problem)"])
    }
  }

  /// A log that was cut is found before the next record could hide it.
  private func verifyAudit() {
    let (log, known) = (recorder.log, writtenHead)
    let logger = self.logger
    let inbox = reactor.inbox
    let here = ReactorBound({ [weak self] in self?.isAuditTrusted = $0 }, inbox)
    background.async {
      do throws(AuditError) {
        let found = try AuditVerification(log, known: known)
        for finding in found.findings {
          logger.critical("The audit log was tampered with", metadata: ["finding": "\(finding)"])
        }
        inbox.post { here.value(found.isIntact) }
      } catch {
        logger.error("The audit log cannot be read", metadata: ["problem": "\(error)"])
      }
    }
  }

  /// The database's trouble is said once, and decides nothing.
  private func attempt(_ body: () throws -> Void) {
    do {
      try body()
      hasFailed = false
    } catch {
      if !hasFailed {
        logger.error("The tables are behind the journal", metadata: ["problem": "\(error)"])
      }
      hasFailed = true
    }
  }
}

/// What came of looking whether a backup is due.
enum BackupOutcome: Sendable {
  case notDue
  case made(String)
  case failed(String)

  init(
    _ backups: BackupFolder, of database: String, at now: Instant,
    _ settings: DatabaseSettings.Backup
  ) {
    guard settings.isEnabled else {
      self = .notDue
      return
    }
    // A newest backup of the future says that the clock was set back; it must not stop the next.
    if let newest = backups.newest, newest <= now, now - newest < settings.interval {
      self = .notDue
      return
    }
    do throws(StoreError) {
      self = .made(try backups.make(from: database, at: now, keep: Int(settings.keepCount)))
    } catch {
      self = .failed(error.description)
    }
  }
}

extension RetentionLimits {
  /// Days back from now, and never into a trading day that is under way.
  init(_ retention: DatabaseSettings.Retention, state: EngineState) {
    let now = state.agreedNow ?? state.now
    let rules = state.accounts.values.map { ($0.tradingDay, $0.ledger.tradingDate) }
    let dayStart = rules.map { $0.0.start(of: $0.1) }.min() ?? now
    let today = rules.map(\.1).min() ?? TradingDayRule.standard.tradingDate(at: now)
    func instant(_ days: Int64) -> Instant { min(now - .seconds(days * 86_400), dayStart) }
    func date(_ days: Int64) -> CivilDate { today.adding(days: -Int(days)) }
    self.init(
      journal: instant(retention.journalDays), enforcement: instant(retention.enforcementLogDays),
      orders: instant(retention.orderHistoryDays), trades: instant(retention.tradeHistoryDays),
      openResults: date(retention.dailyUnrealizedPnlDays),
      dayResults: date(retention.tradeHistoryDays))
  }
}
