import RiskModel
import TraderFeed

/// Positions, working orders and the prices of what is held.
struct PositionsTab {
  private static let staleQuote = TimeSpan.seconds(5)
  private static let deadQuote = TimeSpan.seconds(30)

  let screen: TraderScreen
  let account: AccountReport

  private var wording: Wording { screen.wording }

  var lines: [ScreenLine] {
    positions + [totals, ScreenLine()] + orders + [ScreenLine()] + quotes
  }

  var positions: [ScreenLine] {
    guard !account.positions.isEmpty else { return [screen.title("No open positions")] }
    var table = TextTable(
      ["POSITION", "SIDE", "QTY", "AVERAGE", "MARK", "OPEN P&L", "STOP", "AGE"],
      right: [2, 3, 4, 5, 6, 7])
    for position in account.positions {
      table.rows.append([
        .init(wording.symbol(position.contract, position.name), .strong),
        .init(position.signedSize > 0 ? "long" : "short"),
        .init("\(abs(position.signedSize))"), .init(wording.price(position.averagePrice)),
        position.mark.map { .init("\($0)") } ?? .init(Wording.unknown, .warning),
        .init(wording.result(position.open)), stop(of: position),
        .init(wording.age(position.openedAt)),
      ])
    }
    return table.lines(width: screen.columns)
  }

  private func stop(of position: PositionReport) -> TextTable.Cell {
    guard position.stopSize > 0 else { return .init("NONE", .bad) }
    let text = position.stop.map { "\($0)" } ?? "set"
    let size = abs(position.signedSize)
    return position.stopSize < size
      ? .init("\(text) for \(position.stopSize)", .warning) : .init(text)
  }

  private var totals: ScreenLine {
    let held = account.positions.reduce(0) { $0 + abs($1.signedSize) }
    let limit = account.rules.first { $0.rule == .maxContracts && $0.isEnabled }?.distances.first
    var line = ScreenLine("total contracts ", .faint)
    line.add(limit.map { "\($0.used) of \($0.limit)" } ?? "\(held), no limit")
    line.add("   open ", .faint)
    let result = wording.result(account.open)
    return line.adding(result.text, result.style)
  }

  private var orders: [ScreenLine] {
    guard !account.orders.isEmpty else { return [screen.title("No working orders")] }
    var table = TextTable(
      ["ORDER", "TYPE", "SIDE", "QTY", "PRICE", "STATUS", "AGE"], right: [3, 4, 6])
    for order in account.orders {
      table.rows.append([
        .init(wording.symbol(order.contract, order.name), .strong), .init(order.type.word),
        .init(order.side == .buy ? "buy" : "sell"), .init("\(order.size)"),
        .init(wording.price(order.stopPrice ?? order.limitPrice)), .init(order.status.word),
        .init(wording.age(order.createdAt)),
      ])
    }
    let more = account.moreOrders > 0 ? [ScreenLine("and \(account.moreOrders) more")] : []
    return table.lines(width: screen.columns) + more
  }

  private var quotes: [ScreenLine] {
    guard !account.quotes.isEmpty else { return [] }
    var table = TextTable(
      ["QUOTE", "BID", "ASK", "LAST", "AGE", "STATE"], right: [1, 2, 3, 4])
    for quote in account.quotes {
      table.rows.append([
        .init(wording.symbol(quote.contract, quote.name), .strong),
        .init(wording.price(quote.bid)), .init(wording.price(quote.ask)),
        .init(wording.price(quote.last)), .init(wording.age(quote.at)), state(of: quote),
      ])
    }
    return table.lines(width: screen.columns)
  }

  private func state(of quote: QuoteReport) -> TextTable.Cell {
    guard let at = quote.at, screen.now - at <= Self.deadQuote else {
      return .init("NO DATA", .bad)
    }
    return screen.now - at > Self.staleQuote ? .init("STALE", .warning) : .init("FRESH", .good)
  }
}

extension OrderType {
  var word: String {
    switch self {
    case .limit: "limit"
    case .market: "market"
    case .stopLimit: "stop limit"
    case .stop: "stop"
    case .trailingStop: "trailing"
    case .joinBid: "join bid"
    case .joinAsk: "join ask"
    default: "type \(rawValue)"
    }
  }
}

extension OrderStatus {
  var word: String {
    switch self {
    case .open: "working"
    case .pending: "pending"
    case .pendingCancellation: "cancelling"
    case .suspended: "waiting"
    default: "status \(rawValue)"
    }
  }
}

/// Every rule: what is set and how far it is from firing.
struct RulesTab {
  let screen: TraderScreen
  let account: AccountReport

  var lines: [ScreenLine] {
    account.rules.flatMap { rule -> [ScreenLine] in
      var head = ScreenLine("\(rule.rule.rawValue) \(rule.rule.title(nil))", .strong)
      head.pad(to: 40)
      head.add(rule.isEnabled ? rule.setting : "off", rule.isEnabled ? .plain : .faint)
      var lines = [head]
      if let why = rule.unknown { lines.append(ScreenLine("  unknown: \(why)", .warning)) }
      guard rule.isEnabled else { return lines }
      lines += rule.distances.map { line(of: $0) }
      for lockout in account.lockouts where lockout.rule == rule.rule {
        lines.append(ScreenLine("  LOCKED: \(screen.rest(of: lockout))", .bad))
      }
      return lines
    }
  }

  private func line(of distance: DistanceReport) -> ScreenLine {
    let parts = distance.subject?.split(separator: ".") ?? []
    let subject = parts.count == 5 ? "\(parts[3])\(parts[4])" : distance.subject ?? "account"
    var line = ScreenLine("  \(subject)")
    line = line.clipped(to: 12)
    line.pad(to: 13)
    let bar = max(8, screen.columns / 4)
    line.add(distance.line(screen.wording, screen.appearance, bar: bar))
    return line
  }
}
