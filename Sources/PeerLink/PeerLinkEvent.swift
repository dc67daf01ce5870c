package import PeerProtocol

/// What a link tells its role.
package enum PeerLinkEvent<Incoming: Sendable>: Sendable {
  /// The next message of the peer; to be committed when its effect is.
  case received(Incoming, StreamPosition)
  /// The peer gave a message up that could not be read; to be committed like a message. What was
  /// in it is not known.
  case skipped(StreamPosition, reason: String)
  /// The peer's stream begins anew; the messages that follow start with a snapshot.
  case peerRestarted(producerEpoch: Int64)
  /// Nothing leaves before `sendSnapshot(_:replacing:)`.
  case snapshotNeeded(SnapshotReason)
  case changed(LinkState)
  /// One of our messages broke the link twice and will not be sent again.
  case quarantined(StreamPosition, body: [UInt8], reason: String)
}
