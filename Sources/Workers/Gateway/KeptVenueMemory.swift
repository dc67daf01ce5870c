import AuditLog
import Foundation
import GatewayRole
import Glibc
import Logging
import ProcessControl

// What one gateway leaves to the next (`venue.json` beside the session token, mode 600): one JSON
// object.
//
//   format    1
//   owner     SHA-256 of the venue's address and its user, in hexadecimal
//   memory    accounts: id, platformName and when the venue listed it so
//             contracts: the venue's catalogue; contractsAt: when it was read
//
// The file is replaced as a whole. It is not forced to the disk: what is lost is asked for again. A
// file of another format or owner, of another user of the machine, open to others, or that cannot be
// read is as good as none.

/// The memory of the gateway in a file.
final class KeptVenueMemory: GatewayMemory {
  private struct Record: Codable {
    var format: Int
    var owner: String
    var memory: VenueMemory
  }

  static let fileName = "venue.json"
  private static let format = 1
  /// The catalogue takes some hundred kilobytes.
  private static let sizeLimit = 4 << 20

  private let path: String
  private let owner: String
  private let logger: Logger

  /// The memory lies beside the file of the session token. The owner is the venue and its user.
  init(beside tokenFile: String, owner: String, logger: Logger) {
    path = Confinement.directory(of: tokenFile) + "/" + Self.fileName
    self.owner = RunningDigest.text(RunningDigest.of(Array(owner.utf8)))
    self.logger = logger
  }

  func load() -> VenueMemory? {
    guard let bytes = read() else { return nil }
    guard let record = try? JSONDecoder().decode(Record.self, from: bytes),
      record.format == Self.format, record.owner == owner
    else {
      logger.notice("What is kept of the venue is of no use and read again")
      return nil
    }
    return record.memory
  }

  func save(_ memory: VenueMemory) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let record = Record(format: Self.format, owner: owner, memory: memory)
    guard let bytes = try? encoder.encode(record) else { return }
    let new = "\(path).\(getpid()).new"
    unlink(new)
    guard write(Array(bytes), to: new), rename(new, path) == 0 else {
      logger.warning(
        "What is known of the venue cannot be kept", metadata: ["problem": "error \(errno)"])
      unlink(new)
      return
    }
  }

  private func read() -> Data? {
    let number = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    var status = stat()
    guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_uid == geteuid(), status.st_mode & 0o077 == 0,
      status.st_size <= off_t(Self.sizeLimit)
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let some = bytes.withUnsafeMutableBytes {
        Glibc.read(file.number, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if some < 0, errno == EINTR { continue }
      guard some > 0 else { return nil }
      count += some
    }
    return Data(bytes)
  }

  private func write(_ bytes: [UInt8], to name: String) -> Bool {
    let number = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { return false }
    let file = Descriptor(owning: number)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
