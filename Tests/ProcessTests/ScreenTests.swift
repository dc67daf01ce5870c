import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing
import TraderFeed

extension ProcessTests {
  /// What a trader's screen is shown of a riskd that works.
  @Suite struct ScreenTests {
    private let account = RiskdStage.account

    /// A screen that turns its loop whenever it is asked.
    final class Screen {
      let reactor: Reactor
      private(set) var feed: TraderFeed?
      private(set) var news: [TraderClient.News] = []
      private var client: TraderClient?

      init(_ stage: RiskdStage) throws {
        reactor = try Reactor()
        client = TraderClient(path: stage.root.path + "/run/trader.sock", on: reactor) {
          [unowned self] news in
          if case .feed(let feed) = news { self.feed = feed } else { self.news.append(news) }
        }
        client?.start()
      }

      func ask(_ request: TraderRequest) { client?.ask(request) }

      /// Looks for a moment.
      func shows(_ condition: (TraderFeed) -> Bool) -> Bool {
        reactor.schedule(after: .milliseconds(20)) { [reactor] in reactor.stop() }
        reactor.run()
        return feed.map(condition) ?? false
      }
    }

    @Test func `a position, its loss and the lockout are shown, and a new monitor goes on`() throws
    {
      var options = StageOptions()
      options.accounts = """
        accounts:
          - account_id: 1001
            name: "SIM-50K-1001"
            nickname: "Mine"
          - account_id: 1002
            name: "SIM-50K-1002"
            enabled: false

        """
      try RiskdStage.play(options) { stage in
        let screen = try Screen(stage)
        try stage.wait(for: "the account on the screen, by the name of its trader, and no other") {
          screen.shows { feed in
            feed.accounts.map(\.name) == ["Mine"]
              && feed.accounts.first?.id == account && feed.accounts.first?.doubt == nil
              && feed.service.stream.hubs.allSatisfy { $0.isConnected == true }
          }
        }
        stage.check(screen.feed?.service.tokenValidUntil != nil, "the token's end is not known")
        stage.check(screen.feed?.service.workers.count == 3, "not every worker is shown")

        try stage.buy(account, Sample.mes, 1)
        try stage.wait(for: "the position on the screen") {
          screen.shows { $0.accounts.first?.positions.first?.contract == Sample.mes }
        }
        try stage.lockOut()
        try stage.wait(for: "the lockout on the screen") {
          screen.shows { feed in
            feed.accounts.first?.lockouts.contains { $0.rule == .dailyRealizedLoss } ?? false
          }
        }
        let locked = screen.feed?.accounts.first
        stage.check((locked?.realized ?? .zero) < .zero, "no loss: \(locked?.realized as Any)")
        stage.check(locked?.events.contains { $0.kind == .breach } ?? false, "no breach is told")

        screen.ask(.clockIn)
        try stage.wait(for: "the time sheet") {
          screen.shows { $0.clock.clockedInAt != nil }
        }
        let old = try stage.kill(.monitor)
        try stage.wait(for: "another monitor") {
          stage.pid(of: .monitor).map { $0 != old } ?? false
        }
        let before = screen.feed?.at ?? StageClock.now()
        try stage.wait(for: "the lockout on the same screen again") {
          screen.shows { feed in
            feed.at > before && feed.clock.clockedInAt != nil
              && feed.accounts.first?.lockouts.isEmpty == false
          }
        }
        let isCutOff = screen.news.contains {
          if case .disconnected = $0 { true } else { false }
        }
        stage.check(isCutOff, "the screen did not notice: \(screen.news)")
        stage.check(stage.isFlat(account), "the account is not flat")
      }
    }

