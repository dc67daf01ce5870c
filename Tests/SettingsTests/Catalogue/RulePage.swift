import Foundation
import RiskModel

@testable import Settings

/// The page of one rule, made of what the rule says of itself, of its block in the shipped
/// risk_config.yaml, and of what the loader asks for where a value is wrong.
struct RulePage {
  struct Key: Equatable {
    var name: String
    var value: String
    var meaning: String
    /// Commented out in the shipped file.
    var isOptional: Bool
    var line: Int
  }

  let rule: RuleID
  private let root: URL
  private let lines: [String]

  init(_ rule: RuleID, repository root: URL) throws {
    self.rule = rule
    self.root = root
    lines = try String(contentsOf: root.appending(path: "config/risk_config.yaml"), encoding: .utf8)
      .components(separatedBy: "\n")
  }

  /// The lines of the rule's block, without what follows it.
  private var block: Range<Int> {
    let names = ["  \(rule.key):", "  # \(rule.key):"]
    guard let start = lines.firstIndex(where: { names.contains($0) }) else { return 0..<0 }
    let end =
      lines[(start + 1)...].firstIndex { line in
        line.isEmpty || line.hasPrefix("  # RULE-")
      } ?? lines.count
    return start..<end
  }

  /// What the rule says of itself, paragraph by paragraph.
  func summary() throws -> [String] {
    let folder = root.appending(path: "Sources/RiskRules/Rules")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let all = text.components(separatedBy: "\n")
      guard let start = all.firstIndex(where: { $0.hasPrefix("/// \(rule.rawValue) ") }) else {
        continue
      }
      let comment = all[start...].prefix { $0.hasPrefix("///") }.map { $0.dropFirst(3) }
      return comment.split { $0.allSatisfy(\.isWhitespace) }.map { paragraph in
        paragraph.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
      }
    }
    return []
  }

  var keys: [Key] {
    var keys: [Key] = []
    for number in block.dropFirst() {
      var line = lines[number]
      let isOptional = line.trimmingCharacters(in: .whitespaces).hasPrefix("#")
      if isOptional, let mark = line.firstIndex(of: "#") {
        line = String(repeating: " ", count: 4) + line[line.index(after: mark)...]
      }
      let parts = line.components(separatedBy: "  #")
      let comment =
        parts.count > 1
        ? parts.dropFirst().joined(separator: "  #").trimmingCharacters(in: .whitespaces) : ""
      let text = parts[0].trimmingCharacters(in: .whitespaces)
      guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("-"), !text.hasPrefix("{") else {
        // A remark goes on, or an item of the key above.
        if !keys.isEmpty, comment.isEmpty == false || text.hasPrefix("-") {
          let more = text.hasPrefix("-") ? comment : comment
          if !more.isEmpty { keys[keys.count - 1].meaning += " \(more)" }
          if text.hasPrefix("-") {
            keys[keys.count - 1].value +=
              " " + text.dropFirst().trimmingCharacters(in: .whitespaces)
          }
        }
        continue
      }
      let name = text[..<colon].trimmingCharacters(in: .whitespaces)
      guard name.allSatisfy({ $0.isLetter || $0 == "_" || $0.isNumber }) else { continue }
      keys.append(
        Key(
          name: name,
          value: text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces),
          meaning: comment, isOptional: isOptional, line: number))
    }
    return keys
  }

  /// What the loader asks for when the value of a key is one that nothing takes.
  private func right(for key: Key) throws -> String {
    var changed = lines
    let old = changed[key.line]
    guard !key.isOptional, !key.value.isEmpty, let colon = old.firstIndex(of: ":") else {
      return ""
    }
    changed[key.line] = old[...colon] + " {nothing: takes this}"
    let files = try ConfigurationRoot()
    try files.write(changed.joined(separator: "\n"), to: "config/risk_config.yaml")
    guard case .rejected(let problems) = files.load() else { return "" }
    let own = problems.first {
      $0.description.contains(".\(key.name): ") && $0.description.contains(":\(key.line + 1):")
    }
    return own?.suggestion.replacing("write ", with: "") ?? ""
  }

  func text() throws -> String {
    let summary = try summary()
    var page = ["# \(rule.rawValue) \(rule.key)", ""]
    page += [summary.first.map(firstSentence) ?? ""]
    for paragraph in summary.dropFirst() { page += ["", paragraph] }
    page += ["", "| key | shipped value | allowed | meaning |", "|---|---|---|---|"]
    for key in keys {
      let value = key.value.isEmpty ? "" : "`\(key.value)`\(key.isOptional ? " (not set)" : "")"
      page.append("| `\(key.name)` | \(value) | \(try right(for: key)) | \(key.meaning) |")
    }
    let codes = ReasonCatalogue.samples.filter {
      ReasonCatalogue.entry(of: $0).rules.contains(rule)
    }
    page += [
      "",
      "Reasons: " + codes.map { "`\($0.code)`" }.joined(separator: ", ")
        + " (see [the catalogue](../REASONS.md)).",
    ]
    page += ["", "As it is shipped, in `config/risk_config.yaml`:", "", "```yaml"]
    page += block.map { lines[$0] }
    return (page + ["```"]).joined(separator: "\n") + "\n"
  }

  /// Without the rule's own name, which is the title.
  private func firstSentence(_ text: String) -> String {
    guard let colon = text.range(of: "`: ") else { return text }
    let rest = String(text[colon.upperBound...])
    return rest.prefix(1).uppercased() + rest.dropFirst()
  }
}
