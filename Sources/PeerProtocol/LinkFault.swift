/// Why a transport of a link is of no use any more. The streams survive it.
package enum LinkFault: Error, Equatable, Sendable {
  /// The length field is out of bounds.
  case length(UInt32, head: FrameHead)
  case notUTF8(head: FrameHead)
  /// Not one JSON object; the offset of the first byte that does not fit.
  case notJSON(offset: Int, head: FrameHead)
  /// A member of the envelope is missing, doubled or of the wrong type.
  case envelope(member: String, head: FrameHead)
  /// The frame belongs to another pipe pair.
  case linkEpoch(expected: Int64, found: Int64, head: FrameHead)
  /// The frame belongs to another life of the producer.
  case producerEpoch(expected: Int64, found: Int64, head: FrameHead)
  /// Not the next message.
  case gap(expected: Int64, found: Int64, head: FrameHead)
  /// The body is not a message that this end knows.
  case body(String, head: FrameHead)
  /// A frame out of turn, such as a second hello.
  case outOfTurn(kind: String, head: FrameHead)
  /// The peer acknowledges what was not sent to it.
  case acknowledgement(of: StreamPosition, sent: StreamPosition, head: FrameHead)
  /// No protocol version that both ends speak.
  case versions(ours: VersionRange, theirs: VersionRange)
  /// The peer closed its ends, or died. Bytes of a frame that had not come completely are gone.
  case peerClosed(discardedBytes: Int)
  /// The peer reads no more but has not closed its writing end.
  case halfOpen
  /// A system call failed.
  case system(call: String, code: Int32)
  /// Closed by this end.
  case closed

  /// A fault of one frame, after which the frame counts as poisonous; `nil` for all others.
  var poisonCode: String? {
    switch self {
    case .length: "length"
    case .notUTF8: "utf8"
    case .notJSON: "json"
    case .envelope: "envelope"
    case .linkEpoch: "link-epoch"
    case .producerEpoch: "producer-epoch"
    case .gap: "gap"
    case .body: "body"
    case .outOfTurn, .acknowledgement, .versions, .peerClosed, .halfOpen, .system, .closed: nil
    }
  }
}

extension LinkFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .length(let length, let head):
      "a frame length of \(length) is not in "
        + "\(FrameDecoder.lengths.lowerBound)...\(FrameDecoder.lengths.upperBound); \(head)"
    case .notUTF8(let head):
      "a frame is not UTF-8; \(head)"
    case .notJSON(let offset, let head):
      "a frame is not a JSON object from byte \(offset) on; \(head)"
    case .envelope(let member, let head):
      "the member \"\(member)\" of a frame is missing, doubled or of the wrong type; \(head)"
    case .linkEpoch(let expected, let found, let head):
      "a frame of link epoch \(found) on the link of epoch \(expected); \(head)"
    case .producerEpoch(let expected, let found, let head):
      "a frame of producer epoch \(found) in the stream of epoch \(expected); \(head)"
    case .gap(let expected, let found, let head):
      "message \(found) came where message \(expected) is next; \(head)"
    case .body(let problem, let head):
      "a message cannot be read: \(problem); \(head)"
    case .outOfTurn(let kind, let head):
      "a frame of kind \(kind) out of turn; \(head)"
    case .acknowledgement(let position, let sent, let head):
      "message \(position) is acknowledged, but \(sent) is the last one sent; \(head)"
    case .versions(let ours, let theirs):
      "no common protocol version: ours \(ours), the peer's \(theirs)"
    case .peerClosed(let discardedBytes):
      "the peer closed the link; \(discardedBytes) bytes of an incomplete frame discarded"
    case .halfOpen:
      "the peer reads no more but keeps its writing end open"
    case .system(let call, let code):
      "\(call) failed with error \(code)"
    case .closed:
      "closed by this end"
    }
  }
}

/// The first bytes of a bad frame, in hexadecimal.
package struct FrameHead: Equatable, Sendable, CustomStringConvertible {
  package let hex: String

  package init(_ bytes: some Collection<UInt8>) {
    hex = bytes.prefix(LinkLimits.shownBytes)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined()
  }

  package var description: String { "first bytes \(hex)" }
}

/// Why a message was not taken for sending.
package enum SendRefusal: Error, Equatable, Sendable {
  /// The encoded message does not fit a frame.
  case tooLarge(bytes: Int, limit: Int)
  /// So much waits to be sent that the receiver is better served with a snapshot.
  case backlogFull(messages: Int, bytes: Int)
  /// The message cannot be encoded.
  case unencodable(String)
}

extension SendRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLarge(let bytes, let limit):
      "a message of \(bytes) bytes is larger than \(limit)"
    case .backlogFull(let messages, let bytes):
      "\(messages) messages of \(bytes) bytes already wait to be sent"
    case .unencodable(let problem):
      "a message cannot be encoded: \(problem)"
    }
  }
}