    /// Under a hurried clock a second is five minutes, and so one point of the course.
    @Test func `the course of the day outlives the monitor, and riskd`() throws {
      let anchor = SystemClock().now()
      let noon = Instant(secondsSinceEpoch: 1_805_216_400)
      var options = StageOptions()
      options.goes(
        by: ClockPace(
          anchor: Instant(nanosSinceEpoch: anchor.nanosSinceEpoch / 1_000_000 * 1_000_000),
          offset: .milliseconds((noon - anchor).milliseconds), rate: 300_000))
      options.ignoresRequestLimit()
      try RiskdStage.play(options) { stage in
        func course() throws -> [ResultPoint] {
          let screen = try Screen(stage)
          try stage.wait(for: "the account on the screen") {
            screen.shows { $0.accounts.first { $0.id == account }?.course.isEmpty == false }
          }
          return screen.feed?.accounts.first { $0.id == account }?.course ?? []
        }
        try stage.wait(for: "some points of the day", atMost: .seconds(60)) {
          try course().count { $0.result != nil } >= 4
        }
        let before = try course()
        // What the last seconds added may be lost with the monitor, nothing else.
        let old = try stage.kill(.monitor)
        try stage.wait(for: "another monitor") {
          stage.pid(of: .monitor).map { $0 != old } ?? false
        }
        let after = try course()
        stage.check(
          after.starts(with: before.dropLast(2)) && after.count > before.count - 2,
          "before \(before), after \(after)")
        try stage.stopRiskd()
        try stage.startRiskd()
        let next = try course()
        stage.check(next.starts(with: after.dropLast(2)), "after \(after), next \(next)")
      }
    }

    /// The target is a second; the test waits for longer, and says what it saw.
    private static let seenWithin = TimeSpan.seconds(5)

    /// The open result of the overview, in cents.
    private func openCents(_ screen: String) -> Int? {
      screen.firstMatch(of: /open ([+-]?[0-9]+)\.([0-9][0-9])\b/).flatMap {
        Int($0.output.1 + $0.output.2)
      }
    }

    /// In a terminal as ssh hands it over: TERM and LANG are all that is told of it.
    @Test(
      .enabled(if: AdminTerminal.isThere || RiskdProgram.isRequired, "tmux is not installed"),
      arguments: ["TERM=vt100 LANG=C.UTF-8", "TERM=xterm-256color NO_COLOR=1 LANG=en_US.UTF-8"])
    func `what happens at the venue is soon in the trader's terminal`(environment: String) throws {
      try RiskdStage.play { stage in
        let terminal = try AdminTerminal(stage, environment: environment, program: "risktop")
        defer { terminal.leave() }
        try stage.wait(for: "the account in the terminal") {
          terminal.text.contains("SIM-50K-1001") && openCents(terminal.text) == 0
        }
        let clock = SystemClock()
        func see(
          _ what: String, of event: () throws -> Void, until isShown: (String) -> Bool
        ) throws {
          let begin = clock.monotonicNow()
          try event()
          let isSeen = StageClock.poll(atMost: Self.seenWithin) { isShown(terminal.text) }
          guard isSeen else { throw StageFailure("no \(what) in\n\(terminal.text)") }
          print("\(what): \((clock.monotonicNow() - begin).milliseconds) ms after its cause")
        }
        try see("a position", of: { try stage.buy(account, Sample.mnq, 1) }) {
          $0.contains("long    1")
        }
        // Quotes of what is held are asked for with the position; until one comes the open result is
        // unknown.
        let first = stage.venue.perform { $0.markets[Sample.mnq]?.last }
        guard let first else { throw StageFailure("no price of \(Sample.mnq)") }
        var ticks: Int64 = 0
        try stage.wait(for: "a first quote") {
          ticks = 1 - ticks
          try stage.venue.setPrice(
            Sample.mnq, last: Price(nanos: first.nanos + ticks * 250_000_000))
          return openCents(terminal.text) != nil
        }
        let settled = Price(nanos: first.nanos + 2_000_000_000)
        try stage.venue.setPrice(Sample.mnq, last: settled)
        try stage.wait(for: "the last of these quotes") {
          terminal.text.contains(" \(settled) ")
        }
        for points in 1...5 as ClosedRange<Int64> {
          let before = openCents(terminal.text)
          let last = stage.venue.perform { $0.markets[Sample.mnq]?.last }
          guard let before, let last else { throw StageFailure("no result:\n\(terminal.text)") }
          let price = Price(nanos: last.nanos + points * 1_000_000_000)
          try see("a price", of: { try stage.venue.setPrice(Sample.mnq, last: price) }) {
            openCents($0) == before + Int(points) * 200
          }
        }
        try see("the end of a position", of: { try stage.sell(account, Sample.mnq, 1) }) {
          $0.contains("No open positions") && openCents($0) == 0
        }
        try terminal.press("q")
        try terminal.awaits("LEFT 0")
        stage.check(try terminal.isRestored(), "the terminal is another one")
      }
    }
  }
}
