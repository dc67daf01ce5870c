import RiskModel

/// Why the peer cannot go on with the stream where it stopped.
package enum SnapshotReason: Equatable, Sendable {
  /// The peer has nothing of this life of the producer: one of the two has started.
  case unknownToPeer
  /// The peer forgot messages that it had acknowledged: its memory was replaced by an older one.
  case progressLost(peerHolds: Int64, oldestKept: Int64)
  /// The peer holds messages that this producer never sent.
  case peerIsAhead(peerHolds: Int64, newestSent: Int64)
}

/// What a snapshot replaces.
package enum SnapshotReplacement: Sendable {
  /// Everything that was accepted before it and is not on its way: the snapshot contains it.
  case everything
  /// Nothing: what was accepted before it and is not committed by the peer follows it, in order.
  case nothing
}

/// The producer's half of a stream: what waits, and what is sent but not acknowledged.
struct OutgoingStream: Sendable {
  struct Sent: Equatable, Sendable {
    enum Content: Equatable, Sendable {
      case message(WaitingMessage)
      case skip(reason: String)
    }

    var content: Content
    /// Transports on which the message has been sent.
    var transmissions = 0

    var bytes: Int {
      switch content {
      case .message(let message): message.body.count
      case .skip: 0
      }
    }
  }

  enum Resumption: Equatable {
    case resume(at: Int64)
    case snapshotNeeded(SnapshotReason)
  }

  let producerEpoch: Int64
  private(set) var backlog = Backlog()
  /// Not acknowledged; an element's number is its sequence.
  private var window = NumberedQueue<Sent>(firstNumber: 1)
  /// The next sequence to send on this transport; those before it in the window are in flight.
  private var nextToSend: Int64 = 1
  private(set) var bytesInFlight = 0
  /// Nothing may be sent before the peer has said how much it takes.
  private(set) var credits = Credits(messages: 0, bytes: 0)

  init(producerEpoch: Int64) {
    self.producerEpoch = producerEpoch
  }

  var messagesInFlight: Int { Int(nextToSend - window.firstNumber) }
  var newestSent: Int64 { window.endNumber - 1 }
  var newestSentPosition: StreamPosition {
    StreamPosition(producerEpoch: producerEpoch, sequence: newestSent)
  }
  var unacknowledged: Int { window.count }

  /// The moment since which the longest waiting reliable message waits.
  var reliableWaitingSince: MonotonicInstant? {
    if nextToSend < window.endNumber {
      guard case .message(let message) = window[nextToSend].content else { return nil }
      return message.acceptedAt
    }
    return backlog.oldestReliable?.acceptedAt
  }

  /// Whether a message waits to be sent on this transport, for the first time or again.
  var hasUnsent: Bool { nextToSend < window.endNumber || backlog.count > 0 }

  /// Whether at most half of the window is in use.
  var isRelieved: Bool {
    messagesInFlight * 2 <= credits.messages && bytesInFlight * 2 <= credits.bytes
  }

  mutating func append(_ message: WaitingMessage) {
    backlog.append(message)
  }

  /// Takes up the stream on a new transport.
  mutating func greeted(by hello: Hello) -> Resumption {
    credits = hello.credits
    let committed = hello.lastCommitted(of: producerEpoch) ?? 0
    while window.firstNumber <= min(committed, newestSent) { window.popFirst() }
    nextToSend = window.firstNumber
    bytesInFlight = 0
    guard let held = hello.lastHeld(of: producerEpoch) else {
      return .snapshotNeeded(.unknownToPeer)
    }
    guard held <= newestSent else {
      let reason = SnapshotReason.peerIsAhead(peerHolds: held, newestSent: newestSent)
      renumberWindow(from: held + 1)
      return .snapshotNeeded(reason)
    }
    guard held + 1 >= window.firstNumber else {
      return .snapshotNeeded(
        .progressLost(peerHolds: held, oldestKept: window.firstNumber))
    }
    while nextToSend <= held {
      bytesInFlight += window[nextToSend].bytes
      nextToSend += 1
    }
    return .resume(at: nextToSend)
  }

  private mutating func renumberWindow(from sequence: Int64) {
    var renumbered = NumberedQueue<Sent>(firstNumber: sequence)
    for sent in window { renumbered.append(sent) }
    window = renumbered
    nextToSend = sequence
  }

  /// Puts a message into quarantine if the peer may have choked on it twice.
  ///
  /// - Returns: Its body, once.
  mutating func quarantine(_ poisoned: Poisoned) -> [UInt8]? {
    guard poisoned.producerEpoch == producerEpoch,
      (nextToSend..<window.endNumber).contains(poisoned.sequence),
      window[poisoned.sequence].transmissions >= 2,
      case .message(let message) = window[poisoned.sequence].content
    else { return nil }
    window[poisoned.sequence].content = .skip(reason: poisoned.reason)
    return message.body
  }

  /// Begins the stream anew with a snapshot.
  ///
  /// - Returns: The sequence at which it goes on, which no message has had before.
  mutating func restart(
    with snapshot: [WaitingMessage], replacing replacement: SnapshotReplacement
  ) -> Int64 {
    var kept: [WaitingMessage] = []
    if case .nothing = replacement {
      kept = window.compactMap { sent in
        guard case .message(let message) = sent.content else { return nil }
        return message
      }
    }
    let next = window.endNumber
    window = NumberedQueue(firstNumber: next)
    nextToSend = next
    bytesInFlight = 0
    let waiting = backlog.removeAll()
    if case .nothing = replacement { kept += waiting }
    for message in snapshot + kept { backlog.append(message) }
    return next
  }

  /// Puts a snapshot into a stream that goes on.
  mutating func append(
    snapshot: [WaitingMessage], replacing replacement: SnapshotReplacement
  ) {
    if case .everything = replacement { _ = backlog.removeAll() }
    for message in snapshot { backlog.append(message) }
  }

  /// The next message to send, if the window has room for it. A message larger than the window is
  /// sent alone.
  mutating func next() -> (sequence: Int64, content: Sent.Content)? {
    guard messagesInFlight < credits.messages else { return nil }
    if nextToSend == window.endNumber {
      guard let waiting = backlog.first, fits(waiting.body.count),
        let message = backlog.popFirst()
      else { return nil }
      window.append(Sent(content: .message(message)))
    } else if !fits(window[nextToSend].bytes) {
      return nil
    }
    let sequence = nextToSend
    window[sequence].transmissions += 1
    bytesInFlight += window[sequence].bytes
    nextToSend += 1
    return (sequence, window[sequence].content)
  }

  private func fits(_ bytes: Int) -> Bool {
    messagesInFlight == 0 || bytesInFlight + bytes <= credits.bytes
  }

  /// Forgets what the peer has committed.
  ///
  /// - Returns: `false` if the peer cannot have it, because it was not sent.
  mutating func acknowledged(through sequence: Int64) -> Bool {
    guard sequence < nextToSend else { return false }
    while window.firstNumber <= sequence, let sent = window.popFirst() {
      bytesInFlight -= sent.bytes
    }
    return true
  }
}
