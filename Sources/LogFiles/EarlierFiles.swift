import Glibc
import RiskModel

/// The predecessors of a log file: which of them are kept, and under which number.
///
/// The file that midnight put aside is the last of its day; it is kept for so many midnights. What was
/// put aside because it was full is kept in a number of its own: a busy day costs its own beginning,
/// and no other day.
struct EarlierFiles {
  private struct Entry {
    /// 0 is the file itself.
    var number: Int
    var endsDay: Bool
  }

  let path: String
  /// The day of a file by the time of its last change.
  let day: (_ changed: Int64) -> CivilDate

  /// Puts the file itself aside as number 1 and lets go of what is too much. The numbers are without
  /// a gap afterwards.
  func putAside(
    endsDay: Bool, mostParts: Int, mostDays: Int
  ) throws(LogFileError) {
    var parts = 0
    var days = 0
    var kept: [Entry] = []
    for entry in entries(endsDay) {
      // Where no day is kept, what ended one is a full file like the others.
      let endsDay = entry.endsDay && mostDays > 0
      if endsDay, days < mostDays {
        days += 1
      } else if !endsDay, parts < mostParts {
        parts += 1
      } else {
        try remove(name(entry.number))
        continue
      }
      kept.append(entry)
    }
    let moves = kept.enumerated().map { (from: $1.number, to: $0 + 1) }
    for move in moves.reversed() where move.to > move.from { try rename(move.from, move.to) }
    for move in moves where move.to < move.from { try rename(move.from, move.to) }
  }

  /// The latest first. A file whose successor is of another day ended its own.
  private func entries(_ endsDay: Bool) -> [Entry] {
    var entries = [Entry(number: 0, endsDay: endsDay)]
    var successor = changed(0).map(day)
    for number in numbers {
      let own = changed(number).map(day)
      entries.append(Entry(number: number, endsDay: own != successor))
      successor = own
    }
    return entries
  }

  private var numbers: [Int] {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[..<$0]) } ?? "."
    let prefix = (slash.map { String(path[path.index(after: $0)...]) } ?? path) + "."
    guard let stream = opendir(folder.isEmpty ? "/" : folder) else { return [] }
    defer { closedir(stream) }
    var numbers: [Int] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { start in
        start.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          String(cString: $0)
        }
      }
      guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number > 0,
        name == prefix + "\(number)"
      else { continue }
      numbers.append(number)
    }
    return numbers.sorted()
  }

  private func name(_ number: Int) -> String { number == 0 ? path : "\(path).\(number)" }

  private func changed(_ number: Int) -> Int64? {
    var status = stat()
    return stat(name(number), &status) == 0 ? Int64(status.st_mtim.tv_sec) : nil
  }

  private func remove(_ name: String) throws(LogFileError) {
    guard unlink(name) == 0 || errno == ENOENT else { throw failure("unlink") }
  }

  private func rename(_ from: Int, _ to: Int) throws(LogFileError) {
    guard Glibc.rename(name(from), name(to)) == 0 || errno == ENOENT else {
      throw failure("rename")
    }
  }

  private func failure(_ call: String) -> LogFileError {
    LogFileError(path: path, problem: "\(call): \(String(cString: strerror(errno)))")
  }
}
