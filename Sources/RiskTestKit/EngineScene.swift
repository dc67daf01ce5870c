package import RiskModel
package import RiskRules

/// A risk engine with one hand on its inputs: tests say what the venue did and read the decisions.
package struct EngineScene {
  package var engine = RiskEngine()
  package var now: Instant
  /// Every effect so far, in order.
  package private(set) var history: [Effect] = []
  private var nextID: Int64 = 5_000_000_000

  package init(
    _ configuration: RiskConfiguration, at now: Instant = Sample.morning,
    accounts: [AccountID] = [Sample.account]
  ) {
    self.now = now
    let pairs = accounts.map { ($0, configuration) }
    send(.configuration(Dictionary(uniqueKeysWithValues: pairs)))
    send(.tick(venueTime: now))
    for contract in Sample.contracts { send(.event(.contract(contract))) }
  }

  @discardableResult
  package mutating func send(_ input: EngineInput) -> [Effect] {
    let effects = engine.apply(input, at: now)
    history += effects
    return effects
  }

  /// The position becomes `size` (negative is short) at an entry average.
  @discardableResult
  package mutating func hold(
    _ contract: ContractID, _ size: Int64, at price: String = "20000", id: Int64? = nil,
    account: AccountID = Sample.account,
    opened: Instant? = nil
  ) -> [Effect] {
    let known = engine.state.accounts[account]?.positions[contract]?.position
    return send(
      .event(
        .position(
          Position(
            id: id ?? known?.id ?? contract.hashedID, account: account, contract: contract,
            openedAt: opened ?? known?.openedAt ?? now, signedSize: size, averagePrice: .at(price)))
      ))
  }

  /// The account is read and holds exactly these sizes.
  @discardableResult
  package mutating func holdAtOnce(
    _ sizes: [ContractID: Int64], at price: String = "20000", openedAt: Instant? = nil
  ) -> [Effect] {
    let positions = sizes.sorted { $0.key < $1.key }.map { contract, size in
      Position(
        id: contract.hashedID, account: Sample.account, contract: contract,
        openedAt: openedAt ?? now, signedSize: size, averagePrice: .at(price))
    }
    return send(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
          positions: positions, workingOrders: [], trades: [], startedAt: now)))
  }

  @discardableResult
  package mutating func mark(_ contract: ContractID, last price: String) -> [Effect] {
    quote(Quote(contract: contract, last: .at(price)))
  }

  /// Hands a quote over the way the evaluator does.
  @discardableResult
  package mutating func quote(_ quote: Quote) -> [Effect] {
    engine.marks(in: quote, at: now).flatMap { send(.mark($0)) }
  }

  @discardableResult
  package mutating func trade(
    _ profit: String?, id: Int64? = nil, voided: Bool = false, fees: String = "0.36",
    at executedAt: Instant? = nil, contract: ContractID = Sample.mnq,
    account: AccountID = Sample.account, _ side: Side = .sell, size: Int64 = 1, order: Int64? = nil
  ) -> [Effect] {
    nextID += 1
    return send(
      .event(
        .trade(
          Trade(
            id: TradeID(id ?? nextID), account: account, contract: contract,
            executedAt: executedAt ?? now, price: .at("20000"), profit: profit.map(Money.of),
            fees: .of(fees), side: side, size: size, isVoided: voided,
            order: OrderID(order ?? nextID)))))
  }

  @discardableResult
  package mutating func account(canTrade: Bool?) -> [Effect] {
    let account = Account(id: Sample.account, name: "A", balance: .zero, canTrade: canTrade)
    return send(.event(.account(account)))
  }

  /// The question that the engine asked last and that is not answered yet.
  package var question: QueryID? { engine.state.questions.keys.max() }

  /// The venue answers the question for the working orders; `nil` is a failure.
  @discardableResult
  package mutating func answer(_ orders: [Order]?) -> [Effect] {
    guard let question else { preconditionFailure("Condition failed: something was asked") }
    return send(.answer(question, orders.map { .workingOrders($0) } ?? .failed("no answer")))
  }

  /// A working order of the account.
  package func working(
    _ contract: ContractID, id: Int64 = 7_000_000_001, _ side: Side, _ type: OrderType,
    at stop: String? = nil, status: OrderStatus = .open, size: Int64 = 1, tag: String? = nil,
    parent: Int64? = nil, filled: Int64 = 0
  ) -> Order {
    Order(
      id: OrderID(id), account: Sample.account, contract: contract, createdAt: now,
      status: status, type: type, side: side, size: size, filledSize: filled,
      stopPrice: stop.map(Price.at), customTag: tag, parent: parent.map { OrderID($0) })
  }

  @discardableResult
  package mutating func send(_ order: Order) -> [Effect] { send(.event(.order(order))) }

  @discardableResult
  package mutating func order(
    _ contract: ContractID, id: Int64 = 7_000_000_001, _ side: Side = .buy,
    type: OrderType = .limit, status: OrderStatus = .open, size: Int64 = 1,
    updatedAt: Instant? = nil
  ) -> [Effect] {
    send(
      .event(
        .order(
          Order(
            id: OrderID(id), account: Sample.account, contract: contract, createdAt: now,
            updatedAt: updatedAt, status: status, type: type, side: side, size: size))))
  }

  /// Lets time pass on both clocks.
  @discardableResult
  package mutating func wait(_ span: TimeSpan, venue: Bool = true) -> [Effect] {
    now = now + span
    return send(.tick(venueTime: venue ? now : nil))
  }

  package func state(of account: AccountID = Sample.account) -> AccountState {
    guard let state = engine.state.accounts[account] else {
      preconditionFailure("Condition failed: \(account) is configured")
    }
    return state
  }

  /// The goals that stand, in the order of their adoption.
  package var standing: [Goal] {
    engine.state.targets.keys.sorted().compactMap { engine.state.targets[$0]?.target.goal }
  }

  package var standingTargets: [Target] {
    engine.state.targets.keys.sorted().compactMap { engine.state.targets[$0]?.target }
  }
}

extension [Effect] {
  /// What these effects adopt, as goals.
  package var goals: [Goal] {
    compactMap { if case .adopt(let target) = $0 { target.goal } else { nil } }
  }

  package var adopted: [Target] {
    compactMap { if case .adopt(let target) = $0 { target } else { nil } }
  }

  package var reasons: [BreachReason] {
    compactMap { if case .breach(let breach) = $0 { breach.reason } else { nil } }
  }

  package var notices: [Notice] {
    compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
  }

  /// What these effects tell as having come nearer to a limit.
  package var approaching: [Distance] {
    notices.compactMap { if case .approaching(_, let distance) = $0 { distance } else { nil } }
  }

  package var queries: [Query] {
    compactMap { if case .query(_, let query) = $0 { query } else { nil } }
  }

  package var endings: [TargetEnding] {
    compactMap { if case .end(_, let ending) = $0 { ending } else { nil } }
  }
}

extension ContractID {
  /// A position id that is the same in every run.
  fileprivate var hashedID: Int64 {
    text.utf8.reduce(0) { ($0 &* 31 &+ Int64($1)) & 0x7FFF_FFFF }
  }
}
