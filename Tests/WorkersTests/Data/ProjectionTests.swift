import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Store
import Testing

@testable import Workers

@Suite struct ProjectionTests {
  private let rules = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500")))

  /// An engine whose inputs a projection takes too.
  private struct Scene {
    var scene: EngineScene
    var projection = Projection(after: 0)

    init(_ rules: RiskConfiguration, accounts: [AccountID] = [Sample.account]) {
      scene = EngineScene(rules, accounts: accounts)
      projection.take(.tick(venueTime: nil), ordinal: scene.engine.state.ordinal)
    }

    mutating func send(_ input: EngineInput) {
      let effects = scene.send(input)
      projection.take(
        .init(
          ordinal: scene.engine.state.ordinal, at: scene.now, input: input, effects: effects))
    }

    mutating func batch(isUrgent: Bool = false) -> ProjectionBatch? {
      projection.batch(of: scene.engine.state, at: scene.now, isUrgent: isUrgent)
    }

    /// The next batch, which has to be there.
    mutating func written() throws -> ProjectionBatch {
      let next = batch()
      return try #require(next)
    }
  }

  private func trade(_ id: Int64, _ profit: String = "-10") -> Trade {
    Trade(
      id: TradeID(id), account: Sample.account, contract: Sample.mnq,
      executedAt: Sample.morning, price: .at("20000"), profit: .of(profit), fees: .of("1"),
      side: .sell, size: 1, order: OrderID(id))
  }

  private func order(_ id: Int64, _ status: OrderStatus) -> Order {
    Order(
      id: OrderID(id), account: Sample.account, contract: Sample.mnq, createdAt: Sample.morning,
      status: status, type: .stop, side: .sell, size: 1)
  }

  private func position(_ size: Int64) -> EngineInput {
    .event(
      .position(
        Position(
          id: 1, account: Sample.account, contract: Sample.mnq, openedAt: Sample.morning,
          signedSize: size, averagePrice: .at("20000"))))
  }

  @Test func `the first batch holds everything, the next only what changed`() throws {
    var scene = Scene(rules)
    scene.send(position(2))
    let first = try scene.written()
    let account = try #require(first.accounts.first)
    #expect(first.through == scene.scene.engine.state.ordinal)
    #expect(first.knownAccounts == [Sample.account])
    #expect(account.positions?.map(\.signedSize) == [2])
    #expect(account.workingOrders == [])
    #expect(account.day?.realized == .zero)
    #expect(account.open?.openProfit == nil && account.open?.positions == 1)
    #expect(account.lockout == LockoutSummary(isLocked: false))
    #expect(account.schedule?.zone == "America/Chicago")
    let rest = scene.batch()
    #expect(rest == nil)
    scene.send(.event(.trade(trade(1))))
    let second = try scene.written()
    #expect(second.trades.map(\.trade.id) == [TradeID(1)])
    #expect(second.trades.first?.date == CivilDate(year: 2026, month: 11, day: 18))
    #expect(second.accounts.first?.day?.realized == .of("-10"))
    #expect(second.accounts.first?.day?.costs == .of("1"))
    #expect(second.accounts.first?.positions == nil)
    #expect(second.knownAccounts == nil)
  }

  @Test func `open positions are valued when their price is known`() throws {
    var scene = Scene(rules)
    scene.send(position(-2))
    scene.send(.mark(Mark(contract: Sample.mnq, field: .last, price: .at("20010"))))
    let batch = try scene.written()
    let open = try #require(batch.accounts.first?.open)
    #expect(open.openProfit == .of("-40"))
    #expect(open.exposure == .of("80040"))
  }

  @Test func `an order is written as the engine or its end has it`() throws {
    var scene = Scene(rules)
    scene.send(.event(.order(order(1, .open))))
    scene.send(.event(.order(order(2, .open))))
    scene.send(.event(.order(order(2, .filled))))
    // Late: the engine knows that it ended.
    scene.send(.event(.order(order(3, .cancelled))))
    scene.send(.event(.order(order(3, .open))))
    let batch = try scene.written()
    #expect(batch.orders.map(\.id.number) == [1, 2])
    #expect(batch.orders.map(\.status) == [.open, .filled])
    scene.send(.event(.order(order(1, .open))))
    let rest = scene.batch()
    #expect(rest == nil)
  }

