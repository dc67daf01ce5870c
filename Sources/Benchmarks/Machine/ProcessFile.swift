import Glibc
package import RiskModel

/// What a process has in memory, from /proc/PID/smaps_rollup.
package struct ProcessMemory: Equatable, Sendable {
  package var residentBytes: Int64
  /// Pages that several processes share count in parts.
  package var proportionalBytes: Int64
  /// What is the process's own and no page of a file.
  package var anonymousBytes: Int64

  /// - Returns: `nil` when a line is missing or is no number of kB.
  package init?(smapsRollup text: String) {
    func bytes(_ name: String) -> Int64? {
      for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
        let words = line.split(separator: " ")
        guard words.count == 3, words[2] == "kB", let count = Int64(words[1]) else { return nil }
        return count * 1_024
      }
      return nil
    }
    guard let resident = bytes("Rss"), let proportional = bytes("Pss"),
      let anonymous = bytes("Anonymous")
    else { return nil }
    anonymousBytes = anonymous
    residentBytes = resident
    proportionalBytes = proportional
  }

  package static func ofProcess(_ pid: Int32) throws(BenchmarkError) -> ProcessMemory {
    let path = "/proc/\(pid)/smaps_rollup"
    guard let memory = ProcessMemory(smapsRollup: try SystemFile.text(path)) else {
      throw .unreadable(path: path)
    }
    return memory
  }
}

/// Who a process belongs to and what it has used, from /proc/PID/stat.
package struct ProcessUse: Equatable, Sendable {
  package var parent: Int32
  /// The letter of the kernel: R, S, D, T, Z.
  package var state: Character
  /// User and system time together, in ticks of the clock.
  package var ticks: Int64

  /// The name of the program is in parentheses and may hold spaces and parentheses itself.
  package init?(stat text: String) {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split { $0 == " " || $0 == "\n" }
    guard fields.count >= 13, let state = fields[0].first, let parent = Int32(fields[1]),
      let user = Int64(fields[11]), let system = Int64(fields[12])
    else { return nil }
    self.parent = parent
    self.state = state
    ticks = user + system
  }

  package static func ofProcess(_ pid: Int32) throws(BenchmarkError) -> ProcessUse {
    let path = "/proc/\(pid)/stat"
    guard let use = ProcessUse(stat: try SystemFile.text(path)) else {
      throw .unreadable(path: path)
    }
    return use
  }

  /// The processor time that a number of ticks is.
  package static func time(ofTicks ticks: Int64) -> TimeSpan {
    TimeSpan(nanos: ticks * (Instant.nanosPerSecond / Int64(sysconf(Int32(_SC_CLK_TCK)))))
  }
}
