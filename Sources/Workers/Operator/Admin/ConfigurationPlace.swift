import Glibc
import RiskModel
import Store

/// Why a file of the configuration cannot be read or replaced.
enum ConfigurationPlaceError: Error, Equatable, CustomStringConvertible {
  case systemCall(name: String, path: String, code: Int32)
  case notAFile(path: String)
  case notText(path: String)
  case held(path: String)

  var description: String {
    switch self {
    case .systemCall(let name, let path, let code):
      "\(name) \(path): \(String(cString: strerror(code)))"
    case .notAFile(let path): "\(path) is not a file of at most 256 KiB"
    case .notText(let path): "\(path) is not UTF-8 text"
    case .held(let path): "somebody else is changing a file in \(path)"
    }
  }
}

/// One file of the configuration, held for a change: nobody else changes a file of its folder
/// through riskctl meanwhile.
///
/// A new text appears under the name as a whole, with the mode and the owner of the old one, and is on
/// the disk by then.
final class ConfigurationPlace {
  private static let mostBytes: Int64 = 256 * 1_024
  /// Copies of each file that are kept.
  static let keptCopies = 30

  let path: String
  let text: String
  private let status: stat
  private let folder: Int32

  /// Reads it. A link, as an installation has, is followed.
  ///
  /// - Throws: also while somebody else holds a file of the folder.
  init(_ name: String, below root: String) throws(ConfigurationPlaceError) {
    let given = "\(root)/\(name)"
    guard let real = realpath(given, nil) else {
      throw .systemCall(name: "open", path: given, code: errno)
    }
    path = String(cString: real)
    free(real)
    let folderPath = Self.folder(of: path)
    folder = open(folderPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw .systemCall(name: "open", path: folderPath, code: errno) }
    guard flock(folder, LOCK_EX | LOCK_NB) == 0 else {
      close(folder)
      throw .held(path: folderPath)
    }
    do throws(ConfigurationPlaceError) {
      (text, status) = try Self.read(path)
    } catch {
      close(folder)
      throw error
    }
  }

  deinit { close(folder) }

  /// Puts a text in the place of the file.
  func write(_ text: String, mode: mode_t? = nil) throws(ConfigurationPlaceError) {
    try Self.place(text, at: path, like: status, mode: mode ?? status.st_mode & 0o7777)
    guard fsync(folder) == 0 else { throw .systemCall(name: "fsync", path: path, code: errno) }
  }

  /// Copies the text that was there into a folder, as `risk_config_20261122_143000.yaml`, and leaves
  /// the newest copies.
  ///
  /// - Returns: The path of the copy.
  func backUp(into backups: String, at now: Instant) throws(ConfigurationPlaceError) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? "file"
    let dot = name.lastIndex(of: ".") ?? name.endIndex
    let (stem, ending) = (String(name[..<dot]), String(name[dot...]))
    var moment = now
    func copy(_ moment: Instant) -> String {
      "\(backups)/\(stem)_\(DatabaseFile.stamp(moment))\(ending)"
    }
    while access(copy(moment), F_OK) == 0 { moment = moment + .seconds(1) }
    try Self.place(text, at: copy(moment), like: status, mode: status.st_mode & 0o7777)
    prune(backups, stem + "_", ending)
    return copy(moment)
  }

  private func prune(_ backups: String, _ prefix: String, _ ending: String) {
    guard let directory = opendir(backups) else { return }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let stamp = name.dropFirst(prefix.count).dropLast(ending.count)
      if name.hasPrefix(prefix), name.hasSuffix(ending), stamp.count == 15,
        stamp.allSatisfy({ $0.isNumber || $0 == "_" })
      {
        names.append(name)
      }
    }
    for name in names.sorted().dropLast(Self.keptCopies) { unlink("\(backups)/\(name)") }
  }

  private static func read(_ path: String) throws(ConfigurationPlaceError) -> (String, stat) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw .systemCall(name: "open", path: path, code: errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= mostBytes
    else { throw .notAFile(path: path) }
    var bytes = [UInt8](repeating: 0, count: Int(mostBytes) + 1)
    var count = 0
    while count < bytes.count {
      let room = bytes.count - count
      let part = bytes.withUnsafeMutableBytes {
        pread(file, $0.baseAddress?.advanced(by: count), room, off_t(count))
      }
      if part < 0, errno == EINTR { continue }
      guard part >= 0 else { throw .systemCall(name: "read", path: path, code: errno) }
      if part == 0 { break }
      count += part
    }
    guard count <= mostBytes else { throw .notAFile(path: path) }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw .notText(path: path)
    }
    return (text, status)
  }

  private static func place(
    _ text: String, at path: String, like status: stat, mode: mode_t
  ) throws(ConfigurationPlaceError) {
    let new = "\(path).new.\(getpid())"
    unlink(new)
    let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .systemCall(name: "open", path: new, code: errno) }
    defer { close(file) }
    func failure(_ call: String) -> ConfigurationPlaceError {
      let error = ConfigurationPlaceError.systemCall(name: call, path: new, code: errno)
      unlink(new)
      return error
    }
    var left = Array(text.utf8)[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write") }
      left = left.dropFirst(count)
    }
    if geteuid() == 0, fchown(file, status.st_uid, status.st_gid) != 0 { throw failure("chown") }
    guard fchmod(file, mode) == 0 else { throw failure("chmod") }
    guard fsync(file) == 0 else { throw failure("fsync") }
    guard rename(new, path) == 0 else { throw failure("rename") }
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }
}
