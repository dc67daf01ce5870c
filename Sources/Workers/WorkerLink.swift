import Logging
import PeerLink
import PeerProtocol
import ProcessControl
import RiskModel
import Supervision

/// What a worker's role does with a link.
protocol WorkerLinkDelegate<Outgoing, Incoming>: AnyObject {
  associatedtype Outgoing: Codable & Sendable
  associatedtype Incoming: Codable & Sendable

  func received(_ message: Incoming, at position: StreamPosition)
  /// A message of the peer was given up; what was in it is not known.
  func skipped(at position: StreamPosition)
  /// A message to the peer was given up; it never learns what was in it.
  func gaveUp()
  /// The peer begins anew: answered with `WorkerLink.sendSnapshot`, now or later.
  func snapshotNeeded()
  func linkChanged(_ state: LinkState)
}

extension WorkerLinkDelegate {
  func gaveUp() {}
}

/// A link of a worker: a `PeerLink` on the worker's reactor, with its transports coming from the
/// supervisor and its faults going to it.
final class WorkerLink<Outgoing: Codable & Sendable, Incoming: Codable & Sendable> {
  let name: LinkName
  weak var delegate: (any WorkerLinkDelegate<Outgoing, Incoming>)?

  private let link: PeerLink<Outgoing, Incoming>
  private let reactor: Reactor
  private let host: WorkerHost
  private let logger: Logger
  private var epoch: Int64 = 0

  init(
    _ name: LinkName, producerEpoch: Int64, committed: StreamPosition?, reactor: Reactor,
    host: WorkerHost, logger: Logger
  ) {
    self.name = name
    self.reactor = reactor
    self.host = host
    self.logger = logger
    link = PeerLink(
      producerEpoch: producerEpoch, committed: committed, watcher: ReactorWatcher(reactor))
    link.handler = { [weak self] in self?.handle($0) }
  }

  var figures: LinkFigures { link.figures }
  var state: LinkState { link.state }

  /// Takes a fresh transport into use.
  func attach(epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor) {
    self.epoch = epoch
    link.replaceTransport(
      epoch: epoch, readEnd: readEnd.release(), writeEnd: writeEnd.release())
    host.reportLinkReplaced(name, epoch: epoch)
  }

  /// Queues a message.
  ///
  /// - Returns: `false` when it was refused: the backlog is full, or it is too large. The role then
  ///   sends a snapshot, which is the way out of a full backlog.
  @discardableResult
  func send(_ message: Outgoing, priority: SendPriority = .reliable) -> Bool {
    do throws(SendRefusal) {
      try link.send(message, priority: priority)
      return true
    } catch {
      logger.error(
        "A message was refused by its link",
        metadata: ["link": "\(name.rawValue)", "problem": "\(error)"])
      return false
    }
  }

  /// Queues what the peer can go on from, in place of everything that waits.
  func sendSnapshot(_ messages: [Outgoing]) {
    do throws(SendRefusal) {
      try link.sendSnapshot(messages, replacing: .everything)
    } catch {
      preconditionFailure("Invariant: a snapshot fits its link (\(error))")
    }
    link.flush()
  }

  func commit(through position: StreamPosition) { link.commit(through: position) }

  /// Writes what is queued. What is committed is acknowledged within a tenth of a second, or when
  /// much of it has gathered.
  func flush() { link.flushMessages() }

  func close() { link.close() }

  private func handle(_ event: PeerLinkEvent<Incoming>) {
    switch event {
    case .received(let message, let position):
      delegate?.received(message, at: position)
    case .skipped(let position, let reason):
      logger.critical(
        "A message of the peer was given up",
        metadata: ["link": "\(name.rawValue)", "reason": "\(reason)"])
      tellLoss(.skipped, position, reason)
      delegate?.skipped(at: position)
    case .peerRestarted:
      break
    case .snapshotNeeded:
      delegate?.snapshotNeeded()
    case .changed(let state):
      if case .broken(let fault) = state {
        logger.warning(
          "Link broken", metadata: ["link": "\(name.rawValue)", "fault": "\(fault)"])
        host.reportLinkBroken(name, epoch: epoch, reason: "\(fault)")
      }
      delegate?.linkChanged(state)
    case .quarantined(let position, _, let reason):
      logger.critical(
        "A message broke its link twice and is not sent again",
        metadata: [
          "link": "\(name.rawValue)", "position": "\(position)", "reason": "\(reason)",
        ])
      tellLoss(.quarantined, position, reason)
      // The link is in the middle of finding its place.
      reactor.enqueue { [weak self] in self?.delegate?.gaveUp() }
    }
  }

  private func tellLoss(_ loss: LostMessage.Loss, _ position: StreamPosition, _ reason: String) {
    host.reportMessageLost(
      LostMessage(link: name, loss: loss, position: "\(position)", reason: reason))
  }
}
