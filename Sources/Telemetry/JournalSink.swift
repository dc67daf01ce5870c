import Dispatch
import Glibc
import Synchronization

/// Sends entries to the journal from a thread of its own; whoever logs never waits.
///
/// Entries wait in a ring of bounded size. While the journal is away or slow the ring fills; what
/// does not fit is dropped and counted, and the journal is told the number when it is back. A
/// journal that was started anew is found again at its path.
package final class JournalSink: Sendable {
  package static let standardPath = "/run/systemd/journal/socket"
  /// Pause before the next attempt to reach a journal that is away.
  private static let retryMilliseconds: Int32 = 100

  private enum Delivery {
    case sent
    /// The journal takes no more for now.
    case full
    /// Nobody listens at the path.
    case away
    /// It will never take this one.
    case refused
  }

  private let path: String
  private let socket: Int32
  private let dropEntry: @Sendable (Int) -> [UInt8]
  private let ring = Mutex(JournalRing())
  private let wakeup = DispatchSemaphore(value: 0)
  private let isClosed = Atomic<Bool>(false)

  /// `dropEntry` makes the entry that tells how many were dropped.
  ///
  /// - Returns: `nil` when there is no socket at the path.
  package init?(path: String, dropEntry: @escaping @Sendable (Int) -> [UInt8]) {
    self.path = path
    self.dropEntry = dropEntry
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return nil }
    guard JournalSink.connect(socket, to: path), start() else {
      Glibc.close(socket)
      return nil
    }
  }

  /// Entries dropped since the start.
  package var droppedRecords: Int { ring.withLock { $0.dropped } }

  /// Takes an entry, or drops it.
  package func write(_ entry: [UInt8]) {
    ring.withLock { $0.append(entry) }
    wakeup.signal()
  }

  /// Returns when everything has been sent, or after this time.
  package func flush(milliseconds: Int) {
    for _ in 0..<milliseconds {
      if ring.withLock({ $0.count == 0 }) { return }
      usleep(1_000)
    }
  }

  /// Ends the thread; what waits is not sent any more.
  package func close() {
    isClosed.store(true, ordering: .releasing)
    wakeup.signal()
  }

  /// No signal is ever handled on the thread: they belong to the loop of the process.
  private func start() -> Bool {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let own = Unmanaged.passRetained(self)
    let result = pthread_create(
      &thread, nil,
      { own in
        guard let own else { return nil }
        Unmanaged<JournalSink>.fromOpaque(own).takeRetainedValue().run()
        return nil
      }, own.toOpaque())
    guard result == 0 else {
      own.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func run() {
    while true {
      wakeup.wait()
      while !isClosed.load(ordering: .acquiring), let entry = ring.withLock({ $0.first }) {
        tellDrops()
        switch deliver(entry) {
        case .sent: ring.withLock { $0.removeFirst() }
        case .refused: ring.withLock { $0.dropFirst() }
        case .full: waitUntilWritable()
        case .away: usleep(UInt32(Self.retryMilliseconds) * 1_000)
        }
      }
      if isClosed.load(ordering: .acquiring) { break }
    }
    Glibc.close(socket)
  }

  private func tellDrops() {
    let count = ring.withLock { $0.unreported }
    guard count > 0, case .sent = deliver(dropEntry(count)) else { return }
    ring.withLock { $0.noteReported(count) }
  }

  private func deliver(_ entry: [UInt8]) -> Delivery {
    for attempt in 0..<2 {
      var sent: Int
      repeat {
        sent = send(
          socket, entry, entry.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      } while sent < 0 && errno == EINTR
      if sent >= 0 { return .sent }
      switch errno {
      case EAGAIN, ENOBUFS, ENOMEM: return .full
      case EMSGSIZE, EINVAL: return .refused
      default:
        // The socket that was there is gone; there may be another one at its path.
        guard attempt == 0, JournalSink.connect(socket, to: path) else { return .away }
      }
    }
    return .away
  }

  /// A connected socket is writable when its other end takes something.
  private func waitUntilWritable() {
    var state = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
    _ = poll(&state, 1, Self.retryMilliseconds)
  }

  private static func connect(_ socket: Int32, to path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    } == 0
  }
}
