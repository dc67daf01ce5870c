import Glibc

/// What this process needs of the machine, as the kernel counts it.
package enum ProcessVitals {
  /// `pssKiB`: memory, where what processes share counts once among them; `cpuMicroseconds`: of all
  /// threads since the start. What the kernel does not tell is left out.
  package static func figures() -> [String: Int64] {
    var figures: [String: Int64] = [:]
    var time = timespec()
    if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
      figures["cpuMicroseconds"] = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
    figures["pssKiB"] = proportionalKibibytes(read("/proc/self/smaps_rollup"))
    return figures
  }

  /// The line `Pss:                8052 kB`.
  static func proportionalKibibytes(_ text: String) -> Int64? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
  }

  private static func read(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }
}
