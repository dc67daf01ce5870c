import Foundation
import Glibc
import RiskModel
import Synchronization
import Testing

@testable import RequestWindow

/// Time since boot as a test sets it.
final class TestTime: Sendable {
  private let nanos: Mutex<Int64>

  init(seconds: Int64 = 5_000) { nanos = Mutex(seconds * 1_000_000_000) }

  func pass(_ span: TimeSpan) { nanos.withLock { $0 += span.nanos } }

  func clock(boot: UInt8 = 1) -> BootClock {
    BootClock(boot: [UInt8](repeating: boot, count: 16)) { self.nanos.withLock { $0 } }
  }
}

final class WindowFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/request-window-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/requests" }

  static let documented = RequestLimits(
    general: .init(requests: 200, length: .seconds(60)),
    history: .init(requests: 50, length: .seconds(30)))

  func window(
    _ time: TestTime, boot: UInt8 = 1, limits: RequestLimits = WindowFolder.documented
  ) -> RequestWindow {
    RequestWindow(path: file, limits: limits, clock: time.clock(boot: boot))
  }
}

extension RequestWindow {
  /// Sends until the window says wait; the number sent, and the wait.
  func exhaust(
    _ budget: RequestBudget = .general, for party: RequestParty
  ) -> (sent: Int, wait: TimeSpan) {
    for sent in 0..<1_000 {
      if case .wait(let wait) = admit(budget, for: party) { return (sent, wait) }
    }
    return (1_000, .zero)
  }
}

@Suite struct RequestWindowTests {
  @Test func `nine tenths of the venue's limit are used, a third of them by enforcement alone`()
    throws
  {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    #expect(window.exhaust(for: .others) == (120, .seconds(60)))
    #expect(window.exhaust(for: .enforcement) == (60, .seconds(60)))
    #expect(window.exhaust(for: .others).sent == 0)
    #expect(window.problem == nil)
  }

