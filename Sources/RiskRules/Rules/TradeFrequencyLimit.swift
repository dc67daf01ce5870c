import RiskModel

/// RULE-006 `trade_frequency_limit`: a break for whoever trades too often.
///
/// Trades count by their own time stamps, in windows that end at each of them; exactly the limit is
/// allowed. No position is closed: what is open may stay and shrink, and nothing may be added until
/// the window has room for another trade, at least for a minute. Voided executions do not count, nor
/// do closes that riskd itself asked for; an execution that may be one of those waits for the report
/// of the request, and counts when none comes.
package struct TradeFrequencyLimit: RiskRule {
  static let id = RuleID.tradeFrequencyLimit
  var parameters: Parameters

  static let shortestCooldown = TimeSpan.seconds(60)

  struct Memory: Equatable, Sendable, StartsEmpty {
    /// When the trades were last counted.
    var countedAt: Instant?
  }

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) -> [Verdict] {
    switch trigger {
    case .mark, .position, .account: return []
    case .order, .trade, .snapshot, .orderReading, .ownClose, .tick, .configuration: break
    }
    memory.countedAt = view.now
    let trades = trades(view)
    let breaches = parameters.windows.compactMap { breach(of: $0, trades, view) }
      .filter { !view.isOver($0.end) }
    guard let longest = breaches.max(by: { $0.until < $1.until }) else { return [] }
    return [Verdict(longest.reason, .noNewExposure(view.baselines), until: longest.end)]
  }

  /// When the last doubt about an execution ends.
  func deadline(_ view: AccountView, _ memory: Memory) -> Instant? {
    guard let countedAt = memory.countedAt else { return nil }
    return view.state.traces.closingAsked.values.map { $0 + AccountTraces.doubtTime }
      .filter { $0 > countedAt }.min()
  }

  func distances(_ view: AccountView, _ memory: Memory) -> [Distance] {
    let trades = trades(view)
    let fullest = parameters.windows.map { window in
      let count = Int64(trades.count { isInside(window, $0, view) })
      return Distance(Self.id, .account, .trades(value: count, limit: window.limit))
    }.max { $0.percent < $1.percent }
    return fullest.map { [$0] } ?? []
  }

  private func isInside(_ window: Window, _ trade: Trade, _ view: AccountView) -> Bool {
    guard let span = window.span else { return trade.date == view.state.ledger.tradingDate }
    return trade.at > view.agreedNow - span
  }

  private struct Trade {
    var at: Instant
    var date: CivilDate
  }

  private struct Breach {
    var reason: BreachReason
    var end: TargetEnd
    var until: Instant
  }

  private func breach(of window: Window, _ trades: [Trade], _ view: AccountView) -> Breach? {
    let limit = Int(window.limit)
    guard let span = window.span else {
      let today = trades.filter { $0.date == view.state.ledger.tradingDate }
      guard today.count > limit, let last = today.last else { return nil }
      let date = view.state.ledger.tradingDate
      let until = window.cooldown.map { last.at + $0 } ?? view.state.tradingDay.end(of: date)
      return Breach(
        reason: reason(today.count, window),
        end: window.cooldown == nil ? .dailyReset(date) : .at(until), until: until)
    }
    // The newest trade that was one too many when it was made.
    let excess = trades.indices.last { index in
      index >= limit && trades[index - limit].at > trades[index].at - span
    }
    guard let excess else { return nil }
    let at = trades[excess].at
    let count = trades[...excess].count { $0.at > at - span }
    let hasRoom = trades[excess - limit + 1].at + span
    let until = window.cooldown.map { at + $0 } ?? max(at + Self.shortestCooldown, hasRoom)
    return Breach(reason: reason(count, window), end: .at(until), until: until)
  }

  private func reason(_ count: Int, _ window: Window) -> BreachReason {
    .tradesAboveLimit(
      count: Int64(count), limit: window.limit,
      seconds: window.span.map { $0.nanos / Instant.nanosPerSecond })
  }

  /// What counts, oldest first.
  private func trades(_ view: AccountView) -> [Trade] {
    let own = view.state.traces.ownOrders(clockLead: view.clockLead)
    var firsts: [OrderID: Trade] = [:]
    var trades: [Trade] = []
    for entry in view.state.ledger.entries.values {
      guard !entry.isVoided, let execution = entry.execution, !own.contains(execution.order),
        !isInDoubt(entry, execution, view)
      else { continue }
      let trade = Trade(at: execution.at, date: entry.date)
      switch parameters.countBy {
      case .execution: trades.append(trade)
      case .roundTurn: if entry.profit != nil { trades.append(trade) }
      case .order:
        guard let first = firsts[execution.order], first.at <= trade.at else {
          firsts[execution.order] = trade
          continue
        }
      }
    }
    return (trades + firsts.values).sorted { ($0.at, $0.date) < ($1.at, $1.date) }
  }

  private func isInDoubt(
    _ entry: DayLedger.Entry, _ execution: DayLedger.Execution, _ view: AccountView
  ) -> Bool {
    guard entry.profit != nil, let asked = view.state.traces.closingAsked[execution.contract],
      view.now < asked + AccountTraces.doubtTime
    else { return false }
    return execution.at >= asked - view.clockLead - AccountTraces.clockPrecision
  }
}
