import RiskModel

/// The name of a protective stop at the venue: `riskd-stop-184-0` for the target 184-0, and
/// `riskd-stop-184-0.2` for the second order of that target, once the first is over.
///
/// The venue refuses a tag that the account has used before, also after that order was cancelled
/// (observed live), so an order that is placed again after a lost answer cannot double.
struct StopTag: Equatable, Sendable {
  var target: TargetID
  /// Counted from one.
  var attempt: Int

  private static let prefix = "riskd-stop-"

  init(target: TargetID, attempt: Int) {
    self.target = target
    self.attempt = attempt
  }

  init?(_ text: String) {
    guard text.hasPrefix(StopTag.prefix) else { return nil }
    let parts = text.dropFirst(StopTag.prefix.count).split(
      separator: ".", omittingEmptySubsequences: false)
    guard let target = parts.first.flatMap({ TargetID(String($0)) }) else { return nil }
    switch parts.count {
    case 1:
      self.init(target: target, attempt: 1)
    case 2:
      guard let attempt = Int(parts[1]), attempt > 1, attempt < Int.max else { return nil }
      self.init(target: target, attempt: attempt)
    default:
      return nil
    }
  }

  var text: String {
    StopTag.prefix + target.description + (attempt > 1 ? ".\(attempt)" : "")
  }
}

extension Order {
  /// Set on the stops that riskd placed.
  var stopTag: StopTag? { type.isStop ? customTag.flatMap(StopTag.init) : nil }

  /// A stop that would take contracts off a position now; a suspended one waits for its entry.
  func protects(_ contract: ContractID, side: Side) -> Bool {
    self.contract == contract && self.side == side && type.isStop && status.isWorking
      && status != .suspended
  }
}
