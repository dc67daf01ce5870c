// What the codes of every endpoint are, and what is done about them.

extension LoginCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    case .userNotFound, .passwordVerificationFailed, .invalidCredentials, .appNotFound,
      .appVerificationFailed, .invalidDevice, .agreementsNotSigned, .apiSubscriptionNotFound,
      .apiKeyAuthenticationDisabled:
      Classification(.authentication, .tellPerson)
    case .unknownError: Classification(.system, .tryAgain)
    }
  }
}

extension ValidateCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    case .invalidSession, .sessionNotFound, .expiredToken:
      Classification(.authentication, .signIn)
    case .unknownError: Classification(.system, .signIn)
    }
  }
}

extension LogoutCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    case .invalidSession: Classification(.authentication, .proceed)
    case .unknownError: Classification(.system, .proceed)
    }
  }
}

extension ListingCode: ClassifiedCode {
  var classification: Classification { .success }
}

extension ContractLookupCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    case .contractNotFound: Classification(.validation, .tryAgain)
    }
  }
}

extension BarsCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    case .contractNotFound, .unitInvalid, .unitNumberInvalid, .limitInvalid:
      Classification(.validation, .tellPerson)
    }
  }
}

extension AccountQueryCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    case .accountNotFound: Classification(.validation, .tellPerson)
    }
  }
}

extension OrderLookupCode: ClassifiedCode {
  var classification: Classification {
    switch self {
    case .success: .success
    // It does not say what became of the order.
    case .orderNotFound: Classification(.validation, .look)
    }
  }
}

extension PlaceCode: ClassifiedCode {
  var classification: Classification { meaning.classification }
}

extension ModifyCode: ClassifiedCode {
  var classification: Classification { meaning.classification }
}

extension CancelCode: ClassifiedCode {
  var classification: Classification { meaning.classification }
}

extension CloseCode: ClassifiedCode {
  var classification: Classification { meaning.classification }
}

extension PartialCloseCode: ClassifiedCode {
  var classification: Classification { meaning.classification }
}

extension CodeMeaning {
  var classification: Classification {
    switch self {
    case .accepted: .success
    case .gone: Classification(.trading, .prove)
    case .pending: Classification(.trading, .look)
    case .unknown: Classification(.system, .look)
    case .refused(let category): category.classification
    }
  }
}

extension Refusal.Category {
  var classification: Classification {
    switch self {
    case .rejected, .insufficientFunds: Classification(.trading, .tryAgain)
    case .marketClosed, .contractNotActive: Classification(.trading, .tryLater)
    case .accountNotFound: Classification(.validation, .tellPerson)
    case .accountViolation, .accountRejected: Classification(.trading, .tellPerson)
    case .contractNotFound: Classification(.validation, .tryAgain)
    // The position has changed since it was read.
    case .invalidSize: Classification(.validation, .look)
    case .unauthorized: Classification(.authentication, .signIn)
    case .notSent: Classification(.network, .tryAgain)
    }
  }
}

extension VenueError {
  /// What kind of trouble this is. A change of the venue with any of these but `unauthorized` and
  /// what was not sent has an unknown outcome: look first.
  package var category: ErrorCategory {
    switch self {
    case .transport: .network
    case .unauthorized: .authentication
    case .rateLimited: .rateLimit
    case .httpStatus(let status) where status >= 500 || status == 408: .system
    case .httpStatus: .validation
    case .refused(let endpoint, let code, _):
      ErrorTable.find(endpoint, code)?.category ?? .system
    case .emptyBody, .notJSON, .memberMissing, .memberNull, .memberMalformed,
      .positionTypeUnknown, .contradiction, .foreignAccount, .pagesIncomplete, .pagesShifted:
      .system
    }
  }

  /// What is done about a read that failed so.
  package var reaction: ErrorReaction {
    switch self {
    case .unauthorized: .signIn
    case .rateLimited: .slowDown
    case .refused(let endpoint, let code, _):
      ErrorTable.find(endpoint, code)?.reaction ?? .tryAgain
    default: .tryAgain
    }
  }
}
