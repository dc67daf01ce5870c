import RiskModel
import RiskTestKit
import VenueAPI

@testable import SimulatedVenue

/// The venue of the world: the matching engine of the simulated venue in the world's time, with
/// the JSON of its REST replies and hub events. Who hears of it and when is the network's business.
final class WorldFloor {
  private(set) var exchange: SimulatedExchange
  private let clock: WorldClock
  private let agenda: Agenda
  private var sessions: Sessions
  private var dueAt: Instant?
  /// Told what happened, in order; the truth that the auditor goes by.
  var happened: ([ExchangeEvent]) -> Void = { _ in }

  init(_ options: WorldOptions, clock: WorldClock, agenda: Agenda) {
    self.clock = clock
    self.agenda = agenda
    sessions = Sessions(seed: options.seed &+ 7)
    var behaviour = ExchangeBehaviour()
    behaviour.acceptanceDelay = options.acceptanceDelay
    behaviour.cancellationDelay = options.cancellationDelay
    exchange = SimulatedExchange(
      accounts: options.accounts.map { id in
        let name = "ACCOUNT-\(id)"
        let account = Account(id: id, name: name, balance: Money(dollars: 50_000), canTrade: true)
        return TradingAccount(account: account, bracketMode: .autoOCO)
      },
      contracts: ListedContract.catalogue.filter { options.contracts.contains($0.id) },
      behaviour: behaviour, startingAt: clock.venueNow)
  }

  /// Does something to the exchange and tells what came of it.
  func act<Value>(_ body: (inout SimulatedExchange) -> Value) -> Value {
    exchange.advance(to: clock.venueNow)
    let value = body(&exchange)
    settle()
    return value
  }

  private func settle() {
    exchange.advance(to: clock.venueNow)
    let events = exchange.takeEvents()
    if !events.isEmpty { happened(events) }
    guard let due = exchange.nextDue, due != dueAt else { return }
    dueAt = due
    agenda.after(due - clock.venueNow) { [weak self] in
      guard let self else { return }
      dueAt = nil
      settle()
    }
  }

  /// The arguments of a hub event as the venue writes them, with its method; `nil` for what nobody
  /// subscribes to here.
  func message(of event: ExchangeEvent) -> (hub: VenueHub, target: String, arguments: [UInt8])? {
    let style = WireStyle(timestamps: .hundredNanoseconds, writesNulls: false)
    func user(_ target: String, _ action: Int, _ data: JSONValue) -> (VenueHub, String, [UInt8]) {
      let payload = JSONValue.object(["action": .integer(action), "data": data])
      return (.user, target, JSONValue.array([payload]).jsonBytes)
    }
    switch event {
    case .account(let account):
      return user("GatewayUserAccount", 1, style.account(account))
    case .order(let order):
      return user("GatewayUserOrder", 1, style.order(order, symbolID: "F"))
    case .position(let position):
      return user(
        "GatewayUserPosition", position.isFlat ? 2 : 1,
        style.position(position, displayName: "F"))
    case .trade(let trade):
      return user("GatewayUserTrade", 0, style.trade(trade))
    case .quote(let contract, let change, let at):
      var members = [JSONMember("symbol", .string("F"))]
      if let last = change.last { members.append(JSONMember("lastPrice", style.price(last))) }
      if let bid = change.bid { members.append(JSONMember("bestBid", style.price(bid))) }
      if let ask = change.ask { members.append(JSONMember("bestAsk", style.price(ask))) }
      members.append(JSONMember("timestamp", style.time(at)))
      let arguments = JSONValue.array([.string(contract.text), .object(members)])
      return (.market, "GatewayQuote", arguments.jsonBytes)
    case .print:
      return nil
    }
  }
}

// The REST interface.
extension WorldFloor {
  private static let pageSize = 100

  /// Reads or changes the venue now.
  func answer(_ request: VenueRequest) -> VenueReply {
    exchange.advance(to: clock.venueNow)
    let body = self.body(request)
    let seconds = clock.venueNow.nanosSinceEpoch / Instant.nanosPerSecond
    return VenueReply(
      status: 200, body: body.jsonBytes, date: Instant(secondsSinceEpoch: seconds))
  }

  private func body(_ request: VenueRequest) -> JSONValue {
    let style = WireStyle.rest
    switch request {
    case .loginKey:
      let token = sessions.issue(lifetime: .seconds(86_400), at: clock.venueNow)
      return .envelope(["token": .string(token)])
    case .validate:
      return .envelope(["newToken": .null])
    case .accountSearch:
      let rows = exchange.accountIDs.compactMap { exchange.accounts[$0] }.map(style.account)
      return .envelope(["accounts": .array(rows)])
    case .contractAvailable:
      let rows = exchange.contractIDs.compactMap { exchange.contracts[$0] }.map(style.contract)
      return .envelope(["contracts": .array(rows)])
    case .contractSearchByID(let id):
      guard let contract = exchange.contracts[id] else { return refused(1) }
      return .envelope(["contract": style.contract(contract)])
    case .orderQuery(let account, let statuses, let offset):
      let rows = exchange.workingOrders(of: account).filter { statuses.contains($0.status) }
        .compactMap { exchange.orders[$0.id] }.map { style.order($0, symbolID: "F") }
      let page = rows.dropFirst(offset).prefix(Self.pageSize)
      return .envelope(["orders": .array(Array(page)), "totalCount": .integer(rows.count)])
    case .positionSearchOpen(let account):
      let rows = exchange.openPositions(of: account).map { style.position($0, displayName: "F") }
      return .envelope(["positions": .array(rows)])
    case .tradeSearch(let account, let from, let to):
      let rows = exchange.trades.filter { trade in
        trade.account == account && trade.executedAt >= from
          && to.map { trade.executedAt <= $0 } != false
      }
      return .envelope(["trades": .array(rows.map(style.trade))])
    default:
      return change(request)
    }
  }

  private func change(_ request: VenueRequest) -> JSONValue {
    do {
      switch request {
      case .orderPlace(let order):
        let ticket = OrderTicket(
          account: order.account, contract: order.contract, type: order.type, side: order.side,
          size: order.size, limitPrice: order.limitPrice, stopPrice: order.stopPrice,
          customTag: order.customTag)
        let id = try act { exchange in Result { try exchange.place(ticket) } }.get()
        return .envelope(["orderId": .integer(id.number)])
      case .orderModify(let account, let order, let change):
        let change = SimulatedVenue.OrderChange(
          size: change.size, limitPrice: change.limitPrice, stopPrice: change.stopPrice)
        try act { exchange in Result { try exchange.modify(order, of: account, change) } }.get()
      case .orderCancel(let account, let order):
        try act { exchange in Result { try exchange.cancel(order, of: account) } }.get()
      case .positionClose(let account, let contract):
        try act { exchange in Result { try exchange.close(account, contract) } }.get()
      case .positionPartialClose(let account, let contract, let size):
        try act { exchange in
          Result { try exchange.partialClose(account, contract, size: size) }
        }.get()
      default:
        preconditionFailure("Invariant: nobody in the world sends \(request)")
      }
      return .envelope([:])
    } catch let refusal as any NumberedRefusal {
      return refused(refusal.number)
    } catch {
      preconditionFailure("Invariant: the exchange refuses with a code, not \(error)")
    }
  }

  private func refused(_ code: Int) -> JSONValue { .envelope([:], success: false, code: code) }
}

/// A refusal with the number of its endpoint.
private protocol NumberedRefusal: Error {
  var number: Int { get }
}

extension SimulatedVenue.Refusal: NumberedRefusal {
  var number: Int { code.rawValue }
}
