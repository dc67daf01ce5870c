import PeerLink
import Testing

@testable import PeerProtocol

/// The other end of a pipe is of another release.
@Suite struct MixedVersionTests {
  private let watcher = PollWatcher()

  @Test(arguments: [(1, 1, true), (1, 9, true), (0, 1, true), (2, 9, false), (0, 0, false)])
  func aPeerOfAnotherReleaseIsUnderstoodOrRefused(min: Int, max: Int, isUnderstood: Bool) throws {
    let own = NoteTaker(producerEpoch: 10, watcher: watcher)
    let (toOwn, toPeer) = (try TestPipe(), try TestPipe())
    own.link.replaceTransport(epoch: 1, readEnd: toOwn.readEnd, writeEnd: toPeer.writeEnd)
    let peer = RawPeer(readEnd: toPeer.readEnd, writeEnd: toOwn.writeEnd, producerEpoch: 20)
    defer { peer.close() }
    peer.write(
      try peer.hello(
        linkEpoch: 1, versions: VersionRange(min: min, max: max)))
    if isUnderstood {
      #expect(turn(watcher) { own.link.state == .live })
      try own.send([7])
      own.link.flush()
      #expect(try peer.readFrames().last?.kind == .message)
    } else {
      #expect(
        turn(watcher) {
          if case .broken(.versions) = own.link.state { true } else { false }
        })
      // Nothing is sent to somebody who would read it in another way.
      #expect(try peer.readFrames().allSatisfy { $0.kind == .hello })
    }
  }
}
