import Glibc
import PeerLink
import PeerProtocol
import RiskModel

/// A message of the tests.
struct Note: Codable, Equatable, Sendable {
  var number: Int
  var padding = ""
}

/// A role with one link that writes down what it is told.
final class NoteTaker {
  var link: PeerLink<Note, Note>
  private(set) var notes: [Int] = []
  private(set) var states: [LinkState] = []
  private(set) var other: [String] = []
  /// What survives the role: the notes and the position that were committed together.
  var disk: (notes: [Int], position: StreamPosition?) = ([], nil)
  var commitsAtOnce = true
  /// The answer to a demand for a snapshot; `nil` leaves it open.
  var snapshot: (() -> [Note])? = { [] }
  var onNote: (Note) -> Void = { _ in }
  private var newest: StreamPosition?
  private var uncommitted: [Int] = []

  init(
    producerEpoch: Int64, watcher: any DescriptorWatcher, limits: LinkLimits = LinkLimits(),
    disk: (notes: [Int], position: StreamPosition?) = ([], nil), readChunk: Int = 65_536
  ) {
    self.disk = disk
    link = PeerLink(
      producerEpoch: producerEpoch, committed: disk.position, limits: limits, watcher: watcher,
      readChunk: readChunk)
    link.handler = { [unowned self] in self.handle($0) }
  }

  private func handle(_ event: PeerLinkEvent<Note>) {
    switch event {
    case .received(let note, let position):
      notes.append(note.number)
      uncommitted.append(note.number)
      newest = position
      if commitsAtOnce { commit() }
      onNote(note)
    case .skipped(let position, let reason):
      other.append("skipped \(position): \(reason)")
      newest = position
      if commitsAtOnce { commit() }
    case .peerRestarted(let producerEpoch):
      other.append("peer restarted \(producerEpoch)")
    case .snapshotNeeded:
      do {
        if let snapshot { try link.sendSnapshot(snapshot(), replacing: .everything) }
      } catch {
        other.append("\(error)")
      }
    case .changed(let state):
      states.append(state)
    case .quarantined(let position, let body, _):
      other.append("quarantined \(position): \(String(decoding: body, as: UTF8.self))")
    }
  }

  func commit() {
    guard let newest else { return }
    disk = (disk.notes + uncommitted, newest)
    uncommitted = []
    link.commit(through: newest)
  }

  func takeStates() -> [LinkState] {
    defer { states = [] }
    return states
  }

  func send(_ numbers: some Sequence<Int>, padding: Int = 0) throws {
    for number in numbers {
      try link.send(Note(number: number, padding: String(repeating: "x", count: padding)))
    }
  }
}

/// Connects two roles by a fresh pair of pipes.
func connect(
  _ left: NoteTaker, _ right: NoteTaker, epoch: Int64, capacity: Int32? = nil
) throws {
  let toRight = try TestPipe(capacity: capacity)
  let toLeft = try TestPipe(capacity: capacity)
  left.link.replaceTransport(epoch: epoch, readEnd: toLeft.readEnd, writeEnd: toRight.writeEnd)
  right.link.replaceTransport(epoch: epoch, readEnd: toRight.readEnd, writeEnd: toLeft.writeEnd)
}

/// Turns the loop until the condition holds, at most `turns` times.
func turn(
  _ watcher: PollWatcher, turns: Int = 20_000, flushing roles: [NoteTaker] = [],
  until condition: () -> Bool
) -> Bool {
  for _ in 0..<turns {
    if condition() { return true }
    watcher.turn()
    for role in roles { role.link.flush() }
  }
  return condition()
}

extension MonotonicInstant {
  static let start = MonotonicInstant(nanos: 5_000_000_000_000)
}
