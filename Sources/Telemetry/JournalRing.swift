/// Entries that wait for the journal, oldest first, within bounds.
struct JournalRing: Sendable {
  static let mostEntries = 1_024
  static let mostBytes = 1_048_576

  private var slots: [[UInt8]?]
  private var head = 0
  private(set) var count = 0
  private(set) var bytes = 0
  /// Entries that were not taken, since the start.
  private(set) var dropped = 0
  /// Of these, how many the journal has been told of.
  private(set) var reported = 0

  init(entries: Int = mostEntries) {
    slots = Array(repeating: nil, count: entries)
  }

  var first: [UInt8]? { slots[head] }
  var unreported: Int { dropped - reported }

  /// Takes an entry, or counts it as dropped.
  mutating func append(_ entry: [UInt8]) {
    guard count < slots.count, bytes + entry.count <= Self.mostBytes else {
      dropped += 1
      return
    }
    slots[(head + count) % slots.count] = entry
    count += 1
    bytes += entry.count
  }

  mutating func removeFirst() {
    guard let entry = slots[head] else { return }
    slots[head] = nil
    head = (head + 1) % slots.count
    count -= 1
    bytes -= entry.count
  }

  /// The first entry cannot be sent, now or later.
  mutating func dropFirst() {
    removeFirst()
    dropped += 1
  }

  mutating func noteReported(_ number: Int) { reported += number }
}
