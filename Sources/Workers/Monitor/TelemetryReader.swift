import PeerProtocol
import ProcessControl
import Supervision

/// The monitor's end of one telemetry pipe.
final class TelemetryReader {
  /// What is read before other descriptors get their turn.
  private static let bytesPerTurn = 64 * 1_024

  let source: TelemetrySource
  private let reactor: Reactor
  private let descriptor: Descriptor
  private let coder = MessageCoder()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: bytesPerTurn, alignment: 16)
  private var decoder = FrameDecoder()
  private let received: (TelemetryFrame) -> Void
  /// Told once, with what was wrong; `nil` for the end of the pipe.
  private let ended: (String?) -> Void

  init(
    _ source: TelemetrySource, _ descriptor: Descriptor, on reactor: Reactor,
    received: @escaping (TelemetryFrame) -> Void, ended: @escaping (String?) -> Void
  ) throws(ProcessControlError) {
    self.source = source
    self.reactor = reactor
    self.descriptor = descriptor
    self.received = received
    self.ended = ended
    try reactor.watch(descriptor.number, readable: true) { [unowned self] _ in self.readOnce() }
  }

  deinit {
    close()
    buffer.deallocate()
  }

  func close() {
    guard descriptor.isOpen else { return }
    reactor.unwatch(descriptor.number)
    descriptor.close()
  }

  /// Reads what is there until nothing more comes, for the end of the process.
  func drain(mostBytes: Int) {
    var left = mostBytes
    while descriptor.isOpen, left > 0 {
      let count = readOnce()
      guard count > 0 else { return }
      left -= count
    }
  }

  /// - Returns: the bytes that came.
  @discardableResult
  private func readOnce() -> Int {
    guard descriptor.isOpen else { return 0 }
    do {
      switch try descriptor.read(into: buffer) {
      case .wouldBlock:
        return 0
      case .endOfFile:
        end(nil)
        return 0
      case .bytes(let count):
        decoder.append(buffer[..<count])
        try takeFrames()
        return count
      }
    } catch {
      end("\(error)")
      return 0
    }
  }

  private func takeFrames() throws {
    while let json = try decoder.next() {
      received(try coder.decode(TelemetryFrame.self, from: json))
    }
  }

  private func end(_ problem: String?) {
    guard descriptor.isOpen else { return }
    close()
    ended(problem)
  }
}
