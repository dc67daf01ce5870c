/// Records that are due to a client, and how they are put into WebSocket messages.
struct HubOutbox {
  /// Records of a burst share messages of about this size, well below the frame limits of clients.
  private static let messageSize = 8_192

  /// One WebSocket frame of text.
  struct Frame: Equatable {
    var bytes: ArraySlice<UInt8>
    /// False for the continuation of the frame before.
    var isFirst = true
    var isFinal = true
  }

  private var records: [[UInt8]] = []

  var isEmpty: Bool { records.isEmpty }

  mutating func append(_ record: [UInt8]) {
    records.append(record)
  }

  mutating func clear() {
    records = []
  }

  mutating func takeFrames(_ grouping: RecordGrouping) -> [Frame] {
    defer { records = [] }
    return switch grouping {
    case .bursts: bursts()
    case .single: records.map { Frame(bytes: $0[...]) }
    case .halves: records.flatMap { halves(of: $0, areFragments: false) }
    case .fragments: records.flatMap { halves(of: $0, areFragments: true) }
    case .bytes: records.flatMap(singleBytes)
    }
  }

  private func bursts() -> [Frame] {
    var frames: [Frame] = []
    var message: [UInt8] = []
    for record in records {
      if !message.isEmpty, message.count + record.count > HubOutbox.messageSize {
        frames.append(Frame(bytes: message[...]))
        message.removeAll(keepingCapacity: true)
      }
      message.append(contentsOf: record)
    }
    if !message.isEmpty { frames.append(Frame(bytes: message[...])) }
    return frames
  }

  private func singleBytes(of record: [UInt8]) -> [Frame] {
    record.indices.map { index in
      Frame(
        bytes: record[index...index], isFirst: index == record.startIndex,
        isFinal: index == record.endIndex - 1)
    }
  }

  /// Cuts in the middle, but within no UTF-8 sequence.
  private func halves(of record: [UInt8], areFragments: Bool) -> [Frame] {
    let middle = record[(record.count / 2)...].firstIndex { $0 & 0xC0 != 0x80 } ?? record.endIndex
    return [
      Frame(bytes: record[..<middle], isFinal: !areFragments),
      Frame(bytes: record[middle...], isFirst: !areFragments),
    ]
  }
}
