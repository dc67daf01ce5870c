/// Cuts the bytes of one connection into records.
///
/// A record ends at 0x1E, wherever the WebSocket messages that carry it begin and end. A record
/// that arrives in one piece is a slice of the bytes that brought it; only a straddling one is
/// copied, and no byte is looked at twice.
package struct RecordSplitter {
  /// ASCII "record separator". It cannot be part of JSON text.
  package static let separator: UInt8 = 0x1E

  /// The largest record, in bytes without its separator.
  package let limit: Int
  private var straddling: [UInt8] = []
  private var fresh: ArraySlice<UInt8> = []

  package init(limit: Int) {
    self.limit = limit
  }

  package mutating func append(_ bytes: [UInt8]) {
    if fresh.isEmpty { fresh = bytes[...] } else { fresh += bytes }
  }

  /// The next complete record without its separator, or `nil` when more bytes are needed.
  ///
  /// Records before one that is too long are handed out first.
  package mutating func next() throws(HubEnvelopeError) -> ArraySlice<UInt8>? {
    let end = fresh.firstIndex(of: RecordSplitter.separator)
    let piece = fresh[..<(end ?? fresh.endIndex)]
    guard straddling.count + piece.count <= limit else { throw .recordTooLong(limit: limit) }
    guard let end else {
      straddling += piece
      fresh = []
      return nil
    }
    fresh = fresh[(end + 1)...]
    guard !straddling.isEmpty else { return piece }
    let record = straddling + piece
    straddling = []
    return record[...]
  }
}
