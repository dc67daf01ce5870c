/// The consumer's half of a stream: what has come, and what of it is committed.
struct IncomingStream: Sendable {
  private enum Phase: Equatable {
    /// Can transition to `announced`.
    case awaitingHello
    /// The peer's producer epoch is known. Can transition to `flowing`, `awaitingHello`.
    case announced(producerEpoch: Int64)
    /// Messages come. Can transition to `awaitingHello`.
    case flowing(producerEpoch: Int64)
  }

  enum Arrival: Equatable {
    case next
    case duplicate
  }

  /// A message that broke the transport, and how often in a row.
  private struct Strike: Equatable {
    var position: StreamPosition
    var count: Int
    var reason: String
  }

  private static let strikesToQuarantine = 2

  private var phase = Phase.awaitingHello
  private(set) var committed: StreamPosition?
  /// The last message that was handed out in this life of the process, or the one before the
  /// first of a stream that began anew.
  private(set) var received: StreamPosition?
  private var strike: Strike?

  private let limits: LinkLimits
  /// Of the current stream, on this transport.
  private var acknowledged: Int64 = 0
  /// What the hello on this transport told the peer: what is committed between it and the peer's own
  /// is still to be acknowledged.
  private var told: StreamPosition?
  private var bytesSinceAcknowledgement = 0
  private(set) var isAcknowledgementDue = false

  init(committed: StreamPosition?, limits: LinkLimits) {
    self.committed = committed
    self.limits = limits
  }

  /// The hello of this transport, which is sent now.
  mutating func takeHello() -> Hello {
    told = committed
    return hello()
  }

  /// What this end puts into its hello.
  func hello() -> Hello {
    var poisoned: Poisoned?
    if let strike, strike.count >= IncomingStream.strikesToQuarantine,
      strike.position == received?.next
    {
      poisoned = Poisoned(strike.position, reason: strike.reason)
    }
    return Hello(
      versions: LinkLimits.versions, committed: committed, received: received,
      credits: limits.credits, poisoned: poisoned)
  }

  mutating func transportOpened() {
    phase = .awaitingHello
    told = nil
    isAcknowledgementDue = false
    bytesSinceAcknowledgement = 0
  }

  mutating func greeted(producerEpoch: Int64) {
    phase = .announced(producerEpoch: producerEpoch)
    acknowledged = told.flatMap { $0.producerEpoch == producerEpoch ? $0.sequence : nil } ?? 0
  }

  /// The peer goes on where our hello said that its stream stopped.
  mutating func resumed(_ frame: Envelope, text: [UInt8]) throws(LinkFault) {
    let producerEpoch = try announcedEpoch(of: frame, text: text)
    guard let held = lastHeld(of: producerEpoch) else {
      throw .outOfTurn(kind: frame.kind.rawValue, head: FrameHead(text))
    }
    guard frame.sequence <= held + 1 else {
      throw .gap(expected: held + 1, found: frame.sequence, head: FrameHead(text))
    }
    received = StreamPosition(producerEpoch: producerEpoch, sequence: held)
    phase = .flowing(producerEpoch: producerEpoch)
  }

  /// The peer begins its stream anew with a snapshot.
  mutating func restarted(_ frame: Envelope, text: [UInt8]) throws(LinkFault) {
    let producerEpoch = try announcedEpoch(of: frame, text: text)
    let held = lastHeld(of: producerEpoch) ?? 0
    guard frame.sequence > held else {
      throw .gap(expected: held + 1, found: frame.sequence, head: FrameHead(text))
    }
    received = StreamPosition(producerEpoch: producerEpoch, sequence: frame.sequence - 1)
    phase = .flowing(producerEpoch: producerEpoch)
  }

  private func announcedEpoch(of frame: Envelope, text: [UInt8]) throws(LinkFault) -> Int64 {
    guard case .announced(let producerEpoch) = phase else {
      throw .outOfTurn(kind: frame.kind.rawValue, head: FrameHead(text))
    }
    guard frame.producerEpoch == producerEpoch else {
      throw .producerEpoch(
        expected: producerEpoch, found: frame.producerEpoch, head: FrameHead(text))
    }
    return producerEpoch
  }

