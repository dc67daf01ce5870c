import Glibc

/// Reads a file line by line, with little memory.
struct AuditLines {
  private static let chunk: Int64 = 65_536
  /// More than this is no line of ours; the rest of it counts as the next line.
  private static let lineLimit = 1_048_576

  private let file: Int32
  private let path: String
  private var place: Int64
  /// Nothing behind it is read; `nil` for the whole file.
  var end: Int64?
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(_ file: Int32, _ path: String, from place: Int64) throws(AuditError) {
    self.file = file
    self.path = path
    self.place = place
  }

  func size() throws(AuditError) -> Int64 {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .file(path: path, problem: "is not a file")
    }
    return Int64(status.st_size)
  }

  func bytes(from start: Int64, to end: Int64) throws(AuditError) -> [UInt8] {
    var all: [UInt8] = []
    while start + Int64(all.count) < end {
      let place = start + Int64(all.count)
      var chunk = [UInt8](repeating: 0, count: Int(min(Self.chunk, end - place)))
      let count = chunk.withUnsafeMutableBytes {
        pread(file, $0.baseAddress, $0.count, off_t(place))
      }
      if count > 0 {
        all += chunk[..<count]
      } else if count == 0 {
        return all
      } else if errno != EINTR {
        throw failure()
      }
    }
    return all
  }

  /// How many lines end before a place.
  func count(to end: Int64) throws(AuditError) -> Int64 {
    var lines: Int64 = 0
    var place: Int64 = 0
    while place < end {
      let chunk = try bytes(from: place, to: min(end, place + Self.chunk))
      guard !chunk.isEmpty else { break }
      lines += Int64(chunk.count { $0 == UInt8(ascii: "\n") })
      place += Int64(chunk.count)
    }
    return lines
  }

  /// The next line without its newline, and whether it has one; `nil` at the end.
  mutating func next() throws(AuditError) -> (line: [UInt8], isWhole: Bool)? {
    while true {
      if let newline = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = newline + 1 }
        return (Array(buffer[start..<newline]), true)
      }
      let rest = Array(buffer[start...])
      if rest.count > Self.lineLimit || isAtEnd {
        buffer = []
        start = 0
        return rest.isEmpty ? nil : (rest, false)
      }
      let more = try bytes(from: place, to: min(place + Self.chunk, end ?? .max))
      isAtEnd = more.isEmpty
      place += Int64(more.count)
      buffer = rest + more
      start = 0
    }
  }

  private func failure() -> AuditError {
    .file(path: path, problem: "read: \(String(cString: strerror(errno)))")
  }
}
