import Foundation
import Glibc
import ProcessControl
import RiskModel
import Testing
import TraderFeed
import TraderScreen
import TraderTerminal

/// risktop as people and programs run it.
@Suite struct RisktopTests {
  static let isWatched = TmuxScreen.isThere || ProcessInfo.processInfo.environment["CI"] == "true"

  static func glance(
    _ stand: FeedStand, _ arguments: [String]
  ) throws -> (code: Int32, output: String, complaint: String) {
    try run(builtProgram("risktop"), ["--root", stand.root] + arguments)
  }

  @Test func `one look shows every tab as text without colour`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    stand.publish(FeedStand.feed(realized: -120))
    let result = try Self.glance(stand, ["--once"])
    #expect(result.code == 0, "\(result.complaint)")
    #expect(result.output.contains("50KTC-V2 (1001)"))
    #expect(result.output.contains("realized -120.00"))
    #expect(result.output.contains("== Enforcement =="))
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test func `one picture as JSON is what came`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    let feed = FeedStand.feed(realized: 7)
    stand.publish(feed)
    let result = try Self.glance(stand, ["--once", "--json"])
    #expect(result.code == 0)
    #expect(result.output == String(decoding: TraderLine.line(feed), as: UTF8.self))
  }

  @Test func `every picture as JSON, until riskd is gone`() throws {
    let stand = try FeedStand()
    stand.start()
    stand.publish(FeedStand.feed(realized: 1))
    let process = Process()
    process.executableURL = URL(filePath: builtProgram("risktop"))
    process.arguments = ["--root", stand.root, "--json"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var text = String(
      decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.contains("\"realized\":1000000"))
    stand.publish(FeedStand.feed(realized: 2))
    text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.contains("\"realized\":2000000"))
    stand.stop()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
  }

  @Test func `under a clock for tests the screen goes by it and says so`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    var feed = FeedStand.feed(realized: 7)
    let clock = TestClockReport(
      anchor: feed.at, offset: .seconds(400 * 86_400), ratePerMille: 1_000)
    feed.at = feed.at + clock.offset
    feed.accounts[0].at = feed.at
    feed.service.testClock = clock
    stand.publish(feed)
    let result = try Self.glance(stand, ["--once"])
    #expect(result.code == 0, "\(result.complaint)")
    #expect(result.output.contains("TEST CLOCK"))
    #expect(!result.output.contains("OUT OF DATE"))
  }

  @Test func `an old picture is shown and reported`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    var feed = FeedStand.feed(realized: 7)
    feed.at = feed.at - .seconds(60)
    stand.publish(feed)
    let result = try Self.glance(stand, ["--once"])
    #expect(result.code == 1)
    #expect(result.output.contains("OUT OF DATE"))
  }

  @Test func `without riskd it says so`() throws {
    let stand = try FeedStand()
    let result = try Self.glance(stand, ["--once"])
    #expect(result.code == 2)
    #expect(result.complaint.contains("riskd is not running"))
    #expect(result.output.isEmpty)
  }

  @Test func `a riskd that shows nothing is waited for, not for ever`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    let result = try Self.glance(stand, ["--once", "--timeout", "1"])
    #expect(result.code == 3)
    #expect(result.complaint.contains("nothing in time"))
  }

  @Test(arguments: [["--timeout", "0"], ["--unknown"], []])
  func `wrong usage exits with 2`(arguments: [String]) throws {
    let stand = try FeedStand()
    #expect(try Self.glance(stand, arguments).code == 2)
  }

  @Test(.enabled(if: isWatched, "tmux is not installed"))
  func `the live screen follows, clocks, connects again and gives the terminal back`() throws {
    let stand = try FeedStand()
    let screen = try TmuxScreen(root: stand.root)
    #expect(screen.shows("There is no connection to riskd"))
    stand.start()
    stand.publish(FeedStand.feed(realized: -120))
    #expect(screen.shows("realized -120.00"))
    stand.publish(FeedStand.feed(realized: -130))
    #expect(screen.shows("realized -130.00"))
    try screen.press("7")
    #expect(screen.shows("[7 Lockouts]"))
    try screen.press("i")
    #expect(eventually { stand.asked == [.clockIn] })
    stand.publish(FeedStand.feed(realized: -130, clockedIn: true))
    #expect(screen.shows("You are clocked in."))
    try screen.press("o")
    #expect(eventually { stand.asked == [.clockIn, .clockOut] })
    try screen.resize(120, 40)
    #expect(screen.shows("8 Enforcement"))
    stand.stop()
    #expect(screen.shows("NOT CONNECTED"))
    stand.start()
    stand.publish(FeedStand.feed(realized: -140))
    try screen.press("1")
    #expect(screen.shows("realized -140.00"))
    try screen.press("q")
    #expect(screen.shows("LEFT 0"))
    #expect(!screen.text.contains("realized"))
    #expect(screen.isRestored)
    stand.stop()
  }

  @Test(
    .enabled(if: isWatched, "tmux is not installed"),
    arguments: [
      (SIGTERM, "LEFT 0"), (SIGHUP, "LEFT 0"), (SIGSEGV, "LEFT 139"),
    ])
  func `a signal leaves the terminal as it was`(number: Int32, farewell: String) throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    stand.publish(FeedStand.feed(realized: 5))
    let screen = try TmuxScreen(
      root: stand.root, environment: "LANG=C.UTF-8 SWIFT_BACKTRACE=enable=no")
    #expect(screen.shows("realized +5.00"))
    let risktop = try #require(screen.risktop)
    kill(risktop, number)
    #expect(screen.shows(farewell), "\(screen.text)")
    #expect(screen.isRestored)
  }

  @Test(.enabled(if: isWatched, "tmux is not installed"))
  func `it stops and goes on like any other program`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    stand.publish(FeedStand.feed(realized: 5))
    let screen = try TmuxScreen(root: stand.root)
    #expect(screen.shows("realized +5.00"))
    let risktop = try #require(screen.risktop)
    try screen.press("C-z")
    #expect(eventually { !screen.text.contains("realized") })
    kill(risktop, SIGCONT)
    #expect(screen.shows("realized +5.00"))
    try screen.press("q")
    #expect(screen.shows("LEFT 0"))
    #expect(screen.isRestored)
  }

  @Test(.enabled(if: isWatched, "tmux is not installed"))
  func `a dumb terminal gets plain screens, one below the other`() throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    stand.publish(FeedStand.feed(realized: 5))
    let screen = try TmuxScreen(root: stand.root, environment: "TERM=dumb")
    // What is typed before the first picture is thrown away with the terminal's old mode.
    #expect(screen.shows("realized +5.00"))
    try screen.press("2")
    #expect(screen.shows("[2 P&L]"))
    #expect(screen.shows("worst open unknown"))
    try screen.press("q")
    #expect(screen.shows("LEFT 0"))
    #expect(screen.isRestored)
  }

  /// As ssh hands a terminal over: TERM and LANG are all that is told of it.
  @Test(
    .enabled(if: isWatched, "tmux is not installed"),
    arguments: [
      ("TERM=vt100", "places"), ("TERM=vt100 LANG=C.UTF-8", "places"),
      ("TERM=xterm-256color NO_COLOR=1 LANG=C.UTF-8", "places"),
      ("TERM=dumb LANG=C.UTF-8", "nothing"), ("TERM=xterm-256color LANG=C.UTF-8", "colours"),
    ])
  func `no more goes out than the terminal takes`(environment: String, escapes: String) throws {
    let stand = try FeedStand()
    stand.start()
    defer { stand.stop() }
    stand.publish(FeedStand.feed(realized: 5))
    let screen = try TmuxScreen(root: stand.root, environment: environment)
    #expect(screen.shows("realized +5.00"))
    try screen.record()
    stand.publish(FeedStand.feed(realized: 6))
    // Once more, all of it: what was recorded does not hang on when the recording began.
    #expect(screen.shows("realized +6.00"))
    try screen.press("C-l")
    #expect(eventually { screen.recorded.contains("Q quit") })
    let text = screen.recorded
    #expect(text.contains("? keys"))
    let places = text.ranges(of: /\u{1B}\[([0-9]+;1H|K|2J)/)
    let all = text.unicodeScalars.count { $0 == "\u{1B}" }
    switch escapes {
    case "nothing": #expect(all == 0)
    case "places": #expect(all > 0 && all == places.count)
    default: #expect(text.contains(/\u{1B}\[[0-9;]*m/))
    }
    if !environment.contains("UTF-8") { #expect(text.utf8.count { $0 > 0x7F } == 0) }
    try screen.press("q")
    #expect(screen.shows("LEFT 0"))
    #expect(screen.isRestored)
  }

  @Test func `what the terminal can do is what its environment says`() {
    func terminal(_ environment: [String: String]) -> Terminal {
      Terminal(input: 0, output: -1, environment: environment)
    }
    #expect(terminal(["TERM": "xterm", "LANG": "en_US.UTF-8"]).appearance.hasBlocks)
    #expect(!terminal(["TERM": "xterm", "LANG": "C"]).appearance.hasBlocks)
    #expect(!terminal(["TERM": "dumb", "LANG": "en_US.UTF-8"]).appearance.hasBlocks)
    #expect(!terminal(["TERM": "xterm", "LC_ALL": "C", "LANG": "a.UTF-8"]).appearance.hasBlocks)
    #expect(!terminal(["TERM": "xterm"]).appearance.isColoured)
    #expect(!terminal(["TERM": "xterm"]).hasCursor)
    #expect(terminal([:]).size == (80, 24))
    #expect(!terminal([:]).isInteractive)
  }
}
