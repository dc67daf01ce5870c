/// What kind of trouble an answer of the venue is.
package enum ErrorCategory: String, Sendable, CaseIterable {
  case success
  case authentication
  /// The request names something that is not there, or does not fit.
  case validation
  /// The market, the account or the order does not allow it now.
  case trading
  case rateLimit
  case system
  case network
}

/// What riskd does about an answer. Signing in and reading ask the table; how enforcement treats a
/// refused change is decided where it knows the position, and a test keeps both in step.
package enum ErrorReaction: String, Sendable, CaseIterable {
  case proceed
  /// There is nothing left to do: it is flat, filled or cancelled already. That is proven by a read.
  case prove
  /// It is not known whether the venue acted: orders and positions are read before anything is
  /// repeated.
  case look
  /// Repeated with growing waits; an alarm after the third failure.
  case tryAgain
  /// Repeated when the market may be open again.
  case tryLater
  /// A token of the store or a new one; then the request once more.
  case signIn
  /// Only a person can mend it: an alarm at once, and slow repeats.
  case tellPerson
  /// Requests are spaced out; a request that changes the venue is looked after first.
  case slowDown
}

/// One documented code of one endpoint.
package struct DocumentedCode: Equatable, Sendable {
  /// As the documentation names it: `Order/place`.
  package var endpoint: String
  package var code: Int
  package var name: String
  package var category: ErrorCategory
  package var reaction: ErrorReaction
}

/// Every code that the venue documents, by endpoint, with what it means for riskd. The numbers of
/// one endpoint say nothing about another's. A number that is not here is unknown: of a read it is a
/// failure, of a change an unknown outcome. riskd never asks for `Auth/loginApp`, `Auth/logout`,
/// `Contract/search`, `History/retrieveBars`, `Order/search`, `Order/searchOpen` and
/// `Order/searchById`; of these the table says what would be done.
package enum ErrorTable {
  package static let codes: [DocumentedCode] =
    lines(LoginCode.self, "Auth/loginKey", "Auth/loginApp")
    + lines(ValidateCode.self, "Auth/validate") + lines(LogoutCode.self, "Auth/logout")
    + lines(ListingCode.self, "Account/search", "Contract/search", "Contract/available")
    + lines(ContractLookupCode.self, "Contract/searchById")
    + lines(BarsCode.self, "History/retrieveBars")
    + lines(PlaceCode.self, "Order/place") + lines(ModifyCode.self, "Order/modify")
    + lines(CancelCode.self, "Order/cancel")
    + lines(
      AccountQueryCode.self, "Order/search", "Order/searchOpen", "Order/v2/query",
      "Position/searchOpen", "Trade/search")
    + lines(OrderLookupCode.self, "Order/searchById")
    + lines(CloseCode.self, "Position/closeContract")
    + lines(PartialCloseCode.self, "Position/partialCloseContract")

  /// `nil` for a code that is not documented.
  package static func find(_ endpoint: String, _ code: Int) -> DocumentedCode? {
    codes.first { $0.endpoint == endpoint && $0.code == code }
  }

  private static func lines<Code: ClassifiedCode>(
    _: Code.Type, _ endpoints: String...
  ) -> [DocumentedCode] {
    endpoints.flatMap { endpoint in
      Code.allCases.map { code in
        DocumentedCode(
          endpoint: endpoint, code: code.rawValue, name: "\(code)",
          category: code.classification.category, reaction: code.classification.reaction)
      }
    }
  }
}

/// What a code is and what is done about it.
struct Classification: Equatable {
  var category: ErrorCategory
  var reaction: ErrorReaction

  init(_ category: ErrorCategory, _ reaction: ErrorReaction) {
    self.category = category
    self.reaction = reaction
  }

  static let success = Classification(.success, .proceed)
}

protocol ClassifiedCode: EndpointCode {
  var classification: Classification { get }
}
