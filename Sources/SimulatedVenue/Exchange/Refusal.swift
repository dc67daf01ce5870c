package import RiskModel

/// A request that the venue answered with `success: false`.
///
/// The numbers of the codes differ between endpoints (documented); each endpoint therefore has its
/// own code type, and none converts into another.
package struct Refusal<Code: RefusalCode>: Error, Equatable, Sendable {
  package var code: Code
  /// Text for people; often absent.
  package var message: String?
  /// The id that a rejected placement got all the same.
  package var order: OrderID?

  package init(_ code: Code, _ message: String? = nil, order: OrderID? = nil) {
    self.code = code
    self.message = message
    self.order = order
  }
}

extension Refusal: CustomStringConvertible {
  package var description: String {
    "\(code) (code \(code.rawValue))" + (message.map { ": \($0)" } ?? "")
  }
}

/// A table of error codes of one endpoint.
package protocol RefusalCode: RawRepresentable<Int>, Equatable, Sendable {}

/// Codes of `Order/place`.
package enum PlaceCode: Int, RefusalCode {
  case accountNotFound = 1
  case orderRejected = 2
  case insufficientFunds = 3
  case accountViolation = 4
  case outsideTradingHours = 5
  case orderPending = 6
  case unknownError = 7
  case contractNotFound = 8
  case contractNotActive = 9
  case accountRejected = 10
}

/// Codes of `Order/modify`.
package enum ModifyCode: Int, RefusalCode {
  case accountNotFound = 1
  case orderNotFound = 2
  case rejected = 3
  case pending = 4
  case unknownError = 5
  case accountRejected = 6
  case contractNotFound = 7
}

/// Codes of `Order/cancel`.
package enum CancelCode: Int, RefusalCode {
  case accountNotFound = 1
  case orderNotFound = 2
  case rejected = 3
  case pending = 4
  case unknownError = 5
  case accountRejected = 6
}

/// Codes of `Position/closeContract`.
package enum CloseCode: Int, RefusalCode {
  case accountNotFound = 1
  case positionNotFound = 2
  case contractNotFound = 3
  case contractNotActive = 4
  case orderRejected = 5
  case orderPending = 6
  case unknownError = 7
  case accountRejected = 8
}

/// Codes of `Position/partialCloseContract`; from 5 up they are those of `closeContract` plus one.
package enum PartialCloseCode: Int, RefusalCode {
  case accountNotFound = 1
  case positionNotFound = 2
  case contractNotFound = 3
  case contractNotActive = 4
  case invalidCloseSize = 5
  case orderRejected = 6
  case orderPending = 7
  case unknownError = 8
  case accountRejected = 9
}
