package import RiskModel

/// What a role sees of a link.
package enum LinkState: Equatable, Sendable {
  /// No hello of the peer yet, or a snapshot is owed to it.
  case connecting
  /// Both streams are agreed: what is not committed is sent again, in order, then what is new.
  case live
  /// Live, but a message that is never dropped has waited too long.
  case congested
  /// The transport is gone; the streams wait for the next one.
  case broken(LinkFault)
}

/// One end of a link: a stream out and a stream in, over one transport after the other.
///
/// A message is handed out once per life of the consumer's process, and again after a restart
/// unless it was committed. With a commit in the same transaction as its effect it takes effect
/// once. A consumer that keeps its position on disk is durable (the evaluator); one that does not
/// starts with `committed: nil` and begins with a snapshot (gateway and enforcer).
///
/// A producer chooses a producer epoch that it has never used at every start of its process. What
/// it had not delivered in its former life is lost with it, so its new stream begins with a
/// snapshot too.
package struct LinkMachine: Sendable {
  package enum Action: Equatable, Sendable {
    /// The next message of the peer. It is committed or rejected later.
    case deliver(body: [UInt8], StreamPosition)
    /// The peer gave this message up. The position is to be committed like a message's.
    case skipped(StreamPosition, reason: String)
    /// The peer's stream begins anew: the messages that follow start with a snapshot.
    case peerRestarted(producerEpoch: Int64)
    /// Nothing is sent before `accept(snapshot:replacing:)`.
    case snapshotNeeded(SnapshotReason)
    /// One of our messages broke the link twice and will not be sent again.
    case quarantined(StreamPosition, body: [UInt8], reason: String)
    case live
    case congested
    case relieved
    case broken(LinkFault)
  }

  enum Phase: Equatable {
    /// No transport. Can transition to `greeting`.
    case detached
    /// The peer's hello has not come. Can transition to `owingSnapshot`, `flowing`, `detached`.
    case greeting
    /// The peer needs a snapshot. Can transition to `flowing`, `greeting`, `detached`.
    case owingSnapshot
    /// Can transition to `greeting`, `detached`.
    case flowing(since: MonotonicInstant, isCongested: Bool)
  }

  /// Frames that stand in front of the messages.
  struct Due {
    var hello = true
    /// The first frame of our stream on this transport.
    var opening: (kind: Envelope.Kind, sequence: Int64)?
  }

  static let coder = MessageCoder()
  static let longestReason = 64

  var phase = Phase.detached
  var fault: LinkFault?
  var linkEpoch: Int64 = 0
  var due = Due()
  var outgoing: OutgoingStream
  var incoming: IncomingStream
  var now: MonotonicInstant
  let limits: LinkLimits

  package init(
    producerEpoch: Int64, committed: StreamPosition?, limits: LinkLimits = LinkLimits(),
    now: MonotonicInstant
  ) {
    outgoing = OutgoingStream(producerEpoch: producerEpoch)
    incoming = IncomingStream(committed: committed, limits: limits)
    self.limits = limits
    self.now = now
  }

  package var state: LinkState {
    switch phase {
    case .detached: fault.map(LinkState.broken) ?? .connecting
    case .greeting, .owingSnapshot: .connecting
    case .flowing(_, let isCongested): isCongested ? .congested : .live
    }
  }

  package var figures: LinkFigures {
    LinkFigures(
      waitingMessages: outgoing.backlog.count, waitingBytes: outgoing.backlog.bytes,
      messagesInFlight: outgoing.messagesInFlight, bytesInFlight: outgoing.bytesInFlight,
      credits: outgoing.credits, unacknowledged: outgoing.unacknowledged,
      newestSent: outgoing.newestSent, replacedMessages: outgoing.backlog.replacedCount,
      received: incoming.received, committed: incoming.committed)
  }
}

extension LinkMachine {
  /// Whether anything waits that `tick` or an output would move: a frame that has not left, an
  /// acknowledgement that is owed, a congestion. Otherwise neither has anything to do, however much
  /// time passes, until something is called here.
  package var waitsForTime: Bool {
    guard phase != .detached else { return false }
    if due.hello || incoming.owesAcknowledgement { return true }
    guard case .flowing(_, let isCongested) = phase else { return false }
    return due.opening != nil || outgoing.hasUnsent || isCongested
  }

  /// What time it is, for what happens next. Ticks may be far apart, and a message that comes in
  /// between must not count as one that has waited since the last one.
  package mutating func advance(to now: MonotonicInstant) {
    self.now = now
  }

  /// Time has passed. Acknowledges what is committed and looks at what waits; a wait is known to
  /// the resolution of the ticks.
  package mutating func tick(at now: MonotonicInstant) -> [Action] {
    self.now = now
    incoming.requestAcknowledgement()
    return reviewCongestion()
  }

  mutating func reviewCongestion() -> [Action] {
    guard case .flowing(let since, let isCongested) = phase else { return [] }
    let waitingSince = outgoing.reliableWaitingSince
    if isCongested {
      guard waitingSince == nil, outgoing.isRelieved else { return [] }
      phase = .flowing(since: since, isCongested: false)
      return [.relieved]
    }
    guard let waitingSince, now - max(waitingSince, since) >= limits.congestedAfter else {
      return []
    }
    phase = .flowing(since: since, isCongested: true)
    return [.congested]
  }
}
