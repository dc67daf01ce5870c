import RiskModel
import TraderFeed

/// Today's result, what is left of the limits, what is open and what is locked.
struct OverviewTab {
  private static let nearest = 4

  let screen: TraderScreen
  let account: AccountReport

  private var wording: Wording { screen.wording }

  var lines: [ScreenLine] {
    [results, ScreenLine()] + nearestLimits + [ScreenLine()] + positions + [ScreenLine()]
      + LockoutsTab(screen: screen, account: account).active
  }

  private var results: ScreenLine {
    var line = ScreenLine("Today", .strong)
    for (name, value) in [
      ("realized", account.realized), ("open", account.open), ("total", account.total),
    ] {
      let result = wording.result(value)
      line.add("   \(name) ", .faint)
      line.add(result.text, result.style)
    }
    line.add("   fees ", .faint)
    line.add(wording.money(account.costs))
    return line
  }

  private var nearestLimits: [ScreenLine] {
    let limits = account.rules.filter(\.isEnabled).flatMap { rule in
      rule.distances.filter { $0.unit != .time }.map { (rule: rule.rule, distance: $0) }
    }
    // The daily loss limit is always shown; of the others those that are nearest.
    let first = limits.filter { $0.rule == .dailyRealizedLoss }
    let others = limits.filter { $0.rule != .dailyRealizedLoss }
      .sorted { $0.distance.percent > $1.distance.percent }
    let shown = first + others.prefix(Self.nearest - first.count)
    guard !shown.isEmpty else { return [ScreenLine("No limit is set.", .warning)] }
    return [screen.title("Limits")]
      + shown.map { item in
        var line = ScreenLine("  \(item.rule.title(item.distance.subject))")
        line = line.clipped(to: 25)
        line.pad(to: 26)
        line.add(item.distance.line(wording, screen.appearance, bar: max(8, screen.columns / 8)))
        return line
      } + unknown
  }

  private var unknown: [ScreenLine] {
    account.rules.compactMap { rule in
      rule.unknown.map { ScreenLine("  \(rule.rule.title(nil)): unknown, \($0)", .warning) }
    }
  }

  private var positions: [ScreenLine] {
    PositionsTab(screen: screen, account: account).positions
  }
}

/// The money of the day: balance, extremes, course and last trades.
struct ResultsTab {
  let screen: TraderScreen
  let account: AccountReport

  private var wording: Wording { screen.wording }

  var lines: [ScreenLine] {
    let chart = ResultChart(
      account: account, appearance: screen.appearance, width: screen.columns - 1,
      height: screen.rows >= 36 ? 12 : 7)
    return balances + chart.lines + [axis] + trades
  }

  /// The balance of the venue contains what was realized today.
  private var startBalance: Money? {
    guard let balance = account.balance, let realized = account.realized,
      let costs = account.costs
    else { return nil }
    return balance - realized + costs
  }

  private var balances: [ScreenLine] {
    var first = ScreenLine("start ", .faint)
    first.add(wording.money(startBalance))
    for (name, value) in [("realized", account.realized), ("open", account.open)] {
      let result = wording.result(value)
      first.add("   \(name) ", .faint)
      first.add(result.text, result.style)
    }
    first.add("   now ", .faint)
    first.add(now)
    var second = ScreenLine("worst open ", .faint)
    second.add(extreme(account.worstOpen))
    second.add("   best open ", .faint)
    second.add(extreme(account.bestOpen))
    second.add("   fees ", .faint)
    second.add(wording.money(account.costs))
    return [first, second] + limit
  }

  private var now: String {
    guard let balance = account.balance, let open = account.open else { return Wording.unknown }
    let current = balance + open
    guard let start = startBalance, start.micros > 0 else { return "\(current)" }
    let change = current - start
    let share =
      (Int128(change.micros.magnitude) * 10_000 + Int128(start.micros / 2))
      / Int128(start.micros)
    let sign = change.micros < 0 ? "-" : "+"
    let cents = share % 100
    return "\(current) (\(sign)\(share / 100).\(cents < 10 ? "0" : "")\(cents) %)"
  }

  private func extreme(_ point: ResultPoint?) -> String {
    guard let point, let value = point.result else { return Wording.unknown }
    return "\(wording.result(value).text) at \(wording.shortTime(point.at))"
  }

  private var limit: [ScreenLine] {
    let rule = account.rules.first { $0.rule == .dailyRealizedLoss && $0.isEnabled }
    guard let distance = rule?.distances.first else { return [] }
    var line = ScreenLine("daily loss limit ", .faint)
    line.add(distance.line(wording, screen.appearance, bar: max(8, screen.columns / 8)))
    return [line]
  }

  private var axis: ScreenLine {
    let start = wording.shortTime(account.dayStartedAt)
    let end = wording.shortTime(account.dayEndsAt)
    var line = ScreenLine(String(repeating: " ", count: 11) + start, .faint)
    line.pad(to: screen.columns - 1 - end.count)
    return line.adding(end, .faint)
  }

  private var trades: [ScreenLine] {
    guard !account.trades.isEmpty else { return [ScreenLine("No trades are known today.", .faint)] }
    var table = TextTable(
      ["TRADES", "CONTRACT", "SIDE", "QTY", "PRICE", "RESULT", "RUNNING"], right: [3, 4, 5, 6])
    var running = account.realized
    for trade in account.trades {
      table.rows.append([
        .init(wording.time(trade.at)), .init(wording.symbol(trade.contract, nil)),
        .init(trade.side == .buy ? "buy" : "sell"), .init("\(trade.size)"),
        .init(wording.price(trade.price)),
        trade.profit.map { .init(wording.result($0)) } ?? .init("opens", .faint),
        .init(wording.result(running)),
      ])
      if let profit = trade.profit { running = running.map { $0 - profit } }
    }
    return table.lines(width: screen.columns)
  }
}

extension RuleID {
  /// The key in words, with what it is about.
  func title(_ subject: String?) -> String {
    let words = key.split(separator: "_").joined(separator: " ")
    guard let subject else { return words }
    let parts = subject.split(separator: ".")
    return "\(words) \(parts.count == 5 ? "\(parts[3])\(parts[4])" : subject)"
  }
}
