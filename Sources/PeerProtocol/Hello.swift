/// A message of one stream.
package struct StreamPosition: Hashable, Sendable, Codable {
  /// The life of the producer: chosen afresh at every start of its process.
  package var producerEpoch: Int64
  /// From 1, without gaps.
  package var sequence: Int64

  package init(producerEpoch: Int64, sequence: Int64) {
    self.producerEpoch = producerEpoch
    self.sequence = sequence
  }

  private enum CodingKeys: String, CodingKey {
    case producerEpoch = "pe"
    case sequence = "seq"
  }

  var next: StreamPosition {
    StreamPosition(producerEpoch: producerEpoch, sequence: sequence + 1)
  }
}

extension StreamPosition: CustomStringConvertible {
  package var description: String { "\(producerEpoch)/\(sequence)" }
}

/// The body of a hello: what one end knows when a link opens.
struct Hello: Equatable, Sendable, Codable {
  var versions: VersionRange
  var committed: StreamPosition?
  var received: StreamPosition?
  var credits: Credits
  var poisoned: Poisoned?

  /// The last message of the stream of `producerEpoch` that the sender of the hello holds.
  func lastHeld(of producerEpoch: Int64) -> Int64? {
    [committed, received].compactMap { $0 }
      .filter { $0.producerEpoch == producerEpoch }
      .map(\.sequence).max()
  }

  func lastCommitted(of producerEpoch: Int64) -> Int64? {
    committed.flatMap { $0.producerEpoch == producerEpoch ? $0.sequence : nil }
  }
}

/// A message that broke the link twice.
struct Poisoned: Equatable, Sendable, Codable {
  var producerEpoch: Int64
  var sequence: Int64
  /// A code of `LinkFault`.
  var reason: String

  init(_ position: StreamPosition, reason: String) {
    producerEpoch = position.producerEpoch
    sequence = position.sequence
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case producerEpoch = "pe"
    case sequence = "seq"
    case reason
  }
}

/// The body of a skip.
struct SkipReason: Equatable, Sendable, Codable {
  var reason: String
}
