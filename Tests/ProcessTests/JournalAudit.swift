import FoundationEssentials
import RiskModel
import SimulatedVenue
import Store

/// What the journal says about the accounts, read independently of the engine.
struct JournalAudit {
  private struct Wrapped<Value: Decodable>: Decodable {
    var value: Value

    enum CodingKeys: String, CodingKey {
      case value = "_0"
    }
  }

  private struct Input: Decodable {
    var event: Wrapped<Event>?
    var snapshot: Wrapped<AccountSnapshot>?
    var differences: Wrapped<AccountDifferences>?
  }

  private struct Event: Decodable {
    var trade: Wrapped<Trade>?
    var position: Wrapped<Position>?
    var order: Wrapped<Order>?
    var account: Wrapped<Account>?
  }

  private struct Decision: Decodable {
    struct Breach: Decodable {
      var account: AccountID
      var target: TargetID
    }

    var breach: Wrapped<Breach>?
  }

  struct Breach: Equatable {
    var account: AccountID
    var target: TargetID
  }

  private(set) var rows = 0
  private(set) var trades: Set<TradeID> = []
  /// Executions that more than one event told.
  private(set) var repeatedTrades: Set<TradeID> = []
  private var toldTrades: Set<TradeID> = []
  private(set) var breaches: [Breach] = []
  /// What reads showed that no event had told.
  private(set) var differences: [AccountDifferences] = []
  /// Executions of which only a list told. Balances and positions carry no time of change, so a list
  /// of them that is asked for while the account trades may be newer than an event on its way.
  var missed: [SourceDifference] {
    differences.flatMap(\.listed).filter {
      if case .tradeMissed = $0 { true } else { false }
    }
  }
  /// Prices of what is held, in the order in which they counted.
  private(set) var marks: [JournalMark] = []
  private var positions: [AccountID: [ContractID: Int64]] = [:]
  private var orders: [AccountID: Set<OrderID>] = [:]
  private var balances: [AccountID: Money] = [:]
  private var nextOrdinal: Int64 = 0
  private let decoder = JSONDecoder()

  func positions(_ account: AccountID) -> [ContractID: Int64] { positions[account] ?? [:] }
  func workingOrders(_ account: AccountID) -> Set<OrderID> { orders[account] ?? [] }
  func balance(_ account: AccountID) -> Money? { balances[account] }

  /// Takes on what was recorded since the last time.
  mutating func advance(_ store: Store) throws {
    var cursor = store.readJournal(from: nextOrdinal)
    while let row = try cursor.next() {
      nextOrdinal = row.ordinal + 1
      rows += 1
      if let effects = row.effects {
        for decision in try decoder.decode([Decision].self, from: Data(effects)) {
          guard let breach = decision.breach?.value else { continue }
          breaches.append(Breach(account: breach.account, target: breach.target))
        }
      }
      if case .mark(let mark) = row.content { marks.append(mark) }
      guard case .input(_, let payload) = row.content else { continue }
      try take(try decoder.decode(Input.self, from: Data(payload)))
    }
  }

  private mutating func take(_ input: Input) throws {
    if let found = input.differences?.value { differences.append(found) }
    if let snapshot = input.snapshot?.value {
      let account = snapshot.account.id
      trades.formUnion(snapshot.trades.map(\.id))
      balances[account] = snapshot.account.balance
      orders[account] = Set(snapshot.workingOrders.map(\.id))
      positions[account] = Dictionary(
        uniqueKeysWithValues: snapshot.positions.filter { !$0.isFlat }.map {
          ($0.contract, $0.signedSize)
        })
    }
    guard let event = input.event?.value else { return }
    if let trade = event.trade?.value {
      trades.insert(trade.id)
      if !toldTrades.insert(trade.id).inserted { repeatedTrades.insert(trade.id) }
    }
    if let account = event.account?.value { balances[account.id] = account.balance }
    if let order = event.order?.value {
      if order.status.isWorking {
        orders[order.account, default: []].insert(order.id)
      } else {
        orders[order.account]?.remove(order.id)
      }
    }
    if let position = event.position?.value {
      positions[position.account, default: [:]][position.contract] =
        position.isFlat ? nil : position.signedSize
    }
  }
}

extension RiskdStage {
  /// In what the journal does not say what the venue's own books say.
  func differences(from journal: JournalAudit, _ accounts: [AccountID]) -> [String] {
    accounts.flatMap { account -> [String] in
      var found: [String] = []
      let missing = venue.trades(account).count { !journal.trades.contains($0.id) }
      if missing > 0 { found.append("\(account): \(missing) executions are missing") }
      let positions = Dictionary(
        uniqueKeysWithValues: venue.positions(account).map { ($0.contract, $0.signedSize) })
      if journal.positions(account) != positions {
        found.append("\(account): holds \(positions), not \(journal.positions(account))")
      }
      let orders = Set(venue.workingOrders(account).map(\.id))
      if journal.workingOrders(account) != orders {
        found.append("\(account): orders \(orders), not \(journal.workingOrders(account))")
      }
      let balance = venue.account(account)?.account.balance
      if journal.balance(account) != balance {
        found.append(
          "\(account): balance \(balance.map { "\($0)" } ?? "-"), not "
            + "\(journal.balance(account).map { "\($0)" } ?? "-")")
      }
      return found
    }
  }
}
