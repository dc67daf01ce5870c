import Foundation
import Glibc

/// Processes that are made to stand still from outside.
enum Standstill {
  private static let polls = 400
  private static let pause: UInt32 = 250

  /// Returns once no thread of the process runs any more; the signal alone only asks for that.
  ///
  /// - Returns: Whether they all stand still.
  static func begin(of pid: Int32) -> Bool {
    guard kill(pid, SIGSTOP) == 0 else { return false }
    for _ in 0..<polls {
      if threads(of: pid).allSatisfy({ $0 == "T" }) { return true }
      usleep(pause)
    }
    return false
  }

  static func end(of pid: Int32) { kill(pid, SIGCONT) }

  /// The state of each thread, as `/proc/PID/task/TID/stat` names it behind the name in brackets.
  private static func threads(of pid: Int32) -> [Character] {
    let folder = "/proc/\(pid)/task"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard let text = try? String(contentsOfFile: "\(folder)/\(name)/stat", encoding: .utf8),
        let bracket = text.lastIndex(of: ")")
      else { return nil }
      return text[bracket...].dropFirst(2).first
    }
  }
}