  /// A message or a skip has come.
  mutating func arrived(_ frame: Envelope, text: [UInt8]) throws(LinkFault) -> Arrival {
    guard case .flowing(let producerEpoch) = phase, let received else {
      throw .outOfTurn(kind: frame.kind.rawValue, head: FrameHead(text))
    }
    guard frame.producerEpoch == producerEpoch else {
      throw .producerEpoch(
        expected: producerEpoch, found: frame.producerEpoch, head: FrameHead(text))
    }
    guard frame.sequence > received.sequence else {
      isAcknowledgementDue = isAcknowledgementDue || hasUnacknowledged(through: frame.sequence)
      return .duplicate
    }
    guard frame.sequence == received.sequence + 1 else {
      throw .gap(expected: received.sequence + 1, found: frame.sequence, head: FrameHead(text))
    }
    self.received = frame.position
    bytesSinceAcknowledgement += frame.body.count
    return .next
  }

  /// A duplicate shows that the peer does not know what is committed.
  private func hasUnacknowledged(through sequence: Int64) -> Bool {
    received.flatMap { lastCommitted(of: $0.producerEpoch) }.map { sequence <= $0 } ?? false
  }

  /// The message that was handed out last turned out to be unreadable.
  mutating func rejected(_ position: StreamPosition) {
    guard received == position else {
      preconditionFailure("Invariant: only the last message is rejected, not \(position)")
    }
    received = StreamPosition(
      producerEpoch: position.producerEpoch, sequence: position.sequence - 1)
  }

  /// Remembers which message a fault was about.
  mutating func failed(_ fault: LinkFault) {
    guard let reason = fault.poisonCode, case .flowing = phase, let received else { return }
    let position = received.next
    let count = strike.map { $0.position == position ? $0.count : 0 } ?? 0
    strike = Strike(position: position, count: count + 1, reason: reason)
  }

  /// The role has made durable what it was handed, through `position`.
  mutating func commit(through position: StreamPosition) {
    if let committed, committed.producerEpoch == position.producerEpoch {
      guard position.sequence > committed.sequence else { return }
    }
    guard let received else {
      preconditionFailure("Invariant: \(position) is committed but nothing has come")
    }
    guard received.producerEpoch == position.producerEpoch else {
      if committed?.producerEpoch != received.producerEpoch { committed = position }
      return
    }
    guard position.sequence <= received.sequence else {
      preconditionFailure("Invariant: \(position) is committed after \(received) has come")
    }
    committed = position
    guard phase == .flowing(producerEpoch: position.producerEpoch) else { return }
    if position.sequence - acknowledged >= limits.acknowledgementThreshold
      || bytesSinceAcknowledgement * 4 >= limits.credits.bytes
    {
      isAcknowledgementDue = true
    }
  }

  /// Asks for an acknowledgement of what is committed, if it is not acknowledged.
  mutating func requestAcknowledgement() {
    guard case .flowing(let producerEpoch) = phase else { return }
    if let last = lastCommitted(of: producerEpoch), last > acknowledged {
      isAcknowledgementDue = true
    }
  }

  /// Whether something is committed that the peer was not told of.
  var owesAcknowledgement: Bool {
    guard case .flowing(let producerEpoch) = phase else { return false }
    return isAcknowledgementDue
      || lastCommitted(of: producerEpoch).map { $0 > acknowledged } ?? false
  }

  /// What to acknowledge now.
  mutating func takeAcknowledgement() -> StreamPosition? {
    guard isAcknowledgementDue, case .flowing(let producerEpoch) = phase,
      let last = lastCommitted(of: producerEpoch)
    else { return nil }
    isAcknowledgementDue = false
    bytesSinceAcknowledgement = 0
    acknowledged = last
    return StreamPosition(producerEpoch: producerEpoch, sequence: last)
  }

  private func lastCommitted(of producerEpoch: Int64) -> Int64? {
    committed.flatMap { $0.producerEpoch == producerEpoch ? $0.sequence : nil }
  }

  private func lastHeld(of producerEpoch: Int64) -> Int64? {
    let held = received.flatMap { $0.producerEpoch == producerEpoch ? $0.sequence : nil }
    return [held, lastCommitted(of: producerEpoch)].compactMap { $0 }.max()
  }
}
