import RiskModel
import Testing
import TraderFeed
import TraderSample
import TraderScreen

@Suite struct TraderScreenTests {
  static let sizes = [(80, 24), (120, 40)]

  static func screen(
    _ view: TraderView, columns: Int = 80, rows: Int = 24, appearance: Appearance = .plain
  ) -> [String] {
    TraderScreen(
      view, at: TradingDaySample.now, columns: columns, rows: rows, appearance: appearance
    ).lines.map(appearance.render)
  }

  static func text(_ change: (inout TraderView) -> Void) -> String {
    var view = TraderView(feed: TradingDaySample.feed())
    change(&view)
    return screen(view).joined(separator: "\n")
  }

  @Test(arguments: TraderTab.allCases, [0, 1])
  func `every tab looks as it did`(tab: TraderTab, size: Int) {
    let (columns, rows) = Self.sizes[size]
    var view = TraderView(feed: TradingDaySample.feed())
    view.tab = tab
    for (name, appearance) in [("plain", Appearance.plain), ("colour", .full)] {
      let lines = Self.screen(view, columns: columns, rows: rows, appearance: appearance)
      GoldenScreens.expect(
        "\(tab)-\(columns)x\(rows)-\(name)", is: lines.joined(separator: "\n") + "\n")
    }
  }

  @Test(arguments: [0, 1])
  func `the keys look as they did`(size: Int) {
    let (columns, rows) = Self.sizes[size]
    var view = TraderView(feed: TradingDaySample.feed())
    view.turn(.help, page: 10, limit: 0)
    let lines = Self.screen(view, columns: columns, rows: rows)
    GoldenScreens.expect(
      "keys-\(columns)x\(rows)-plain", is: lines.joined(separator: "\n") + "\n")
  }

  /// Whatever is shown: how to get at all keys, and how to leave.
  @Test(arguments: TraderTab.allCases, [60, 80, 100, 160])
  func `every tab says where the keys are`(tab: TraderTab, columns: Int) {
    for session in [TradingDaySample.session, nil] {
      var view = TraderView(feed: TradingDaySample.feed())
      view.tab = tab
      view.feed?.accounts[0].session = session
      let footer = Self.screen(view, columns: columns).last ?? ""
      #expect(footer.contains("? keys") && footer.contains("Q quit"), "\(footer)")
      #expect(columns < 100 || footer.contains("I/O clock in/out"), "\(footer)")
    }
    #expect(Self.screen(TraderView()).last?.contains("? keys") == true)
  }

  @Test func `at the usual size the footer shows everything, whatever is down`() {
    var view = TraderView(feed: TradingDaySample.feed())
    view.feed?.service.stream.hubs = [
      HubReport(name: "user", isConnected: false), HubReport(name: "market", isConnected: false),
    ]
    view.feed?.accounts[0].session?.isInside = false
    #expect(Self.screen(view).last?.contains("session outside  clock 1:23:45") == true)
  }

  @Test func `without a rule that keeps hours those of the exchange are shown`() {
    let thursday = CivilDate(year: 2_025, month: 11, day: 27)
    let holidays = HolidayCalendar(
      closed: [CivilDate(year: 2_026, month: 1, day: 1), CivilDate(year: 2_025, month: 1, day: 1)],
      earlyCloses: [.init(date: thursday, time: TimeOfDay(hour: 12, minute: 0))])
    func screen(_ calendar: HolidayCalendar) -> String {
      var board = FeedBoard()
      var account = TradingDaySample.account()
      account.session = nil
      board.take(EvaluatorReport(at: TradingDaySample.now, accounts: [account]))
      let feed = board.feed(
        at: TradingDaySample.now, zone: .chicago, service: TradingDaySample.service,
        clock: ClockReport(), exchange: SessionPlan(MarketHours(holidays: calendar)))
      return Self.text { view in
        view.feed = feed
        view.tab = .holidays
      }
    }
    let text = screen(holidays)
    for part in [
      "Hours of the exchange; no rule keeps hours", "open, closes 16:00:00, in 1:29:55",
      "next holiday        Thu 1 Jan 2026", "next early close    Thu 27 Nov, closes 12:00",
      "Thu 27 Nov  17:00   12:00   early close", "exchange open",
    ] {
      #expect(text.contains(part), "\(part) is not in\n\(text)")
    }
    #expect(screen(HolidayCalendar()).contains("next holiday        none in the calendar"))
    let unknown = Self.text { view in
      view.feed?.accounts[0].session = nil
      view.tab = .holidays
    }
    #expect(unknown.contains("The hours of the exchange are not known"))
  }

  @Test(arguments: TraderTab.allCases)
  func `fits every size`(tab: TraderTab) {
    var view = TraderView(feed: TradingDaySample.feed())
    view.tab = tab
    for (columns, rows) in [(60, 12), (80, 24), (133, 50), (250, 80), (20, 5)] {
      let lines = TraderScreen(
        view, at: TradingDaySample.now, columns: columns, rows: rows, appearance: .full
      ).lines
      #expect(lines.count == rows)
      #expect(lines.allSatisfy { $0.width <= columns })
    }
  }

  @Test func `without colour nothing but text and line ends goes out`() {
    for tab in TraderTab.allCases {
      let text = Self.text { $0.tab = tab }
      let isPlain = text.unicodeScalars.allSatisfy {
        $0 == "\n" || (0x20...0x7E).contains($0.value)
      }
      #expect(isPlain)
    }
  }

