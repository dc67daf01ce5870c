import Foundation
import Testing

/// What the screens looked like when somebody last looked at them.
///
/// RISKD_WRITE_SCREENS=1 writes them anew; the tests fail all the same, until they are run again.
enum GoldenScreens {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "Golden")

  static func expect(_ name: String, is text: String) {
    let file = folder.appending(path: name + ".txt")
    let expected = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    guard expected != text else { return }
    guard ProcessInfo.processInfo.environment["RISKD_WRITE_SCREENS"] == "1" else {
      Issue.record("\(name) looks different:\n\(text)")
      return
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      Issue.record("\(name) is written; look at it and run again")
    } catch {
      Issue.record("\(name) cannot be written: \(error)")
    }
  }
}
