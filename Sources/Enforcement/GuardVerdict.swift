import RiskModel

/// Which target a request was sent for, and in which of its passes.
struct PassStamp: Equatable, Sendable {
  var target: TargetID
  var pass: Int
}

/// What an answer or a look says about a request.
enum GuardVerdict: Equatable, Sendable {
  case nothing
  /// The request had its effect.
  case done
  /// It had none.
  case failed([PassStamp], problem: String)
}

/// A pass of reads over an account: the orders, and after their answer the positions.
struct Look: Equatable, Sendable {
  var ordersOrdinal: Ordinal
  var ordersMoment: MonotonicInstant
  var positionsOrdinal: Ordinal
  var positionsMoment: MonotonicInstant
}
