import FoundationEssentials
import Glibc
import Synchronization

/// A fresh folder below the system's temporary folder, removed with everything in it on demand, and at
/// the latest when the process that made it exits. What a crash leaves behind stays.
package struct TemporaryFolder: Sendable {
  package let path: String

  package init(_ name: String = "riskd") {
    path = "/tmp/\(name)-\(UUID().uuidString.prefix(12))"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    } catch {
      preconditionFailure("Condition failed: \(path) can be made (\(error))")
    }
    LeftFolders.add(path)
  }

  package func file(_ name: String) -> String { path + "/" + name }

  package func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}

private enum LeftFolders {
  private static let paths = Mutex<[String]>([])
  private static let maker: pid_t = {
    atexit { LeftFolders.remove() }
    return getpid()
  }()

  static func add(_ path: String) {
    _ = maker
    paths.withLock { $0.append(path) }
  }

  // A child that was forked exits with its parent's handlers, and must leave the folders alone.
  private static func remove() {
    guard getpid() == maker else { return }
    for path in paths.withLock(\.self) { try? FileManager.default.removeItem(atPath: path) }
  }
}
