import Glibc
import Synchronization

/// Writes whole lines to a descriptor and never waits for it.
///
/// A line that the descriptor does not take at once is dropped and counted. The descriptor may be
/// shared with other processes, so its blocking mode is left alone: readiness is asked for first,
/// and a socket, which is what the journal gives a service, is written to with `MSG_DONTWAIT`.
package final class LineSink: Sendable {
  /// The longest line that the descriptor takes as one piece.
  ///
  /// Up to PIPE_BUF a pipe that is ready does not block, and lines of processes that share it do
  /// not mix.
  let mostBytes: Int
  private let descriptor: Int32
  private let isSocket: Bool
  private let dropped = Atomic<Int>(0)
  private let reported = Atomic<Int>(0)

  package init(descriptor: Int32) {
    self.descriptor = descriptor
    var status = stat()
    let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
    isSocket = kind == S_IFSOCK
    mostBytes = kind == S_IFIFO ? Int(PIPE_BUF) : BoundedLine.mostBytes
  }

  /// Lines dropped since the start.
  package var droppedLines: Int { dropped.load(ordering: .relaxed) }

  /// Writes one line, or drops it.
  package func write(_ line: [UInt8]) {
    if !deliver(line) { dropped.add(1, ordering: .relaxed) }
  }

  /// Writes the line that `line` makes of the number of lines dropped so far, unless it has been
  /// written already; that line itself is not counted when it cannot be written either.
  func reportDrops(_ line: (Int) -> [UInt8]) {
    let count = dropped.load(ordering: .relaxed)
    let last = reported.load(ordering: .relaxed)
    guard count > last,
      reported.compareExchange(expected: last, desired: count, ordering: .relaxed).exchanged
    else { return }
    if !deliver(line(count)) {
      _ = reported.compareExchange(expected: count, desired: last, ordering: .relaxed)
    }
  }

  private func deliver(_ line: [UInt8]) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&state, 1, 0) == 1, state.revents == Int16(POLLOUT) else { return false }
    var written: Int
    repeat {
      written =
        isSocket
        ? send(descriptor, line, line.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        : Glibc.write(descriptor, line, line.count)
    } while written < 0 && errno == EINTR
    return written == line.count
  }
}
