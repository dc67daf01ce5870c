import Glibc
import ProcessControl

/// The lines of a pipe, as they come.
final class LineReader {
  /// Longer lines are given out in pieces.
  private static let mostBytes = 65_536

  private let descriptor: Descriptor
  private let reactor: Reactor
  private let onLine: ([UInt8]) -> Void
  private let onEnd: () -> Void
  private var partial: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: 16_384)

  /// Reads from now on; `onEnd` is called once, when no process has the other end any more.
  init(
    _ descriptor: Descriptor, on reactor: Reactor, onLine: @escaping ([UInt8]) -> Void,
    onEnd: @escaping () -> Void
  ) throws(ProcessControlError) {
    self.descriptor = descriptor
    self.reactor = reactor
    self.onLine = onLine
    self.onEnd = onEnd
    try reactor.watch(descriptor.number, readable: true) { [unowned self] _ in self.read() }
  }

  deinit { close() }

  func close() {
    guard descriptor.isOpen else { return }
    reactor.unwatch(descriptor.number)
    descriptor.close()
  }

  private func read() {
    while descriptor.isOpen {
      let outcome = chunk.withUnsafeMutableBytes { buffer in
        Result { () throws(ProcessControlError) in try descriptor.read(into: buffer) }
      }
      switch outcome {
      case .success(.bytes(let count)): take(chunk[..<count])
      case .success(.wouldBlock): return
      case .success(.endOfFile), .failure:
        if !partial.isEmpty { onLine(partial) }
        close()
        onEnd()
      }
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    partial += bytes
    while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
      onLine(Array(partial[..<end]))
      partial.removeFirst(end + 1)
    }
    if partial.count >= Self.mostBytes {
      onLine(partial)
      partial = []
    }
  }
}
