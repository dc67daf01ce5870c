import RiskModel

/// What the trades of a day were worth.
struct TradeEarnings: Equatable {
  /// Gross, of the closing executions.
  var profit = Money.zero
  var fees = Money.zero
  var commissions = Money.zero

  mutating func add(_ trade: Trade) {
    profit += trade.profit ?? .zero
    fees += trade.fees
    commissions += trade.commissions
  }
}

/// A balance, and what the trades of the day were worth when it was read.
struct BalanceSums: Equatable {
  var balance: Money
  var dayStart: Instant
  var earnings = TradeEarnings()

  /// How the balance moved otherwise than the trades since then. The venue documents neither when it
  /// books fees nor which, so each of the sums that it may mean will do. The sums of two days do not
  /// compare; they explain each other.
  func drift(since before: BalanceSums) -> BalanceDrift? {
    guard dayStart == before.dayStart else { return nil }
    let moved = balance - before.balance
    let gross = earnings.profit - before.earnings.profit
    let afterFees = gross - (earnings.fees - before.earnings.fees)
    let afterAll = afterFees - (earnings.commissions - before.earnings.commissions)
    guard moved != gross, moved != afterFees, moved != afterAll else { return nil }
    return BalanceDrift(moved: moved, earned: afterAll)
  }
}

/// A balance that moved otherwise than the trades: a payout, a reset of the account, or a trade that
/// nobody told of.
struct BalanceDrift: Equatable, CustomStringConvertible {
  var moved: Money
  var earned: Money

  var description: String { "the balance moved by \(moved), and the trades add up to \(earned)" }
}
