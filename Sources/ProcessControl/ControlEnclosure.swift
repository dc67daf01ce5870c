import CPlatform
import Glibc

/// The file in memory that carries a message too long for a packet.
enum ControlEnclosure {
  /// The one byte of its packet; no JSON begins with it.
  static let mark: UInt8 = 0

  static func make(of bytes: [UInt8]) throws(ProcessControlError) -> Descriptor {
    let number = platform_memory_file("control")
    guard number >= 0 else { throw .systemCall(name: "memfd_create", code: -number) }
    let file = Descriptor(owning: number)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
      guard count > 0 else { throw .systemCall(name: "write", code: errno) }
      written += count
    }
    return file
  }

  /// Everything that the other side enclosed. It is not trusted: a file that is no such file, that is
  /// too long or that shrinks meanwhile is an error.
  static func read(_ file: Descriptor) throws(ProcessControlError) -> [UInt8] {
    defer { file.close() }
    var facts = stat()
    guard fstat(file.number, &facts) == 0 else {
      throw .systemCall(name: "fstat", code: errno)
    }
    let count = Int(facts.st_size)
    guard facts.st_mode & S_IFMT == S_IFREG, count <= ControlPacket.largestMessage else {
      throw .packetTooLong(bytes: count, limit: ControlPacket.largestMessage)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var taken = 0
    while taken < count {
      let got = bytes[taken...].withUnsafeMutableBytes {
        pread(file.number, $0.baseAddress, $0.count, off_t(taken))
      }
      guard got > 0 else { throw .packetUnreadable(bytes: taken) }
      taken += got
    }
    return bytes
  }
}
