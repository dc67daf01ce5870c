package import RiskModel

/// What came of a request that changes the venue. Such a request is sent once.
package enum ChangeOutcome: Equatable, Sendable {
  /// The venue took it, which is not yet a fill or a cancellation. A placement has an order id.
  case accepted(OrderID?)
  /// The venue did nothing, and why.
  case refused(Refusal)
  /// There is no such position or order: already flat, filled, cancelled, or never there.
  case gone
  /// The venue has it in hand; look before anything is repeated.
  case pending
  /// The venue may or may not have acted; look before anything is repeated.
  case unknown(UnknownReason)
}

/// A request that certainly changed nothing.
package struct Refusal: Equatable, Sendable {
  package var category: Category
  /// The venue's number, `nil` when the venue's business logic never saw the request.
  package var code: Int?
  /// Untrusted text of the venue, without control characters, at most 200 characters.
  package var message: String?
  /// A refused placement still allocates an order, which shows up in status 5 (documented).
  package var order: OrderID?

  package init(
    category: Category, code: Int? = nil, message: String? = nil, order: OrderID? = nil
  ) {
    self.category = category
    self.code = code
    self.message = message
    self.order = order
  }

  package enum Category: String, Sendable, CaseIterable {
    /// The catch-all of the venue's validation.
    case rejected
    case marketClosed
    case insufficientFunds
    case accountViolation
    case accountNotFound
    /// Live funded accounts and copy-trading followers cannot cancel or close through the API.
    case accountRejected
    case contractNotFound
    case contractNotActive
    case invalidSize
    /// HTTP 401.
    case unauthorized
    /// No byte left this machine.
    case notSent
  }
}

/// Why it is not known whether the venue acted.
package enum UnknownReason: Equatable, Sendable {
  /// The venue says so itself.
  case unknownErrorCode(Int)
  /// A number that is not in the endpoint's documentation.
  case unlistedCode(Int)
  case acceptedWithoutOrderID
  case unusableReply(VenueError)
}

extension UnknownReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownErrorCode(let code): "the venue reports an unknown error (code \(code))"
    case .unlistedCode(let code): "the venue's code \(code) is not documented"
    case .acceptedWithoutOrderID: "accepted without an order id"
    case .unusableReply(let error): error.description
    }
  }
}

/// What a code of an endpoint that changes the venue means for the request.
enum CodeMeaning: Equatable {
  case accepted
  case refused(Refusal.Category)
  case gone
  case pending
  case unknown
}

protocol ChangeCode: EndpointCode {
  var meaning: CodeMeaning { get }
}

extension PlaceCode: ChangeCode {
  var meaning: CodeMeaning {
    switch self {
    case .success: .accepted
    case .accountNotFound: .refused(.accountNotFound)
    case .orderRejected: .refused(.rejected)
    case .insufficientFunds: .refused(.insufficientFunds)
    case .accountViolation: .refused(.accountViolation)
    case .outsideTradingHours: .refused(.marketClosed)
    case .orderPending: .pending
    case .unknownError: .unknown
    case .contractNotFound: .refused(.contractNotFound)
    case .contractNotActive: .refused(.contractNotActive)
    case .accountRejected: .refused(.accountRejected)
    }
  }
}

extension ModifyCode: ChangeCode {
  var meaning: CodeMeaning {
    switch self {
    case .success: .accepted
    case .accountNotFound: .refused(.accountNotFound)
    case .orderNotFound: .gone
    case .rejected: .refused(.rejected)
    case .pending: .pending
    case .unknownError: .unknown
    case .accountRejected: .refused(.accountRejected)
    case .contractNotFound: .refused(.contractNotFound)
    }
  }
}

extension CancelCode: ChangeCode {
  var meaning: CodeMeaning {
    switch self {
    case .success: .accepted
    case .accountNotFound: .refused(.accountNotFound)
    case .orderNotFound: .gone
    case .rejected: .refused(.rejected)
    case .pending: .pending
    case .unknownError: .unknown
    case .accountRejected: .refused(.accountRejected)
    }
  }
}

extension CloseCode: ChangeCode {
  var meaning: CodeMeaning {
    switch self {
    case .success: .accepted
    case .accountNotFound: .refused(.accountNotFound)
    case .positionNotFound: .gone
    case .contractNotFound: .refused(.contractNotFound)
    case .contractNotActive: .refused(.contractNotActive)
    case .orderRejected: .refused(.rejected)
    case .orderPending: .pending
    case .unknownError: .unknown
    case .accountRejected: .refused(.accountRejected)
    }
  }
}

extension PartialCloseCode: ChangeCode {
  var meaning: CodeMeaning {
    switch self {
    case .success: .accepted
    case .accountNotFound: .refused(.accountNotFound)
    case .positionNotFound: .gone
    case .contractNotFound: .refused(.contractNotFound)
    case .contractNotActive: .refused(.contractNotActive)
    case .invalidCloseSize: .refused(.invalidSize)
    case .orderRejected: .refused(.rejected)
    case .orderPending: .pending
    case .unknownError: .unknown
    case .accountRejected: .refused(.accountRejected)
    }
  }
}
