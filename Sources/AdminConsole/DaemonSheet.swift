package import RiskModel

/// riskd as the screen for its state shows it.
package struct DaemonSheet: Equatable, Sendable {
  package struct AccountLine: Equatable, Sendable {
    package var name: String
    package var realized: Money?
    package var open: Money?
    package var positions: Int
    package var orders: Int
    /// In plain words, with their ends.
    package var lockouts: [String]

    package init(
      name: String, realized: Money?, open: Money?, positions: Int, orders: Int,
      lockouts: [String]
    ) {
      self.name = name
      self.realized = realized
      self.open = open
      self.positions = positions
      self.orders = orders
      self.lockouts = lockouts
    }
  }

  package static let mostEvents = 10

  package var state: String
  package var workers: [String]
  package var connections: [String]
  package var accounts: [AccountLine] = []
  /// Why there is nothing about accounts.
  package var problem: String?
  /// Newest last, each one line.
  package var events: [String] = []

  package init(state: String, workers: [String] = [], connections: [String]) {
    self.state = state
    self.workers = workers
    self.connections = connections
  }

  package var text: String {
    var text = TableText.render(
      [["Service", state]] + ServiceSheet.rows("Workers", workers)
        + ServiceSheet.rows("Connections", connections))
    if let problem { text += TableText.line("Accounts: \(problem)") }
    if !accounts.isEmpty {
      text += TableText.render(
        [["ACCOUNT", "REALIZED", "OPEN", "POSITIONS", "ORDERS", "LOCKOUTS"]]
          + accounts.map { account in
            [
              account.name, Self.money(account.realized), Self.money(account.open),
              "\(account.positions)", "\(account.orders)", "\(account.lockouts.count)",
            ]
          }, right: [1, 2, 3, 4, 5])
      for account in accounts {
        for lockout in account.lockouts {
          text += TableText.wrapped("  \(account.name): \(lockout)")
        }
      }
    }
    text += "Last events:\n"
    let shown = events.suffix(Self.mostEvents)
    text += shown.isEmpty ? "  none\n" : shown.map { TableText.line("  " + $0) }.joined()
    return text
  }

  private static func money(_ money: Money?) -> String {
    guard let money else { return "unknown" }
    return money > .zero ? "+\(money)" : "\(money)"
  }
}
