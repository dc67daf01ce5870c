package import RiskModel

/// A method of one of the venue's hubs. Its arguments are scalars, not lists (documented).
///
/// A method must be invoked with an invocation id and its completion awaited: without an id the
/// server drops what it does not know silently.
package enum HubInvocation: Hashable, Sendable {
  case subscribeAccounts
  case subscribeOrders(AccountID)
  case subscribePositions(AccountID)
  case subscribeTrades(AccountID)
  case subscribeQuotes(ContractID)
  case unsubscribeQuotes(ContractID)

  package var method: String {
    switch self {
    case .subscribeAccounts: "SubscribeAccounts"
    case .subscribeOrders: "SubscribeOrders"
    case .subscribePositions: "SubscribePositions"
    case .subscribeTrades: "SubscribeTrades"
    case .subscribeQuotes: "SubscribeContractQuotes"
    case .unsubscribeQuotes: "UnsubscribeContractQuotes"
    }
  }

  /// The only argument, where the method takes one.
  package var argument: Argument? {
    switch self {
    case .subscribeAccounts: nil
    case .subscribeOrders(let account), .subscribePositions(let account),
      .subscribeTrades(let account):
      .integer(account.number)
    case .subscribeQuotes(let contract), .unsubscribeQuotes(let contract):
      .text(contract.text)
    }
  }

  package enum Argument: Equatable, Sendable {
    case integer(Int64)
    case text(String)
  }
}
