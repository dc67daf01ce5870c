import ControlPlane
import Glibc
package import ProcessControl
package import RiskModel
import TraderFeed
package import TraderScreen

/// One look, or one line for every picture: risktop for files, pipes and other programs.
package final class TraderGlance {
  package enum Form: Sendable {
    case text(columns: Int, Appearance)
    case json
  }

  /// How it ended; the numbers are risktop's exit codes.
  package enum Ending: Int32, Sendable {
    /// What was shown is what riskd says now.
    case current = 0
    /// Something was shown, and it is out of date or incomplete.
    case outOfDate = 1
    /// riskd cannot be asked.
    case unavailable = 2
    case timedOut = 3
    case refused = 4
  }

  private let path: String
  private let form: Form
  private let isOnce: Bool
  private let reactor: Reactor
  private let show: (String) -> Void
  private var ending = Ending.timedOut
  /// Why nothing came, for people.
  package private(set) var complaint: String?

  /// `show` gets text with its newline.
  package init(
    path: String, form: Form, once: Bool, on reactor: Reactor, show: @escaping (String) -> Void
  ) {
    self.path = path
    self.form = form
    isOnce = once
    self.reactor = reactor
    self.show = show
  }

  /// Returns after the first picture, or without `once` when the connection ends.
  package func run(timeout: TimeSpan) -> Ending {
    let client = TraderClient(path: path, on: reactor) { [weak self] in self?.take($0) }
    client.start()
    let timer = reactor.schedule(after: timeout) { [weak self] in
      self?.complaint = "riskd showed nothing in time"
      self?.reactor.stop()
    }
    firstPicture = { [reactor] in reactor.cancel(timer) }
    if complaint == nil { reactor.run() }
    client.close()
    return ending
  }

  private var firstPicture: () -> Void = {}

  private func take(_ news: TraderClient.News) {
    switch news {
    case .feed(let feed):
      firstPicture()
      print(feed)
      if isOnce { reactor.stop() }
    case .refusal(let text):
      end(.refused, text)
    case .disconnected(let reason):
      end(.unavailable, reason)
    }
  }

  private func end(_ ending: Ending, _ text: String) {
    guard complaint == nil else { return }
    self.ending = ending
    complaint = text
    reactor.stop()
  }

  private func print(_ feed: TraderFeed) {
    let now = TraderTime.now(reactor.clock, feed)
    let columns: Int
    let appearance: Appearance
    switch form {
    case .json: (columns, appearance) = (80, .plain)
    case .text(let width, let look): (columns, appearance) = (width, look)
    }
    let screen = TraderScreen(
      TraderView(feed: feed), at: now, columns: columns, rows: 24, appearance: appearance)
    ending = screen.isCurrent ? .current : .outOfDate
    switch form {
    case .json: show(String(decoding: TraderLine.line(feed), as: UTF8.self))
    case .text:
      show(screen.pages.map { appearance.render($0) + "\n" }.joined())
    }
  }
}
