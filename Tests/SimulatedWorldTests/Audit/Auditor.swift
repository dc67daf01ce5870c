import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import VenueAPI

@testable import SimulatedVenue

/// Watches what happens at the venue, what is sent there and what is recorded, and objects. It goes
/// by the venue's truth and by promises alone: it shares no code with the engine and the enforcement.
final class Auditor {
  /// From the last fault to rest, at most: the longest pauses of the product are half a minute.
  static let bound = TimeSpan.seconds(100)
  /// As long as this ago the trader's act may still be under way to the enforcer.
  static let newsTakes = TimeSpan.seconds(8)
  /// As long as this ago a target may have ended that the enforcer still works for.
  static let endingTakes = TimeSpan.seconds(10)

  struct Subject: Hashable {
    var account: AccountID
    var contract: ContractID

    init(_ account: AccountID, _ contract: ContractID) {
      self.account = account
      self.contract = contract
    }
  }

  /// An order that a request of the enforcer made.
  struct OwnOrder {
    var movesBefore: Int
  }

  unowned let world: World
  let options: WorldOptions
  let clock: WorldClock
  private(set) var objections: [String] = []

  var sizes: [Subject: Int64] = [:]
  var realized: [AccountID: Money] = [:]
  var own: [OrderID: OwnOrder] = [:]
  /// Executions of the trader's orders.
  var moves: [Subject: Int] = [:]
  var movedAt: [Subject: TimeSpan] = [:]
  var traderActedAt: [AccountID: TimeSpan] = [:]
  /// What happened, by kind, for people.
  private(set) var counts: [String: Int] = [:]
  /// When closes of ours reached the venue.
  var closedAt: [Subject: [TimeSpan]] = [:]
  var pausesJudged: Set<TradeID> = []
  var record = RecordAudit()
  var requests = RequestAudit()

  init(_ world: World) {
    self.world = world
    options = world.options
    clock = world.clock
  }

  func object(_ text: String) {
    world.note("OBJECTION: \(text)")
    objections.append("\(text) (at \(clock.elapsed.milliseconds) ms)")
  }

  func count(_ kind: String) { counts[kind, default: 0] += 1 }

  /// What the venue did.
  func happened(_ event: ExchangeEvent) {
    switch event {
    case .trade(let trade): traded(trade)
    case .order(let order) where own[order.id] == nil && !isApplying:
      traderActedAt[order.order.account] = clock.elapsed
    default: return
    }
  }

  private func traded(_ trade: Trade) {
    let subject = Subject(trade.account, trade.contract)
    let before = sizes[subject] ?? 0
    let after = before + trade.side.sign * trade.size
    sizes[subject] = after
    count("executions")
    if let profit = trade.profit { realized[trade.account, default: .zero] += profit }
    guard isApplying || own[trade.order] != nil else {
      moves[subject, default: 0] += 1
      movedAt[subject] = clock.elapsed
      traderActedAt[trade.account] = clock.elapsed
      return
    }
    // What the trader did since a closing order was accepted is his own affair.
    if let order = own[trade.order], order.movesBefore != moves[subject, default: 0] { return }
    if abs(after) >= abs(before) {
      object("our order \(trade.order) takes \(trade.contract) from \(before) to \(after)")
    } else if before * after < 0 {
      object("our order \(trade.order) turns \(trade.contract) from \(before) to \(after)")
    }
  }

  private(set) var isApplying = false

  /// A request reaches the venue.
  func applying(
    _ request: VenueRequest, by life: Life, number: Int, _ body: () -> VenueReply
  ) -> VenueReply {
    if life.worker != .enforcer { object("the \(life.worker.rawValue) sends \(request.short)") }
    let before = world.venue.exchange.nextOrder
    arriving(request)
    count("requests that act")
    isApplying = true
    let reply = body()
    isApplying = false
    for id in before..<world.venue.exchange.nextOrder {
      guard let order = world.venue.exchange.orders[OrderID(id)]?.order else { continue }
      let subject = Subject(order.account, order.contract)
      own[order.id] = OwnOrder(movesBefore: moves[subject, default: 0])
    }
    return reply
  }

  func held(_ subject: Subject) -> Int64 { sizes[subject] ?? 0 }

  /// Whether the trader let the account alone for so long that everybody knows of it.
  func isUndisturbed(_ account: AccountID) -> Bool {
    traderActedAt[account].map { clock.elapsed - $0 > Auditor.newsTakes } ?? true
  }
}
