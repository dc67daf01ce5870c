import RiskModel

extension TargetID {
  /// Journalled inputs are counted from one, so the ordinal zero is free for the targets that the
  /// enforcer sets for itself.
  static func safetyTarget(_ index: Int) -> TargetID { TargetID(inputOrdinal: 0, index: index) }

  var isSafetyTarget: Bool { inputOrdinal == 0 }
}

// What the enforcer does by itself while nobody evaluates the rules: nothing beyond the sizes that
// were last known.
extension EnforcementController {
  mutating func evaluatorLinkChanged(isUp: Bool, civilTime: Instant) {
    guard evaluator.isUp != isUp else { return }
    if isUp {
      evaluator.isUp = true
      evaluator.isHeard = false
      for id in targets.keys { askAgain(id) }
    } else {
      evaluator = EvaluatorPresence(goneSince: now, civilTime: civilTime)
    }
    accounts.updateAll { _, account in
      account.needsPlan = true
      if !isUp { account.reading.passDue(by: now + limits.sweepWithoutEvaluator) }
    }
  }

  /// The evaluator is back and decides again.
  mutating func evaluatorSpoke() {
    guard evaluator.isUp, !evaluator.isHeard else { return }
    evaluator.isHeard = true
    for id in targets.keys where id.isSafetyTarget { close(id) }
  }

  var isEvaluatorGone: Bool {
    !evaluator.isUp && now - evaluator.goneSince >= limits.evaluatorGone
  }

  mutating func failClosedIfEvaluatorIsGone() {
    guard isEvaluatorGone, !isDraining else { return }
    if !evaluator.isAlerted {
      evaluator.isAlerted = true
      actions.append(.alert(.evaluatorGone(now - evaluator.goneSince)))
    }
    guard policy != .alert, revision != nil else { return }
    for (index, account) in (protected ?? []).enumerated() {
      let id = TargetID.safetyTarget(index)
      guard targets[id] == nil, let goal = safetyGoal(for: account) else { continue }
      let cause = Cause(
        rule: .failClosed,
        reason: .cannotEvaluate(
          .evaluatorGone(seconds: (now - evaluator.goneSince).milliseconds / 1_000)))
      open(
        Target(
          id: id, account: account, goal: goal, cause: cause, end: .evaluationRestored,
          adoptedAt: evaluator.civilTime + (now - evaluator.goneSince)),
        causeReadAt: nil)
    }
  }

  /// `nil` while the sizes of the account are not known.
  private func safetyGoal(for account: AccountID) -> Goal? {
    guard policy == .noNewExposure else { return .flatAccount }
    guard let positions = accounts[account]?.positions, positions.isComplete else { return nil }
    return .noNewExposure(
      positions.openContracts.map {
        Baseline(contract: $0, signedSize: positions.signedSize(of: $0) ?? 0)
      })
  }
}
