import FoundationEssentials

/// A fresh folder below the system's temporary folder, removed with everything in it on demand.
package struct TemporaryFolder: Sendable {
  package let path: String

  package init(_ name: String = "riskd") {
    path = "/tmp/\(name)-\(UUID().uuidString.prefix(12))"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    } catch {
      preconditionFailure("Condition failed: \(path) can be made (\(error))")
    }
  }

  package func file(_ name: String) -> String { path + "/" + name }

  package func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}
