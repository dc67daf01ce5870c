import ControlPlane
import Glibc
package import ProcessControl
import RiskModel
import TraderFeed
import TraderScreen

/// The live screen: draws what comes, takes keys, and puts the terminal back whatever ends it.
package final class TraderConsole {
  package static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP,
  ]
  /// Clocks and countdowns tick each second.
  private static let tick = TimeSpan.seconds(1)
  /// Without a cursor every drawing is a whole screen more.
  private static let dumbPause = TimeSpan.seconds(5)
  /// How long an answer of riskd stays on the screen.
  private static let messageTime = TimeSpan.seconds(8)

  private let terminal: Terminal
  private let reactor: Reactor
  private let path: String
  private var client: TraderClient?
  private var signalSource: SignalSource?
  private var view = TraderView(disconnected: "connecting")
  private var keys = KeyReader()
  private var painter = ScreenPainter()
  private var drawnAt: MonotonicInstant?
  private var messageUntil: MonotonicInstant?
  private var isLeaving = false

  package init(path: String, terminal: Terminal, on reactor: Reactor) {
    self.path = path
    self.terminal = terminal
    self.reactor = reactor
  }

  /// Runs until the trader leaves.
  ///
  /// - Throws: When the terminal or its keys cannot be watched; the terminal is as it was.
  package func run() throws {
    signalSource = try SignalSource(Self.signals, on: reactor) { [weak self] in
      self?.signalled($0.number)
    }
    try reactor.watch(terminal.input, readable: true) { [weak self] _ in self?.readKeys() }
    if let problem = terminal.take() { throw TraderConsoleError(description: problem) }
    defer { terminal.giveBack() }
    let client = TraderClient(path: path, on: reactor) { [weak self] in self?.take($0) }
    self.client = client
    draw()
    client.start()
    tickLater()
    reactor.run()
    client.close()
    reactor.unwatch(terminal.input)
    signalSource?.close()
  }

  private func take(_ news: TraderClient.News) {
    switch news {
    case .feed(let feed):
      let wasClockedIn = view.feed.map { $0.clock.clockedInAt != nil }
      view.feed = feed
      view.disconnected = nil
      if let wasClockedIn, wasClockedIn != (feed.clock.clockedInAt != nil) {
        say(wasClockedIn ? "You are clocked out." : "You are clocked in.")
      }
    case .refusal(let text):
      say(text)
    case .disconnected(let reason):
      view.disconnected = reason
    }
    draw()
  }

  private func say(_ text: String) {
    view.message = text
    messageUntil = reactor.clock.monotonicNow() + Self.messageTime
  }

  private func signalled(_ number: Int32) {
    switch number {
    case SIGTSTP: return suspend()
    case SIGWINCH:
      painter.forget()
      draw()
    default: leave()
    }
  }

  /// Stops as any program does on Ctrl-Z, and goes on where it was.
  private func suspend() {
    terminal.giveBack()
    kill(getpid(), SIGSTOP)
    if terminal.take() != nil { return leave() }
    painter.forget()
    draw()
  }

  private func readKeys() {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(terminal.input, &bytes, bytes.count)
    // Raw mode without a wait: nothing at all on a readable terminal is its end.
    guard count > 0 else {
      if count == 0 || (errno != EAGAIN && errno != EINTR) { leave() }
      return
    }
    for key in keys.read(bytes[..<count]) { pressed(key) }
    draw(isAsked: true)
  }

  private func pressed(_ key: TraderKey) {
    switch key {
    case .quit: leave()
    case .clockIn: ask(.clockIn)
    case .clockOut: ask(.clockOut)
    case .redraw: painter.forget()
    case .suspend: suspend()
    default: break
    }
    let screen = screen
    view.turn(key, page: screen.bodyRows, limit: screen.scrollLimit)
  }

  private func ask(_ request: TraderRequest) {
    if client?.isConnected == true, view.disconnected == nil {
      client?.ask(request)
    } else {
      say("There is no connection to riskd; nothing was noted.")
    }
  }

  private func leave() {
    isLeaving = true
    reactor.stop()
  }

  private func tickLater() {
    reactor.schedule(after: Self.tick) { [weak self] in
      guard let self, !self.isLeaving else { return }
      if let end = self.messageUntil, self.reactor.clock.monotonicNow() >= end {
        self.view.message = nil
        self.messageUntil = nil
      }
      self.draw()
      self.tickLater()
    }
  }

  private var screen: TraderScreen {
    let size = terminal.size
    // Without a cursor a screen ends with two lines more, and must not push its own head away.
    let rows = terminal.hasCursor ? size.rows : max(1, size.rows - 2)
    return TraderScreen(
      view, at: TraderTime.now(reactor.clock, view.feed), columns: size.columns, rows: rows,
      appearance: terminal.appearance)
  }

  private func draw(isAsked: Bool = false) {
    guard !isLeaving else { return }
    let lines = screen.lines.map(terminal.appearance.render)
    if terminal.hasCursor {
      let output = painter.paint(lines)
      if !output.isEmpty { terminal.write(output) }
      return
    }
    let now = reactor.clock.monotonicNow()
    if let drawnAt, now - drawnAt < Self.dumbPause, !isAsked { return }
    drawnAt = now
    terminal.write(lines.joined(separator: "\n") + "\n\n")
  }
}

/// Why the terminal cannot be used.
package struct TraderConsoleError: Error, CustomStringConvertible {
  package var description: String
}
