package import Logging
package import PeerProtocol
package import RiskModel
package import RiskRules

/// The evaluator: takes inputs in turns, decides, records, and only then lets the decisions out.
///
/// A turn applies what has arrived, commits it with the decisions in one transaction, sends the
/// decisions to the enforcer, and acknowledges. A process that dies in between has let nothing
/// out; what it had not committed is sent to it again.
package final class EvaluatorRole {
  package struct Settings: Equatable, Sendable {
    /// A checkpoint is written after this many inputs: a restart replays fewer.
    package var checkpointEvery: Int64 = 2_000
    /// And after at least one for each so many executions that the state holds.
    static let executionsPerInput = 2
    /// So many of what has arrived are applied in one turn; the rest waits for the next one, behind what
    /// else the process is asked. Many enough to share a commit, few enough for the supervisor's
    /// challenge, also when each of them is the list of an account.
    package var arrivalsPerTurn = 64
    /// To value so many accounts at a new price takes about as long as a message about one.
    static let accountsPerArrival = 4
    /// Inputs that wait in memory for a journal that cannot be written. Beyond it they are
    /// replaced by a checkpoint when it can be written again.
    package var unjournalledLimit = 20_000
    /// Why what was recorded may be out of date: the database was lost. New exposure is barred until
    /// the venue was read and read again.
    package var lossOfRecord: String?

    package init() {}
  }

  /// An order takes some 300 bytes and a frame 256 KiB; more of them follow their snapshot as events.
  static let ordersInSnapshot = 300

  /// Something received and not yet applied.
  enum Arrival {
    case feed(FeedMessage, StreamPosition)
    case report(VerdictReport, StreamPosition)
    /// A message that the link gave up; its content is not known.
    case skipped(isFeed: Bool, StreamPosition)
    case input(EngineInput)
    /// With the venue's time of when it is taken: what waits before it may tell a later one.
    case tick
  }

  var engine: RiskEngine
  let settings: Settings
  let journal: any EvaluatorJournal
  let gateway: any EvaluatorLink<FeedRequest>
  let enforcer: any EvaluatorLink<VerdictMessage>
  let clock: any Clock
  let logger: Logger
  private let host: any EvaluatorHost
  private let audit: (any EvaluatorAudit)?

  package internal(set) var figures = EvaluatorFigures()
  private var arrivals: [Arrival] = []
  private var isTurnRequested = false
  /// One is enough, however long what came before it takes.
  private var isTickWaiting = false
  private var batch = JournalBatch()
  /// What leaves once the batch is committed.
  var outbox = Outbox()
  private var durability: Durability
  /// When the events of this turn were read from the network.
  private var readMoments: [MonotonicInstant] = []
  /// From the reading of an event to the moment at which what was decided has left.
  package private(set) var latencies = LatencyCounts()
  private var sinceCheckpoint: Int64 = 0
  /// What the trader's screen tells of the past.
  var chronicle: TraderChronicle
  /// The last quote of every contract, so that a position has a mark from its first moment.
  var quotes: [ContractID: RecentQuote] = [:]
  var venueTime: Instant?
  private var trouble: JournalError?
  var safeguards = RecordSafeguards.all
  var reconciliation: Reconciliation?
  var resumption: Resumption
  /// While the journal cannot be written it is tried again by the clock, not by every event:
  /// decisions do not wait for a disk that is full.
  private var isRetryDue = false

  /// Goes on with an engine as it stood after the last committed input, with the accounts and rules
  /// of `configuration` in force from now on.
  package init(
    engine: RiskEngine, configuration: [AccountID: RiskConfiguration], settings: Settings,
    journal: any EvaluatorJournal, gateway: any EvaluatorLink<FeedRequest>,
    enforcer: any EvaluatorLink<VerdictMessage>, host: any EvaluatorHost, clock: any Clock,
    logger: Logger, audit: (any EvaluatorAudit)? = nil
  ) {
    self.engine = engine
    durability = Durability(isOwed: engine.state.targets.values.contains { $0.target.isLockout })
    resumption = Resumption(lastHeard: engine.state.now)
    self.settings = settings
    self.journal = journal
    self.gateway = gateway
    self.enforcer = enforcer
    self.host = host
    self.clock = clock
    self.logger = logger
    self.audit = audit
    chronicle = TraderChronicle(accounts: configuration.keys.sorted(), since: clock.now())
    if engine.state.configuration != configuration {
      batch.beginsSegment = true
      outbox.decisions.append(.configured(configuration))
      arrive(.input(.configuration(configuration)))
    }
    logLoadedRules(configuration)
    logRestoredLockouts()
    if let reason = settings.lossOfRecord {
      reconciliation = Reconciliation(reason: reason, awaited: Set(configuration.keys))
      outbox.requests += configuration.keys.sorted().map { .refresh($0) }
      reportState()
    }
  }

  package func received(_ message: FeedMessage, at position: StreamPosition) {
    arrive(.feed(message, position))
  }

  package func received(_ report: VerdictReport, at position: StreamPosition) {
    arrive(.report(report, position))
  }

  package func skippedFeed(at position: StreamPosition) {
    arrive(.skipped(isFeed: true, position))
  }

  package func skippedReport(at position: StreamPosition) {
    arrive(.skipped(isFeed: false, position))
  }

  /// Called about once a second, and at `nextDeadline`.
  package func tick() {
    if trouble != nil {
      isRetryDue = true
      host.requestTurn()
    }
    if isRecorded { payDurability() }
    let now = clock.now()
    guard !isTickWaiting, engine.isTickDue(at: now, venueTime: venueTime) else { return }
    isTickWaiting = true
    arrive(.tick)
  }

  package var engineState: EngineState { engine.state }

  /// When `tick` should be called at the latest.
  package var nextDeadline: Instant? {
    engine.keepDeadlines()
    return engine.nextDeadline
  }

  private func logLoadedRules(_ configuration: [AccountID: RiskConfiguration]) {
    for account in configuration.keys.sorted() {
      guard let rules = configuration[account] else { continue }
      let loaded = RiskEngine.loadedRules(rules)
      guard loaded == rules.enabledRules else {
        preconditionFailure("Invariant: every enabled rule of account \(account) is loaded")
      }
      logger.notice(
        "Loaded \(loaded.count)/\(rules.enabledRules.count) enabled rules",
        metadata: ["account": "\(account)"])
    }
    logger.notice("Risk Rules Engine: Monitoring started")
  }

  /// What was locked stays locked; whoever starts riskd is told so.
  private func logRestoredLockouts() {
    for id in engine.state.targets.keys.sorted() {
      guard let standing = engine.state.targets[id], standing.target.isLockout else { continue }
      LogRecord.restored(standing.target, reentries: standing.reentries).write(to: logger)
      chronicle.remember(standing.target)
    }
  }

  /// How far each rule of an account is from firing.
  package func distances(_ account: AccountID) -> [Distance] { engine.distances(account) }

  func arrive(_ arrival: Arrival) {
    arrivals.append(arrival)
    guard !isTurnRequested else { return }
    isTurnRequested = true
    host.requestTurn()
  }

  /// Applies, commits and lets out what has arrived, as far as one turn goes.
  package func turn() {
    let pending = Array(arrivals.prefix(sizeOfTurn))
    arrivals.removeFirst(pending.count)
    isTurnRequested = !arrivals.isEmpty
    if isTurnRequested { host.requestTurn() }
    for arrival in pending { take(arrival) }
    commit()
  }

  /// How many of the messages that have arrived one turn takes. A price may concern every account, a
  /// tick does.
  private var sizeOfTurn: Int {
    var room = settings.arrivalsPerTurn
    var size = 0
    for arrival in arrivals {
      guard room > 0 else { break }
      size += 1
      switch arrival {
      case .feed(.event(.quote, _, _), _), .tick:
        room -= max(1, engine.state.accounts.count / Settings.accountsPerArrival)
      default:
        room -= 1
      }
    }
    return size
  }

  /// The same with all of what has arrived, however many turns it takes.
  func finishArrivals() {
    var left = arrivals.count
    repeat {
      left -= min(left, sizeOfTurn)
      turn()
    } while left > 0
  }

  /// Finishes what has arrived; nothing is taken after it.
  package func stop() {
    finishArrivals()
    commit(isLast: true)
    journal.makeDurable { _ in }
  }

  func apply(_ input: EngineInput, readAt: MonotonicInstant? = nil) {
    let at = clock.now()
    // Events that nobody read just now carry a zero.
    if let readAt, readAt.nanos > 0 { readMoments.append(readAt) }
    let effects = engine.apply(input, at: at)
    figures.inputs += 1
    sinceCheckpoint += 1
    batch.entries.append(
      JournalEntry(
        ordinal: engine.state.ordinal, at: at, input: input, effects: effects))
    for (index, effect) in effects.enumerated() {
      carryOut(effect, revision: engine.state.ordinal * 1_000 + Int64(index), readAt: readAt)
    }
  }

  private func take(_ arrival: Arrival) {
    switch arrival {
    case .feed(let message, let position):
      resumption.heard(
        position.producerEpoch, of: engine.state.accounts.keys, at: clock.now())
      take(message)
      batch.feed = position
      outbox.feed = position
    case .report(let report, let position):
      take(report)
      batch.verdict = position
      outbox.verdict = position
    case .skipped(let isFeed, let position):
      if isFeed {
        batch.feed = position
        outbox.feed = position
        refreshAll()
      } else {
        batch.verdict = position
        outbox.verdict = position
      }
    case .input(let input):
      apply(input)
    case .tick:
      isTickWaiting = false
      apply(.tick(venueTime: venueTime))
    }
  }

  func checkpointNext() { batch.checkpoint = engine.state }

  func record(_ step: EnforcementStep) { batch.steps.append(step) }
  func record(_ proof: Proof) { batch.proofs.append(proof) }

  /// A checkpoint takes time in proportion to the executions of the day: the more there are, the
  /// rarer it is, so that its share of an input does not grow.
  private var isCheckpointDue: Bool {
    guard sinceCheckpoint >= settings.checkpointEvery else { return false }
    let executions = engine.state.accounts.values.reduce(0) { $0 + $1.ledger.entries.count }
    return sinceCheckpoint >= Int64(executions / Settings.executionsPerInput)
  }

  private func commit(isLast: Bool = false) {
    if isLast || batch.beginsSegment || isCheckpointDue {
      batch.checkpoint = engine.state
      batch.mayCheckpointWait = !isLast && !batch.beginsSegment
    }
    guard !batch.isEmpty else { return letOut(isRecorded: true) }
    if trouble != nil {
      letOut()
      boundTheBatch()
      guard isRetryDue else { return }
      isRetryDue = false
    }
    let start = clock.monotonicNow()
    if !safeguards.contains(.lockFirst) { letOut() }
    do throws(JournalError) {
      try journal.commit(batch)
      figures.lastCommit = clock.monotonicNow() - start
      chronicle.noteWrite(at: clock.now())
      if batch.checkpoint != nil { sinceCheckpoint = 0 }
      batch = JournalBatch()
      letOut(isRecorded: true)
      journalRecovered()
    } catch {
      letOut()
      journalFailed(error)
    }
  }

  /// - Parameter isRecorded: Whether all that was decided is. A lockout that left before it could be
  ///   is put on the disk once it is.
  private func letOut(isRecorded: Bool = false) {
    let outgoing = outbox
    outbox = Outbox()
    for message in outgoing.verdicts { enforcer.send(message) }
    if let position = outgoing.verdict { enforcer.commit(through: position) }
    enforcer.flush()
    for request in outgoing.requests { gateway.send(request) }
    if let position = outgoing.feed { gateway.commit(through: position) }
    gateway.flush()
    measure()
    figures.outputs += Int64(outgoing.verdicts.count + outgoing.requests.count)
    if outgoing.needsDurability { durability.owe() }
    if isRecorded { payDurability() }
    for record in outgoing.records {
      record.write(to: logger)
      chronicle.note(record, at: clock.now())
    }
    let decisions = outgoing.decisions + outgoing.records.compactMap(\.audited)
    if !decisions.isEmpty { audit?.record(decisions, at: clock.now()) }
  }

  /// Has what is owed put on the disk. What the disk does not take stays owed, and is asked again.
  private func payDurability() {
    guard durability.isDue(at: clock.monotonicNow()) else { return }
    durability.asked()
    guard safeguards.contains(.durability) else { return durability.done() }
    journal.makeDurable { [weak self] isDone in self?.durabilityAnswered(isDone) }
  }

  private func durabilityAnswered(_ isDone: Bool) {
    guard isDone else { return durability.failed(at: clock.monotonicNow()) }
    if durability.hasFailed { logger.notice("The lockouts are on the disk") }
    durability.done()
    // Another lockout may have been recorded while the disk was busy with this one.
    if isRecorded { payDurability() }
  }

  private func measure() {
    guard !readMoments.isEmpty else { return }
    let now = clock.monotonicNow()
    for moment in readMoments { latencies.add(now - moment) }
    readMoments.removeAll(keepingCapacity: true)
  }

  /// Whether everything that was decided is recorded.
  package var isRecorded: Bool { trouble == nil && batch.isEmpty }
  package var isJournalWritable: Bool { trouble == nil }
  /// Whether the engine's state is known to be the venue's, as far as a loss of the record goes.
  package var isReconciled: Bool { reconciliation == nil }

  func reportState() {
    if let trouble {
      host.reportDegraded("the journal cannot be written: \(trouble)")
    } else {
      host.reportDegraded(reconciliation?.reason)
    }
  }

  /// Bars new exposure, or admits it again, unless the journal's trouble bars it anyway.
  func setBar(_ isBarred: Bool) {
    if trouble == nil { apply(.journal(isWritable: !isBarred)) }
  }

  /// The journal cannot be written: protection goes on in memory, and says so.
  private func journalFailed(_ error: JournalError) {
    boundTheBatch()
    guard trouble == nil else { return }
    trouble = error
    logger.critical(
      "The journal cannot be written; decisions go on in memory",
      metadata: ["problem": "\(error)", "ballastFreed": "\(journal.freeBallast())"])
    reportState()
    arrive(.input(.journal(isWritable: false)))
  }

  /// Of too many inputs only those stay that adopted, changed or ended a target, so that the table
  /// of targets is right again with the first commit; a checkpoint stands for the others.
  private func boundTheBatch() {
    figures.unjournalled = Int64(batch.entries.count)
    guard batch.entries.count > settings.unjournalledLimit else { return }
    batch.entries.removeAll { !$0.effects.contains(where: \.concernsTargets) }
    batch.beginsSegment = true
  }

  private func journalRecovered() {
    guard trouble != nil else { return }
    trouble = nil
    figures.unjournalled = 0
    logger.notice("The journal can be written again")
    reportState()
    if reconciliation?.isBarring != true { arrive(.input(.journal(isWritable: true))) }
  }
}