  @Test func `bars have a window of their own without a reserve`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    #expect(window.exhaust(.history, for: .others) == (45, .seconds(30)))
    #expect(window.exhaust(for: .others).sent == 120)
    time.pass(.seconds(30))
    #expect(window.exhaust(.history, for: .others).sent == 45)
    #expect(window.exhaust(for: .others) == (0, .seconds(30)))
  }

  @Test func `no stretch of a minute holds more than 180, whoever sends and whenever`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    let windows = [folder.window(time), folder.window(time), folder.window(time)]
    var generator = SplitMix(state: 20_261_122)
    var sentAt: [Int64] = []
    var others = 0
    for _ in 0..<20_000 {
      time.pass(.milliseconds(Int64(generator.next() % 90)))
      let party: RequestParty = generator.next() % 20 == 0 ? .enforcement : .others
      let window = windows[Int(generator.next() % 3)]
      guard window.admit(for: party) == .granted else { continue }
      if party == .others { others += 1 }
      sentAt.append(time.clock().now())
    }
    #expect(others > 300 && sentAt.count - others > 300)
    for index in sentAt.indices.dropFirst(180) {
      #expect(sentAt[index] - sentAt[index - 180] >= 60_000_000_000, "request \(index)")
    }
  }

  @Test func `what is routine leaves a part to the others, and they a third to enforcement`() throws
  {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    func admitted(_ party: RequestParty) -> Int {
      var count = 0
      while window.admit(for: party) == .granted { count += 1 }
      return count
    }
    #expect(admitted(.routine) == 108)
    #expect(admitted(.others) == 12)
    #expect(admitted(.routine) == 0)
    #expect(admitted(.enforcement) == 60)
    window.refusedByVenue()
    time.pass(.seconds(59))
    #expect(admitted(.others) == 0)
  }

  @Test func `reads leave places to changes, and a busy account leaves some to the others`() throws
  {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    func admitted(_ party: RequestParty, ofBusyAccount isBusy: Bool = false) -> Int {
      var count = 0
      while window.admit(for: party, ofBusyAccount: isBusy) == .granted { count += 1 }
      return count
    }
    let limits = window.limits
    #expect(limits.isBusy(closes: 16, over: .milliseconds(3_001)))
    #expect(!limits.isBusy(closes: 15, over: .seconds(60)))
    #expect(!limits.isBusy(closes: 180, over: .seconds(3)))
    #expect(window.freePlaces(ofBusyAccount: .enforcement) == 150)
    #expect(admitted(.look, ofBusyAccount: true) == 130)
    #expect(window.freePlaces(ofBusyAccount: .enforcement) == 20)
    #expect(limits.spacing(free: 150) == .milliseconds(800))
    #expect(limits.spacing(free: 60) == .seconds(2))
    #expect(admitted(.enforcement, ofBusyAccount: true) == 20)
    #expect(window.freePlaces(ofBusyAccount: .enforcement) == 0)
    #expect(limits.spacing(free: 0) == .seconds(2))
    #expect(admitted(.look) == 10)
    #expect(admitted(.enforcement) == 20)
    time.pass(.seconds(60))
    #expect(admitted(.look) == 160)
  }

  @Test func `the wait that is told is the one that is needed`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    for _ in 0..<120 {
      #expect(window.admit(for: .others) == .granted)
      time.pass(.milliseconds(100))
    }
    guard case .wait(let wait) = window.admit(for: .others) else {
      Issue.record("the share of the others is used up")
      return
    }
    #expect(wait == .seconds(48))
    time.pass(wait - TimeSpan(nanos: 1))
    #expect(window.admit(for: .others) == .wait(TimeSpan(nanos: 1)))
    time.pass(TimeSpan(nanos: 1))
    #expect(window.admit(for: .others) == .granted)
  }

  @Test func `all processes and their successors share one window`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    do {
      #expect(folder.window(time).exhaust(for: .enforcement).sent == 180)
    }
    let successor = folder.window(time)
    #expect(successor.exhaust(for: .enforcement).sent == 0)
    #expect(successor.renewals == 0)
    time.pass(.seconds(60))
    #expect(folder.window(time).exhaust(for: .others).sent == 120)
    #expect(successor.exhaust(for: .enforcement).sent == 60)
  }

  @Test func `after a refusal by the venue the others send half for a minute`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    let enforcer = folder.window(time)
    let gateway = folder.window(time)
    enforcer.refusedByVenue()
    #expect(gateway.isPenalized)
    #expect(gateway.exhaust(for: .others).sent == 60)
    #expect(enforcer.exhaust(for: .enforcement).sent == 120)
    time.pass(.seconds(60))
    #expect(!gateway.isPenalized)
    #expect(gateway.exhaust(for: .others).sent == 120)
  }

  @Test func `a machine that was booted again begins a new window`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    #expect(folder.window(time).exhaust(for: .others).sent == 120)
    let window = folder.window(time, boot: 2)
    #expect(window.renewals == 1)
    #expect(window.exhaust(for: .others).sent == 120)
  }

  @Test(arguments: [0, 10, 63, 700, 2_623, 2_625, 9_000])
  func `a file that is something else is made anew`(length: Int) throws {
    let folder = try WindowFolder()
    let bytes = Data((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
    _ = FileManager.default.createFile(atPath: folder.file, contents: bytes)
    let window = folder.window(TestTime())
    #expect(window.problem == nil && window.renewals == 1)
    #expect(window.exhaust(for: .others).sent == 120)
    #expect(FileManager.default.contents(atPath: folder.file)?.count == RequestRing.size)
  }

  @Test func `instants of the future and counts below zero are not believed`() throws {
    for (offset, number) in [
      (64, Int64.max), (32, -5), (40, Int64.min), (24, Int64.max), (64, -1),
    ] {
      let folder = try WindowFolder()
      let time = TestTime()
      #expect(folder.window(time).exhaust(for: .enforcement).sent == 180)
      var bytes = try #require(FileManager.default.contents(atPath: folder.file))
      withUnsafeBytes(of: number) { bytes.replaceSubrange(offset..<(offset + 8), with: $0) }
      try bytes.write(to: URL(filePath: folder.file))
      let window = folder.window(time)
      #expect(window.renewals == 1, "offset \(offset)")
      #expect(window.exhaust(for: .others).sent == 120)
    }
  }

  @Test func `a ring that is spoilt under way is made anew`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    #expect(window.exhaust(for: .enforcement).sent == 180)
    let file = try FileHandle(forUpdating: URL(filePath: folder.file))
    try file.seek(toOffset: 64)
    try file.write(contentsOf: [UInt8](repeating: 0x7F, count: 512))
    try file.close()
    #expect(window.admit(for: .others) == .granted)
    #expect(window.renewals == 2)
  }

  @Test func `a file that is removed or cut short is replaced by the next request`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    let neighbour = folder.window(time)
    _ = window.exhaust(for: .others)
    truncate(folder.file, 0)
    #expect(window.admit(for: .others) == .granted)
    unlink(folder.file)
    #expect(neighbour.exhaust(for: .others).sent == 120)
    #expect(window.exhaust(for: .others).sent == 0)
    #expect(window.problem == nil && neighbour.problem == nil)
  }

  @Test func `without a file every process counts for itself and tries again`() throws {
    let folder = try WindowFolder()
    let time = TestTime()
    mkdir(folder.file, 0o700)
    let window = folder.window(time)
    #expect(
      window.problem == .systemCall(name: "open", path: folder.file, code: EISDIR))
    #expect(window.exhaust(for: .others).sent == 120)
    #expect(window.exhaust(for: .enforcement).sent == 60)
    rmdir(folder.file)
    #expect(window.admit(for: .enforcement) == .granted)
    #expect(window.problem == nil)
    let other = folder.path + "/other"
    mkfifo(other, 0o600)
    let piped = RequestWindow(
      path: other, limits: WindowFolder.documented, clock: time.clock())
    #expect(piped.problem == .notARegularFile(path: other))
    #expect(piped.problem?.description.contains(other) == true)
    #expect(window.problem?.description == nil)
  }

  @Test func `whoever holds the lock and does not run delays enforcement by milliseconds only`()
    throws
  {
    let folder = try WindowFolder()
    let time = TestTime()
    let window = folder.window(time)
    let holder = open(folder.file, O_RDWR | O_CLOEXEC)
    defer { close(holder) }
    #expect(flock(holder, LOCK_EX) == 0)
    #expect(window.admit(for: .others) == .wait(.milliseconds(50)))
    for _ in 0..<20 { #expect(window.admit(for: .enforcement) == .granted) }
    window.refusedByVenue()
    #expect(!window.isPenalized)
    #expect(window.lockMisses == 23)
    #expect(flock(holder, LOCK_UN) == 0)
    // What was sent meanwhile is counted now.
    #expect(window.exhaust(for: .others).sent == 100)
  }

  @Test func `the system's clock names its boot`() {
    let clock = BootClock.system
    #expect(clock.boot.count == 16 && Set(clock.boot).count > 4)
    let first = clock.now()
    #expect(first > 0 && clock.now() >= first)
  }

  @Test func `limits stay within what the ring holds`() {
    let limits = RequestLimits(
      general: .init(requests: 100_000, length: .seconds(1)),
      history: .init(requests: 1, length: .seconds(1)))
    #expect(limits.general.requests == 256 && limits.history.requests == 1)
    #expect(limits.most(.history, for: .others, isPenalized: true) == 1)
    #expect(WindowFolder.documented.othersPerMinute == 120)
    #expect(limits.othersPerMinute == 60 * 171)
  }
}

/// A small generator of random numbers; its seed is in the test.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
