import Glibc

/// The machine that a run took place on.
package struct MachineFacts: Equatable, Sendable, Codable {
  package var cores: Int
  package var processor: String
  package var kernel: String
  package var memoryBytes: Int64
  /// Processes that ran or wanted to, in the last 1, 5 and 15 minutes.
  package var loadBefore: [Double]
  package var loadAfter: [Double] = []

  package init(
    cores: Int, processor: String, kernel: String, memoryBytes: Int64, loadBefore: [Double]
  ) {
    self.cores = cores
    self.processor = processor
    self.kernel = kernel
    self.memoryBytes = memoryBytes
    self.loadBefore = loadBefore
  }

  /// This machine, now.
  package static func now() throws(BenchmarkError) -> MachineFacts {
    MachineFacts(
      cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      processor: processor(inCPUInfo: try SystemFile.text("/proc/cpuinfo")),
      kernel: try firstWord(of: "/proc/sys/kernel/osrelease"),
      memoryBytes: memory(inMeminfo: try SystemFile.text("/proc/meminfo")),
      loadBefore: try load())
  }

  /// The load of this machine, now.
  package static func load() throws(BenchmarkError) -> [Double] {
    load(inLoadavg: try SystemFile.text("/proc/loadavg"))
  }

  package static func processor(inCPUInfo text: String) -> String {
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return "unknown processor"
  }

  package static func memory(inMeminfo text: String) -> Int64 {
    for line in text.split(separator: "\n") where line.hasPrefix("MemTotal:") {
      let words = line.split(separator: " ")
      if words.count == 3, let count = Int64(words[1]) { return count * 1_024 }
    }
    return 0
  }

  package static func load(inLoadavg text: String) -> [Double] {
    text.split(separator: " ").prefix(3).compactMap { Double($0) }
  }

  private static func firstWord(of path: String) throws(BenchmarkError) -> String {
    String(try SystemFile.text(path).prefix { $0 != "\n" && $0 != " " })
  }
}
