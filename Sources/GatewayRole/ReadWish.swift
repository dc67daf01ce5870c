import RiskModel

/// A read that is wanted and has not begun. Wishes are joined and never dropped.
struct ReadWish: Equatable {
  var scope: AccountRead.Scope
  var cause: ReadCause
  var notBefore: MonotonicInstant

  /// The larger of both, as early as the earlier one. A smaller wish does not hurry a larger one.
  func joined(by other: ReadWish) -> ReadWish {
    guard scope == other.scope else { return scope > other.scope ? self : other }
    // A regular reading that comes to one with a reason is done with it.
    var joined = cause.explainsDifferences || other.cause == .periodic ? self : other
    joined.notBefore = min(notBefore, other.notBefore)
    return joined
  }
}

extension ReadCause {
  /// May come again and again: such reads are further apart.
  var isSpaced: Bool {
    switch self {
    case .asked, .overflow, .unreadable: true
    default: false
    }
  }
}
