import PeerProtocol

/// What waits for the monitor, oldest first, within bounds.
struct TelemetryRing: Sendable {
  static let mostEntries = 2_048
  static let mostBytes = 2 * 1_048_576
  /// What an entry that is no news is taken to need.
  private static let entryBytes = 512

  enum Item: Sendable {
    /// Rendered by whoever takes it out, not by whoever logs.
    case record(LogRecord)
    case message(TelemetryMessage)

    var bytes: Int {
      guard case .message(.news(_, let body)) = self else { return entryBytes }
      return entryBytes + body.utf8.count
    }
  }

  private var slots: [Item?]
  private var head = 0
  private(set) var count = 0
  private var bytes = 0
  /// Items that were left out, since the start.
  private(set) var dropped: Int64 = 0
  /// Of these, how many the monitor has been told of.
  private(set) var reported: Int64 = 0

  init(entries: Int = mostEntries) {
    slots = Array(repeating: nil, count: entries)
  }

  /// Takes an item, or counts it as left out.
  ///
  /// - Returns: whether it is the only one.
  mutating func append(_ item: Item) -> Bool {
    let size = item.bytes
    guard count < slots.count, bytes + size <= Self.mostBytes else {
      dropped += 1
      return false
    }
    slots[(head + count) % slots.count] = item
    count += 1
    bytes += size
    return count == 1
  }

  var first: Item? { slots[head] }
  var unreported: Int64 { dropped - reported }

  mutating func removeFirst() {
    guard let item = slots[head] else { return }
    slots[head] = nil
    head = (head + 1) % slots.count
    count -= 1
    bytes -= item.bytes
  }

  /// The first one cannot be told.
  mutating func dropFirst() {
    removeFirst()
    dropped += 1
  }

  /// What was told and never read.
  mutating func noteLost(_ number: Int64) { dropped += number }

  mutating func noteReported(_ number: Int64) { reported += number }
}
