import FoundationEssentials
import Glibc
import ProcessControl

/// Small things about files.
enum SystemFile {
  /// The whole of a file, which may be made up by the kernel when it is read.
  static func text(_ path: String) throws(BenchmarkError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      guard count >= 0 else { throw .unreadable(path: path) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  /// Makes a file that only its owner reads.
  static func write(_ text: String, to path: String) throws(BenchmarkError) {
    let file = try openToWrite(path)
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
      guard count > 0 else { throw .unwritable(path: path, problem: errorText()) }
      bytes = bytes.dropFirst(count)
    }
  }

  /// A file to append to, made if it is missing.
  static func openToWrite(_ path: String) throws(BenchmarkError) -> Descriptor {
    let number = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .unwritable(path: path, problem: errorText()) }
    return Descriptor(owning: number)
  }

  /// Where output goes that nobody wants.
  static func nowhere() throws(BenchmarkError) -> Descriptor {
    let number = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { throw .unwritable(path: "/dev/null", problem: errorText()) }
    return Descriptor(owning: number)
  }

  /// A fresh folder that only its owner enters.
  static func temporaryFolder(_ name: String) throws(BenchmarkError) -> String {
    var template = Array("/tmp/\(name)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .unwritable(path: "/tmp", problem: errorText())
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func remove(_ paths: [String]) {
    for path in paths { unlink(path) }
  }

  /// With everything in it.
  static func removeFolder(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Zero for a file that is not there.
  static func bytes(_ path: String) -> Int64 {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
  }

  /// How many entries a folder has; zero when it is not there any more.
  static func entries(in folder: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
  }

  /// Without symbolic links; `nil` when there is nothing of that name.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
