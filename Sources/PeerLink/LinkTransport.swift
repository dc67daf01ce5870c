import PeerProtocol

/// The two pipe ends of one link epoch, with what is half read and half written.
final class LinkTransport {
  /// The most that is put together for one call to write, in bytes, up to one frame more.
  static let writeChunk = 65_536

  private let readEnd: PipeEnd
  private var writeEnd: PipeEnd?
  private let watcher: any DescriptorWatcher
  private var isWriteEndWatched = false
  var decoder = FrameDecoder()
  var output: [UInt8] = []
  private var written = 0

  init(readEnd: PipeEnd, writeEnd: PipeEnd, watcher: any DescriptorWatcher) {
    self.readEnd = readEnd
    self.writeEnd = writeEnd
    self.watcher = watcher
  }

  /// `false` once the peer is known to read no more.
  var canWrite: Bool { writeEnd != nil }
  var hasOutput: Bool { written < output.count }

  func watchReadEnd(_ handler: @escaping (Readiness) -> Void) {
    watcher.watch(readEnd.descriptor, readable: true, writable: false, handler: handler)
  }

  func read(into buffer: inout [UInt8]) -> PipeTransfer {
    buffer.withUnsafeMutableBytes { readEnd.read(into: $0) }
  }

  func write() -> PipeTransfer {
    guard let writeEnd else { return .ended }
    let transfer = writeEnd.write(output[written...])
    if case .bytes(let count) = transfer {
      written += count
      if !hasOutput {
        output.removeAll(keepingCapacity: output.capacity <= 2 * LinkTransport.writeChunk)
        written = 0
      }
    }
    return transfer
  }

  func waitUntilWritable(_ handler: @escaping (Readiness) -> Void) {
    guard let writeEnd else { return }
    if isWriteEndWatched {
      watcher.update(writeEnd.descriptor, readable: false, writable: true)
    } else {
      isWriteEndWatched = true
      watcher.watch(writeEnd.descriptor, readable: false, writable: true, handler: handler)
    }
  }

  func stopWaitingUntilWritable() {
    guard let writeEnd, isWriteEndWatched else { return }
    watcher.update(writeEnd.descriptor, readable: false, writable: false)
  }

  func closeWriteEnd() {
    guard let writeEnd else { return }
    if isWriteEndWatched { watcher.unwatch(writeEnd.descriptor) }
    writeEnd.close()
    self.writeEnd = nil
  }

  func close() {
    closeWriteEnd()
    watcher.unwatch(readEnd.descriptor)
    readEnd.close()
  }
}
