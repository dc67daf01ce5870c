import Glibc

/// What it takes to hand 512 bytes to a file without waiting for the disk.
package enum AppendFloor {
  package static func measure(
    _ rounds: Rounds, path: String, size: Int = 512
  ) throws(BenchmarkError) -> Percentiles {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unwritable(path: path, problem: errorText()) }
    defer {
      close(descriptor)
      unlink(path)
    }
    let record = [UInt8](repeating: 0x61, count: size)
    return try rounds.measure { () throws(BenchmarkError) in
      guard write(descriptor, record, size) == size else {
        throw .unwritable(path: path, problem: errorText())
      }
    }
  }
}

/// The system's words for the last error of this thread.
func errorText() -> String { String(cString: strerror(errno)) }
