import RiskModel
import RiskRules

/// What a comparison of journal and venue showed. The JSON form is an interface: keys are only ever
/// added.
struct StateReport: Equatable, Codable {
  var at: String
  /// Of the last input in the journal.
  var ordinal: Int64
  var accounts: [Account]
  var isSame: Bool

  init(at: String, ordinal: Int64, accounts: [Account]) {
    self.at = at
    self.ordinal = ordinal
    self.accounts = accounts
    isSame = accounts.allSatisfy(\.differences.isEmpty)
  }

  struct Account: Equatable, Codable {
    var account: Int64
    /// In the journal, and by the venue's lists.
    var positionsHeld: Int
    var positionsListed: Int
    var ordersHeld: Int
    var ordersListed: Int
    var differences: [Difference]
  }

  struct Difference: Equatable, Codable {
    enum Kind: String, Codable {
      /// riskd has not read the account.
      case account
      case position
      /// The venue lists it and riskd does not know it.
      case orderMissing
      /// riskd knows it as working and the venue does not.
      case orderEnded
      case orderChanged
    }

    var kind: Kind
    /// The contract or the order.
    var subject: String
    var held: String
    var listed: String
  }

  /// A line for each account and each difference.
  var text: String {
    var lines: [String] = []
    for account in accounts {
      let mark = account.differences.isEmpty ? "✅" : "❌"
      lines.append(
        "\(mark) Account \(account.account): \(account.positionsListed) positions and "
          + "\(account.ordersListed) working orders at the venue, \(account.positionsHeld) and "
          + "\(account.ordersHeld) in the journal")
      lines += account.differences.map { "   \($0)" }
    }
    let count = accounts.map(\.differences.count).reduce(0, +)
    lines.append(
      isSame
        ? "all positions/orders present, up to input \(ordinal)"
        : "\(count) differences, up to input \(ordinal)")
    return lines.map { $0 + "\n" }.joined()
  }
}

extension StateReport.Account {
  init(_ list: StateVerification.VenueList, held state: AccountState?) {
    let held = state?.positions.mapValues(\.position.signedSize).filter { $0.value != 0 } ?? [:]
    let listed = Dictionary(
      list.positions.map { ($0.contract, $0.signedSize) }, uniquingKeysWith: +
    ).filter { $0.value != 0 }
    let known = state?.orders ?? [:]
    let orders = Dictionary(list.orders.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    self.init(
      account: list.account.number, positionsHeld: held.count, positionsListed: listed.count,
      ordersHeld: known.count, ordersListed: orders.count,
      differences: Self.positions(held, listed) + Self.orders(known, orders))
    if state == nil {
      differences.insert(
        StateReport.Difference(
          kind: .account, subject: "\(list.account.number)", held: "never read", listed: "listed"),
        at: 0)
    }
  }

  private static func positions(
    _ held: [ContractID: Int64], _ listed: [ContractID: Int64]
  ) -> [StateReport.Difference] {
    Set(held.keys).union(listed.keys).sorted().compactMap { contract in
      let (ours, theirs) = (held[contract] ?? 0, listed[contract] ?? 0)
      guard ours != theirs else { return nil }
      return StateReport.Difference(
        kind: .position, subject: contract.text, held: "\(ours)", listed: "\(theirs)")
    }
  }

  private static func orders(
    _ held: [OrderID: Order], _ listed: [OrderID: Order]
  ) -> [StateReport.Difference] {
    Set(held.keys).union(listed.keys).sorted().compactMap { id in
      let (ours, theirs) = (held[id].map(words), listed[id].map(words))
      guard ours != theirs else { return nil }
      let kind: StateReport.Difference.Kind =
        ours == nil ? .orderMissing : theirs == nil ? .orderEnded : .orderChanged
      return StateReport.Difference(
        kind: kind, subject: "\(id)", held: ours ?? "none", listed: theirs ?? "none")
    }
  }

  /// The stop of a trailing order moves without an event.
  private static func words(_ order: Order) -> String {
    var words = "\(order.side.rawValue) \(order.size) \(order.contract)"
    words += ", type \(order.type.rawValue), status \(order.status.rawValue)"
    if order.filledSize != 0 { words += ", filled \(order.filledSize)" }
    if let limit = order.limitPrice { words += ", limit \(limit)" }
    if let stop = order.stopPrice, order.type != .trailingStop { words += ", stop \(stop)" }
    return words
  }
}

extension StateReport.Difference: CustomStringConvertible {
  var description: String {
    let what =
      switch kind {
      case .account: "account"
      case .position: "position"
      case .orderMissing, .orderEnded, .orderChanged: "order"
      }
    return "\(what) \(subject): \(held) in the journal, \(listed) at the venue"
  }
}
