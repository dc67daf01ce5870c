import Foundation
import Glibc
import LogFiles
import RiskModel
import Testing

@Suite struct RotatingFileTests {
  /// A folder of its own for each test.
  private final class Folder {
    let path: String

    init() {
      path = NSTemporaryDirectory() + "log-files-\(UUID().uuidString)"
      mkdir(path, 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(
      bytes: Int64 = 100, kept: Int = 2, daily: Bool = true, days: Int = 9
    ) -> RotatingFile {
      RotatingFile(
        LogFileRule(
          path: path + "/a.log", mostBytes: bytes, kept: kept, startsDaily: daily, days: days),
        zone: .chicago)
    }

    /// The file was changed last at this moment.
    func change(_ name: String, at moment: Instant) {
      var times = [timespec(), timespec()]
      for index in times.indices {
        times[index].tv_sec = Int(moment.nanosSinceEpoch / 1_000_000_000)
      }
      #expect(utimensat(AT_FDCWD, path + "/" + name, times, 0) == 0)
    }

    var names: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func text(_ name: String) -> String? {
      try? String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }
  }

  /// Noon in Chicago on the day of this number.
  private func noon(_ day: Int) -> Instant {
    TimeZoneRule.chicago.instant(
      of: TimeOfDay(hour: 12, minute: 0),
      on: CivilDate(year: 2026, month: 11, day: 1).adding(days: day))
  }

  private func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

  @Test func `lines are appended`() throws {
    let folder = Folder()
    let file = folder.file()
    try file.write(line("one"), at: noon(0))
    try file.write(line("two"), at: noon(0))
    #expect(folder.text("a.log") == "one\ntwo\n")
    #expect(folder.names == ["a.log"])
  }

  @Test func `a file that would grow too long begins anew, and the oldest goes`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 8, kept: 2)
    for text in ["aaaa", "bbbb", "cccc", "dddd"] { try file.write(line(text), at: noon(0)) }
    #expect(folder.names == ["a.log", "a.log.1", "a.log.2"])
    #expect(folder.text("a.log") == "dddd\n")
    #expect(folder.text("a.log.1") == "cccc\n")
    #expect(folder.text("a.log.2") == "bbbb\n")
  }

