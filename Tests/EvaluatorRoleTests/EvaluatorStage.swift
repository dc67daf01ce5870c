import EvaluatorRole
import Logging
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit

/// An evaluator with everything around it in memory.
final class EvaluatorStage {
  final class Clock: RiskModel.Clock, @unchecked Sendable {
    // Safety: a stage stays on the thread of its test.
    var instant = Sample.morning
    func now() -> Instant { instant }
    func monotonicNow() -> MonotonicInstant {
      MonotonicInstant(nanos: instant.nanosSinceEpoch - Sample.morning.nanosSinceEpoch)
    }
  }

  final class Journal: EvaluatorJournal {
    var batches: [JournalBatch] = []
    var failure: JournalError?
    var durablePoints = 0
    /// What the disk answers when it is asked to keep something; `nil` while it does not answer.
    var takesIt: Bool? = true
    var unanswered: [(Bool) -> Void] = []
    var ballast = true
    var order: [String] = []

    func commit(_ batch: JournalBatch) throws(JournalError) {
      if let failure { throw failure }
      batches.append(batch)
      order.append("commit")
    }
    func makeDurable(_ completion: @escaping (Bool) -> Void) {
      durablePoints += 1
      order.append("durable")
      if let takesIt { completion(takesIt) } else { unanswered.append(completion) }
    }
    func freeBallast() -> Bool {
      defer { ballast = false }
      return ballast
    }
    var entries: [JournalEntry] { batches.flatMap(\.entries) }
  }

  final class Link<Outgoing>: EvaluatorLink {
    var sent: [Outgoing] = []
    var committed: [StreamPosition] = []
    let note: () -> Void

    init(_ note: @escaping () -> Void) {
      self.note = note
    }
    func send(_ message: Outgoing) {
      sent.append(message)
      note()
    }
    func commit(through position: StreamPosition) { committed.append(position) }
    func flush() {}
  }

  final class Host: EvaluatorHost {
    var turnsWanted = 0
    var degraded: [String?] = []
    func requestTurn() { turnsWanted += 1 }
    func reportDegraded(_ reason: String?) { degraded.append(reason) }
  }

  final class Audit: EvaluatorAudit {
    var decisions: [AuditedDecision] = []
    var noted: () -> Void = {}
    func record(_ decisions: [AuditedDecision], at: Instant) {
      self.decisions += decisions
      noted()
    }
  }

  let audit = Audit()
  let clock = Clock()
  let journal = Journal()
  let host = Host()
  let gateway: Link<FeedRequest>
  let enforcer: Link<VerdictMessage>
  var role: EvaluatorRole
  private var sequence: Int64 = 0

  convenience init(
    _ configuration: RiskConfiguration, engine: RiskEngine = RiskEngine(),
    settings: EvaluatorRole.Settings = EvaluatorRole.Settings(), quietStart: Bool = false
  ) {
    self.init(
      [Sample.account: configuration], engine: engine, settings: settings, quietStart: quietStart)
  }

  init(
    _ configuration: [AccountID: RiskConfiguration], engine: RiskEngine = RiskEngine(),
    settings: EvaluatorRole.Settings = EvaluatorRole.Settings(), quietStart: Bool = false
  ) {
    let journal = journal
    gateway = Link { journal.order.append("gateway") }
    enforcer = Link { journal.order.append("enforcer") }
    role = EvaluatorRole(
      engine: engine, configuration: configuration, settings: settings,
      journal: journal, gateway: gateway, enforcer: enforcer, host: host, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, audit: audit)
    if !quietStart {
      role.turn()
      feed(.venueTime(clock.instant, receivedAt: clock.instant))
      for contract in Sample.contracts { feed(.contract(contract)) }
    }
  }

  /// Hands one message of the gateway over and lets the role take its turns.
  func feed(_ message: FeedMessage, life: Int64 = 1) {
    sequence += 1
    role.received(message, at: StreamPosition(producerEpoch: life, sequence: sequence))
    turn()
  }

  func feed(_ event: VenueEvent) {
    feed(.event(event, receivedAt: clock.instant, readAt: clock.monotonicNow()))
  }

  func report(_ report: VerdictReport) {
    sequence += 1
    role.received(report, at: StreamPosition(producerEpoch: 2, sequence: sequence))
    turn()
  }

  func turn() {
    while host.turnsWanted > 0 {
      host.turnsWanted = 0
      role.turn()
    }
  }

  func hold(_ contract: ContractID, _ size: Int64, at price: String = "20000", id: Int64 = 1) {
    feed(
      .position(
        Position(
          id: id, account: Sample.account, contract: contract, openedAt: clock.instant,
          signedSize: size, averagePrice: .at(price))))
  }

  func trade(_ profit: String, id: Int64) {
    feed(
      .trade(
        Trade(
          id: TradeID(id), account: Sample.account, contract: Sample.mnq,
          executedAt: clock.instant, price: .at("20000"), profit: .of(profit), fees: .zero,
          side: .sell, size: 1, order: OrderID(id))))
  }

  var adopted: [Target] {
    enforcer.sent.compactMap { if case .adopt(_, let target, _) = $0 { target } else { nil } }
  }
}