  @Test func `what is not known is called unknown and never zero`() {
    let text = Self.text { view in
      view.feed?.accounts[0].open = nil
      view.feed?.accounts[0].realized = nil
      view.feed?.accounts[0].costs = nil
      view.feed?.accounts[0].positions[0].open = nil
      view.feed?.accounts[0].positions[0].mark = nil
      view.feed?.accounts[0].rules[2].distances = []
      view.feed?.accounts[0].rules[2].unknown = "the trades of the day were not read yet"
    }
    #expect(text.contains("realized unknown   open unknown   total unknown   fees unknown"))
    #expect(text.contains("daily realized loss: unknown, the trades of the day were not read yet"))
    #expect(!text.contains(" 0.00"))
  }

  @Test func `a course that is not known is not drawn as zero`() {
    let text = Self.text { view in
      view.tab = .results
      view.feed?.accounts[0].course = []
    }
    #expect(text.contains("The course of the day is not known yet."))
  }

  @Test func `what is out of date says so`() {
    let text = Self.text { view in view.feed?.at = TradingDaySample.before(12) }
    #expect(text.contains("OUT OF DATE: nothing new for 0:00:12; shown is 14:29:53"))
    #expect(text.contains("riskd no news"))
    #expect(text.contains("user unknown"))
  }

  @Test func `rules that are not evaluated any more say so`() {
    let text = Self.text { view in view.feed?.accounts[0].at = TradingDaySample.before(40) }
    #expect(text.contains("OUT OF DATE: the rules were last evaluated at 14:29:25"))
  }

  @Test func `a lost connection keeps the picture and says since when`() {
    let text = Self.text { view in view.disconnected = "connection refused" }
    #expect(text.contains("NOT CONNECTED since 14:30:05, trying again: connection refused"))
    #expect(text.contains("MNQZ25"))
  }

  @Test func `before the first picture there are no figures`() {
    let text = Self.screen(TraderView(disconnected: "no such file")).joined(separator: "\n")
    #expect(text.contains("Nothing is known yet."))
    #expect(text.contains("There is no connection to riskd: no such file"))
    #expect(!text.contains("0.00"))
  }

  @Test func `an account that riskd does not act on is not shown as protected`() {
    let text = Self.text { view in view.feed?.accounts[0].unprotectable = "the name differs" }
    #expect(text.contains("NOT PROTECTED by riskd: the name differs"))
  }

  @Test func `a doubt about the account is shown`() {
    let text = Self.text { view in view.feed?.accounts[0].doubt = "the user hub was cut" }
    #expect(text.contains("In doubt until it is read again: the user hub was cut"))
  }

  @Test func `the lockout that ends last is counted down, one without an end before it`() {
    var account = TradingDaySample.account()
    account.lockouts.append(
      LockoutReport(
        id: TargetID(inputOrdinal: 1, index: 0), rule: .dailyRealizedLoss,
        since: TradingDaySample.now, endsAt: nil, ends: "when an administrator ends it",
        reason: "The limit is reached.", means: "no positions and no orders"))
    let text = Self.text { view in view.feed?.accounts = [account] }
    #expect(text.contains("LOCKED: ends when an administrator ends it. The limit is reached."))
  }

  @Test func `a lockout whose time is over waits for both clocks`() {
    let text = Self.text { view in
      view.feed?.accounts[0].lockouts[0].endsAt = TradingDaySample.before(1)
    }
    #expect(text.contains("LOCKED: about to end."))
  }

  @Test func `text from outside cannot steer the terminal`() {
    let text = Self.text { view in
      view.feed?.accounts[0].name = "evil\u{1B}[2J\u{7}\n\u{202E}name"
    }
    #expect(text.contains("evil?[2J???name"))
  }

  @Test func `another account is shown on request, and the first beyond the last`() {
    func header(_ index: Int) -> String {
      Self.text { view in
        view.feed?.accounts.append(TradingDaySample.account(id: 2_002))
        view.account = index
      }
    }
    #expect(header(1).contains("50KTC-V2-2002 (2002)  account 2 of 2"))
    #expect(header(9).contains("50KTC-V2-2002"))
  }

  @Test func `what does not fit is announced and can be scrolled to`() {
    var view = TraderView(feed: TradingDaySample.feed())
    view.tab = .rules
    let top = TraderScreen(
      view, at: TradingDaySample.now, columns: 80, rows: 16, appearance: .plain)
    #expect(top.lines.map(\.text).joined().contains("more lines: arrow down"))
    view.scroll = top.scrollLimit
    let bottom = TraderScreen(
      view, at: TradingDaySample.now, columns: 80, rows: 16, appearance: .plain)
    let text = bottom.lines.map(\.text).joined(separator: "\n")
    #expect(text.contains("RULE-013"))
    #expect(!text.contains("more lines"))
  }

  @Test(arguments: [
    (0, "[..........]   0 %   "), (1, "[#.........]   1 %   "), (69, "[######....]  69 %   "),
    (70, "[#######...]  70 % ! "), (89, "[########..]  89 % ! "), (90, "[#########.]  90 % !!"),
    (99, "[#########.]  99 % !!"), (100, "[##########] 100 % !!"), (5_000, "[##########] 999 % !!"),
  ])
  func `bars show how near a limit is, also without colour`(percent: Int64, bar: String) {
    let text = Self.text { view in
      view.feed?.accounts[0].rules[2].distances[0].percent = percent
    }
    #expect(text.contains(bar))
  }
}