  @Test func `a line longer than a file is written all the same`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 4)
    try file.write(line("longer than that"), at: noon(0))
    #expect(folder.text("a.log") == "longer than that\n")
    #expect(folder.names == ["a.log"])
  }

  @Test func `a new day begins a new file at midnight of the zone`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 1_000)
    let midnight = TimeZoneRule.chicago.instant(
      of: TimeOfDay(hour: 0, minute: 0), on: CivilDate(year: 2026, month: 11, day: 11))
    try file.write(line("before"), at: midnight - .milliseconds(1))
    try file.write(line("after"), at: midnight)
    #expect(folder.text("a.log.1") == "before\n")
    #expect(folder.text("a.log") == "after\n")
    // A record that comes late does not turn the clock back.
    try file.write(line("late"), at: midnight - .milliseconds(1))
    try file.write(line("next"), at: midnight + .seconds(1))
    #expect(folder.text("a.log") == "after\nlate\nnext\n")
  }

  @Test func `under another clock the day of a file is that of its records`() throws {
    let folder = Folder()
    let ahead = TimeSpan.seconds(100 * 86_400)
    let now = Instant(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)) + ahead
    for text in ["first", "second"] {
      let file = RotatingFile(
        LogFileRule(
          path: folder.path + "/a.log", mostBytes: 1_000, kept: 2, startsDaily: true, days: 9),
        zone: .chicago, civil: { $0 + ahead })
      try file.write(line(text), at: now)
      file.close()
    }
    #expect(folder.text("a.log") == "first\nsecond\n")
    let next = RotatingFile(
      LogFileRule(
        path: folder.path + "/a.log", mostBytes: 1_000, kept: 2, startsDaily: true, days: 9),
      zone: .chicago, civil: { $0 + ahead })
    try next.write(line("third"), at: now + .seconds(86_400))
    #expect(folder.text("a.log") == "third\n")
    #expect(folder.text("a.log.1") == "first\nsecond\n")
  }

  @Test func `days are left alone where nobody wants them`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 1_000, daily: false)
    try file.write(line("before"), at: noon(1))
    try file.write(line("after"), at: noon(3))
    #expect(folder.names == ["a.log"])
  }

  @Test func `where no day is kept, full files of other days are full files`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 8, kept: 2, daily: false, days: 0)
    for day in 0..<4 {
      try file.write(line("day \(day)"), at: noon(day))
      folder.change("a.log", at: noon(day))
    }
    #expect(folder.names == ["a.log", "a.log.1", "a.log.2"])
    #expect(folder.text("a.log.2") == "day 1\n")
  }

  @Test func `a file of an earlier day is put aside by the first record after a start`() throws {
    let folder = Folder()
    let first = folder.file(bytes: 1_000)
    try first.write(line("old"), at: noon(0))
    first.close()
    folder.change("a.log", at: noon(2))
    let second = folder.file(bytes: 1_000)
    try second.write(line("same day"), at: noon(2))
    #expect(folder.text("a.log") == "old\nsame day\n")
    second.close()
    folder.change("a.log", at: noon(2))
    try folder.file(bytes: 1_000).write(line("new"), at: noon(3))
    #expect(folder.text("a.log") == "new\n")
    #expect(folder.text("a.log.1") == "old\nsame day\n")
  }

  /// Each day begins with three full files and ends with a short one.
  private func write(days: Range<Int>, to file: RotatingFile, in folder: Folder) throws {
    for day in days {
      for part in ["aaaa", "bbbb", "cccc", "last"] {
        try file.write(line("\(part)\(day)"), at: noon(day))
        folder.change("a.log", at: noon(day))
      }
    }
  }

  @Test func `a busy day pushes out no other day`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 8, kept: 2, days: 4)
    try write(days: 0..<9, to: file, in: folder)
    let texts = (1...6).map { folder.text("a.log.\($0)")?.dropLast() }
    #expect(folder.text("a.log") == "last8\n")
    #expect(texts == ["cccc8", "bbbb8", "last7", "last6", "last5", "last4"])
    #expect(folder.names.count == 7, "two of the full ones and four days, whatever was written")
    for part in 0..<40 {
      try file.write(line("more\(part)"), at: noon(8))
      folder.change("a.log", at: noon(8))
    }
    #expect(folder.names.count == 7)
    #expect(
      (3...6).map { folder.text("a.log.\($0)") } == ["last7\n", "last6\n", "last5\n", "last4\n"])
  }

  @Test func `thirty midnights are kept, and no more`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 1_000, kept: 5, days: 30)
    for day in 0..<40 {
      try file.write(line("\(day)"), at: noon(day))
      folder.change("a.log", at: noon(day))
    }
    #expect(folder.names.count == 31)
    #expect(folder.text("a.log.30") == "9\n" && folder.text("a.log.1") == "38\n")
  }

  @Test func `numbers are without a gap, also where a file was taken away`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 8, kept: 4)
    for text in ["aaaa", "bbbb", "cccc", "dddd"] { try file.write(line(text), at: noon(0)) }
    try FileManager.default.removeItem(atPath: folder.path + "/a.log.1")
    try "not one of them".write(
      toFile: folder.path + "/a.log.02", atomically: false, encoding: .utf8)
    try file.write(line("eeee"), at: noon(0))
    #expect(folder.names == ["a.log", "a.log.02", "a.log.1", "a.log.2", "a.log.3"])
    #expect((1...3).map { folder.text("a.log.\($0)") } == ["dddd\n", "bbbb\n", "aaaa\n"])
  }

  @Test func `without earlier files to keep the file itself goes`() throws {
    let folder = Folder()
    let file = folder.file(bytes: 5, kept: 0)
    try file.write(line("aaaa"), at: noon(0))
    try file.write(line("bbbb"), at: noon(0))
    #expect(folder.names == ["a.log"])
    #expect(folder.text("a.log") == "bbbb\n")
  }

  @Test func `what cannot be written says why, and goes on when it can be`() throws {
    let folder = Folder()
    let file = folder.file()
    mkdir(folder.path + "/a.log", 0o700)
    let failure = #expect(throws: LogFileError.self) {
      try file.write(line("lost"), at: noon(0))
    }
    #expect(failure?.description.hasPrefix(folder.path + "/a.log: open: ") == true)
    rmdir(folder.path + "/a.log")
    try file.write(line("kept"), at: noon(0))
    #expect(folder.text("a.log") == "kept\n")
  }

  @Test func `a link in the place of a file is not followed`() throws {
    let folder = Folder()
    symlink("/dev/null", folder.path + "/a.log")
    #expect(throws: LogFileError.self) {
      try folder.file().write(line("lost"), at: noon(0))
    }
  }
}
