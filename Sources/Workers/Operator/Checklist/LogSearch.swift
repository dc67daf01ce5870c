import Checklist
import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import VenueAPI

/// Searches log files as `grep` does, without reading what nobody asked for into memory.
enum LogSearch {
  /// A file is never much longer than its limit; more is not looked at.
  private static let mostBytes = 1 << 28
  private static let mostArchives = 200

  /// What a log and what was put aside of it say since a moment.
  static func tally(
    _ path: String, for phrases: [LogPhrase], since: Instant, pace: ClockPace = .machine
  ) -> Sighting<LogTally> {
    guard access(path, F_OK) == 0 else { return .hidden("there is no \(path)") }
    var files = [path]
    for number in 1...mostArchives {
      let archive = "\(path).\(number)"
      var status = stat()
      guard stat(archive, &status) == 0,
        pace.civil(at: Instant(secondsSinceEpoch: Int64(status.st_mtim.tv_sec) + 1)) >= since
      else { break }
      files.append(archive)
    }
    var tally = LogTally()
    for file in files.reversed() {
      if let problem = search(file, phrases, &tally) { return .hidden(problem) }
    }
    return .seen(tally)
  }

  /// A log and, of its folder, what was put aside of any log: `daemon.log`, `daemon.log.1` and so on.
  /// The lower the number, the later the records.
  static func files(_ folder: String, of log: String) -> Sighting<[LogArchiveFacts]> {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return .hidden("\(folder) cannot be listed")
    }
    let archives = names.compactMap { name -> (log: Substring, number: Int)? in
      guard let dot = name.firstRange(of: ".log."), let number = Int(name[dot.upperBound...])
      else { return nil }
      return (name[..<dot.upperBound], number)
    }.sorted { ($0.log, $0.number) < ($1.log, $1.number) }
    let present = access(log, F_OK) == 0 ? [bounds(log)] : []
    return .seen(present + archives.map { bounds("\(folder)/\($0.log)\($0.number)") })
  }

  /// The first and the last record of a file.
  private static func bounds(_ path: String) -> LogArchiveFacts {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    var facts = LogArchiveFacts(name: String(path[slash...]))
    guard let file = MappedFile(path, most: mostBytes) else {
      facts.problem = String(cString: strerror(errno))
      return facts
    }
    facts.first = file.line(around: 0).flatMap(time)
    facts.last = file.lastLine.flatMap(time)
    if facts.first == nil || facts.last == nil { facts.problem = "it has no records" }
    return facts
  }

  /// - Returns: Why the file could not be searched.
  private static func search(
    _ path: String, _ phrases: [LogPhrase], _ tally: inout LogTally
  ) -> String? {
    guard let file = MappedFile(path, most: mostBytes) else {
      return "\(path): \(String(cString: strerror(errno)))"
    }
    if tally.begin == nil, let first = file.line(around: 0) { tally.begin = time(of: first) }
    for phrase in phrases {
      for needle in phrase.needles {
        var position = 0
        while let hit = file.find(Array(needle.utf8), from: position) {
          let (line, end) = file.lineAndEnd(around: hit)
          position = end
          guard let moment = time(of: line) else { continue }
          tally.add(phrase, at: moment, message(of: line))
        }
      }
    }
    return nil
  }

  /// The time at the beginning of a line of either format.
  static func time(of line: String) -> Instant? {
    let head = #"{"timestamp":""#
    let text =
      line.hasPrefix(head)
      ? line.dropFirst(head.count).prefix { $0 != "\"" }
      : line.prefix { $0 != " " }
    return VenueTimestamp.instant(String(text))
  }

  /// The message of a line, in one line of at most 160 characters.
  static func message(of line: String) -> String {
    struct Record: Decodable {
      var message: String
    }
    let text =
      (try? JSONDecoder().decode(Record.self, from: Data(line.utf8)).message)
      ?? line.firstRange(of: ": ").map { String(line[$0.upperBound...]) } ?? line
    return String(
      text.unicodeScalars.prefix(160).map { $0.value < 0x20 ? " " : Character($0) })
  }
}

/// The bytes of a file, as the kernel has them.
struct MappedFile: ~Copyable {
  private let bytes: UnsafeRawBufferPointer

  /// `nil`, with `errno`, for a file that cannot be read.
  init?(_ path: String, most: Int) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    let count = min(Int(status.st_size), most)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// Where a text stands at or behind a position. Skips by what the last byte allows (Horspool), so
  /// that a long file is not compared byte by byte.
  func find(_ needle: [UInt8], from position: Int) -> Int? {
    let last = needle.count - 1
    guard last >= 0 else { return nil }
    var skips = [Int](repeating: needle.count, count: 256)
    for index in 0..<last { skips[Int(needle[index])] = last - index }
    var start = position
    while start + last < bytes.count {
      let end = bytes[start + last]
      if end == needle[last], (0..<last).allSatisfy({ bytes[start + $0] == needle[$0] }) {
        return start
      }
      start += skips[Int(end)]
    }
    return nil
  }

  func line(around position: Int) -> String? {
    bytes.isEmpty ? nil : lineAndEnd(around: position).line
  }

  var lastLine: String? { bytes.isEmpty ? nil : lineAndEnd(around: bytes.count - 1).line }

  /// The line at a position, and where the next one begins.
  func lineAndEnd(around position: Int) -> (line: String, end: Int) {
    let newline = UInt8(ascii: "\n")
    let start = bytes[..<position].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = bytes[position...].firstIndex(of: newline) ?? bytes.count
    return (String(decoding: bytes[start..<end], as: UTF8.self), end + 1)
  }
}
