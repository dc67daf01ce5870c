import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import Testing
import TraderFeed

/// A trader socket and a reactor on the thread of the test.
private final class Stand {
  let directory: String
  let reactor: Reactor
  private(set) var server: TraderServer?
  var asked: [TraderRequest] = []
  var answer: String?
  var path: String { directory + "/trader.sock" }

  init(
    access: TraderAccess = .forOwnUser(), limits: TraderLimits = TraderLimits()
  ) throws {
    directory = try makeDirectory()
    reactor = try Reactor()
    server = try TraderServer(path: path, access: access, limits: limits, on: reactor) {
      [unowned self] request, peer in
      #expect(peer.pid == getpid())
      self.asked.append(request)
      return self.answer
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Turns the loop until something is so, at most half a minute.
  func until(_ condition: @escaping () -> Bool) {
    let deadline = reactor.clock.monotonicNow() + .seconds(30)
    func look() {
      if condition() || reactor.clock.monotonicNow() > deadline { return reactor.stop() }
      reactor.schedule(after: .milliseconds(2), look)
    }
    look()
    if !condition() { reactor.run() }
    #expect(condition())
  }

  func restart() throws {
    server?.close()
    server = try TraderServer(path: path, access: .forOwnUser(), on: reactor) { _, _ in nil }
  }

  func stop() {
    server?.close()
    server = nil
  }
}

@Suite struct TraderSocketTests {
  static func feed(_ second: Int64) -> TraderFeed {
    TraderFeed(at: Instant(secondsSinceEpoch: second))
  }

  static func line(_ second: Int64) -> String {
    String(decoding: TraderLine.encode(.feed(feed(second))), as: UTF8.self)
  }

  @Test func `the first client gets a picture that is made for it`() throws {
    let stand = try Stand()
    var made: Int64 = 0
    stand.server?.publish(Self.feed(1))
    stand.server?.onFirstClient = {
      made += 1
      stand.server?.publish(Self.feed(10 + made))
    }
    var first: RawClient? = try RawClient(stand.path)
    stand.until { stand.server?.clients == 1 }
    #expect(first?.line() == Self.line(11))
    var second: RawClient? = try RawClient(stand.path)
    stand.until { stand.server?.clients == 2 }
    #expect(second?.line() == Self.line(11))
    #expect(made == 1)
    first = nil
    second = nil
    stand.until { stand.server?.clients == 0 }
    let third = try RawClient(stand.path)
    stand.until { stand.server?.clients == 1 }
    #expect(third.line() == Self.line(12))
  }

  @Test func `who connects sees the latest picture and every later one`() throws {
    let stand = try Stand()
    stand.server?.publish(Self.feed(1))
    stand.server?.publish(Self.feed(2))
    let client = try RawClient(stand.path)
    stand.until { stand.server?.clients == 1 }
    #expect(client.line() == Self.line(2))
    stand.server?.publish(Self.feed(3))
    #expect(client.line() == Self.line(3))
  }

  @Test func `a stranger sees nothing but why`() throws {
    let stand = try Stand(access: TraderAccess(user: 4_000_000_001, traders: nil))
    stand.server?.publish(Self.feed(1))
    // Root may look everywhere.
    try #require(
      getuid() != 0
        || TraderAccess(user: 1, traders: nil).refusal(
          of: PeerCredentials(pid: 1, user: 0, group: 0)) == nil
    )
    guard getuid() != 0 else { return }
    let client = try RawClient(stand.path)
    var text: String?
    stand.until {
      text = text ?? client.line(within: 0)
      return text != nil
    }
    #expect(text?.contains("no trader of riskd") == true)
    #expect(stand.server?.clients == 0)
  }

  @Test(arguments: [
    (user: 0, group: 0, groups: [UInt32](), isWelcome: true),
    (user: 7, group: 9, groups: [], isWelcome: true),
    (user: 8, group: 50, groups: [], isWelcome: true),
    (user: 8, group: 9, groups: [4, 50], isWelcome: true),
    (user: 8, group: 9, groups: [4], isWelcome: false),
  ])
  func `root, the service and traders may look`(
    user: UInt32, group: UInt32, groups: [UInt32], isWelcome: Bool
  ) {
    let access = TraderAccess(user: 7, traders: 50)
    let peer = PeerCredentials(pid: 1, user: user, group: group, groups: groups)
    #expect((access.refusal(of: peer) == nil) == isWelcome)
    let without = TraderAccess(user: 7, traders: nil)
    #expect((without.refusal(of: peer) == nil) == (user == 0 || user == 7))
  }

  @Test func `clocking is handed on, everything else is refused`() throws {
    var limits = TraderLimits()
    limits.requestPause = .milliseconds(1)
    let stand = try Stand(limits: limits)
    let client = try RawClient(stand.path)
    client.send(#"{"request":"clock_in"}"# + "\n" + #"{"request":"unlock"}"# + "\n")
    client.send("nonsense\n" + #"{"request":"clock_out"}"# + "\n")
    stand.until { stand.asked.count == 2 }
    #expect(stand.asked == [.clockIn, .clockOut])
    #expect(client.line()?.contains("there is no request unlock") == true)
    #expect(client.line()?.contains("no JSON object") == true)
  }

  @Test func `a refused request is answered`() throws {
    let stand = try Stand()
    stand.answer = "you are clocked in already"
    let client = try RawClient(stand.path)
    client.send(#"{"request":"clock_in"}"# + "\n")
    stand.until { stand.asked.count == 1 }
    #expect(client.line() == #"{"refusal":"you are clocked in already"}"# + "\n")
  }

  @Test func `a line without an end costs the connection`() throws {
    let stand = try Stand()
    let client = try RawClient(stand.path)
    stand.until { stand.server?.clients == 1 }
    client.send(String(repeating: "x", count: 600))
    stand.until { stand.server?.clients == 0 }
    #expect(stand.asked.isEmpty)
    #expect(client.line() == "")
  }

  @Test func `a slow client misses pictures, is dropped, and holds up nobody`() throws {
    var limits = TraderLimits()
    limits.drainTime = .milliseconds(100)
    let stand = try Stand(limits: limits)
    let slow = try RawClient(stand.path)
    let quick = try RawClient(stand.path)
    stand.until { stand.server?.clients == 2 }
    var wide = Self.feed(1)
    wide.service.release = String(repeating: "x", count: 400_000)
    for _ in 0..<4 { stand.server?.publish(wide) }
    let wanted = String(decoding: TraderLine.encode(.feed(wide)), as: UTF8.self).utf8.count
    var got = 0
    stand.until {
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = recv(quick.number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count > 0 { got += count }
      return got >= wanted && stand.server?.clients == 1
    }
    #expect(stand.server?.dropped == 1)
    withExtendedLifetime(slow) {}
  }

  @Test func `there are places for a few`() throws {
    var limits = TraderLimits()
    limits.clients = 2
    let stand = try Stand(limits: limits)
    let first = try RawClient(stand.path)
    let second = try RawClient(stand.path)
    stand.until { stand.server?.clients == 2 }
    let third = try RawClient(stand.path)
    var text: String?
    stand.until {
      text = text ?? third.line(within: 0)
      return text != nil
    }
    #expect(text?.contains("2 screens are connected already") == true)
    withExtendedLifetime((first.number, second.number)) {}
  }

  @Test func `a screen connects, asks, and connects again by itself`() throws {
    let stand = try Stand()
    stand.stop()
    var news: [TraderClient.News] = []
    let client = TraderClient(path: stand.path, on: stand.reactor) { news.append($0) }
    client.start()
    stand.until { !news.isEmpty }
    guard case .disconnected(let reason) = news.first else {
      Issue.record("\(news)")
      return
    }
    #expect(reason.contains("riskd is not running"))
    client.ask(.clockIn)

    try stand.restart()
    stand.server?.publish(Self.feed(1))
    stand.until { news.contains(.feed(Self.feed(1))) }
    #expect(client.isConnected)
    stand.stop()
    stand.until { news.last == .disconnected("riskd closed the connection") }
    try stand.restart()
    stand.server?.publish(Self.feed(2))
    stand.until { news.contains(.feed(Self.feed(2))) }
    client.close()
    #expect(!client.isConnected)
  }

  @Test func `what is no picture ends the connection with a reason`() throws {
    let directory = try makeDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/trader.sock"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #expect(withSocketAddress(path) { bind(listener, $0, $1) } == 0 && listen(listener, 4) == 0)
    let reactor = try Reactor()
    var news: [TraderClient.News] = []
    let client = TraderClient(path: path, on: reactor) {
      news.append($0)
      reactor.stop()
    }
    client.start()
    let peer = accept(listener, nil, nil)
    _ = "what\n".withCString { send(peer, $0, 5, Int32(MSG_NOSIGNAL)) }
    reactor.schedule(after: .seconds(30)) { reactor.stop() }
    reactor.run()
    guard case .disconnected(let reason) = news.first else {
      Issue.record("\(news)")
      return
    }
    #expect(reason.contains("riskd speaks another language"))
    client.close()
    close(peer)
    close(listener)
  }
}