  @Test func `after a reading the working orders are all that work`() throws {
    var scene = Scene(rules)
    scene.send(.event(.order(order(1, .open))))
    _ = scene.batch()
    scene.send(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
          positions: [], workingOrders: [order(9, .open)], trades: [trade(4)],
          startedAt: Sample.morning)))
    let batch = try scene.written()
    #expect(batch.accounts.first?.workingOrders == [OrderID(9)])
    #expect(batch.orders.map(\.id.number) == [9])
    #expect(batch.trades.map(\.trade.id.number) == [4])
  }

  @Test func `a lockout shows with its end`() throws {
    var scene = Scene(rules)
    _ = scene.batch()
    #expect(!scene.projection.changesLockouts)
    scene.send(.event(.trade(trade(1, "-600"))))
    #expect(scene.projection.changesLockouts)
    let batch = try scene.written()
    let lockout = try #require(batch.accounts.first?.lockout)
    #expect(lockout.isLocked && lockout.rule == .dailyRealizedLoss)
    // Wednesday 17:00 in Chicago.
    #expect(lockout.lockedUntil == Instant(secondsSinceEpoch: 1_795_042_800))
    #expect(lockout.reason?.contains("-600") == true)
  }

  @Test func `many rows go in transactions of a hundred`() throws {
    var scene = Scene(RiskConfiguration())
    _ = scene.batch()
    for id in Int64(1)...250 { scene.send(.event(.trade(trade(id, "1")))) }
    #expect(scene.projection.isFull)
    var sizes: [Int] = []
    var last: Int64?
    while let batch = scene.batch() {
      sizes.append(batch.trades.count)
      last = batch.through
      if last == nil { #expect(batch.trades.count == Projection.rowLimit) }
    }
    #expect(sizes == [100, 100, 50])
    #expect(last == scene.scene.engine.state.ordinal)
  }

  @Test func `inputs that change nothing are left behind some time`() throws {
    var scene = Scene(rules)
    _ = scene.batch()
    for _ in 0..<499 {
      scene.projection.take(.tick(venueTime: nil), ordinal: scene.projection.ordinal + 1)
    }
    let rest = scene.batch()
    #expect(rest == nil)
    scene.projection.take(.tick(venueTime: nil), ordinal: scene.projection.ordinal + 1)
    let last = scene.batch()
    #expect(last?.through == scene.projection.ordinal)
  }

  /// With many accounts what is urgent of one does not wait for a look at all of them.
  @Test func `what is urgent is looked for where something was said`() throws {
    let accounts = [Sample.account, Sample.otherAccount]
    var scene = Scene(rules, accounts: accounts)
    #expect(scene.batch(isUrgent: true)?.accounts.map(\.account) == accounts)
    #expect(scene.batch(isUrgent: true) == nil)
    scene.send(position(2))
    #expect(scene.batch(isUrgent: true)?.accounts.map(\.account) == [Sample.account])
    // A price moves the open result of whoever holds the contract.
    for mark in scene.scene.engine.marks(
      in: Quote(contract: Sample.mnq, last: .at("20010")), at: scene.scene.now)
    {
      scene.send(.mark(mark))
    }
    #expect(scene.batch(isUrgent: true) == nil)
    #expect(scene.batch()?.accounts.map(\.account) == [Sample.account])
    // A lockout that was adopted and ends since the start has an owner; one from before has not.
    scene.send(.event(.trade(trade(9, "-600"))))
    #expect(scene.projection.changesLockouts)
    let locked = scene.batch(isUrgent: true)
    #expect(locked?.accounts.map(\.account) == [Sample.account])
    #expect(locked?.accounts.first?.lockout?.isLocked == true)
    scene.send(position(0))
    scene.scene.now = scene.scene.now + .seconds(86_400)
    scene.send(.tick(venueTime: scene.scene.now))
    let free = scene.batch(isUrgent: true)
    #expect(free?.accounts.first { $0.account == Sample.account }?.lockout?.isLocked == false)
  }
}
