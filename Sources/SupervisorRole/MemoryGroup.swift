// How Linux tells that it ended processes because a memory group was full.
//
// /proc/self/cgroup names the groups of a process, one line "ID:CONTROLLERS:PATH" per hierarchy;
// the unified one (version 2) has ID 0 and no controllers. Version 2 counts in memory.events, a line
// "oom_kill N"; version 1, below /sys/fs/cgroup/memory, in memory.oom_control, a line "oom_kill N".
// Both counts rise before the process gets its SIGKILL.

import Supervision

/// The memory group of this process.
package struct MemoryGroup: MemoryWatch {
  private static let mostBytes = 65_536

  /// `nil` where no group of the process counts.
  let counter: String?

  /// `groups` and `mount` are other paths in tests.
  package init(groups: String = "/proc/self/cgroup", mount: String = "/sys/fs/cgroup") {
    let lines = Self.text(groups)?.split(separator: "\n") ?? []
    counter = lines.lazy
      .flatMap { Self.candidates($0, mount: mount) }
      .first { Self.kills(in: $0) != nil }
  }

  package func kills() -> Int64? {
    counter.flatMap(Self.kills)
  }

  private static func candidates(_ line: Substring, mount: String) -> [String] {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return [] }
    let path = parts[2] == "/" ? "" : String(parts[2])
    if parts[1].isEmpty {
      return ["\(mount)\(path)/memory.events", "\(mount)/unified\(path)/memory.events"]
    }
    guard parts[1].split(separator: ",").contains("memory") else { return [] }
    // Inside of a container the mount may begin at the container's own group.
    return [
      "\(mount)/memory\(path)/memory.oom_control", "\(mount)/memory/memory.oom_control",
    ]
  }

  private static func kills(in file: String) -> Int64? {
    for line in text(file)?.split(separator: "\n") ?? [] {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return Int64(words[1]) }
    }
    return nil
  }

  private static func text(_ path: String) -> String? {
    guard let bytes = try? RecordFile(path: path).read(limit: mostBytes) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
