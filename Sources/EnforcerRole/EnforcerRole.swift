import Enforcement
package import Logging
package import PeerProtocol
package import RiskModel

/// The enforcer process without its surroundings: passes what happens to the controller, carries out
/// what it answers, tells the evaluator and the log.
///
/// Synchronous and single-threaded: every method is called from the one loop that owns it, and
/// returns when everything that follows from it has been handed on.
package final class EnforcerRole {
  let venue: any EnforcementVenue
  let link: any VerdictLink
  private let timer: any EnforcerTimer
  let clock: any Clock
  private let fallback: (any OpenTargetsReader)?
  private let settings: EnforcerSettings
  let log: StepLog
  let logger: Logger

  var controller: EnforcementController
  /// When requests without an answer were sent.
  var sent: [RequestID: (civil: Instant, moment: MonotonicInstant)] = [:]
  /// Answers that came while the controller was at work.
  private var early: [VenueAnswer] = []
  private var isWorking = false

  private var fallbackAt: MonotonicInstant?
  private var failedFallbacks: Int64 = 0
  private var searchAt: MonotonicInstant?
  var controllerWakeAt: MonotonicInstant?
  private var isLinkUp = false
  /// The first parts of a set of targets that is not complete yet. A transport that breaks takes none
  /// of them: the link goes on behind what it has delivered.
  private var targetsAhead: [Target] = []
  /// A message was given up since the evaluator last began to tell everything.
  private var isSetInDoubt = false
  private(set) package var isStopping = false
  var failingTargets: Set<TargetID> = []
  var foreignAccounts: Set<AccountID> = []

  /// Inputs handled and requests and reports handed on, since the start.
  private(set) package var inputs: Int64 = 0
  package internal(set) var outputs: Int64 = 0
  /// The last message that measures the way here; `nil` before the first.
  private(set) package var canary: CanaryArrival?

  private static let longestFallbackPause = TimeSpan.seconds(30)

  package init(
    venue: any EnforcementVenue, link: any VerdictLink, timer: any EnforcerTimer, clock: any Clock,
    logger: Logger, fallback: (any OpenTargetsReader)? = nil,
    settings: EnforcerSettings = EnforcerSettings()
  ) {
    self.venue = venue
    self.link = link
    self.timer = timer
    self.clock = clock
    self.fallback = fallback
    self.settings = settings
    self.logger = logger
    log = StepLog(logger: logger)
    controller = EnforcementController(
      limits: settings.limits, policy: settings.failClosed, civilTime: clock.now(),
      at: clock.monotonicNow())
  }

  /// To be called once, before anything else.
  package func start() {
    if fallback != nil { fallbackAt = clock.monotonicNow() + settings.fallbackAfter }
    handle { $0.tick(at: $1) }
    logger.info("Enforcer started", metadata: ["fail_closed": "\(settings.failClosed.rawValue)"])
  }

  /// A message of the evaluator. It may be acknowledged when this returns.
  package func received(_ message: VerdictMessage) {
    switch message {
    case .targets(let revision, let targets):
      let all = targetsAhead + targets
      targetsAhead = []
      // What the missing part named stands all the same.
      guard !isSetInDoubt else { return handle { $0.learn(all, at: $1) } }
      fallbackAt = nil
      searchAt = nil
      handle { $0.setTargets(all, revision: revision, at: $1) }
    case .targetsAhead(let targets):
      inputs += 1
      targetsAhead += targets
    case .adopt(let revision, let target, let readAt):
      handle { $0.adopt(target, revision: revision, causeReadAt: readAt, at: $1) }
    case .end(let revision, let target, let ending):
      logger.info(
        "Target \(target) ended: \(ending.rawValue)", metadata: ["target": "\(target)"])
      failingTargets.remove(target)
      handle { $0.end(target, revision: revision, at: $1) }
    case .venue(let event):
      handle { $0.venueEvent(event, at: $1) }
    case .snapshot(let snapshot):
      handle { $0.snapshot(snapshot, at: $1) }
    case .accounts(let accounts):
      // With these it begins to tell everything, whatever it had begun before.
      targetsAhead = []
      isSetInDoubt = false
      foreignAccounts = []
      handle { $0.protect(accounts, at: $1) }
    case .canary(let number, let sentAt):
      inputs += 1
      let now = clock.monotonicNow()
      canary = CanaryArrival(
        number: number, latency: now - sentAt, count: (canary?.count ?? 0) + 1)
      report(.canary(number: number, sentAt: sentAt, enforcerAt: now))
    }
  }

  /// A message of the evaluator was given up. It may have been a target; what stands is in the
  /// database before it is told, so it is looked for there until the evaluator tells everything again.
  package func missed() {
    logger.critical("A message of the evaluator is missing; targets are looked for in the database")
    isSetInDoubt = true
    failedFallbacks = 0
    searchAt = fallback == nil ? nil : clock.monotonicNow()
    searchForMissed()
  }

  package func linkChanged(isUp: Bool) {
    isLinkUp = isUp
    let civilTime = clock.now()
    logger.info("Link to the evaluator is \(isUp ? "up" : "down")")
    handle { $0.evaluatorLink(isUp: isUp, civilTime: civilTime, at: $1) }
  }

  /// An answer of the venue. One that comes while a request is being sent waits its turn.
  package func answered(_ answer: VenueAnswer) {
    guard !isWorking else {
      early.append(answer)
      return
    }
    take(answer)
  }

  package func timerFired() {
    let now = clock.monotonicNow()
    if controllerWakeAt.map({ now >= $0 }) ?? false { controllerWakeAt = nil }
    useFallback()
    searchForMissed()
    handle { $0.tick(at: $1) }
  }

  /// Finishes what is in flight and sends nothing new. Done when `isDrained`.
  package func stop() {
    guard !isStopping else { return }
    isStopping = true
    fallbackAt = nil
    searchAt = nil
    controller.drain()
    logger.info(
      "Enforcer stops", metadata: ["requests_in_flight": "\(controller.requestsInFlight)"])
  }

  /// The supervisor is gone: nothing new from now on. Another enforcer may be about to start.
  package func orphaned() {
    logger.critical("The supervisor is gone; nothing new is sent")
    stop()
  }

  package var isDrained: Bool { isStopping && controller.requestsInFlight == 0 }

  /// What is not as it should be, for people; `nil` is "all well".
  package var degradation: String? {
    if controller.adoptedRevision == nil { return "no targets adopted yet" }
    if let account = foreignAccounts.min() { return "account \(account) is not ours to act on" }
    if let target = failingTargets.min() { return "target \(target) is not reached" }
    return isLinkUp ? nil : "no link to the evaluator"
  }

  /// Figures for status screens, by name.
  package var figures: [String: Int64] {
    let figures = controller.figures
    return [
      "closes": figures.closes, "reductions": figures.reductions, "cancels": figures.cancels,
      "shrinks": figures.shrinks, "reads": figures.reads, "refusals": figures.refusals,
      "unknown_outcomes": figures.unknownOutcomes, "unverified": figures.unverified,
      "failed_reads": figures.failedReads,
      "proofs": figures.proofs, "reentries": figures.reentries, "surprises": figures.surprises,
      "ignored_events": figures.ignoredEvents, "late_answers": figures.lateAnswers,
      "open_targets": Int64(controller.openTargets),
      "stops_placed": figures.stopsPlaced, "stops_moved": figures.stopsMoved,
      "placed_orders": figures.closes + figures.reductions + figures.stopsPlaced,
      "steps": figures.closes + figures.reductions + figures.cancels + figures.shrinks
        + figures.stopsPlaced + figures.stopsMoved,
      "requests_in_flight": Int64(controller.requestsInFlight),
    ]
  }

  private func handle(
    _ change: (inout EnforcementController, MonotonicInstant) -> [EnforcementAction]
  ) {
    inputs += 1
    isWorking = true
    carryOut(change(&controller, clock.monotonicNow()), answer: nil)
    isWorking = false
    takeEarlyAnswers()
    setTimer()
  }

  private func take(_ answer: VenueAnswer) {
    inputs += 1
    isWorking = true
    let actions = controller.requestAnswered(
      answer.id, answer.outcome, sentAt: answer.sentAt, at: clock.monotonicNow())
    carryOut(actions, answer: answer)
    sent[answer.id] = nil
    isWorking = false
    takeEarlyAnswers()
    setTimer()
  }

  private func takeEarlyAnswers() {
    guard !early.isEmpty else { return }
    take(early.removeFirst())
  }

  private func useFallback() {
    let now = clock.monotonicNow()
    guard let fallback, let at = fallbackAt, now >= at else { return }
    guard controller.adoptedRevision == nil else {
      fallbackAt = nil
      return
    }
    do {
      let open = try fallback.openTargets()
      fallbackAt = nil
      logger.warning(
        "Targets read from the database because the evaluator does not answer",
        metadata: ["revision": "\(open.revision)", "targets": "\(open.targets.count)"])
      handle { $0.protect(open.accounts, from: .database, at: $1) }
      handle { $0.setTargets(open.targets, revision: open.revision, from: .database, at: $1) }
    } catch {
      fallbackAt = afterFailedRead(error)
    }
  }

  private func searchForMissed() {
    guard let fallback, let at = searchAt, clock.monotonicNow() >= at else { return }
    do {
      let open = try fallback.openTargets()
      searchAt = nil
      handle { $0.learn(open.targets, at: $1) }
    } catch {
      searchAt = afterFailedRead(error)
      setTimer()
    }
  }

  /// When the database is asked again.
  private func afterFailedRead(_ error: any Error) -> MonotonicInstant {
    failedFallbacks += 1
    let pause = TimeSpan.seconds(1 << min(failedFallbacks - 1, 5))
    logger.error(
      "Targets cannot be read from the database", metadata: ["error": "\(error)"])
    return clock.monotonicNow() + min(pause, EnforcerRole.longestFallbackPause)
  }

  private func setTimer() {
    guard let next = [controllerWakeAt, fallbackAt, searchAt].compactMap({ $0 }).min() else {
      return
    }
    timer.wake(at: next)
  }
}
