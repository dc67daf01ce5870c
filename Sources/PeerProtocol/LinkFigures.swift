/// How full a link is.
package struct LinkFigures: Equatable, Sendable {
  /// Not sent yet.
  package var waitingMessages: Int
  package var waitingBytes: Int
  /// Sent on this transport and not acknowledged, within `credits`.
  package var messagesInFlight: Int
  package var bytesInFlight: Int
  /// What the peer takes without an acknowledgement; zero before its first hello.
  package var credits: Credits
  /// Sent on this or a former transport and not acknowledged.
  package var unacknowledged: Int
  /// Sequence of the newest message that was ever sent.
  package var newestSent: Int64
  /// Messages in whose place a newer one of the same key was sent.
  package var replacedMessages: Int64
  package var received: StreamPosition?
  package var committed: StreamPosition?

  /// How full the peer's window is, in percent of messages or of bytes, whichever is more.
  package var windowUse: Int {
    guard credits.messages > 0, credits.bytes > 0 else { return 0 }
    return max(
      100 * messagesInFlight / credits.messages, min(100, 100 * bytesInFlight / credits.bytes))
  }
}
