import ProcessControl
import RiskModel
import Testing
import TraderFeed
import TraderSample
import TraderScreen

/// What a trader sees in a terminal, from its first line to its last.
///
/// The pages are those of one trading day under a clock for tests that all but stands still: no time
/// on them, the present one included, depends on when they are looked at, and none is left out.
@Suite(.enabled(if: RisktopTests.isWatched, "tmux is not installed")) struct WholePageTests {
  /// The slowest clock there is: it needs a thousand seconds for one.
  private static let slowest: Int64 = 1
  /// Half a second later the screen shows the same.
  private static let leeway = TimeSpan.milliseconds(500)

  private static func feed(_ change: (inout TraderFeed) -> Void = { _ in }) -> TraderFeed {
    var feed = TradingDaySample.feed()
    let anchor = SystemClock().now()
    feed.service.testClock = TestClockReport(
      anchor: anchor, offset: TradingDaySample.now - anchor + leeway, ratePerMille: slowest)
    change(&feed)
    return feed
  }

  /// A terminal of the usual size or another one, with the feed in it.
  private static func show(
    _ feed: TraderFeed, columns: Int = 80, rows: Int = 24,
    _ scene: (FeedStand, TmuxScreen) throws -> Void
  ) throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    stand.publish(feed)
    let screen = try TmuxScreen(root: stand.root, columns: columns, rows: rows)
    // What is typed before the first picture is thrown away with the terminal's old mode.
    try #require(screen.shows("50KTC-V2-1001 (1001)"))
    try scene(stand, screen)
    try screen.press("q")
    #expect(screen.shows("LEFT 0"))
  }

  @Test(arguments: [(80, 24), (120, 40)])
  func `every tab at its key, and the keys, look as they did`(columns: Int, rows: Int) throws {
    try Self.show(Self.feed(), columns: columns, rows: rows) { _, screen in
      let size = "\(columns)x\(rows)"
      try GoldenPages.expect("overview-\(size)") { screen.page }
      // The other way round: each key leads to its tab from another one than the one before it.
      for tab in TraderTab.allCases.reversed() {
        try screen.press("\(tab.rawValue)")
        try GoldenPages.expect("\(tab)-\(size)") { screen.page }
      }
      try screen.press("?")
      try GoldenPages.expect("keys-\(size)") { screen.page }
      try screen.press("?")
      try GoldenPages.expect("overview-\(size)") { screen.page }
      try screen.press("?")
      try GoldenPages.expect("keys-\(size)") { screen.page }
      try screen.press("\(TraderTab.lockouts.rawValue)")
      try GoldenPages.expect("lockouts-\(size)") { screen.page }
    }
  }

  @Test func `a terminal that grows and shrinks is filled as one of that size`() throws {
    try Self.show(Self.feed()) { _, screen in
      try screen.resize(120, 40)
      try GoldenPages.expect("overview-120x40") { screen.page }
      try screen.resize(80, 24)
      try GoldenPages.expect("overview-80x24") { screen.page }
    }
  }

  @Test func `Tab and the arrows change the account and scroll`() throws {
    let feed = Self.feed { $0.accounts.append(TradingDaySample.account(id: 2_002)) }
    try Self.show(feed, rows: 16) { _, screen in
      #expect(screen.shows("50KTC-V2-1001 (1001)  account 1 of 2"))
      for (key, account) in [
        ("Tab", "50KTC-V2-2002 (2002)  account 2 of 2"), ("Tab", "50KTC-V2-1001 (1001)"),
        ("Right", "50KTC-V2-2002 (2002)"), ("Right", "50KTC-V2-1001 (1001)"),
        ("Left", "50KTC-V2-2002 (2002)"), ("Left", "50KTC-V2-1001 (1001)"),
        ("BTab", "50KTC-V2-2002 (2002)"), ("BTab", "50KTC-V2-1001 (1001)"),
      ] {
        try screen.press(key)
        #expect(screen.shows(account), "\(key):\n\(screen.text)")
      }
      try screen.press("4")
      try #require(screen.shows("[4 Rules]"))
      let top = screen.page
      #expect(top.contains("more lines: arrow down") && !top.contains("RULE-013"))
      try screen.press("Down")
      try #require(eventually { screen.page != top })
      let second = screen.page.split(separator: "\n", omittingEmptySubsequences: false)
      // One line further: what was the second line of the tab is its first.
      #expect(second[3] == top.split(separator: "\n", omittingEmptySubsequences: false)[4])
      try screen.press("Up")
      #expect(eventually { screen.page == top }, "\(screen.page)")
      try screen.press("NPage")
      try screen.press("NPage")
      #expect(screen.shows("RULE-013"))
      #expect(!screen.text.contains("more lines"))
      try screen.press("PPage")
      try screen.press("PPage")
      #expect(eventually { screen.page == top }, "\(screen.page)")
    }
  }

  @Test func `the colours are those of a traffic light`() throws {
    try Self.show(Self.feed()) { stand, screen in
      try GoldenPages.expect("overview-80x24-colours") { screen.styledPage }
      for (percent, colour) in [(69, "green"), (70, "yellow"), (89, "yellow"), (90, "bold red")] {
        stand.publish(Self.feed { $0.accounts[0].rules[2].distances[0].percent = Int64(percent) })
        try #require(screen.shows(" \(percent) %"))
        let line =
          screen.styledPage.split(separator: "\n")
          .first { $0.contains("daily realized loss") }.map(String.init) ?? ""
        #expect(line.contains("[<\(colour)>█"), "\(percent) %: \(line)")
        #expect(line.contains("<\(colour)>\(percent) %"), "\(percent) %: \(line)")
      }
    }
  }
}
