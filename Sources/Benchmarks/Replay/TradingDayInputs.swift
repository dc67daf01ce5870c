package import RiskModel
package import RiskRules

/// The inputs of a busy trading day that stays below every limit: one account, one contract, one lot
/// that is bought and sold in turn. The same on every machine.
package struct TradingDayInputs: Sequence, IteratorProtocol {
  package struct Timed: Equatable, Sendable {
    package var input: EngineInput
    package var at: Instant
  }

  /// Marks after each event of the venue while a position is held.
  package let marksPerEvent: Int
  private var waiting: [EngineInput]
  private var now = Instant(secondsSinceEpoch: 1_795_017_600)
  private var orders: Int64 = 0
  private var prices: Int64 = 0

  private static let account = AccountID(1001)
  private static let contract = ContractID("CON.F.US.MNQ.Z26")
  private static let step = TimeSpan.milliseconds(1)
  private static let tick = Price(nanos: 250_000_000)

  package init(marksPerEvent: Int) {
    self.marksPerEvent = marksPerEvent
    let account = Account(
      id: Self.account, name: "BENCH", balance: Money(dollars: 50_000), canTrade: true)
    waiting = [
      .configuration([Self.account: Self.configuration]),
      .tick(venueTime: now),
      .event(
        .contract(
          ContractSpecification(
            id: Self.contract, name: "MNQZ6", tickSize: Self.tick,
            tickValue: Money(micros: 500_000)))),
      .snapshot(
        AccountSnapshot(
          account: account, positions: [], workingOrders: [], trades: [], startedAt: now)),
    ]
  }

  package mutating func next() -> Timed? {
    if waiting.isEmpty { fill() }
    now = now + Self.step
    return Timed(input: waiting.removeFirst(), at: now)
  }

  /// One order from its placement to the account's new balance.
  private mutating func fill() {
    orders += 1
    let isBuy = orders % 2 == 1
    let price = self.price
    var order = Order(
      id: OrderID(orders), account: Self.account, contract: Self.contract, createdAt: now,
      status: .pending, type: .market, side: isBuy ? .buy : .sell, size: 1)
    add(.order(order))
    order.status = .filled
    order.filledSize = 1
    order.filledPrice = price
    add(.order(order))
    add(
      .trade(
        Trade(
          id: TradeID(orders), account: Self.account, contract: Self.contract, executedAt: now,
          price: price, profit: isBuy ? nil : .zero, fees: Money(micros: 360_000),
          side: order.side, size: 1, order: order.id)))
    add(
      .position(
        Position(
          id: orders / 2, account: Self.account, contract: Self.contract, openedAt: now,
          signedSize: isBuy ? 1 : 0, averagePrice: price)))
    add(
      .account(
        Account(
          id: Self.account, name: "BENCH", balance: Money(dollars: 50_000), canTrade: true)))
  }

  private mutating func add(_ event: VenueEvent) {
    waiting.append(.event(event))
    for _ in 0..<marksPerEvent {
      prices += 1
      waiting.append(.mark(Mark(contract: Self.contract, field: .last, price: price)))
    }
  }

  /// One tick up and down in turn.
  private var price: Price {
    Price(points: 21_000) + (prices % 2 == 0 ? Price(nanos: 0) : Self.tick)
  }

  package static let configuration = RiskConfiguration(
    maxContracts: MaxContracts.Parameters(limit: 5),
    maxContractsPerInstrument: MaxContractsPerInstrument.Parameters(
      limits: [SymbolRoot("MNQ"): 2]),
    dailyRealizedLoss: DailyRealizedLoss.Parameters(lossLimit: Money(dollars: 1_000_000)),
    dailyUnrealizedLoss: DailyUnrealizedLoss.Parameters(lossLimit: Money(dollars: 300)),
    maxUnrealizedProfit: MaxUnrealizedProfit.Parameters(
      mode: .profitTarget(Money(dollars: 1_000))),
    symbolBlocks: SymbolBlocks.Parameters(blocked: [SymbolRoot("RTY")]))
}
