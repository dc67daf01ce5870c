package import RiskModel

/// The name of one request; unique within one run of the enforcer.
package struct RequestID: Hashable, Comparable, Sendable {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package static func < (lhs: RequestID, rhs: RequestID) -> Bool { lhs.number < rhs.number }
}

extension RequestID: CustomStringConvertible {
  package var description: String { "\(number)" }
}

/// One thing that the enforcer asks of the venue.
///
/// No case of it can increase exposure: the only order that it can place is a stop.
package enum EnforcementRequest: Hashable, Sendable {
  case cancel(AccountID, OrderID)
  /// Closes whatever the account holds in the contract when the venue reads it.
  case close(AccountID, ContractID)
  /// Takes `size` contracts off the position.
  case partialClose(AccountID, ContractID, size: Int64)
  /// Makes an exit smaller, or a stop that riskd placed as large as the position. `size` is the size
  /// of the whole order, what is filled included.
  case modifySize(AccountID, OrderID, size: Int64)
  /// Places a stop that would take `size` contracts, at most what is held, off the position. The
  /// tag is unique for the account.
  case placeStop(AccountID, ContractID, Side, size: Int64, price: Price, tag: String)
  /// Moves a stop to a tighter price.
  case modifyStop(AccountID, OrderID, price: Price)
  /// All orders in statuses 1, 6, 7 and 8; every page, or a failure.
  case readWorkingOrders(AccountID)
  case readPositions(AccountID)
  /// The accounts that the venue shows to this user.
  case readAccounts

  package var account: AccountID? {
    switch self {
    case .cancel(let account, _), .close(let account, _), .partialClose(let account, _, _),
      .modifySize(let account, _, _), .placeStop(let account, _, _, _, _, _),
      .modifyStop(let account, _, _), .readWorkingOrders(let account),
      .readPositions(let account):
      account
    case .readAccounts:
      nil
    }
  }

  /// Such a request is sent once; what came of it is looked up before it is said again.
  package var changesTheVenue: Bool {
    switch self {
    case .cancel, .close, .partialClose, .modifySize, .placeStop, .modifyStop: true
    case .readWorkingOrders, .readPositions, .readAccounts: false
    }
  }
}

/// What came of a request.
package enum RequestOutcome: Equatable, Sendable {
  /// The venue took the request on; its effect may still be under way.
  case accepted
  /// There was nothing to act on: no such position, or the order is not working any more.
  case gone
  /// The venue says that an order for this is under way; counts as an unknown outcome.
  case pending
  /// The venue said no, and nothing changed.
  case refused(Refusal)
  /// The venue may or may not have acted: timeout, reset, 5xx, 429, a code nobody knows.
  case unknown(String)
  case workingOrders([Order])
  case positions([Position])
  case accounts([AccountID])
  /// A read without an answer. It never is an empty list.
  case failed(String)
}

/// Why the venue said no.
package enum Refusal: String, Sendable, CaseIterable {
  case marketClosed = "market closed"
  case contractNotActive = "contract not active"
  case contractNotFound = "contract not found"
  case accountRejected = "account rejected"
  case accountNotFound = "account not found"
  case orderRejected = "order rejected"
  case invalidSize = "invalid size"
  /// The request certainly never left this machine.
  case notSent = "not sent"
  case other = "refused"

  /// The trading session decides when this changes, not our persistence.
  var waitsForTheMarket: Bool { self == .marketClosed || self == .contractNotActive }
  /// The venue does not serve this account (documented for live funded and follower accounts).
  var concernsTheAccount: Bool { self == .accountRejected || self == .accountNotFound }
}
