import Logging
import PeerProtocol
import RiskModel
import RiskRules

@testable import EvaluatorRole

/// The evaluator's role in a life of its process.
final class SimulatedEvaluator {
  let life: Life
  let feed: LinkEnd<FeedRequest, FeedMessage>
  let verdict: LinkEnd<VerdictMessage, VerdictReport>
  let role: EvaluatorRole
  private let side: EvaluatorSide

  /// `nil` when the disk cannot be read now.
  init?(_ world: World, _ life: Life) {
    guard let recovery = world.machine.disk.recover() else { return nil }
    self.life = life
    let epoch = world.machine.nextProducerEpoch()
    let feed = LinkEnd<FeedRequest, FeedMessage>(
      world, producerEpoch: epoch, committed: recovery.feed)
    let verdict = LinkEnd<VerdictMessage, VerdictReport>(
      world, producerEpoch: epoch, committed: recovery.verdict)
    self.feed = feed
    self.verdict = verdict
    let side = EvaluatorSide(world, life)
    self.side = side
    var settings = EvaluatorRole.Settings()
    settings.checkpointEvery = world.options.checkpointEvery
    let toGateway = EvaluatorSideLink(life, feed)
    let toEnforcer = EvaluatorSideLink(life, verdict)
    let rules = world.options.rules
    let told = world.broken?.rules(rules) ?? rules
    role = EvaluatorRole(
      engine: recovery.engine, configuration: told, settings: settings,
      journal: side, gateway: toGateway, enforcer: toEnforcer, host: side, clock: world.clock,
      logger: Logger(label: "evaluator") { _ in SwiftLogNoOpLogHandler() })
    if world.broken == .lockFirst { role.safeguards.remove(.lockFirst) }
    if world.broken == .durability { role.safeguards.remove(.durability) }
    side.role = role
    toGateway.everything = { [unowned role] in role.gatewayNeedsEverything() }
    toEnforcer.everything = { [unowned role] in role.enforcerNeedsEverything() }
    connect(world, toGateway, toEnforcer)
    side.tickLater()
  }

  private func connect(
    _ world: World, _ toGateway: EvaluatorSideLink<FeedRequest, FeedMessage>,
    _ toEnforcer: EvaluatorSideLink<VerdictMessage, VerdictReport>
  ) {
    feed.received = { [unowned self, life] in
      if !life.isOver { role.received($0, at: $1) }
    }
    feed.skipped = { [unowned self, life] in if !life.isOver { role.skippedFeed(at: $0) } }
    feed.snapshotNeeded = { toGateway.sendEverything() }
    feed.broken = { [unowned world] _ in world.machine.linkBroke(isFeed: true) }
    verdict.received = { [unowned self, life] in
      if !life.isOver { role.received($0, at: $1) }
    }
    verdict.skipped = { [unowned self, life] in if !life.isOver { role.skippedReport(at: $0) } }
    verdict.snapshotNeeded = { toEnforcer.sendEverything() }
    verdict.broken = { [unowned world] _ in world.machine.linkBroke(isFeed: false) }
  }
}

/// A link of the evaluator as its role sees it.
private final class EvaluatorSideLink<Outgoing: Codable & Sendable, Incoming: Codable & Sendable>:
  EvaluatorLink
{
  private let life: Life
  private let end: LinkEnd<Outgoing, Incoming>
  var everything: () -> [Outgoing] = { [] }

  init(_ life: Life, _ end: LinkEnd<Outgoing, Incoming>) {
    self.life = life
    self.end = end
  }

  func send(_ message: Outgoing) {
    _ = life.call("a message") { if !end.send(message) { sendEverything() } }
  }

  func sendEverything() { if !life.isOver { end.sendSnapshot(everything()) } }

  func commit(through position: StreamPosition) {
    if !life.isOver { end.commit(through: position) }
  }

  func flush() { if !life.isOver { end.flush() } }
}

/// The journal and the loop of the evaluator.
private final class EvaluatorSide: EvaluatorJournal, EvaluatorHost {
  private unowned let world: World
  private let life: Life
  weak var role: EvaluatorRole?
  private var deadline: Instant?
  private var hasTurned = false

  init(_ world: World, _ life: Life) {
    self.world = world
    self.life = life
  }

  func commit(_ batch: JournalBatch) throws(JournalError) {
    let dead = JournalError("the process is dead")
    let result = life.call("a commit") { () -> JournalError? in
      do throws(JournalError) {
        try world.machine.disk.commit(batch)
        return nil
      } catch {
        return error
      }
    }
    guard let result else { throw dead }
    if let error = result { throw error }
  }

  func makeDurable(_ completion: @escaping (Bool) -> Void) {
    guard !life.isOver else { return }
    world.machine.disk.synchronise()
    completion(true)
  }

  func freeBallast() -> Bool { false }

  func requestTurn() {
    var delay = TimeSpan.zero
    // The loop is held up: by a commit that takes long, or by whoever has the processor.
    // The first turn is queued by the start itself, before any link can be heard.
    if hasTurned, world.faultOccurs(world.options.faults.slowCommits) {
      delay = world.span(50...1_500)
    }
    hasTurned = true
    world.agenda.after(delay) { [weak self] in
      guard let self, !life.isOver, let role else { return }
      role.turn()
      wakeAtDeadline()
    }
  }

  private func wakeAtDeadline() {
    guard let next = role?.nextDeadline, next != deadline else { return }
    deadline = next
    world.agenda.after(next - world.clock.now()) { [weak self] in
      guard let self, !life.isOver, deadline == next else { return }
      deadline = nil
      role?.tick()
    }
  }

  func tickLater() {
    world.agenda.after(.seconds(1)) { [weak self] in
      guard let self, !life.isOver else { return }
      role?.tick()
      tickLater()
    }
  }

  func reportDegraded(_ reason: String?) {
    world.note("evaluator is \(reason.map { "degraded: \($0)" } ?? "well")")
  }
}
