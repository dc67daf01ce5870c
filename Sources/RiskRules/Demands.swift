import RiskModel

extension Goal {
  /// Whether two goals are about the same thing, so that one can stand for the other.
  func hasSameSubject(as other: Goal) -> Bool {
    switch (self, other) {
    case (.flatAccount, .flatAccount), (.noNewExposure, .noNewExposure): true
    case (.flat(let a), .flat(let b)): a == b
    case (.atMost(let a, _), .atMost(let b, _)): a == b
    case (.cancelled(let a), .cancelled(let b)): a == b
    case (.protected(let a, _), .protected(let b, _)): a == b
    default: false
    }
  }

  /// Whether a position is more than the goal allows.
  func forbids(_ position: Position) -> Bool {
    switch self {
    case .flatAccount: true
    case .flat(let id): id == position.contract
    case .atMost(let id, let size): id == position.contract && position.size > size
    case .noNewExposure(let baselines):
      !baselines.contains {
        $0.contract == position.contract && $0.signedSize * position.signedSize > 0
          && abs($0.signedSize) >= position.size
      }
    case .cancelled, .protected: false
    }
  }

  /// Of goals that stand together the one with the lowest number decides.
  var weakness: Int {
    switch self {
    case .flatAccount: 0
    case .noNewExposure: 1
    case .flat: 2
    case .atMost: 3
    case .cancelled: 4
    case .protected: 5
    }
  }
}

extension TargetEnd {
  /// Lower ends later.
  var weakness: Int {
    switch self {
    case .permanent: 0
    case .configuration, .tradingRestored, .sessionStart, .evaluationRestored: 1
    case .dailyReset, .at: 2
    case .episode: 3
    }
  }
}

extension BreachResponse {
  /// What becomes of a rule's verdict.
  ///
  /// Two things are no breach of the trader's: a stop that is moved for him, and the end of a session
  /// in which he has nothing open and nothing working.
  func answer(to verdict: Verdict, in view: AccountView) -> Verdict {
    guard self == .lockForGood else { return verdict }
    switch verdict.reason {
    case .stopWanted: return verdict
    case .outsideSession where !view.state.hasExposureOrOrders: return verdict
    default: return Verdict(verdict.reason, .flatAccount, until: .permanent)
    }
  }
}

extension Verdict.Demand {
  /// Whether a standing target of the same rule and subject already does all that is asked: it is
  /// at least as strict and ends no earlier.
  func isCovered(by target: Target, _ tradingDay: TradingDayRule) -> Bool {
    if case (.atMost(_, let wanted), .atMost(_, let standing)) = (goal, target.goal) {
      guard standing <= wanted else { return false }
    }
    if case (.protected(_, let wanted), .protected(_, let standing)) = (goal, target.goal) {
      guard wanted.side == standing.side, !wanted.isTighter(than: standing.price) else {
        return false
      }
    }
    return target.end.outlasts(end, tradingDay)
  }
}

extension TargetEnd {
  /// Whether something that ends so lasts at least as long as something that ends like `other`. Of
  /// two conditions that say nothing about each other neither lasts as long.
  func outlasts(_ other: TargetEnd, _ tradingDay: TradingDayRule) -> Bool {
    switch (self, other) {
    case (.permanent, _), (_, .episode): true
    default:
      if let mine = moment(tradingDay), let theirs = other.moment(tradingDay) {
        mine >= theirs
      } else {
        self == other
      }
    }
  }

  private func moment(_ tradingDay: TradingDayRule) -> Instant? {
    switch self {
    case .at(let instant): instant
    case .dailyReset(let date): tradingDay.end(of: date)
    default: nil
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
