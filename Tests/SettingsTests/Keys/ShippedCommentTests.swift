import Foundation
import Testing

/// Whoever reads a shipped file and not the page is told, too, which keys have no effect.
@Suite struct ShippedCommentTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The keys that ops/CONFIGURATION.md lists without an effect, by file.
  private func inertKeys() throws -> [String: Set<String>] {
    var keys: [String: Set<String>] = [:]
    var file = ""
    for line in try text("ops/CONFIGURATION.md").split(separator: "\n") {
      if line.hasPrefix("## ") { file = String(line.dropFirst(3)) }
      if let row = line.wholeMatch(of: /\| `([^`]+)` \| .* \| none.* \|/) {
        keys[file, default: []].insert(String(row.output.1))
      }
    }
    return keys
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
  }

  /// Each key of a file in block form, with its path and the comment beside it.
  private func comments(_ name: String) throws -> [String: String] {
    var comments: [String: String] = [:]
    var blocks: [(indent: Int, key: String)] = []
    for line in try text(name).split(separator: "\n") {
      guard let found = line.prefixMatch(of: /( *)([A-Za-z_0-9]+):/) else { continue }
      let indent = found.output.1.count
      blocks.removeAll { $0.indent >= indent }
      blocks.append((indent, String(found.output.2)))
      let comment = line.split(separator: "#", maxSplits: 1).dropFirst().first.map(String.init)
      comments[blocks.map(\.key).joined(separator: ".")] = comment ?? ""
    }
    return comments
  }

  @Test func `a key without an effect says so beside it`() throws {
    let inert = try inertKeys()
    #expect(inert.values.map(\.count).reduce(0, +) > 0, "the page lists none")
    var seen = 0
    for (file, keys) in inert where file != "config/accounts.yaml" {
      let comments = try comments(file)
      seen += comments.count
      for key in keys {
        guard let comment = comments[key] else { continue }
        #expect(comment.contains("no effect: "), "\(file): \(key) says\(comment)")
      }
    }
    #expect(seen >= 50, "\(seen) keys stand in the shipped files")
  }
}
