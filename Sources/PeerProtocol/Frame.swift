// The wire format of a link between two workers.
//
// A link is a pair of pipes, one in each direction, each written by one process only. Both ends
// speak the same format.
//
// Frame
//   offset  size  field
//   0       4     length, u32 big-endian: the bytes after this field, 2 ... 262144
//   4       n     one UTF-8 JSON object, no byte order mark, no trailing newline
//
// The length is checked before anything is allocated. Reads are partial by nature. The end of the
// pipe inside a frame discards the partial frame: it was never acknowledged, so it is sent again.
//
// Object: members in this order when written, in any order when read; unknown members are ignored
//   b    body, a JSON value; absent in ack, resume and restart
//   le   link epoch: the number of the pipe pair, from the supervisor
//   pe   producer epoch of the stream that the frame is about
//   seq  sequence in that stream; absent in hello
//   t    kind: hello, resume, restart, message, skip, ack
//
// A link carries a stream in each direction. A stream is named by its producer epoch, which the
// producer chooses afresh at every start of its process. Its messages are numbered from 1 without
// gaps and are numbered when they are first sent. Numbers are never used twice.
//
// Order on one pipe
//   1. hello, first and once. pe is the producer epoch of the sender's own stream. Body:
//        versions   {"max","min"}: the protocol versions that the sender speaks, now 1
//        committed  {"pe","seq"}: the last message of the peer's stream whose effect is durable
//        received   {"pe","seq"}: the last one held in memory; absent after a start of the process
//        credits    {"bytes","messages"}: how much may be unacknowledged on the way to the sender
//        poisoned   {"pe","reason","seq"}: a message of the peer that broke the link twice
//   2. after the peer's hello, one of
//        resume   the stream goes on at seq, where the peer's hello says that it stopped
//        restart  the stream goes on at seq and begins anew: the messages that follow start with
//                 a snapshot. Sent when the peer's hello names another producer epoch or none
//   3. messages and skips, seq + 1 each. skip {"reason"} stands for a message that is in
//      quarantine; the receiver commits it like a message.
//   Acks may stand anywhere after hello.
//
// ack: everything of stream pe through seq is committed by the sender of the ack. Cumulative; sent
// at the latest when 32 messages are committed and not acknowledged.
//
// A receiver takes seq <= last received as a duplicate and ignores it. Anything else that is not
// last received + 1, and every frame that cannot be read, poisons the link: it is closed and the
// supervisor makes a new one with link epoch + 1. A message that poisons twice is named in the
// next hello, and its producer skips it.

/// Puts JSON objects into frames.
package enum FrameEncoder {
  /// Appends one frame. `json` must fit a frame.
  package static func append(_ json: [UInt8], to output: inout [UInt8]) {
    let start = beginFrame(in: &output)
    output.append(contentsOf: json)
    endFrame(startedAt: start, in: &output)
  }

  static func beginFrame(in output: inout [UInt8]) -> Int {
    let start = output.count
    output.append(contentsOf: [0, 0, 0, 0])
    return start
  }

  static func endFrame(startedAt start: Int, in output: inout [UInt8]) {
    let length = output.count - start - 4
    guard FrameDecoder.lengths.contains(UInt32(length)) else {
      preconditionFailure("Invariant: a frame of \(length) bytes is not sent")
    }
    for index in 0..<4 {
      output[start + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index))
    }
  }
}

/// Takes frames out of a byte stream that arrives in pieces of any size.
///
/// It holds at most one incomplete frame and what has been appended behind it.
package struct FrameDecoder: Sendable {
  /// The bytes that a frame may have after its length field.
  package static let lengths: ClosedRange<UInt32> = 2...UInt32(LinkLimits.frameBytes)

  private var buffer: [UInt8] = []
  private var head = 0

  package init() {}

  /// Bytes that belong to no complete frame yet, or to frames that nobody has asked for.
  package var pendingBytes: Int { buffer.count - head }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    if head == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= LinkLimits.frameBytes)
      head = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The JSON text of the next frame, or `nil` until more bytes come.
  ///
  /// - Throws: `LinkFault.length` when the length is out of bounds. The stream cannot be read on.
  package mutating func next() throws(LinkFault) -> [UInt8]? {
    guard pendingBytes >= 4 else { return nil }
    let length = buffer[head..<(head + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard FrameDecoder.lengths.contains(length) else {
      throw .length(length, head: FrameHead(buffer[head...]))
    }
    let end = head + 4 + Int(length)
    guard end <= buffer.count else {
      discardConsumedBytes()
      return nil
    }
    defer { head = end }
    return Array(buffer[(head + 4)..<end])
  }

  private mutating func discardConsumedBytes() {
    guard head > 0 else { return }
    buffer.removeSubrange(..<head)
    head = 0
  }
}
