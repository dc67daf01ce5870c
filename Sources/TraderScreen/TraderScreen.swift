package import RiskModel
package import TraderFeed

/// The eight tabs, in the order of their keys.
package enum TraderTab: Int, Sendable, CaseIterable {
  case overview = 1
  case results, positions, rules, connections, holidays, lockouts, enforcement

  var title: String {
    switch self {
    case .overview: "Overview"
    case .results: "P&L"
    case .positions: "Positions"
    case .rules: "Rules"
    case .connections: "Connections"
    case .holidays: "Holidays"
    case .lockouts: "Lockouts"
    case .enforcement: "Enforcement"
    }
  }

  var shortTitle: String {
    switch self {
    case .connections: "Connect"
    case .enforcement: "Enforce"
    default: title
    }
  }
}

/// What the screen shows at a moment: the last picture that came, and whether more will.
package struct TraderView: Equatable, Sendable {
  /// `nil` before the first one.
  package var feed: TraderFeed?
  /// Why there is no connection to riskd; `nil` while there is one.
  package var disconnected: String?
  /// The answer to what the trader asked for last.
  package var message: String?
  package var tab = TraderTab.overview
  /// Which of the accounts is shown.
  package var account = 0
  /// Whether the keys are shown in the place of the tab.
  package var showsKeys = false
  /// Lines of the body above the first one shown.
  package var scroll = 0

  package init(feed: TraderFeed? = nil, disconnected: String? = nil) {
    self.feed = feed
    self.disconnected = disconnected
  }
}

/// The screen of a trader as lines: a value in, lines out.
package struct TraderScreen {
  /// A feed comes at least once a second; without one for this long it is out of date.
  package static let staleAfter = TimeSpan.seconds(5)
  package static let smallest = (columns: 60, rows: 12)
  private static let frameRows = 5

  let view: TraderView
  let now: Instant
  let columns: Int
  let rows: Int
  let appearance: Appearance

  package init(
    _ view: TraderView, at now: Instant, columns: Int, rows: Int, appearance: Appearance
  ) {
    self.view = view
    self.now = now
    self.columns = columns
    self.rows = rows
    self.appearance = appearance
  }

  var wording: Wording { Wording(zone: view.feed?.zone ?? .chicago, now: now) }

  var account: AccountReport? {
    guard let accounts = view.feed?.accounts, !accounts.isEmpty else { return nil }
    return accounts[min(max(0, view.account), accounts.count - 1)]
  }

  /// Exactly `rows` lines of at most `columns` columns.
  package var lines: [ScreenLine] {
    guard columns >= Self.smallest.columns, rows >= Self.smallest.rows else {
      let text = "risktop needs \(Self.smallest.columns) x \(Self.smallest.rows)"
      return filled([ScreenLine(text)], rows).map { $0.clipped(to: columns) }
    }
    let rule = ScreenLine(
      String(repeating: appearance.hasBlocks ? "─" : "-", count: columns), .faint)
    let space = rows - Self.frameRows
    let lines = [header, tabs, rule] + scrolled(body, space) + [banner ?? rule, footer]
    return lines.map { $0.clipped(to: columns) }
  }

  /// Every tab with all its lines, one below the other; for files and pipes.
  package var pages: [ScreenLine] {
    var lines = [header]
    if let banner { lines.append(banner) }
    for tab in TraderTab.allCases {
      var view = view
      view.tab = tab
      view.showsKeys = false
      let screen = TraderScreen(view, at: now, columns: columns, rows: rows, appearance: appearance)
      lines += [ScreenLine(), ScreenLine("== \(tab.title) ==", .strong)] + screen.body
    }
    return lines.map { $0.clipped(to: columns) }
  }

  /// How far the body can be scrolled.
  package var scrollLimit: Int { max(0, body.count - (rows - Self.frameRows)) }

  var body: [ScreenLine] {
    if view.showsKeys { return KeyPage(screen: self).lines }
    guard let feed = view.feed else { return nothing("Nothing is known yet.") }
    switch view.tab {
    case .connections: return ConnectionsTab(screen: self, feed: feed).lines
    default: break
    }
    guard let account else { return nothing("No account is known yet.") }
    switch view.tab {
    case .overview: return OverviewTab(screen: self, account: account).lines
    case .results: return ResultsTab(screen: self, account: account).lines
    case .positions: return PositionsTab(screen: self, account: account).lines
    case .rules: return RulesTab(screen: self, account: account).lines
    case .holidays: return HolidaysTab(screen: self, account: account).lines
    case .lockouts: return LockoutsTab(screen: self, account: account).lines
    case .enforcement: return EnforcementTab(screen: self, account: account).lines
    case .connections: return []
    }
  }

  /// Rows of the body beside the frame.
  package var bodyRows: Int { max(1, rows - Self.frameRows) }

  /// Whether what is shown is what riskd says now, of an account that it protects.
  package var isCurrent: Bool {
    guard view.disconnected == nil, let feed = view.feed, !feed.accounts.isEmpty else {
      return false
    }
    return now - feed.at <= Self.staleAfter
      && feed.accounts.allSatisfy { feed.at - $0.at <= Self.staleAfter }
  }

  private func nothing(_ text: String) -> [ScreenLine] {
    let reason = view.disconnected.map { "There is no connection to riskd: \($0)" }
    return [ScreenLine(text, .warning)] + (reason.map { [ScreenLine($0, .warning)] } ?? [])
  }

  private var header: ScreenLine {
    var line = ScreenLine(" risktop", .strong)
    if let account {
      line.add("  \(account.name ?? "name unknown")", .strong)
      line.add(" (\(account.id))")
      if let count = view.feed?.accounts.count, count > 1 {
        line.add("  account \(min(view.account, count - 1) + 1) of \(count)", .faint)
      }
    }
    let place = wording.zone.identifier.split(separator: "/").last.map(String.init) ?? ""
    let clock = "\(wording.dateAndTime(now)) \(place) "
    line = line.clipped(to: max(0, columns - clock.count - 1))
    line.pad(to: columns - clock.count)
    line.add(clock)
    return line
  }

  private var tabs: ScreenLine {
    let full = TraderTab.allCases.reduce(1) { $0 + $1.title.count + 3 }
    var line = ScreenLine()
    var before: TraderTab?
    for tab in TraderTab.allCases {
      line.add(tab == view.tab ? "[" : before == view.tab ? "]" : " ")
      let title = full <= columns ? tab.title : tab.shortTitle
      line.add("\(tab.rawValue) \(title)", tab == view.tab ? .strong : .plain)
      before = tab
    }
    return line.adding(before == view.tab ? "]" : "")
  }

  private func scrolled(_ body: [ScreenLine], _ space: Int) -> [ScreenLine] {
    let first = min(max(0, view.scroll), max(0, body.count - space))
    var shown = Array(body.dropFirst(first).prefix(space))
    let below = body.count - first - shown.count
    if below > 0 {
      shown[shown.count - 1] = ScreenLine("... \(below + 1) more lines: arrow down", .faint)
    }
    return filled(shown, space)
  }

  private func filled(_ lines: [ScreenLine], _ count: Int) -> [ScreenLine] {
    lines.prefix(count) + [ScreenLine](repeating: ScreenLine(), count: max(0, count - lines.count))
  }
}
