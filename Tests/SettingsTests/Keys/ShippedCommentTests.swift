import Foundation
import Testing

@testable import Settings

/// Whoever reads a shipped file and not the page is told, too, what each key means and which keys
/// have no effect.
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

  /// The same key in every element of a list is explained once.
  private func keys(_ file: ShippedFile, explainedOnly: Bool) -> Set<String> {
    Set(
      file.leaves.filter { !explainedOnly || file.comment(beside: $0) != nil }
        .map { $0.path.replacing(/\[[0-9]+\]/, with: "[]") })
  }

  @Test(arguments: ShippedFile.names)
  func `every key has its explanation beside it`(_ name: String) throws {
    let file = try ShippedFile(name)
    #expect(!file.leaves.isEmpty)
    let silent = keys(file, explainedOnly: false).subtracting(keys(file, explainedOnly: true))
    #expect(silent == [], "\(name)")
  }

  /// A demonstration says only what is special about it, and where the rest is explained.
  @Test(arguments: [
    ("demo/config.yaml", "config.yaml"), ("demo/risk_config.yaml", "risk_config.yaml"),
    ("demo/accounts.yaml", "accounts.yaml.example"),
  ])
  func `a demonstration leads to the explanations`(_ name: String, explainedIn other: String) throws
  {
    let file = try ShippedFile(name)
    // Limits of further symbols are explained like those of the symbols there.
    let symbols = "rules.max_contracts_per_instrument.limits"
    let explained = try keys(ShippedFile(other), explainedOnly: true)
      .union(keys(file, explainedOnly: true))
    let silent = keys(file, explainedOnly: false).subtracting(explained)
      .filter { !$0.hasPrefix("\(symbols).") }
    #expect(silent == [])
    #expect(file.lines[0].contains("../\(other)"), "\(file.lines[0])")
  }

  /// A line of env.example that sets a variable or shows how to: its name and what stands beside it.
  private func variable(_ line: String) -> (name: String, comment: String?)? {
    guard let found = line.firstMatch(of: /^(?:# )?([A-Z][A-Z0-9_]*)=/) else { return nil }
    let text = line.hasPrefix("# ") ? String(line.dropFirst(2)) : line
    return (String(found.output.1), ShippedFile.comment(of: text))
  }

  /// A variable is explained beside it or, with its neighbours, above them.
  @Test func `every variable is in the example, with its explanation`() throws {
    let lines = try text("config/env.example").components(separatedBy: "\n")
    var explained: Set<String> = []
    var heading = ""
    for line in lines {
      if let (name, comment) = variable(line) {
        if comment != nil || !heading.isEmpty { explained.insert(name) }
      } else {
        heading = line.hasPrefix("# ") ? line : ""
      }
    }
    let known = EnvironmentVariables.required + EnvironmentVariables.optional
    #expect(explained == Set(known + EnvironmentVariables.mail))
  }
}
