/// The error codes of one endpoint. Every endpoint has its own numbering (documented); a number
/// that is not listed has no case and stays a number.
package protocol EndpointCode: RawRepresentable, CaseIterable, Hashable, Sendable
where RawValue == Int {}

/// `Auth/loginKey`.
package enum LoginCode: Int, EndpointCode {
  case success = 0
  case userNotFound
  case passwordVerificationFailed
  case invalidCredentials
  case appNotFound
  case appVerificationFailed
  case invalidDevice
  case agreementsNotSigned
  case unknownError
  case apiSubscriptionNotFound
  case apiKeyAuthenticationDisabled
}

/// `Auth/validate`.
package enum ValidateCode: Int, EndpointCode {
  case success = 0
  case invalidSession
  case sessionNotFound
  case expiredToken
  case unknownError
}

/// `Auth/logout`.
package enum LogoutCode: Int, EndpointCode {
  case success = 0
  case invalidSession
  case unknownError
}

/// `Account/search`, `Contract/search` and `Contract/available`, which document success only.
package enum ListingCode: Int, EndpointCode {
  case success = 0
}

/// `Contract/searchById`.
package enum ContractLookupCode: Int, EndpointCode {
  case success = 0
  case contractNotFound
}

/// `History/retrieveBars`.
package enum BarsCode: Int, EndpointCode {
  case success = 0
  case contractNotFound
  case unitInvalid
  case unitNumberInvalid
  case limitInvalid
}

/// `Order/search`, `Order/searchOpen`, `Order/v2/query`, `Position/searchOpen`, `Trade/search`.
package enum AccountQueryCode: Int, EndpointCode {
  case success = 0
  case accountNotFound
}

/// `Order/searchById`.
package enum OrderLookupCode: Int, EndpointCode {
  case success = 0
  case orderNotFound
}

/// `Order/place`.
package enum PlaceCode: Int, EndpointCode {
  case success = 0
  case accountNotFound
  case orderRejected
  case insufficientFunds
  case accountViolation
  case outsideTradingHours
  case orderPending
  case unknownError
  case contractNotFound
  case contractNotActive
  case accountRejected
}

/// `Order/modify`.
package enum ModifyCode: Int, EndpointCode {
  case success = 0
  case accountNotFound
  case orderNotFound
  case rejected
  case pending
  case unknownError
  case accountRejected
  case contractNotFound
}

/// `Order/cancel`.
package enum CancelCode: Int, EndpointCode {
  case success = 0
  case accountNotFound
  case orderNotFound
  case rejected
  case pending
  case unknownError
  case accountRejected
}

/// `Position/closeContract`.
package enum CloseCode: Int, EndpointCode {
  case success = 0
  case accountNotFound
  case positionNotFound
  case contractNotFound
  case contractNotActive
  case orderRejected
  case orderPending
  case unknownError
  case accountRejected
}

/// `Position/partialCloseContract`. From 5 up the numbers are one above those of a full close.
package enum PartialCloseCode: Int, EndpointCode {
  case success = 0
  case accountNotFound
  case positionNotFound
  case contractNotFound
  case contractNotActive
  case invalidCloseSize
  case orderRejected
  case orderPending
  case unknownError
  case accountRejected
}
