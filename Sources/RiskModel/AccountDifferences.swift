/// What a read of an account showed that no event had told. It goes before the snapshot that follows
/// from the read, so that the journal says why the account changed.
package struct AccountDifferences: Equatable, Sendable, Codable {
  /// More of them are counted and not listed.
  package static let listedLimit = 20

  package var account: AccountID
  /// Why the account was read.
  package var cause: ReadCause
  /// The first `listedLimit` of them.
  package var listed: [SourceDifference]
  package var count: Int

  package init(account: AccountID, cause: ReadCause, _ differences: [SourceDifference]) {
    self.account = account
    self.cause = cause
    listed = Array(differences.prefix(AccountDifferences.listedLimit))
    count = differences.count
  }
}

/// Why an account is read by query.
package enum ReadCause: String, Sendable, Codable {
  case start = "the start"
  case connected = "a new connection"
  case changedConnection = "a changed connection"
  case hubDown = "the user hub being down"
  case periodic = "the regular comparison"
  case asked = "the evaluator's wish"
  case overflow = "too many events"
  case unreadable = "an event that could not be read"
  case news = "an event"
  case difference = "a difference"

  /// What this read shows may have happened while nobody told.
  package var explainsDifferences: Bool {
    switch self {
    case .start, .connected, .hubDown, .overflow, .unreadable: true
    case .changedConnection, .periodic, .asked, .news, .difference: false
    }
  }
}

/// One thing in which two of the three sources disagree: what the stream told, what the venue's
/// queries say, and what our own trades add up to.
package enum SourceDifference: Equatable, Sendable, Codable {
  /// Signed sizes; the stream's and the venue's list.
  case position(ContractID, told: Int64, listed: Int64)
  /// The venue lists a working order of which no event spoke.
  case orderAppeared(OrderID)
  case orderChanged(OrderID)
  /// The venue does not list it as working any more, and no event said so.
  case orderEnded(OrderID)
  /// The venue lists an execution of which no event spoke.
  case tradeMissed(TradeID)
  /// The venue took an execution back, or gave it another result.
  case tradeChanged(TradeID)
  /// An event told of an execution that the venue does not list.
  case tradeUnlisted(TradeID)
  case account
  /// Signed sizes; the sum of our trades, and the position by stream or list.
  case ledger(ContractID, added: Int64, held: Int64)
}

extension SourceDifference: CustomStringConvertible {
  package var description: String {
    switch self {
    case .position(let contract, let told, let listed):
      "position \(contract): \(told) by the stream, \(listed) by the venue's list"
    case .orderAppeared(let order): "order \(order) is working and no event told of it"
    case .orderChanged(let order): "order \(order) changed and no event told of it"
    case .orderEnded(let order): "order \(order) ended and no event told of it"
    case .tradeMissed(let trade): "trade \(trade) happened and no event told of it"
    case .tradeChanged(let trade): "trade \(trade) changed and no event told of it"
    case .tradeUnlisted(let trade): "trade \(trade) was told and the venue does not list it"
    case .account: "balance or trading permission changed and no event told of it"
    case .ledger(let contract, let added, let held):
      "position \(contract): \(held), and the trades add up to \(added)"
    }
  }
}