/// The prices of a contract and when the newest of them came.
struct RecentQuote {
  /// What is older says nothing about a position that is opened now.
  static let lifetime = TimeSpan.seconds(10)

  var quote: Quote
  var at: Instant
}

/// What leaves the evaluator after a commit.
struct Outbox {
  var verdicts: [VerdictMessage] = []
  var requests: [FeedRequest] = []
  var feed: StreamPosition?
  var verdict: StreamPosition?
  var needsDurability = false
  var records: [LogRecord] = []
  var decisions: [AuditedDecision] = []
}

/// What the status screens show of the evaluator.
package struct EvaluatorFigures: Equatable, Sendable {
  package var inputs: Int64 = 0
  package var outputs: Int64 = 0
  package var breaches: Int64 = 0
  package var proofs: Int64 = 0
  /// By the key of the rule.
  package var breachesByRule: [String: Int64] = [:]
  package var lockouts: Int64 = 0
  package var reentries: Int64 = 0
  /// Rules that came to 70 or 90 percent of their limit.
  package var limitWarnings: Int64 = 0
  package var unjournalled: Int64 = 0
  package var adoptedRevision: Int64 = 0
  package var lastCommit = TimeSpan.zero
  /// Gateway to enforcer and back to the evaluator, of the last canary.
  package var canaryTrip = TimeSpan.zero
}

extension Effect {
  var concernsTargets: Bool {
    switch self {
    case .adopt, .amend, .end: true
    case .breach, .reentry, .query, .watch, .dailyReset, .notice: false
    }
  }
}
