import RiskModel
import SimulatedVenue

/// A way in which the venue does what it is asked and riskd does not learn it.
enum LostReply: String, CaseIterable {
  case reset = "the connection is reset"
  case end = "the connection ends"
  case silence = "no reply ever comes"
  case status503 = "the reply is 503"
  case page502 = "the reply is a page of the edge"
  case status429 = "the reply is 429"
  case unknownCode = "the code is not documented"
  case unknownError = "the code says that something went wrong"
  case pending = "the code says that it is pending"
  case noOrder = "the reply names no order"

  /// Only a placement is answered with an order.
  func applies(to operation: GatewayOperation) -> Bool {
    self != .noOrder || operation == .placeOrder
  }

  func effect(on operation: GatewayOperation) -> RequestEffect {
    switch self {
    case .reset: .dropConnection(applied: true, reset: true)
    case .end: .dropConnection(applied: true, reset: false)
    case .silence: .silence(applied: true)
    case .status503: .status(503, applied: true, retryAfter: nil)
    case .page502: .html(502, applied: true)
    case .status429: .status(429, applied: true, retryAfter: nil)
    case .unknownCode: Self.code(99)
    case .unknownError: Self.code(Self.unknownErrorCode(of: operation))
    case .pending: Self.code(Self.pendingCode(of: operation))
    case .noOrder: .missingPayload
    }
  }

  private static func code(_ code: Int) -> RequestEffect {
    .envelope(success: false, code: code, message: nil, applied: true)
  }

  /// Each operation has numbers of its own (documented).
  private static func pendingCode(of operation: GatewayOperation) -> Int {
    switch operation {
    case .placeOrder, .closeContract: 6
    case .modifyOrder, .cancelOrder: 4
    case .partialCloseContract: 7
    default: preconditionFailure("Condition failed: \(operation) changes something")
    }
  }

  /// "UnknownError" of each operation follows its "Pending" (documented).
  private static func unknownErrorCode(of operation: GatewayOperation) -> Int {
    pendingCode(of: operation) + 1
  }
}
