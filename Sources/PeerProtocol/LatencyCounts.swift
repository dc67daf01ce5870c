package import RiskModel

/// How often something took how long: a histogram of microseconds.
///
/// Each power of two is divided into eight steps, so a percentile is at most an eighth above the
/// truth. Counts only ever grow; two states of one histogram are compared with `since`.
package struct LatencyCounts: Equatable, Sendable {
  private static let stepBits = 3
  private static let steps = 1 << stepBits
  /// Up to 2^36 µs, nineteen hours.
  private static let places = (36 - stepBits + 1) * steps

  private var counts: [Int64]

  package init() {
    counts = []
  }

  package var total: Int64 { counts.reduce(0, +) }

  package mutating func add(_ span: TimeSpan) {
    if counts.isEmpty { counts = Array(repeating: 0, count: Self.places) }
    counts[Self.place(of: max(0, span.nanos / 1_000))] += 1
  }

  /// What was added after the earlier state.
  package func since(_ earlier: LatencyCounts) -> LatencyCounts {
    guard !counts.isEmpty, !earlier.counts.isEmpty else { return self }
    var difference = self
    for place in difference.counts.indices {
      difference.counts[place] = max(0, counts[place] - earlier.counts[place])
    }
    return difference
  }

  package mutating func merge(_ other: LatencyCounts) {
    guard !other.counts.isEmpty else { return }
    if counts.isEmpty { counts = Array(repeating: 0, count: Self.places) }
    for place in counts.indices { counts[place] += other.counts[place] }
  }

  /// The time that this many thousandths stayed at or below; `nil` when nothing was counted.
  package func percentile(perMille: Int64) -> TimeSpan? {
    let total = self.total
    guard total > 0 else { return nil }
    let rank = max(1, (total * perMille + 999) / 1_000)
    var seen: Int64 = 0
    for (place, count) in counts.enumerated() {
      seen += count
      if seen >= rank { return .microseconds(Self.upperBound(of: place)) }
    }
    return nil
  }

  private static func place(of microseconds: Int64) -> Int {
    guard microseconds >= Int64(steps) else { return Int(microseconds) }
    let exponent = Int64.bitWidth - 1 - microseconds.leadingZeroBitCount
    let shift = exponent - stepBits
    let step = Int(microseconds >> Int64(shift)) - steps
    return min(places - 1, (shift + 1) * steps + step)
  }

  /// The longest time that is counted at a place.
  private static func upperBound(of place: Int) -> Int64 {
    guard place >= steps else { return Int64(place) }
    let shift = place / steps - 1
    return (Int64(steps + place % steps + 1) << Int64(shift)) - 1
  }
}

/// As JSON: place, count, place, count and so on, without what was never counted.
extension LatencyCounts: Codable {
  package init(from decoder: any Decoder) throws {
    self.init()
    var container = try decoder.unkeyedContainer()
    while !container.isAtEnd {
      let place = try container.decode(Int.self)
      let count = try container.decode(Int64.self)
      guard (0..<Self.places).contains(place), count >= 0 else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "no place or count of a histogram")
      }
      if counts.isEmpty { counts = Array(repeating: 0, count: Self.places) }
      counts[place] = count
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for (place, count) in counts.enumerated() where count > 0 {
      try container.encode(place)
      try container.encode(count)
    }
  }
}
