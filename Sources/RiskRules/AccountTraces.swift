package import RiskModel

/// What an account leaves behind so that an effect can be told from its cause.
package struct AccountTraces: Equatable, Sendable, Codable, StartsEmpty {
  /// Executed sizes that the position does not show yet, or shows although their execution has not
  /// arrived.
  var unsettled: [ContractID: Unsettled] = [:]
  /// The largest size of the episode that is open or was the last one, by contract.
  var heldSizes: [ContractID: Int64] = [:]
  /// Closes that the enforcer asked for.
  var ownCloses: [OwnClose] = []
  /// Market orders without a tag: those that might be closes of ours.
  var marketOrders: [MarketOrder] = []
  /// When the engine last decided to take something off a contract.
  var closingAsked: [ContractID: Instant] = [:]
  var orderReading = OrderReading()
  /// Grades of nearness that have been told, by rule and subject.
  var warnings: [Warning] = []

  init() {}

  struct Unsettled: Equatable, Sendable, Codable {
    var signedSize: Int64
    /// Whether the first of it was an execution that opened something. What an execution closes leaves
    /// no room for anything.
    var isOpening: Bool
    var touchedAt: Instant
  }

  struct MarketOrder: Equatable, Sendable, Codable {
    var id: OrderID
    var contract: ContractID
    var side: Side
    var size: Int64
    var createdAt: Instant
  }

  /// What became of the question for the working orders.
  struct OrderReading: Equatable, Sendable, Codable {
    /// Ordinal of the input that led to the question of the last complete answer.
    var answeredFor: Int64 = 0
    /// Failed answers in a row.
    var failures = 0
    var retryAt: Instant?

    static let longestWait: Int64 = 30

    mutating func failed(at now: Instant) {
      failures += 1
      retryAt = now + .seconds(min(1 << Int64(min(failures - 1, 5)), OrderReading.longestWait))
    }
  }

  struct Warning: Equatable, Sendable, Codable {
    var rule: RuleID
    var subject: Distance.Subject
    var grade: Distance.Grade
  }

  static let marketOrderLimit = 64
  static let ownCloseLimit = 64
  /// An execution and the position after it arrive within this time of each other.
  static let settlingTime = TimeSpan.seconds(2)
  /// The venue's time stamps are compared with a clock that is known to the second.
  static let clockPrecision = TimeSpan.seconds(1)
  /// A close of ours may create its order this long after the venue's reply.
  static let orderDelay = TimeSpan.seconds(2)
  /// How long an execution that may be ours waits for the report of our request.
  static let doubtTime = TimeSpan.seconds(10)
}

/// A close or reduction that the enforcer asked the venue for, whatever became of it.
package struct OwnClose: Equatable, Sendable, Codable {
  package var account: AccountID
  package var contract: ContractID
  /// Contracts asked for; `nil` is all that was held.
  package var size: Int64?
  /// The local clock when the request left.
  package var sentAt: Instant
  package var repliedAt: Instant

  package init(
    account: AccountID, contract: ContractID, size: Int64?, sentAt: Instant, repliedAt: Instant
  ) {
    self.account = account
    self.contract = contract
    self.size = size
    self.sentAt = sentAt
    self.repliedAt = repliedAt
  }
}

extension AccountTraces {
  /// An execution arrived for the first time.
  mutating func executed(_ trade: Trade, at now: Instant) {
    settle(
      trade.contract, by: trade.size * trade.side.sign, isOpening: trade.profit == nil, at: now)
  }

  /// The position became another one.
  mutating func moved(_ contract: ContractID, from before: Int64, to after: Int64, at now: Instant)
  {
    settle(contract, by: before - after, isOpening: false, at: now)
    guard after != 0 else { return }
    let isSameSign = before.signum() == after.signum()
    heldSizes[contract] = isSameSign ? max(abs(after), heldSizes[contract] ?? 0) : abs(after)
  }

  private mutating func settle(
    _ contract: ContractID, by change: Int64, isOpening: Bool, at now: Instant
  ) {
    guard change != 0 else { return }
    let known = unsettled[contract].flatMap { isFresh($0, at: now) ? $0 : nil }
    let sum = (known?.signedSize ?? 0) + change
    unsettled[contract] =
      sum == 0
      ? nil
      : Unsettled(
        signedSize: sum, isOpening: known?.isOpening ?? isOpening, touchedAt: now)
  }

  private func isFresh(_ item: Unsettled, at now: Instant) -> Bool {
    now - item.touchedAt <= AccountTraces.settlingTime
  }

  /// The largest size that the position has or is about to have by what was executed already, so
  /// that the order in which a fill and its position arrive makes no difference.
  func boundingSize(of contract: ContractID, holding signedSize: Int64, at now: Instant) -> Int64 {
    guard let item = unsettled[contract], item.isOpening, isFresh(item, at: now) else {
      return signedSize
    }
    let expected = signedSize + item.signedSize
    if signedSize == 0 { return expected }
    guard expected.signum() == signedSize.signum() else { return signedSize }
    return abs(expected) > abs(signedSize) ? expected : signedSize
  }

  mutating func remember(_ order: Order) {
    guard order.type == .market, order.customTag == nil,
      !marketOrders.contains(where: { $0.id == order.id })
    else { return }
    marketOrders.append(
      MarketOrder(
        id: order.id, contract: order.contract, side: order.side, size: order.size,
        createdAt: order.createdAt))
    if marketOrders.count > AccountTraces.marketOrderLimit { marketOrders.removeFirst() }
  }

  mutating func remember(_ close: OwnClose) {
    var close = close
    close.size = close.size ?? heldSizes[close.contract]
    ownCloses.append(close)
    if ownCloses.count > AccountTraces.ownCloseLimit { ownCloses.removeFirst() }
  }

  /// Forgets what no later event can refer to.
  mutating func beginDay(at now: Instant) {
    unsettled = unsettled.filter { isFresh($0.value, at: now) }
    closingAsked = closingAsked.filter { now - $0.value <= AccountTraces.doubtTime }
  }

  /// The orders that are closes of ours: a market order without a tag, created between our request
  /// and shortly after its reply, no larger than asked. One request made one order; in doubt an order
  /// is the trader's.
  func ownOrders(clockLead: TimeSpan) -> Set<OrderID> {
    var own: Set<OrderID> = []
    for close in ownCloses {
      let earliest = close.sentAt - clockLead - AccountTraces.clockPrecision
      let latest = close.repliedAt - clockLead + AccountTraces.orderDelay
      let order = marketOrders.first { order in
        !own.contains(order.id) && order.contract == close.contract
          && order.size <= close.size ?? .max && order.createdAt >= earliest
          && order.createdAt <= latest
      }
      if let order { own.insert(order.id) }
    }
    return own
  }
}
