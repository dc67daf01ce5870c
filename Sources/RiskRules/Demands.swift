import RiskModel

extension Goal {
  /// Whether two goals are about the same thing, so that one can stand for the other.
  func hasSameSubject(as other: Goal) -> Bool {
    switch (self, other) {
    case (.flatAccount, .flatAccount), (.noNewExposure, .noNewExposure): true
    case (.flat(let a), .flat(let b)): a == b
    case (.atMost(let a, _), .atMost(let b, _)): a == b
    case (.cancelled(let a), .cancelled(let b)): a == b
    default: false
    }
  }

  /// Whether the goal leaves no room for any position in a contract.
  func forbidsPosition(in contract: ContractID) -> Bool {
    switch self {
    case .flatAccount: true
    case .flat(let id): id == contract
    case .noNewExposure(let baselines):
      !baselines.contains { $0.contract == contract && $0.signedSize != 0 }
    case .atMost, .cancelled: false
    }
  }
}

extension Verdict.Demand {
  /// Whether a standing target of the same rule and subject already does all that is asked: it is
  /// at least as strict and ends no earlier.
  func isCovered(by target: Target) -> Bool {
    if case (.atMost(_, let wanted), .atMost(_, let standing)) = (goal, target.goal) {
      guard standing <= wanted else { return false }
    }
    return target.end.outlasts(end)
  }
}

extension TargetEnd {
  /// Whether something that ends so lasts at least as long as something that ends like `other`.
  func outlasts(_ other: TargetEnd) -> Bool {
    switch (self, other) {
    case (.permanent, _), (_, .episode): true
    case (.at(let mine), .at(let theirs)): mine >= theirs
    case (.dailyReset(let mine), .dailyReset(let theirs)): mine >= theirs
    default: self == other
    }
  }
}

extension Baseline {
  /// The baseline after the position became `size`: never further from zero, zero after a sign
  /// change.
  func tightened(to size: Int64) -> Baseline {
    guard size.signum() == signedSize.signum() else {
      return Baseline(contract: contract, signedSize: 0)
    }
    let magnitude = min(abs(size), abs(signedSize))
    return Baseline(contract: contract, signedSize: magnitude * signedSize.signum())
  }
}
