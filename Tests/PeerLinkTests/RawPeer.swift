import Glibc

@testable import PeerProtocol

/// The other end of a link, as bare bytes.
final class RawPeer {
  let readEnd: Int32
  let writeEnd: Int32
  private let producerEpoch: Int64
  private var decoder = FrameDecoder()

  init(readEnd: Int32, writeEnd: Int32, producerEpoch: Int64) {
    self.readEnd = readEnd
    self.writeEnd = writeEnd
    self.producerEpoch = producerEpoch
    _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
  }

  func write(_ bytes: [UInt8]) {
    let count = Glibc.write(writeEnd, bytes, bytes.count)
    precondition(count == bytes.count, "the pipe of a test takes what the test writes")
  }

  /// The frames that are complete in the pipe.
  func readFrames() throws -> [Envelope] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(readEnd, &buffer, buffer.count)
      guard count > 0 else { break }
      decoder.append(buffer.prefix(count))
    }
    var frames: [Envelope] = []
    while let text = try decoder.next() { frames.append(try Envelope.read(text)) }
    return frames
  }

  /// Says that everything of stream 10 through `held` is here.
  func hello(
    linkEpoch: Int64, held: Int64 = 0, versions: VersionRange = LinkLimits.versions
  ) throws -> [UInt8] {
    let hello = Hello(
      versions: versions,
      committed: StreamPosition(producerEpoch: 10, sequence: held),
      credits: Credits(messages: 256, bytes: 1_048_576))
    return try frame(.hello, linkEpoch: linkEpoch, body: MessageCoder().encode(hello))
  }

  func frame(
    _ kind: Envelope.Kind, linkEpoch: Int64, sequence: Int64 = 0, body: [UInt8] = []
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    Envelope(
      kind: kind, linkEpoch: linkEpoch, producerEpoch: producerEpoch, sequence: sequence,
      body: body
    ).append(to: &bytes)
    return bytes
  }

  func close() {
    _ = Glibc.close(readEnd)
    _ = Glibc.close(writeEnd)
  }
}
