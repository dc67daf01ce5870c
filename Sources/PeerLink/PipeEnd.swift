import Glibc
import PeerProtocol

/// The result of one call to the system on a non-blocking pipe.
enum PipeTransfer: Equatable {
  case bytes(Int)
  /// Nothing can be moved now.
  case blocked
  /// The other end is closed.
  case ended
  case failed(LinkFault)
}

/// One end of a pipe. The owner closes it.
struct PipeEnd {
  let descriptor: Int32

  /// Takes over a descriptor and makes it non-blocking.
  init(_ descriptor: Int32) throws(LinkFault) {
    self.descriptor = descriptor
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
      throw .system(call: "fcntl", code: errno)
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> PipeTransfer {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .ended }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .blocked
      case let code: return .failed(.system(call: "read", code: code))
      }
    }
  }

  /// The process must ignore SIGPIPE.
  func write(_ bytes: ArraySlice<UInt8>) -> PipeTransfer {
    while true {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .blocked
      case EPIPE: return .ended
      case let code: return .failed(.system(call: "write", code: code))
      }
    }
  }

  func close() {
    PipeEnd.close(descriptor)
  }

  static func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }
}
