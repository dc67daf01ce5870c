import FoundationEssentials
import Glibc

/// What the kernel tells of one process; `nil` is what this user may not see.
struct ProcessView: Equatable {
  var pid: Int32
  var residentKiB: Int64?
  /// Memory, where what processes share counts once among them.
  var proportionalKiB: Int64?
  var descriptors: Int?
  var threads: Int64?
  /// Of all threads since the start.
  var processorMilliseconds: Int64?

  /// `folder` is `/proc`, or what looks like it.
  init(_ pid: Int32, in folder: String = "/proc") {
    self.pid = pid
    let process = "\(folder)/\(pid)"
    let status = Self.lines(process + "/status")
    residentKiB = Self.number(status, "VmRSS:")
    threads = Self.number(status, "Threads:")
    proportionalKiB = Self.number(Self.lines(process + "/smaps_rollup"), "Pss:")
    descriptors = try? FileManager.default.contentsOfDirectory(atPath: process + "/fd").count
    processorMilliseconds = Self.processorTime(Self.text(process + "/stat"))
  }

  /// The fields behind the name, which may hold anything: utime and stime are the 12th and 13th.
  private static func processorTime(_ text: String) -> Int64? {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ").dropFirst()
    let ticks = fields.dropFirst(11).prefix(2).compactMap { Int64($0) }
    let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    guard ticks.count == 2, perSecond > 0 else { return nil }
    return (ticks[0] + ticks[1]) * 1_000 / perSecond
  }

  private static func number(_ lines: [Substring], _ name: String) -> Int64? {
    let line = lines.first { $0.hasPrefix(name) }
    return line?.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first
      .flatMap { Int64($0) }
  }

  private static func lines(_ path: String) -> [Substring] { text(path).split(separator: "\n") }

  private static func text(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
