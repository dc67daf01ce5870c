import NIOCore
import RiskModel

/// A price on its way.
final class PriceRun: StartableRun {
  private let move: PriceMove
  private let clock: ScenarioClock
  private unowned let floor: VenueFloor
  private var timer: Scheduled<Void>?
  private var origin = Price(nanos: 0)
  private var stepsDone: Int64 = 0

  init(_ move: PriceMove, floor: VenueFloor, clock: ScenarioClock) {
    self.move = move
    self.floor = floor
    self.clock = clock
  }

  private var steps: Int64 { max(1, move.duration.nanos / max(1, move.interval.nanos)) }

  func start() {
    origin = floor.exchange.markets[move.contract]?.last ?? move.target
    setTimer()
  }

  func stop() {
    timer?.cancel()
  }

  private func setTimer() {
    let span = TimeSpan(nanos: move.duration.nanos / steps)
    timer = floor.schedule(after: clock.realSpan(span)) { [self] _ in step() }
  }

  private func step() {
    stepsDone += 1
    if let contract = floor.exchange.contracts[move.contract] {
      let ticks = contract.wholeTicks(from: origin, to: move.target) * stepsDone / steps
      let price = stepsDone == steps ? move.target : contract.price(origin, plusTicks: ticks)
      try? floor.setPrice(move.contract, QuoteChange(last: price))
    }
    if stepsDone < steps { setTimer() } else { floor.ended(self) }
  }
}

/// Orders and quotes that come by themselves. They are not told in the story.
final class TrafficRun: StartableRun {
  private static let interval = TimeSpan.milliseconds(10)

  private let plan: TrafficPlan
  private unowned let floor: VenueFloor
  private var timer: Scheduled<Void>?
  private let startedAt = VenueClock.monotonicNow()
  private var ordersSent: Int64 = 0
  private var quotesSent: Int64 = 0

  init(_ plan: TrafficPlan, floor: VenueFloor) {
    self.plan = plan
    self.floor = floor
  }

  func start() {
    timer = floor.schedule(after: TrafficRun.interval) { [self] _ in tick() }
  }

  func stop() {
    timer?.cancel()
  }

  private func tick() {
    let elapsed = VenueClock.monotonicNow() - startedAt
    let time = min(elapsed, plan.duration ?? elapsed)
    let ordersDue = due(plan.ordersPerSecond, time)
    floor.emit(
      orders: Int(ordersDue - ordersSent), firstOpens: ordersSent % 2 == 0, plan.account,
      plan.contract)
    ordersSent = ordersDue
    let quotesDue = due(plan.quotesPerSecond, time)
    floor.emit(
      quotes: Int(quotesDue - quotesSent), firstRises: quotesSent % 2 == 0, plan.contract)
    quotesSent = quotesDue
    if let duration = plan.duration, elapsed >= duration {
      floor.ended(self)
    } else {
      start()
    }
  }

  private func due(_ perSecond: Int, _ time: TimeSpan) -> Int64 {
    Int64(Int128(time.nanos) * Int128(perSecond) / Int128(Instant.nanosPerSecond))
  }
}

extension VenueFloor {
  /// Sends one-lot market orders that buy and sell in turn. Each one that is accepted is five
  /// events: order pending, order filled, trade, position, account.
  func emit(orders: Int, firstOpens: Bool = true, _ account: AccountID, _ contract: ContractID) {
    let told = tellsExecutions
    tellsExecutions = false
    defer { tellsExecutions = told }
    for index in 0..<max(0, orders) {
      let side: Side = (index % 2 == 0) == firstOpens ? .buy : .sell
      perform { exchange in
        _ = try? exchange.place(
          OrderTicket(account: account, contract: contract, type: .market, side: side, size: 1),
          from: .platform)
      }
    }
  }

  /// Moves the last price one tick up and down in turn.
  func emit(quotes: Int, firstRises: Bool = true, _ contract: ContractID) {
    guard let listed = exchange.contracts[contract] else { return }
    for index in 0..<max(0, quotes) {
      let ticks: Int64 = (index % 2 == 0) == firstRises ? 1 : -1
      let last = exchange.markets[contract]?.last ?? listed.startPrice
      perform { exchange in
        try? exchange.setPrice(contract, last: listed.price(last, plusTicks: ticks))
      }
    }
  }
}
