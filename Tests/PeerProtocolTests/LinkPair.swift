import RiskModel

@testable import PeerProtocol

/// One end of a link in memory, with what it was told to do.
struct TestEnd {
  var machine: LinkMachine
  var decoder = FrameDecoder()
  var log: [String] = []
  /// The frames that this end has sent.
  var sent: [Envelope] = []
  var commitsAtOnce = true
  /// Bodies that this end's role does not understand.
  var unreadable: Set<[UInt8]> = []

  init(
    producerEpoch: Int64, committed: StreamPosition? = nil, limits: LinkLimits = LinkLimits()
  ) {
    machine = LinkMachine(
      producerEpoch: producerEpoch, committed: committed, limits: limits, now: .start)
  }

  mutating func open(_ linkEpoch: Int64) {
    machine.opened(linkEpoch: linkEpoch)
    decoder = FrameDecoder()
  }

  /// The bytes that leave now.
  mutating func output(limit: Int = 1 << 20) -> [UInt8] {
    var bytes: [UInt8] = []
    machine.produce(into: &bytes, limit: limit)
    var reader = FrameDecoder()
    reader.append(bytes)
    while let text = try? reader.next(), let envelope = try? Envelope.read(text) {
      sent.append(envelope)
    }
    return bytes
  }

  mutating func receive(_ bytes: some Collection<UInt8>) {
    decoder.append(bytes)
    do throws(LinkFault) {
      while let frame = try decoder.next() { note(machine.received(frame)) }
    } catch {
      note(machine.failed(error))
    }
  }

  mutating func receive(_ frame: Envelope) {
    var bytes: [UInt8] = []
    frame.append(to: &bytes)
    receive(bytes)
  }

  mutating func note(_ actions: [LinkMachine.Action]) {
    for action in actions {
      if case .deliver(let body, let position) = action, unreadable.contains(body) {
        note(machine.rejected(position, body: body, problem: "no such message"))
        continue
      }
      log.append(TestEnd.text(of: action))
      switch action {
      case .deliver(_, let position), .skipped(let position, _):
        if commitsAtOnce { machine.commit(through: position) }
      default:
        break
      }
    }
  }

  private static func text(of action: LinkMachine.Action) -> String {
    switch action {
    case .deliver(let body, let position):
      "\(position) \(String(decoding: body, as: UTF8.self))"
    case .skipped(let position, let reason): "\(position) skipped: \(reason)"
    case .peerRestarted(let producerEpoch): "peer restarted \(producerEpoch)"
    case .snapshotNeeded(.unknownToPeer): "snapshot needed"
    case .snapshotNeeded(.progressLost(let held, let oldest)):
      "snapshot needed, peer at \(held), oldest \(oldest)"
    case .snapshotNeeded(.peerIsAhead(let held, let newest)):
      "snapshot needed, peer at \(held), newest \(newest)"
    case .quarantined(let position, let body, _):
      "quarantined \(position) \(String(decoding: body, as: UTF8.self))"
    case .live: "live"
    case .congested: "congested"
    case .relieved: "relieved"
    case .broken(let fault): "broken: \(fault.poisonCode ?? fault.description)"
    }
  }

  mutating func takeLog() -> [String] {
    defer { log = [] }
    return log
  }

  mutating func send(_ texts: String..., key: String? = nil) throws {
    for text in texts {
      try machine.accept(Array(text.utf8), priority: key.map(SendPriority.coalescing) ?? .reliable)
    }
  }

  mutating func sendSnapshot(
    _ texts: [String], replacing replacement: SnapshotReplacement = .everything
  ) throws {
    note(try machine.accept(snapshot: texts.map { Array($0.utf8) }, replacing: replacement))
  }
}

/// Two ends and the pipes between them.
struct LinkPair {
  var left: TestEnd
  var right: TestEnd
  private(set) var linkEpoch: Int64 = 0

  init(left: TestEnd, right: TestEnd) {
    self.left = left
    self.right = right
  }

  /// A fresh pipe pair; what was under way in the former is lost.
  mutating func connect() {
    linkEpoch += 1
    left.open(linkEpoch)
    right.open(linkEpoch)
  }

  /// Moves bytes until none are left to move.
  mutating func run() {
    while true {
      let toRight = left.output()
      right.receive(toRight)
      let toLeft = right.output()
      left.receive(toLeft)
      if toRight.isEmpty && toLeft.isEmpty { return }
    }
  }

  /// Connects two fresh ends that both begin with an empty snapshot.
  static func live(
    left: TestEnd = TestEnd(producerEpoch: 10), right: TestEnd = TestEnd(producerEpoch: 20)
  ) throws -> LinkPair {
    var pair = LinkPair(left: left, right: right)
    pair.connect()
    pair.run()
    try pair.left.sendSnapshot([])
    try pair.right.sendSnapshot([])
    pair.run()
    pair.left.log = []
    pair.right.log = []
    pair.left.sent = []
    pair.right.sent = []
    return pair
  }
}

extension MonotonicInstant {
  static let start = MonotonicInstant(nanos: 5_000_000_000_000)
}
