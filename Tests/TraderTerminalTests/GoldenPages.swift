import Foundation
import Glibc
import Testing

/// What a terminal showed when somebody last looked at it.
///
/// RISKD_WRITE_SCREENS=1 writes it anew; the tests fail all the same, until they are run again.
enum GoldenPages {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "Golden")

  private static let isWriting =
    ProcessInfo.processInfo.environment["RISKD_WRITE_SCREENS"] == "1"

  /// Waits until the page is what it was.
  ///
  /// - Throws: When it does not become so: what comes after it says nothing more.
  static func expect(_ name: String, _ page: () -> String) throws {
    let file = folder.appending(path: name + ".txt")
    if isWriting {
      // Longer than a key takes to be drawn.
      usleep(1_500_000)
      let text = page()
      guard text != (try? String(contentsOf: file, encoding: .utf8)) else { return }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      Issue.record("\(name) is written; look at it and run again")
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    var text = ""
    let isSame = eventually {
      text = page()
      return text == expected
    }
    try #require(isSame, "\(name) looks different:\n\(text)")
  }
}
