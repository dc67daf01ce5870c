package import RiskModel

/// The bounds of one end of a link.
package struct LinkLimits: Equatable, Sendable {
  /// The largest JSON text of a frame, in bytes.
  package static let frameBytes = 262_144
  /// The largest message body, in bytes: a frame less the longest envelope around it.
  package static let bodyBytes = frameBytes - 128
  /// The protocol versions that this code speaks.
  package static let versions = VersionRange(min: 1, max: 1)
  /// How many bytes of a bad frame a fault shows.
  package static let shownBytes = 64

  /// What the peer may have sent us without an acknowledgement.
  package var credits: Credits
  /// What may wait to be sent, in messages and bytes of bodies; then `send` refuses.
  package var backlog: Credits
  /// Committed messages after which an acknowledgement is sent without being asked for.
  package var acknowledgeEvery: Int64
  /// How long a message that is never dropped may wait on an open link before that is a state.
  package var congestedAfter: TimeSpan

  package init(
    credits: Credits = Credits(messages: 256, bytes: 1_048_576),
    backlog: Credits = Credits(messages: 65_536, bytes: 33_554_432),
    acknowledgeEvery: Int64 = 32, congestedAfter: TimeSpan = .seconds(1)
  ) {
    self.credits = credits
    self.backlog = backlog
    self.acknowledgeEvery = acknowledgeEvery
    self.congestedAfter = congestedAfter
  }

  /// Acknowledging later than half of the window could close it for good.
  var acknowledgementThreshold: Int64 {
    max(1, min(acknowledgeEvery, Int64(credits.messages / 2)))
  }
}

/// A number of messages and of bytes of their bodies.
package struct Credits: Equatable, Sendable, Codable {
  package var messages: Int
  package var bytes: Int

  package init(messages: Int, bytes: Int) {
    self.messages = messages
    self.bytes = bytes
  }
}

/// Protocol versions, both ends included.
package struct VersionRange: Equatable, Sendable, Codable {
  package var min: Int
  package var max: Int

  package init(min: Int, max: Int) {
    self.min = min
    self.max = max
  }

  /// The newest version that both ranges hold.
  func newestCommon(with other: VersionRange) -> Int? {
    let newest = Swift.min(max, other.max)
    return newest >= Swift.max(min, other.min) ? newest : nil
  }
}

extension VersionRange: CustomStringConvertible {
  package var description: String { min == max ? "\(min)" : "\(min)...\(max)" }
}
