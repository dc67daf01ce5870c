import Foundation

/// The working tree that these tests were built from.
enum SourceTree {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct File {
    var path: String
    var text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    /// The lines without those that are comments as a whole.
    var code: [Substring] {
      lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }
    }
    var name: String { String(path.split(separator: "/").last ?? "") }
  }

  /// The files below a folder with one of the endings, in path order.
  static func files(below folder: String, _ endings: String...) -> [File] {
    let base = root.appending(path: folder)
    let found = FileManager.default.enumerator(atPath: base.path())
    return (found?.compactMap { $0 as? String } ?? []).sorted()
      .filter { path in endings.contains { path.hasSuffix($0) } }
      .compactMap { path in
        let text = try? String(contentsOf: base.appending(path: path), encoding: .utf8)
        return text.map { File(path: "\(folder)/\(path)", text: $0) }
      }
  }

  static func file(_ path: String) -> String {
    (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
  }

  static func entries(of folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path()))
      ?? []).sorted()
  }
}
