import Dispatch
import Glibc
package import PeerProtocol
package import RiskModel
import Synchronization

/// A process's way to tell the monitor what it does.
///
/// To tell is to put a value into a ring of bounded size, under a lock that nobody holds for long. A
/// thread of its own renders what is in the ring and writes it to the pipe; whoever tells never waits
/// for that, nor for a monitor that is slow, stopped or away. What does not fit is left out and
/// counted; the monitor is told how much that was.
package final class TelemetryOutlet: Sendable {
  /// What comes within this time is rendered together: the thread stays out of the way of the work.
  private static let pause: useconds_t = 20_000
  /// How long a full pipe is waited for before it is looked whether there is a fresh one.
  private static let patience: Int32 = 100

  private struct Pipe {
    var descriptor: Int32?
    /// Counts the pipes.
    var generation = 0
    var isClosed = false
  }

  /// How often a process says what it needs of the machine, in seconds: an alert of the memory is out
  /// within five seconds of its cause, the round of the rules and the delivery included.
  private static let vitalsInterval: Int64 = 2

  private let startedAt: Instant
  private let vitals: (@Sendable () -> [String: Int64])?
  private let ring: Mutex<TelemetryRing>
  private let pipe = Mutex(Pipe())
  private let wakeup = DispatchSemaphore(value: 0)
  private let written = Atomic<Int64>(0)

  /// Starts the thread; a process calls this after it has confined itself. `vitals` is asked on the
  /// thread every two seconds for figures about the process as a whole.
  package init(
    startedAt: Instant, entries: Int = 2_048, vitals: (@Sendable () -> [String: Int64])? = nil
  ) {
    self.startedAt = startedAt
    self.vitals = vitals
    ring = Mutex(TelemetryRing(entries: entries))
    start()
  }

  /// Entries that did not fit since the start.
  package var droppedEntries: Int64 { ring.withLock { $0.dropped } }
  /// Entries that a pipe has taken since the start.
  package var writtenEntries: Int64 { written.load(ordering: .relaxed) }

  package func emit(_ message: TelemetryMessage) { append(.message(message)) }

  /// Takes over the end of a fresh pipe, non-blocking; the one before is closed.
  package func connect(descriptor: Int32) {
    let (former, isClosed) = pipe.withLock { pipe in
      defer {
        pipe.descriptor = pipe.isClosed ? nil : descriptor
        pipe.generation += 1
      }
      return (pipe.descriptor, pipe.isClosed)
    }
    if let former { Glibc.close(former) }
    if isClosed { Glibc.close(descriptor) }
    wakeup.signal()
  }

  /// Returns when everything has been written, or after this time.
  package func flush(milliseconds: Int) {
    wakeup.signal()
    for _ in 0..<milliseconds {
      if ring.withLock({ $0.count == 0 }) { return }
      usleep(1_000)
    }
  }

  /// Closes the pipe and ends the thread; what waits is not written any more.
  package func close() {
    let former = pipe.withLock { pipe in
      defer { pipe = Pipe(descriptor: nil, generation: pipe.generation + 1, isClosed: true) }
      return pipe.descriptor
    }
    if let former { Glibc.close(former) }
    wakeup.signal()
  }

  func append(_ item: TelemetryRing.Item) {
    // The thread takes everything that is there each time it wakes.
    if ring.withLock({ $0.append(item) }) { wakeup.signal() }
  }

  private func start() {
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
        Unmanaged<TelemetryOutlet>.fromOpaque(own).takeRetainedValue().run()
        return nil
      }, own.toOpaque())
    if result == 0 { pthread_detach(thread) } else { own.release() }
  }
}

// On the thread of the outlet.
extension TelemetryOutlet {
  private func run() {
    let coder = MessageCoder()
    var inPipe = UnreadFrames()
    var nextVitals: Int64 = 0
    while !pipe.withLock({ $0.isClosed }) {
      _ = wakeup.wait(timeout: .now() + .seconds(Int(Self.vitalsInterval)))
      if let vitals, Self.seconds() >= nextVitals {
        nextVitals = Self.seconds() + Self.vitalsInterval
        append(.message(.reading(ProcessReading(figures: vitals()))))
      }
      usleep(Self.pause)
      while let (descriptor, generation) = current(), let next = nextMessage() {
        guard let frame = frame(of: next, coder) else {
          ring.withLock { $0.dropFirst() }
          continue
        }
        inPipe.use(generation)
        switch deliver(frame, to: descriptor, generation) {
        case .taken:
          inPipe.add(frame.count)
          finish(next)
        case .replaced: break
        case .broken: lose(generation, inPipe)
        }
      }
    }
  }

