import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// What happened while no gateway listened.
@Suite struct ResumptionTests {
  private let stage = EvaluatorStage(RiskConfiguration())

  private func account(_ balance: Int64 = 50_000, canTrade: Bool? = true) -> Account {
    Account(id: Sample.account, name: "A", balance: Money(dollars: balance), canTrade: canTrade)
  }

  private func position(_ size: Int64) -> Position {
    Position(
      id: 1, account: Sample.account, contract: Sample.mnq, openedAt: Sample.morning,
      signedSize: size, averagePrice: .at("20000"))
  }

  private func order(_ id: Int64, _ status: OrderStatus = .open, limit: String = "20100") -> Order {
    Order(
      id: OrderID(id), account: Sample.account, contract: Sample.mnq, createdAt: Sample.morning,
      status: status, type: .limit, side: .sell, size: 1, limitPrice: .at(limit))
  }

  private func trade(_ id: Int64, profit: Int64? = nil, isVoided: Bool = false) -> Trade {
    Trade(
      id: TradeID(id), account: Sample.account, contract: Sample.mnq,
      executedAt: Sample.morning, price: .at("20000"), profit: profit.map { Money(dollars: $0) },
      fees: .zero, side: .buy, size: 1, isVoided: isVoided, order: OrderID(9))
  }

  private func snapshot(
    _ account: Account? = nil, _ positions: [Position] = [], _ orders: [Order] = [],
    _ trades: [Trade] = []
  ) -> FeedMessage {
    .snapshot(
      AccountSnapshot(
        account: account ?? self.account(), positions: positions, workingOrders: orders,
        trades: trades, startedAt: stage.clock.instant), receivedAt: stage.clock.instant)
  }

  private var recorded: [AccountDifferences] {
    stage.journal.entries.compactMap {
      if case .differences(let differences) = $0.input { differences } else { nil }
    }
  }

  @Test func `goes into the journal with its cause, before the reading that shows it`() throws {
    stage.feed(
      snapshot(
        nil, [position(1)], [order(1), order(2), order(3)], [trade(1), trade(2), trade(3)]))
    #expect(recorded.isEmpty, "of an account that was not known nothing can be missed")
    stage.feed(
      snapshot(
        account(49_900), [position(-2)], [order(1), order(3, limit: "20200"), order(4)],
        [
          trade(1), trade(2, isVoided: true), trade(3, profit: 7), trade(4),
          trade(5, isVoided: true),
        ]
      ), life: 2)
    let differences = try #require(recorded.first)
    #expect(recorded.count == 1 && differences.cause == .start && differences.count == 8)
    #expect(
      differences.listed == [
        .account, .position(Sample.mnq, told: 1, listed: -2), .orderChanged(OrderID(3)),
        .orderAppeared(OrderID(4)), .orderEnded(OrderID(2)), .tradeChanged(TradeID(2)),
        .tradeChanged(TradeID(3)), .tradeMissed(TradeID(4)),
      ])
    let inputs = stage.journal.entries.map(\.input)
    let place = try #require(inputs.firstIndex { $0 == .differences(differences) })
    guard case .snapshot = inputs[place + 1] else {
      Issue.record("the reading does not follow: \(inputs[place + 1])")
      return
    }
  }

  @Test func `only the first reading of a gateway is compared`() {
    stage.feed(snapshot())
    stage.feed(snapshot(nil, [position(1)]))
    #expect(recorded.isEmpty, "what a gateway knows of its own life it says by itself")
    stage.feed(snapshot(nil, [position(1)]), life: 2)
    #expect(recorded.isEmpty, "nothing happened")
    stage.feed(snapshot(nil, [position(2)]), life: 2)
    #expect(recorded.isEmpty)
  }

  @Test func `what events told before the first reading is no difference`() {
    stage.feed(snapshot())
    let told = VenueEvent.position(position(1))
    stage.feed(
      .event(told, receivedAt: stage.clock.instant, readAt: stage.clock.monotonicNow()), life: 2)
    stage.feed(snapshot(nil, [position(1)]), life: 2)
    #expect(recorded.isEmpty)
  }

  @Test func `what a gateway reports itself is not reported twice`() {
    stage.feed(snapshot())
    let differences = AccountDifferences(
      account: Sample.account, cause: .hubDown, [.position(Sample.mnq, told: 0, listed: 1)])
    stage.feed(.differences(differences, receivedAt: stage.clock.instant), life: 2)
    stage.feed(snapshot(nil, [position(1)]), life: 2)
    #expect(recorded == [differences])
  }

  @Test func `a list that is too long for its snapshot is compared as a whole`() throws {
    stage.feed(snapshot(nil, [], [], [trade(1)]))
    for id in 1...600 {
      stage.feed(
        .event(
          .trade(trade(Int64(id))), receivedAt: stage.clock.instant, readAt: FeedMessage.listed),
        life: 2)
    }
    stage.feed(snapshot(account(49_000), [], [], (601...1_100).map { trade($0) }), life: 2)
    let differences = try #require(recorded.first)
    #expect(recorded.count == 1 && differences.cause == .start)
    // 599 ahead of the snapshot, the balance, and 500 in it.
    #expect(differences.count == 1_100)
    #expect(differences.listed.count == AccountDifferences.listedLimit)
    #expect(differences.listed.first == .tradeMissed(TradeID(2)))
    stage.feed(
      .event(.trade(trade(2_000)), receivedAt: stage.clock.instant, readAt: FeedMessage.listed),
      life: 2)
    stage.feed(snapshot(account(49_000), [], [], [trade(2_000)]), life: 2)
    #expect(recorded.count == 1)
  }

  @Test func `an order that ended and works again is a change`() {
    stage.feed(snapshot(nil, [], [order(1)]))
    stage.feed(.order(order(1, .cancelled)))
    stage.feed(snapshot(nil, [], [order(1)]), life: 2)
    #expect(recorded.first?.listed == [.orderChanged(OrderID(1))])
  }

  private var unknown: FeedMessage {
    .unknown(Sample.account, reason: "the queries fail", receivedAt: stage.clock.instant)
  }

  @Test func `an account that cannot be read may not grow, until it was read`() {
    stage.feed(snapshot(nil, [position(2)]))
    stage.feed(unknown)
    #expect(
      stage.adopted.map(\.goal)
        == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    stage.feed(snapshot(nil, [position(2)]))
    #expect(stage.role.engineState.targets.isEmpty)
  }

  @Test(arguments: [(Int64(30), 1), (31, 0)])
  func `what was held before nobody listened for long bounds nothing`(
    seconds: Int64, targets: Int
  ) {
    stage.feed(snapshot(nil, [position(2)]))
    stage.clock.instant = stage.clock.instant + .seconds(seconds)
    stage.feed(unknown, life: 2)
    #expect(stage.adopted.count == targets)
    // It does once this gateway has read the account.
    stage.feed(snapshot(nil, [position(2)]), life: 2)
    stage.feed(unknown, life: 2)
    #expect(stage.adopted.count == targets + 1)
  }
}
