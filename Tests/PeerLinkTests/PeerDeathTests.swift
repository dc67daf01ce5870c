import Glibc
import PeerLink
import RiskModel
import RiskTestKit
import Testing

@testable import PeerProtocol

@Suite struct PeerDeathTests {
  private let watcher = PollWatcher()

  /// A role that is live with a peer made of bare bytes.
  private func role(readChunk: Int = 65_536) throws -> (NoteTaker, RawPeer) {
    let role = NoteTaker(producerEpoch: 10, watcher: watcher, readChunk: readChunk)
    let peer = try attach(role, epoch: 1, held: 0)
    return (role, peer)
  }

  private func attach(_ role: NoteTaker, epoch: Int64, held: Int64) throws -> RawPeer {
    let (toRole, toPeer) = (try TestPipe(), try TestPipe())
    role.link.replaceTransport(
      epoch: epoch, readEnd: toRole.readEnd, writeEnd: toPeer.writeEnd)
    let peer = RawPeer(
      readEnd: toPeer.readEnd, writeEnd: toRole.writeEnd, producerEpoch: 20 + epoch)
    peer.write(try peer.hello(linkEpoch: epoch, held: held))
    peer.write(try peer.frame(.restart, linkEpoch: epoch, sequence: 1))
    #expect(turn(watcher) { role.link.state == .live && role.other.count == Int(epoch) })
    return peer
  }

  private func note(_ number: Int, sequence: Int64, from peer: RawPeer) throws -> [UInt8] {
    try peer.frame(
      .message, linkEpoch: 1, sequence: sequence,
      body: MessageCoder().encode(Note(number: number)))
  }

  @Test func whatThePeerWroteBeforeItsDeathIsReadAndTheRestDiscarded() throws {
    let (role, peer) = try role()
    peer.write(try note(1, sequence: 1, from: peer))
    peer.write(try note(2, sequence: 2, from: peer).dropLast(5))
    peer.close()
    #expect(turn(watcher) { role.link.state != .live })
    #expect(role.notes == [1])
    let size = try note(2, sequence: 2, from: peer).count - 5
    #expect(role.link.state == .broken(.peerClosed(discardedBytes: size)))
    #expect(role.takeStates().count == 2)
    #expect(watcher.watchedDescriptors.isEmpty)
  }

  @Test func aWriterThatMeetsADeadReaderStillReadsWhatItLeft() throws {
    let (role, peer) = try role()
    peer.write(try note(1, sequence: 1, from: peer))
    peer.close()
    try role.send([5])
    role.link.flush()
    #expect(role.link.state == .live)
    #expect(turn(watcher) { role.link.state != .live })
    #expect(role.notes == [1])
    #expect(role.link.state == .broken(.peerClosed(discardedBytes: 0)))

    let next = try attach(role, epoch: 2, held: 0)
    defer { next.close() }
    let frames = try next.readFrames()
    #expect(frames.map(\.kind) == [.hello, .resume, .message])
    watcher.advance(by: .seconds(5))
    #expect(role.link.state == .live)
  }

  @Test func aPeerThatReadsNoMoreButLivesIsBrokenAfterASecond() throws {
    let (role, peer) = try role()
    _ = Glibc.close(peer.readEnd)
    try role.send([5])
    role.link.flush()
    watcher.advance(by: .milliseconds(900))
    #expect(role.link.state == .live)
    watcher.advance(by: .milliseconds(100))
    #expect(role.link.state == .broken(.halfOpen))
    #expect(watcher.watchedDescriptors.isEmpty)
    _ = Glibc.close(peer.writeEnd)
  }

  @Test func aReaderThatDiesWhileThePipeIsFullIsNoticed() throws {
    let (role, peer) = try role()
    try role.send(1...200, padding: 1_000)
    role.link.flush()
    #expect(watcher.watchedDescriptors.count == 2)
    _ = Glibc.close(peer.readEnd)
    #expect(turn(watcher) { watcher.watchedDescriptors.count == 1 })
    _ = Glibc.close(peer.writeEnd)
    #expect(turn(watcher) { role.link.state != .live })
    #expect(role.link.state == .broken(.peerClosed(discardedBytes: 0)))
    #expect(role.link.pending == 200)
  }

  @Test(arguments: [
    ([0xFF, 0xFF, 0xFF, 0xFF] as [UInt8], "length"), ([0, 0, 0, 2, 0x5B, 0x5D], "json"),
  ])
  func garbageClosesTheLinkAndAFreshOneGoesOn(_ garbage: [UInt8], _ code: String) throws {
    let (role, peer) = try role()
    try role.send([1, 2])
    peer.write(garbage)
    #expect(turn(watcher) { role.link.state != .live })
    guard case .broken(let fault) = role.link.state else {
      Issue.record("the link is \(role.link.state)")
      return
    }
    #expect(fault.poisonCode == code)
    #expect(watcher.watchedDescriptors.isEmpty)
    try role.send([3])
    role.link.flush()
    peer.close()
    let next = try attach(role, epoch: 2, held: 0)
    defer { next.close() }
    #expect(try next.readFrames().map(\.sequence) == [0, 1, 1, 2, 3])
  }

