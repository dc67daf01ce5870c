import RiskModel

/// RULE-012 `trade_management`: gives a position a stop and moves it in the trader's favour.
///
/// A position without a stop gets one (`auto_stop_loss`); a stop moves to the entry once the position
/// is far enough in profit (`auto_breakeven`) and follows the best price from there (`trailing_stop`).
/// The decision is the price of one stop a position, which only ever tightens, at most once a second,
/// and which is never on the far side of the market. The stop that was placed grows with a position
/// that is added to and shrinks with one that is reduced, so that the stops together cover it and no
/// more; its price stays. The trader's own stop is moved and not resized. Nothing is decided for a
/// contract without a price, for a position without a stop when none may be placed, and while the
/// account or the contract is being closed; during a break, in which what is open may stay, stops
/// are moved as before.
package struct TradeManagement: RiskRule {
  static let id = RuleID.tradeManagement
  var parameters: Parameters

  /// Stops of a bracket may arrive a moment after their position.
  static let settlingTime = TimeSpan.seconds(1)
  static let shortestInterval = TimeSpan.seconds(1)

  struct Memory: Equatable, Sendable, StartsEmpty {
    var managed: [ContractID: Managed] = [:]
    var lookedAt: Instant?
  }

  struct Managed: Equatable, Sendable, Codable {
    var episode: Int64
    var since: Instant
    /// The best mark of the episode.
    var best: Price?
    /// The last price that was decided, and when.
    var stop: Price?
    var changedAt: Instant?
  }

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) -> [Verdict] {
    memory.lookedAt = view.now
    let positions = view.state.positions
    memory.managed = memory.managed.filter { positions[$0.key]?.episode == $0.value.episode }
    return view.openPositions.compactMap { held in
      let contract = held.position.contract
      var managed =
        memory.managed[contract] ?? Managed(episode: held.episode, since: view.now)
      defer { memory.managed[contract] = managed }
      guard let data = view.contract(contract), let mark = view.mark(of: held.position) else {
        return nil
      }
      let side = StopSide(held.position, tick: data.tickSize)
      managed.best = managed.best.map { side.better($0, mark) } ?? mark
      guard !isTakenOut(contract, view), isTimely(managed, view),
        let wish = wish(held, managed, mark, side, view)
      else { return nil }
      managed.stop = wish.price
      managed.changedAt = view.now
      return Verdict(
        .stopWanted(contract: contract, by: wish.cause),
        .protected(
          contract,
          ProtectiveStop(
            side: held.position.exitSide, price: wish.price,
            movesOnly: parameters.autoStopTicks == nil ? true : nil)),
        until: .episode)
    }
  }

  func deadline(_ view: AccountView, _ memory: Memory) -> Instant? {
    guard let lookedAt = memory.lookedAt else { return nil }
    return memory.managed.values.compactMap { managed -> Instant? in
      let moment = managed.changedAt.map { $0 + interval } ?? managed.since + Self.settlingTime
      return moment > lookedAt ? moment : nil
    }.min()
  }

  private var interval: TimeSpan {
    max(Self.shortestInterval, parameters.trailing?.interval ?? Self.shortestInterval)
  }

  private func isTimely(_ managed: Managed, _ view: AccountView) -> Bool {
    // A clock that was set back does not silence the rule.
    guard let changedAt = managed.changedAt, changedAt <= view.now else { return true }
    return view.now - changedAt >= interval
  }

  private func isTakenOut(_ contract: ContractID, _ view: AccountView) -> Bool {
    view.targets.contains { target in
      switch target.goal {
      case .flatAccount: true
      case .flat(let other): other == contract
      case .atMost, .noNewExposure, .cancelled, .protected: false
      }
    }
  }

  private struct Wish {
    var price: Price
    var cause: StopCause
  }

  private func wish(
    _ held: PositionState, _ managed: Managed, _ mark: Price, _ side: StopSide, _ view: AccountView
  ) -> Wish? {
    let entry = held.position.averagePrice
    let stops = view.stops(of: held.position)
    // Without a stop of his the trader is told nothing: none was asked for.
    if stops.isEmpty, parameters.autoStopTicks == nil { return nil }
    var wishes: [Wish] = []
    if stops.isEmpty, managed.stop == nil {
      guard let ticks = parameters.autoStopTicks, view.now - managed.since >= Self.settlingTime
      else { return nil }
      wishes.append(Wish(price: side.away(from: entry, ticks: -ticks), cause: .noStop))
    }
    if let breakeven = parameters.breakeven,
      side.ticks(from: entry, to: mark) >= breakeven.triggerTicks
    {
      wishes.append(
        Wish(price: side.away(from: entry, ticks: breakeven.offsetTicks), cause: .breakeven))
    }
    if let trailing = parameters.trailing, let best = managed.best,
      side.ticks(from: entry, to: best) >= trailing.activationTicks
    {
      wishes.append(
        Wish(price: side.away(from: best, ticks: -trailing.distanceTicks), cause: .trailing))
    }
    // One tick on the losing side of the market is as tight as a stop can be.
    let tightest = side.away(from: mark, ticks: -1)
    let known =
      stops.filter { $0.status != .suspended }.compactMap(\.stopPrice)
      + [managed.stop]
      .compactMap { $0 }
    let best = wishes.map { wish in
      let price = side.onGrid(wish.price)
      return Wish(
        price: side.isBetter(price, tightest) ? side.onGridBehind(tightest) : price,
        cause: wish.cause)
    }.reduce(nil as Wish?) { best, wish in
      best.map { side.isBetter(wish.price, $0.price) ? wish : $0 } ?? wish
    }
    guard let best, known.allSatisfy({ side.isBetter(best.price, $0) }) else { return nil }
    return best
  }
}

/// Prices seen from a position: better is where it wins.
private struct StopSide {
  private let sign: Int64
  private let tick: Int64

  init(_ position: Position, tick: Price) {
    sign = position.signedSize.signum()
    self.tick = tick.nanos
  }

  func isBetter(_ price: Price, _ other: Price) -> Bool {
    (price.nanos - other.nanos) * sign > 0
  }

  func better(_ first: Price, _ second: Price) -> Price {
    isBetter(second, first) ? second : first
  }

  func away(from price: Price, ticks: Int64) -> Price {
    Price(nanos: price.nanos + ticks * tick * sign)
  }

  /// Whole ticks that the position wins between two prices; negative where it loses.
  func ticks(from entry: Price, to price: Price) -> Int64 {
    let distance = (price.nanos - entry.nanos) * sign
    return distance >= 0 ? distance / tick : -((-distance + tick - 1) / tick)
  }

  /// The nearest price of the grid that is not worse.
  func onGrid(_ price: Price) -> Price {
    let below = floorOnGrid(price.nanos)
    guard below != price.nanos, sign > 0 else { return Price(nanos: below) }
    return Price(nanos: below + tick)
  }

  /// The nearest price of the grid that is not better.
  func onGridBehind(_ price: Price) -> Price {
    let below = floorOnGrid(price.nanos)
    guard below != price.nanos, sign < 0 else { return Price(nanos: below) }
    return Price(nanos: below + tick)
  }

  private func floorOnGrid(_ nanos: Int64) -> Int64 {
    let remainder = nanos % tick
    return remainder < 0 ? nanos - remainder - tick : nanos - remainder
  }
}
