import RiskModel
import RiskTestKit
import SimulatedVenue

/// A trader who does whatever he likes in the platform, and the market that he trades in.
final class Trader {
  private unowned let world: World
  private var isOver = false

  init(_ world: World) {
    self.world = world
  }

  func start() {
    tradeLater()
    for contract in world.options.contracts { moveLater(contract) }
  }

  /// He trades no more; the market goes on.
  func stop() { isOver = true }

  private func tradeLater() {
    world.agenda.after(world.span(20...Int(world.options.traderPause.milliseconds))) {
      [weak self] in
      guard let self, !isOver else { return }
      trade()
      tradeLater()
    }
  }

  private func moveLater(_ contract: ContractID) {
    world.agenda.after(world.span(50...Int(world.options.pricePause.milliseconds))) { [weak self] in
      guard let self else { return }
      move(contract)
      moveLater(contract)
    }
  }

  private func move(_ contract: ContractID) {
    guard let last = world.venue.exchange.markets[contract]?.last,
      let tick = world.venue.exchange.contracts[contract]?.specification.tickSize.nanos
    else { return }
    // While nobody trades any more the market only trembles.
    let reach = isOver ? 1 : 8
    let ticks = Int64(world.random.below(2 * reach + 1) - reach)
    guard ticks != 0 else { return }
    world.venue.act { try? $0.setPrice(contract, last: Price(nanos: last.nanos + ticks * tick)) }
  }

  private func trade() {
    let account = world.random.pick(world.options.accounts)
    let contract = world.random.pick(world.options.contracts)
    let held = world.venue.exchange.signedSize(of: account, contract)
    let side: Side = world.random.chance(50) ? .buy : .sell
    if world.auditor.isLocked(account), !world.random.chance(world.options.stubbornness) { return }
    switch world.random.below(10) {
    case 0, 1, 2:
      place(account, contract, .market, side, Int64(1 + world.random.below(4)))
    case 3 where held != 0:
      place(account, contract, .market, held > 0 ? .sell : .buy, abs(held))
    case 4 where abs(held) > 1:
      place(account, contract, .market, held > 0 ? .sell : .buy, 1)
    case 5, 6:
      rest(account, contract, side, Int64(1 + world.random.below(3)))
    case 7 where held != 0:
      protect(account, contract, held)
    case 8:
      bracket(account, contract, side)
    case 9:
      cancelOne(of: account)
    default:
      place(account, contract, .market, side, 1)
    }
  }

  private func place(
    _ account: AccountID, _ contract: ContractID, _ type: OrderType, _ side: Side, _ size: Int64,
    limit: Price? = nil, stop: Price? = nil
  ) {
    world.note("trader \(account) \(contract.root) \(side) \(size) type \(type.rawValue)")
    let ticket = OrderTicket(
      account: account, contract: contract, type: type, side: side, size: size, limitPrice: limit,
      stopPrice: stop)
    world.venue.act { _ = try? $0.place(ticket, from: .platform) }
  }

  private func level(_ contract: ContractID, ticks: Int64) -> Price? {
    guard let last = world.venue.exchange.markets[contract]?.last,
      let tick = world.venue.exchange.contracts[contract]?.specification.tickSize.nanos
    else { return nil }
    return Price(nanos: last.nanos + ticks * tick)
  }

  /// An order that rests on either side, an entry or an exit as it happens.
  private func rest(_ account: AccountID, _ contract: ContractID, _ side: Side, _ size: Int64) {
    let distance = Int64(3 + world.random.below(20))
    if world.random.chance(60) {
      let limit = level(contract, ticks: -side.sign * distance)
      place(account, contract, .limit, side, size, limit: limit)
    } else {
      let stop = level(contract, ticks: side.sign * distance)
      place(account, contract, .stop, side, size, stop: stop)
    }
  }

  private func protect(_ account: AccountID, _ contract: ContractID, _ held: Int64) {
    let side: Side = held > 0 ? .sell : .buy
    let distance = Int64(4 + world.random.below(12))
    let stop = level(contract, ticks: side.sign * distance)
    place(account, contract, .stop, side, abs(held), stop: stop)
  }

  private func bracket(_ account: AccountID, _ contract: ContractID, _ side: Side) {
    let distance = Int64(4 + world.random.below(10))
    let size = Int64(1 + world.random.below(2))
    let ticket = OrderTicket(
      account: account, contract: contract, type: .market, side: side, size: size,
      stopLoss: BracketLeg(ticks: -side.sign * distance, type: .stop),
      takeProfit: BracketLeg(ticks: side.sign * distance, type: .limit))
    world.note("trader \(account) \(contract.root) \(side) \(size) with a bracket")
    world.venue.act { _ = try? $0.place(ticket, from: .platform) }
  }

  private func cancelOne(of account: AccountID) {
    let resting = world.venue.exchange.workingOrders(of: account)
      .filter { $0.status == .open && $0.type != .market }
    guard !resting.isEmpty else { return }
    let order = world.random.pick(resting)
    world.note("trader cancels \(order.id)")
    world.venue.act { _ = try? $0.cancel(order.id, of: account, from: .platform) }
  }
}