  /// What was left out is told first.
  private func nextMessage() -> TelemetryRing.Item? {
    ring.withLock { ring in
      ring.unreported > 0 ? .message(.missed(ring.unreported)) : ring.first
    }
  }

  private func finish(_ item: TelemetryRing.Item) {
    if case .message(.missed(let count)) = item {
      ring.withLock { $0.noteReported(count) }
    } else {
      ring.withLock { $0.removeFirst() }
      written.add(1, ordering: .relaxed)
    }
  }

  private static func seconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec)
  }

  private func current() -> (descriptor: Int32, generation: Int)? {
    pipe.withLock { pipe in pipe.descriptor.map { ($0, pipe.generation) } }
  }

  /// `nil` for what a frame cannot carry.
  private func frame(of item: TelemetryRing.Item, _ coder: MessageCoder) -> [UInt8]? {
    let message: TelemetryMessage =
      switch item {
      case .record(let record): .log(record.logged)
      case .message(let message): message
      }
    let frame = TelemetryFrame(startedAt: startedAt, message: message)
    guard let json = try? coder.encode(frame),
      FrameDecoder.lengths.contains(UInt32(clamping: json.count))
    else { return nil }
    var bytes: [UInt8] = []
    FrameEncoder.append(json, to: &bytes)
    return bytes
  }

  private enum Delivery {
    case taken
    /// There is a fresh pipe; a frame that began on the one before begins again.
    case replaced
    case broken
  }

  private func deliver(
    _ frame: [UInt8], to descriptor: Int32, _ generation: Int
  ) -> Delivery {
    var sent = 0
    while sent < frame.count {
      // Under the lock, so that nobody closes the descriptor meanwhile; the pipe never blocks.
      let result = pipe.withLock { pipe -> Int? in
        guard pipe.generation == generation else { return nil }
        return frame[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      }
      guard let result else { return .replaced }
      if result > 0 {
        sent += result
      } else if errno == EAGAIN {
        waitUntilWritable(generation)
      } else if errno != EINTR {
        return .broken
      }
    }
    return .taken
  }

  private func waitUntilWritable(_ generation: Int) {
    guard let (descriptor, now) = current(), now == generation else { return }
    // A stranger with the same number, after a change in this moment, costs one wait.
    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&state, 1, Self.patience)
  }

  /// Nobody reads this pipe any more.
  private func lose(_ generation: Int, _ unread: UnreadFrames) {
    let former = pipe.withLock { pipe -> Int32? in
      guard pipe.generation == generation else { return nil }
      defer { pipe.descriptor = nil }
      return pipe.descriptor
    }
    guard let former else { return }
    var bytes: Int32 = 0
    // A pipe keeps what nobody read until its last end is closed.
    if ioctl(former, UInt(FIONREAD), &bytes) == 0 {
      let count = unread.count(in: Int(bytes))
      ring.withLock { $0.noteLost(count) }
    }
    Glibc.close(former)
  }
}

/// The sizes of the frames that were written to a pipe last.
struct UnreadFrames {
  /// As many of the smallest frames as a pipe holds.
  private static let most = 1_024

  private var generation = 0
  private var sizes: [Int] = []

  mutating func use(_ generation: Int) {
    guard generation != self.generation else { return }
    self.generation = generation
    sizes = []
  }

  mutating func add(_ size: Int) {
    if sizes.count >= 2 * Self.most { sizes.removeFirst(Self.most) }
    sizes.append(size)
  }

  /// How many frames the last bytes of the pipe belong to.
  func count(in bytes: Int) -> Int64 {
    var left = bytes
    var count: Int64 = 0
    for size in sizes.reversed() {
      guard left > 0 else { break }
      left -= size
      count += 1
    }
    return count
  }
}