  /// A message that fills what one call reads is followed by another call.
  @Test(arguments: [true, false])
  func aLinkCanBeReplacedOutOfItsOwnCallback(messageFillsChunk: Bool) throws {
    let noPeer = RawPeer(readEnd: -1, writeEnd: -1, producerEpoch: 21)
    let messageSize = try note(1, sequence: 1, from: noPeer).count
    let (role, peer) = try role(readChunk: messageFillsChunk ? messageSize : 65_536)
    defer { peer.close() }
    let (toRole, toPeer) = (try TestPipe(), try TestPipe())
    role.onNote = { _ in
      role.link.replaceTransport(
        epoch: 2, readEnd: toRole.readEnd, writeEnd: toPeer.writeEnd)
    }
    peer.write(
      try note(1, sequence: 1, from: peer) + note(2, sequence: 2, from: peer))
    #expect(turn(watcher) { !role.notes.isEmpty })
    #expect(role.notes == [1])
    #expect(role.link.state == .connecting)
    #expect(watcher.watchedDescriptors == [toRole.readEnd])
    _ = Glibc.close(toRole.writeEnd)
    _ = Glibc.close(toPeer.readEnd)
  }

  @Test func aLinkCanBeClosedOutOfItsOwnCallback() throws {
    let (role, peer) = try role()
    defer { peer.close() }
    role.onNote = { _ in role.link.close() }
    peer.write(
      try note(1, sequence: 1, from: peer) + note(2, sequence: 2, from: peer))
    #expect(turn(watcher) { !role.notes.isEmpty })
    #expect(role.notes == [1])
    #expect(role.link.state == .broken(.closed))
    role.link.close()
    #expect(role.takeStates() == [.live, .broken(.closed)])
  }

  @Test func descriptorsAreClosedWithTheLink() throws {
    let (toRole, toPeer) = (try TestPipe(), try TestPipe())
    var role: NoteTaker? = NoteTaker(producerEpoch: 10, watcher: watcher)
    role?.link.replaceTransport(
      epoch: 1, readEnd: toRole.readEnd, writeEnd: toPeer.writeEnd)
    #expect(watcher.watchedDescriptors == [toRole.readEnd])
    role = nil
    #expect(watcher.watchedDescriptors.isEmpty)
    var byte: [UInt8] = [0]
    #expect(write(toRole.writeEnd, &byte, 1) == -1)
    #expect(errno == EPIPE)
    _ = Glibc.close(toRole.writeEnd)
    _ = Glibc.close(toPeer.readEnd)
  }

  @Test func descriptorsThatAreNoneBreakTheLink() throws {
    let role = NoteTaker(producerEpoch: 10, watcher: watcher)
    let pipe = try TestPipe()
    role.link.replaceTransport(epoch: 1, readEnd: pipe.readEnd, writeEnd: -1)
    #expect(role.link.state == .broken(.system(call: "fcntl", code: EBADF)))
    var byte: [UInt8] = [0]
    #expect(write(pipe.writeEnd, &byte, 1) == -1)
    _ = Glibc.close(pipe.writeEnd)
  }

  @Test func descriptorsThatAreMixedUpBreakTheLink() throws {
    let (one, two) = (try TestPipe(), try TestPipe())
    let reader = NoteTaker(producerEpoch: 10, watcher: watcher)
    reader.link.replaceTransport(epoch: 1, readEnd: one.writeEnd, writeEnd: two.writeEnd)
    let writer = NoteTaker(producerEpoch: 10, watcher: watcher)
    writer.link.replaceTransport(epoch: 1, readEnd: two.readEnd, writeEnd: one.readEnd)
    #expect(writer.link.state == .broken(.system(call: "write", code: EBADF)))
    #expect(turn(watcher) { reader.link.state != .connecting })
    #expect(reader.link.state == .broken(.system(call: "read", code: EBADF)))
  }

  @Test(arguments: (1...6).map { UInt64($0) })
  func rolesThatDieAtRandomLoseAndDoubleNothing(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let limits = LinkLimits(credits: Credits(messages: 16, bytes: 4_096), acknowledgeEvery: 4)
    let left = NoteTaker(producerEpoch: 1, watcher: watcher, limits: limits)
    var right = NoteTaker(producerEpoch: 2, watcher: watcher, limits: limits)
    var epoch: Int64 = 1
    try connect(left, right, epoch: epoch, capacity: 4_096)
    #expect(turn(watcher) { left.link.state == .live && right.link.state == .live })
    var sent = 1
    try left.send([sent])
    #expect(turn(watcher, flushing: [left, right]) { right.disk.notes == [1] })
    left.snapshot = nil
    var deaths = 0
    for _ in 0..<4_000 {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<40:
        sent += 1
        try left.send([sent], padding: Int.random(in: 0...700, using: &random))
      case 40..<60: left.link.flush()
      case 60..<90: watcher.turn()
      case 90..<97:
        right.commit()
        right.link.flush()
      default:
        deaths += 1
        epoch += 1
        if deaths % 3 > 0 {
          right = NoteTaker(
            producerEpoch: 2 + epoch, watcher: watcher, limits: limits, disk: right.disk)
        }
        right.commitsAtOnce = false
        try connect(left, right, epoch: epoch, capacity: 4_096)
      }
    }
    right.commitsAtOnce = true
    right.commit()
    #expect(
      turn(watcher, flushing: [left, right]) {
        right.commit()
        return left.link.pending == 0
      })
    #expect(deaths > 50)
    #expect(sent > 1_000)
    #expect(right.disk.notes.count == sent)
    #expect(zip(right.disk.notes, 1...).allSatisfy { $0 == $1 })
  }
}
