import GatewayRole
import PeerLink
import PeerProtocol
import ProcessControl
import RiskModel
import VenueAPI
import VenueREST

/// The feed link as the gateway's role sees it.
final class FeedPort: GatewayFeed, WorkerLinkDelegate {
  typealias Outgoing = FeedMessage

  let link: WorkerLink<FeedMessage, FeedRequest>
  weak var role: GatewayRole?

  init(_ link: WorkerLink<FeedMessage, FeedRequest>) {
    self.link = link
    link.delegate = self
  }

  var isOpen: Bool {
    switch link.state {
    case .live, .congested: true
    case .connecting, .broken: false
    }
  }

  /// A trade takes some 230 bytes and a frame 256 KiB: more of them than this go ahead of their
  /// snapshot, as events, which the evaluator counts once all the same.
  private static let tradesInSnapshot = 500
  /// An order takes some 300 bytes; the others follow their snapshot.
  private static let ordersInSnapshot = 300

  func send(_ message: FeedMessage, _ delivery: FeedDelivery) {
    guard case .snapshot(var snapshot, let receivedAt) = message else {
      sendWhole(message, delivery)
      // On its way before the log and everything else that the role does with it.
      if case .reliable = delivery, case .event = message { link.flush() }
      return
    }
    let readAt = FeedMessage.listed
    let ahead = snapshot.trades.dropLast(Self.tradesInSnapshot)
    snapshot.trades.removeFirst(ahead.count)
    for trade in ahead {
      sendWhole(.event(.trade(trade), receivedAt: receivedAt, readAt: readAt), .reliable)
    }
    let behind = snapshot.workingOrders.dropFirst(Self.ordersInSnapshot)
    snapshot.workingOrders.removeLast(behind.count)
    sendWhole(.snapshot(snapshot, receivedAt: receivedAt), delivery)
    for order in behind {
      sendWhole(.event(.order(order), receivedAt: receivedAt, readAt: readAt), .reliable)
    }
  }

  private func sendWhole(_ message: FeedMessage, _ delivery: FeedDelivery) {
    let priority: SendPriority =
      switch delivery {
      case .reliable: .reliable
      case .coalescing(let contract): .coalescing(key: contract.text)
      }
    guard !link.send(message, priority: priority) else { return }
    // The way out of a full backlog: the reader gets everything afresh.
    beginAfresh()
  }

  func flush() { link.flush() }

  func received(_ message: FeedRequest, at position: StreamPosition) {
    role?.feedRequested(message)
    link.commit(through: position)
    link.flush()
  }

  func skipped(at position: StreamPosition) {
    link.commit(through: position)
    link.flush()
  }

  func snapshotNeeded() {
    beginAfresh()
  }

  func linkChanged(_ state: LinkState) {
    guard case .live = state else { return }
    role?.feedOpened(snapshotNeeded: false)
    link.flush()
  }

  /// What waits is dropped: the reads that the role starts now replace it.
  private func beginAfresh() {
    link.sendSnapshot([])
    role?.feedOpened(snapshotNeeded: true)
    link.flush()
  }
}

final class VenuePort: GatewayVenue {
  private let venue: VenueConnections
  private let flush: () -> Void

  init(_ venue: VenueConnections, flush: @escaping () -> Void) {
    self.venue = venue
    self.flush = flush
  }

  func send(
    _ request: VenueRequest, token: VenueToken?, deadline: MonotonicInstant,
    _ completion: @escaping (VenueAnswer) -> Void
  ) {
    let flush = self.flush
    venue.send(request, token: token, deadline: deadline, priority: .normal) { answer, _ in
      completion(answer)
      flush()
    }
  }
}

final class TimerPort: GatewayTimers {
  private let reactor: Reactor
  private let flush: () -> Void
  private var tokens: [Int64: TimerToken] = [:]
  private var lastNumber: Int64 = 0

  init(_ reactor: Reactor, flush: @escaping () -> Void) {
    self.reactor = reactor
    self.flush = flush
  }

  func schedule(at instant: MonotonicInstant, _ fire: @escaping () -> Void) -> GatewayTimer {
    lastNumber += 1
    let number = lastNumber
    tokens[number] = reactor.schedule(at: instant) { [weak self] in
      self?.tokens[number] = nil
      fire()
      self?.flush()
    }
    return GatewayTimer(number: number)
  }

  func cancel(_ timer: GatewayTimer) {
    guard let token = tokens.removeValue(forKey: timer.number) else { return }
    reactor.cancel(token)
  }
}
