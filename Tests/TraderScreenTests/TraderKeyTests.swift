import Testing
import TraderFeed
import TraderSample
import TraderScreen

@Suite struct TraderKeyTests {
  @Test(arguments: [
    ("1", [TraderKey.tab(.overview)]), ("8", [.tab(.enforcement)]), ("9", []), ("q", [.quit]),
    ("Q", [.quit]), ("\u{3}", [.quit]), ("i", [.clockIn]), ("O", [.clockOut]),
    ("\t", [.nextAccount]), ("\u{1B}[A", [.up]), ("\u{1B}[B", [.down]),
    ("\u{1B}[C", [.nextAccount]),
    ("\u{1B}[D", [.previousAccount]), ("\u{1B}[Z", [.previousAccount]), ("\u{1B}OA", [.up]),
    ("\u{1B}[5~", [.pageUp]), ("\u{1B}[6~", [.pageDown]), (" ", [.pageDown]), ("j", [.down]),
    ("k", [.up]), ("?", [.help]), ("\u{C}", [.redraw]), ("\u{1A}", [.suspend]), ("x", []), ("", []),
    ("\u{1B}[1;5C3", [.tab(.positions)]), ("\u{1B}x2", [.tab(.results)]),
    ("\u{1B}[99999999", []), ("34", [.tab(.positions), .tab(.rules)]),
  ])
  func `bytes become keys`(bytes: String, keys: [TraderKey]) {
    var reader = KeyReader()
    #expect(reader.read(Array(bytes.utf8)) == keys)
    var slow = KeyReader()
    #expect(bytes.utf8.flatMap { slow.read([$0]) } == keys)
  }

  @Test func `keys turn the view, within its limits`() {
    var view = TraderView(feed: TradingDaySample.feed())
    view.feed?.accounts.append(TradingDaySample.account(id: 2_002))
    view.message = "old"
    view.turn(.pageDown, page: 10, limit: 7)
    #expect(view.scroll == 7)
    #expect(view.message == nil)
    view.turn(.up, page: 10, limit: 7)
    #expect(view.scroll == 6)
    view.turn(.pageUp, page: 10, limit: 7)
    view.turn(.up, page: 10, limit: 7)
    #expect(view.scroll == 0)
    view.turn(.down, page: 10, limit: 7)
    view.turn(.tab(.rules), page: 10, limit: 7)
    #expect(view.tab == .rules)
    #expect(view.scroll == 0)
    view.turn(.previousAccount, page: 10, limit: 7)
    #expect(view.account == 1)
    view.turn(.nextAccount, page: 10, limit: 7)
    #expect(view.account == 0)
  }

  @Test func `the keys are shown in the place of a tab, and give way to one`() {
    var view = TraderView(feed: TradingDaySample.feed())
    view.turn(.help, page: 10, limit: 7)
    #expect(view.showsKeys)
    view.turn(.help, page: 10, limit: 7)
    #expect(!view.showsKeys)
    view.turn(.help, page: 10, limit: 7)
    view.turn(.tab(.overview), page: 10, limit: 7)
    #expect(!view.showsKeys)
  }

  @Test func `only lines that changed are drawn`() {
    var painter = ScreenPainter()
    #expect(
      painter.paint(["one", "two"])
        == "\u{1B}[2J\u{1B}[1;1Hone\u{1B}[K\u{1B}[2;1Htwo\u{1B}[K")
    #expect(painter.paint(["one", "two"]).isEmpty)
    #expect(painter.paint(["one", "TWO"]) == "\u{1B}[2;1HTWO\u{1B}[K")
    #expect(painter.paint(["one"]) == "\u{1B}[2J\u{1B}[1;1Hone\u{1B}[K")
    painter.forget()
    #expect(painter.paint(["one"]).hasPrefix("\u{1B}[2J"))
  }

  @Test func `a whole picture in pages holds every tab`() {
    let screen = TraderScreen(
      TraderView(feed: TradingDaySample.feed()), at: TradingDaySample.now, columns: 80, rows: 24,
      appearance: .plain)
    let text = screen.pages.map(\.text).joined(separator: "\n")
    for title in ["Overview", "Positions", "Rules", "Connections", "Holidays", "Lockouts"] {
      #expect(text.contains("== \(title) =="))
    }
    #expect(screen.isCurrent)
    #expect(screen.pages.allSatisfy { $0.width <= 80 })
  }

  @Test func `an old, cut off or empty picture is not current`() {
    func isCurrent(_ change: (inout TraderView) -> Void) -> Bool {
      var view = TraderView(feed: TradingDaySample.feed())
      change(&view)
      return TraderScreen(
        view, at: TradingDaySample.now, columns: 80, rows: 24, appearance: .plain
      ).isCurrent
    }
    #expect(!isCurrent { $0.feed?.at = TradingDaySample.before(6) })
    #expect(!isCurrent { $0.feed?.accounts[0].at = TradingDaySample.before(6) })
    #expect(!isCurrent { $0.disconnected = "gone" })
    #expect(!isCurrent { $0.feed?.accounts = [] })
    #expect(!isCurrent { $0.feed = nil })
  }
}
