import Foundation
import Glibc
import RiskModel
import Supervision
import Testing

/// A fresh directory with data/ and run/, removed by `remove()`.
struct TemporaryRoot {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "riskd-" + UUID().uuidString
    for directory in ["data", "run"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(directory)", withIntermediateDirectories: true)
    }
  }

  var controlSocket: String { path + "/run/control.sock" }
  var deathsFile: String { path + "/data/supervision.json" }
  var historyFile: String { path + "/data/history.jsonl" }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// The program that is supervisor and worker in these tests; it stands beside the test program.
func supervisorProgram() throws -> String {
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let path = (own as NSString).deletingLastPathComponent + "/SupervisorProgram"
  try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
  return path
}

/// Whether a process is there and no zombie.
func isAlive(_ pid: Int32) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
    let state = stat.split(separator: ")").last?.split(separator: " ").first
  else { return false }
  return state != "Z" && state != "X"
}

/// Polls until the condition holds, for at most a minute.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<12_000 {
    if try condition() { return true }
    usleep(5_000)
  }
  return try condition()
}

/// Settings with which hangs and stops take tenths of a second. Slower machines only make the
/// limits of silence longer.
func quickSettings() -> SupervisionSettings {
  var settings = SupervisionSettings()
  settings.hasMonitor = false
  settings.challengeInterval = .milliseconds(50)
  settings.hungAfter = [.enforcer: .seconds(2), .evaluator: .seconds(2), .gateway: .seconds(2)]
  settings.abortGrace = .milliseconds(50)
  settings.drainDeadline = .milliseconds(200)
  settings.terminateDeadline = .milliseconds(200)
  settings.exitAfterChannelEnd = .milliseconds(200)
  settings.backoff = [.zero, .milliseconds(20)]
  return settings
}
