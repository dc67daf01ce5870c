import RiskModel
@testable import SimulatedVenue

/// What riskd did at the venue, from the venue's own books. The trader of these tests never uses the
/// platform's close button, so every closing order is riskd's.
struct VenueAudit {
  struct Closing: Equatable {
    var order: OrderID
    var contract: ContractID
    /// Contracts taken off.
    var size: Int64
  }

  let closings: [Closing]
  /// What riskd must never do: enlarge or turn a position.
  let violations: [String]
  /// Contracts held after the last execution, without flat ones.
  let held: [ContractID: Int64]

  init(_ venue: SimulatedVenueServer, _ account: AccountID) {
    let (trades, closingOrders) = venue.perform { exchange in
      (
        exchange.trades.filter { $0.account == account },
        Set(exchange.orders.values.filter(\.isClosing).map(\.order.id))
      )
    }
    var held: [ContractID: Int64] = [:]
    var closings: [Closing] = []
    var violations: [String] = []
    for trade in trades {
      let before = held[trade.contract, default: 0]
      let after = before + trade.side.sign * trade.size
      if closingOrders.contains(trade.order) {
        if after.magnitude >= before.magnitude || before.signum() * after.signum() < 0 {
          violations.append(
            "order \(trade.order) of riskd's took \(trade.contract) from \(before) to \(after)")
        }
        closings.append(
          Closing(order: trade.order, contract: trade.contract, size: trade.size))
      }
      held[trade.contract] = after
    }
    self.closings = closings
    self.violations = violations
    self.held = held.filter { $0.value != 0 }
  }

  func closed(_ contract: ContractID) -> Int64 {
    closings.filter { $0.contract == contract }.reduce(0) { $0 + $1.size }
  }
}

extension RiskdStage {
  func audit(_ account: AccountID) -> VenueAudit { VenueAudit(venue, account) }

  func isFlat(_ account: AccountID) -> Bool {
    venue.positions(account).isEmpty && venue.workingOrders(account).isEmpty
  }

  func buy(_ account: AccountID, _ contract: ContractID, _ size: Int64) throws {
    try venue.trader.place(account, contract, .buy, size: size)
  }

  func sell(_ account: AccountID, _ contract: ContractID, _ size: Int64) throws {
    try venue.trader.place(account, contract, .sell, size: size)
  }

  /// Requests that change something, of one account.
  func changes(_ account: AccountID) -> [RequestRecord] {
    let operations: [GatewayOperation] = [
      .closeContract, .partialCloseContract, .cancelOrder, .modifyOrder, .placeOrder,
    ]
    let paths = Set(operations.map(\.path))
    return venue.requests().filter { $0.account == account && paths.contains($0.path) }
  }

  /// What must be so at the end of every test: riskd placed no order, and no closing order of its
  /// own enlarged or turned a position.
  func checkConduct(line: Int = #line) {
    check(venue.requests(.placeOrder).isEmpty, "riskd placed an order", line: line)
    for account in venue.configuration.accounts.map(\.account.id) {
      for violation in audit(account).violations { check(false, violation, line: line) }
    }
  }
}
