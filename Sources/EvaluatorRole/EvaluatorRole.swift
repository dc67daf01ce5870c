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
    /// Inputs that wait in memory for a journal that cannot be written. Beyond it they are
    /// replaced by a checkpoint when it can be written again.
    package var unjournalledLimit = 20_000

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
  }

  var engine: RiskEngine
  let settings: Settings
  let journal: any EvaluatorJournal
  let gateway: any EvaluatorLink<FeedRequest>
  let enforcer: any EvaluatorLink<VerdictMessage>
  let clock: any Clock
  let logger: Logger
  private let host: any EvaluatorHost

  package internal(set) var figures = EvaluatorFigures()
  private var arrivals: [Arrival] = []
  private var isTurnRequested = false
  private var batch = JournalBatch()
  /// What leaves once the batch is committed.
  var outbox = Outbox()
  private var sinceCheckpoint: Int64 = 0
  /// The last quote of every contract, so that a position has a mark from its first moment.
  var quotes: [ContractID: RecentQuote] = [:]
  var venueTime: Instant?
  private var trouble: JournalError?
  /// While the journal cannot be written it is tried again by the clock, not by every event:
  /// decisions do not wait for a disk that is full.
  private var isRetryDue = false

  /// Goes on with an engine as it stood after the last committed input, with the accounts and rules
  /// of `configuration` in force from now on.
  package init(
    engine: RiskEngine, configuration: [AccountID: RiskConfiguration], settings: Settings,
    journal: any EvaluatorJournal, gateway: any EvaluatorLink<FeedRequest>,
    enforcer: any EvaluatorLink<VerdictMessage>, host: any EvaluatorHost, clock: any Clock,
    logger: Logger
  ) {
    self.engine = engine
    self.settings = settings
    self.journal = journal
    self.gateway = gateway
    self.enforcer = enforcer
    self.host = host
    self.clock = clock
    self.logger = logger
    if engine.state.configuration != configuration {
      batch.beginsSegment = true
      arrive(.input(.configuration(configuration)))
    }
    logLoadedRules(configuration)
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
    let now = clock.now()
    guard engine.isTickDue(at: now, venueTime: venueTime) else { return }
    arrive(.input(.tick(venueTime: venueTime)))
  }

  package var engineState: EngineState { engine.state }

  /// When `tick` should be called at the latest.
  package var nextDeadline: Instant? { engine.nextDeadline }

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

  func arrive(_ arrival: Arrival) {
    arrivals.append(arrival)
    guard !isTurnRequested else { return }
    isTurnRequested = true
    host.requestTurn()
  }

  /// Applies, commits and lets out what has arrived.
  package func turn() {
    isTurnRequested = false
    let pending = arrivals
    arrivals.removeAll(keepingCapacity: true)
    for arrival in pending { take(arrival) }
    commit()
  }

  /// Finishes what has arrived; nothing is taken after it.
  package func stop() {
    turn()
    batch.checkpoint = engine.state
    commit()
    journal.makeDurable()
  }

  func apply(_ input: EngineInput, readAt: MonotonicInstant? = nil) {
    let at = clock.now()
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
    }
  }

  func record(_ step: EnforcementStep) { batch.steps.append(step) }
  func record(_ proof: Proof) { batch.proofs.append(proof) }

  private func commit() {
    if sinceCheckpoint >= settings.checkpointEvery || batch.beginsSegment {
      batch.checkpoint = engine.state
    }
    guard !batch.isEmpty else { return letOut() }
    if trouble != nil {
      letOut()
      boundTheBatch()
      guard isRetryDue else { return }
      isRetryDue = false
    }
    let start = clock.monotonicNow()
    do throws(JournalError) {
      try journal.commit(batch)
      figures.lastCommit = clock.monotonicNow() - start
      if batch.checkpoint != nil { sinceCheckpoint = 0 }
      batch = JournalBatch()
      letOut()
      journalRecovered()
    } catch {
      letOut()
      journalFailed(error)
    }
  }

  private func letOut() {
    let outgoing = outbox
    outbox = Outbox()
    for message in outgoing.verdicts { enforcer.send(message) }
    if let position = outgoing.verdict { enforcer.commit(through: position) }
    enforcer.flush()
    for request in outgoing.requests { gateway.send(request) }
    if let position = outgoing.feed { gateway.commit(through: position) }
    gateway.flush()
    figures.outputs += Int64(outgoing.verdicts.count + outgoing.requests.count)
    if outgoing.needsDurability { journal.makeDurable() }
    for record in outgoing.records { record.write(to: logger) }
  }

  /// The journal cannot be written: protection goes on in memory, and says so.
  private func journalFailed(_ error: JournalError) {
    boundTheBatch()
    guard trouble == nil else { return }
    trouble = error
    logger.critical(
      "The journal cannot be written; decisions go on in memory",
      metadata: ["problem": "\(error)", "ballastFreed": "\(journal.freeBallast())"])
    host.reportDegraded("the journal cannot be written: \(error)")
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
    host.reportDegraded(nil)
    arrive(.input(.journal(isWritable: true)))
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
}

/// What the status screens show of the evaluator.
package struct EvaluatorFigures: Equatable, Sendable {
  package var inputs: Int64 = 0
  package var outputs: Int64 = 0
  package var breaches: Int64 = 0
  package var proofs: Int64 = 0
  package var reentries: Int64 = 0
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
