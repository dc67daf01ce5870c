import RiskModel
import RiskRules
import SimulatedVenue

// The rules that end in a pause, and the one about open losses, by the venue's executions and prices.
extension Auditor {
  /// The venue's time stamps may be cut to the microsecond.
  private static let stampPrecision = TimeSpan.milliseconds(1)
  /// An execution that may be a close of ours counts after ten seconds at the latest.
  private static let doubtLasts = TimeSpan.seconds(12)
  /// A trader's order so near to a close of ours may be taken for it.
  private static let closeIsNear = TimeSpan.seconds(16)

  /// Breaks that were never recorded although what asks for them was, in time.
  func missingPauses(_ account: AccountID) -> [String] {
    missingCooldowns(account) + missingBreaks(account)
  }

  private func executions(_ account: AccountID) -> [Trade] {
    world.venue.exchange.trades.filter { $0.account == account }
  }

  /// When the last of them was recorded; `nil` when one of them is not.
  private func recordedAt(_ trades: ArraySlice<Trade>) -> TimeSpan? {
    let moments = trades.map { record.executions[$0.id]?.recordedAt }
    return moments.contains(where: { $0 == nil }) ? nil : moments.compactMap(\.self).max()
  }

  private func missingCooldowns(_ account: AccountID) -> [String] {
    guard let rule = options.rules[account]?.cooldownAfterLoss else { return [] }
    return executions(account).compactMap { trade in
      guard let loss = trade.profit.map({ -$0.micros }), let known = recordedAt([trade]) else {
        return nil
      }
      // The largest loss that a step names is the step.
      let steps = rule.steps.filter { $0.loss.micros <= loss }
      guard let step = steps.max(by: { $0.loss.micros < $1.loss.micros }) else { return nil }
      let end = trade.executedAt + step.cooldown
      guard WorldClock.start + known < end - .seconds(1) else { return nil }
      judged("cooldowns", trade)
      return isPaused(account, until: end) ? nil : "\(account) lost by \(trade.id) and has no pause"
    }
  }

  private func missingBreaks(_ account: AccountID) -> [String] {
    // What a clock that was set makes of our closes is not the venue's to say.
    guard let rule = options.rules[account]?.tradeFrequencyLimit,
      options.faults.clockJumpEvery == nil
    else { return [] }
    let trades = executions(account).filter { own[$0.order] == nil && !mayBeTakenForOurs($0) }
    return rule.windows.flatMap { window -> [String] in
      guard let span = window.span, let cooldown = window.cooldown else { return [] }
      let limit = Int(window.limit)
      return trades.indices.dropFirst(limit).compactMap { index in
        let trade = trades[index]
        let counted = trades[(index - limit)...index]
        let end = trade.executedAt + cooldown
        guard trades[index - limit].executedAt > trade.executedAt - span,
          let known = recordedAt(counted), WorldClock.start + known + Self.doubtLasts < end
        else { return nil }
        judged("breaks after many trades", trade)
        return isPaused(account, until: end)
          ? nil : "\(account) made \(counted.count) trades by \(trade.id) and has no pause"
      }
    }
  }

  private func mayBeTakenForOurs(_ trade: Trade) -> Bool {
    let at = trade.executedAt - WorldClock.start
    return (closedAt[Subject(trade.account, trade.contract)] ?? []).contains {
      at - $0 < Self.closeIsNear && $0 - at < Self.closeIsNear
    }
  }

  private func judged(_ kind: String, _ trade: Trade) {
    guard pausesJudged.insert(trade.id).inserted else { return }
    count("pauses judged")
    count(kind)
  }

  /// Whether a lockout was recorded that bars new exposure at least until then.
  private func isPaused(_ account: AccountID, until end: Instant) -> Bool {
    record.targets.values.contains { known in
      guard known.target.account == account, known.target.isLockout else { return false }
      switch known.target.end {
      case .at(let moment): return moment >= end - Self.stampPrecision
      case .permanent, .dailyReset: return true
      default: return false
      }
    }
  }

  /// Positions that lose more than they may by the venue's last price.
  func openLosses(_ account: AccountID) -> [String] {
    guard let rule = options.rules[account]?.dailyUnrealizedLoss else { return [] }
    return world.venue.exchange.openPositions(of: account).compactMap { position in
      guard let contract = world.venue.exchange.contracts[position.contract]?.specification,
        let last = world.venue.exchange.markets[position.contract]?.last
      else { return nil }
      let moved = Int128(last.nanos - position.averagePrice.nanos) * Int128(position.signedSize)
      let result = moved * Int128(contract.tickValue.micros)
      let limit = Int128(rule.lossLimit.micros) * Int128(contract.tickSize.nanos)
      return result > -limit
        ? nil : "\(account) holds \(position.signedSize) \(position.contract.root) at a loss"
    }
  }
}
