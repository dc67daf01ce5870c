import Checklist
import ControlPlane
import ProcessControl
import RiskModel
import TraderFeed

/// One look at what a trader's screen shows.
enum TraderLook {
  private static let patience = TimeSpan.seconds(5)

  static func first(_ socket: String) -> Sighting<TraderFacts> {
    switch feed(socket) {
    case .hidden(let reason): .hidden(reason)
    case .seen(let feed):
      .seen(
        TraderFacts(
          accounts: feed.accounts.count,
          positions: feed.accounts.reduce(0) { $0 + $1.positions.count },
          orders: feed.accounts.reduce(0) { $0 + $1.orders.count }))
    }
  }

  /// The first picture that comes.
  static func feed(_ socket: String) -> Sighting<TraderFeed> {
    guard let reactor = try? Reactor() else { return .hidden("no loop can be made") }
    var found = Sighting<TraderFeed>.hidden("riskd showed nothing in time")
    var isOver = false
    func end(_ result: Sighting<TraderFeed>) {
      guard !isOver else { return }
      isOver = true
      found = result
      reactor.stop()
    }
    let client = TraderClient(path: socket, on: reactor) { news in
      switch news {
      case .feed(let feed): end(.seen(feed))
      case .refusal(let text): end(.hidden(text))
      case .disconnected(let reason): end(.hidden(reason))
      }
    }
    client.start()
    let timer = reactor.schedule(after: patience) { reactor.stop() }
    if !isOver { reactor.run() }
    reactor.cancel(timer)
    client.close()
    return found
  }
}
