import Foundation
import Yams

/// A file below config/ as it is shipped, read without riskd's own reader.
struct ShippedFile {
  /// A key with a value or a list of values.
  struct Leaf {
    /// `monitoring.alerts.rules[0].name`
    var path: String
    /// The value as it is written; a list of values on one line.
    var literal: String
    /// Of the key, counted from 1.
    var line: Int
  }

  static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "config")

  /// Below config/, without .env's.
  static let names = [
    "config.yaml", "risk_config.yaml", "monitoring.yaml", "logging.yaml", "holidays.yaml",
    "accounts.yaml.example",
  ]

  let lines: [String]
  let leaves: [Leaf]

  init(_ name: String) throws {
    let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
    lines = text.components(separatedBy: "\n")
    var leaves: [Leaf] = []
    if let root = try Yams.Parser(yaml: text, encoding: .utf8).singleRoot() {
      Self.gather(root, "", 1, &leaves)
    }
    self.leaves = leaves
  }

  /// Of every shipped file, read once.
  static let literals: [String: [String: String]] = {
    var literals: [String: [String: String]] = [:]
    for name in names {
      guard let file = try? ShippedFile(name) else { continue }
      literals[name] = Dictionary(file.leaves.map { ($0.path, $0.literal) }) { $1 }
    }
    return literals
  }()

  private static func gather(_ node: Node, _ path: String, _ line: Int, _ leaves: inout [Leaf]) {
    switch node {
    case .scalar(let scalar):
      leaves.append(Leaf(path: path, literal: literal(scalar), line: line))
    case .mapping(let mapping):
      for (key, value) in mapping {
        let name = key.scalar?.string ?? "?"
        let place = key.mark?.line ?? line
        gather(value, path.isEmpty ? name : "\(path).\(name)", place, &leaves)
      }
    case .sequence(let sequence):
      let scalars = sequence.compactMap(\.scalar)
      if scalars.count == sequence.count {
        let list = "[" + scalars.map(literal).joined(separator: ", ") + "]"
        leaves.append(Leaf(path: path, literal: list, line: line))
      } else {
        for (index, value) in sequence.enumerated() {
          gather(value, "\(path)[\(index)]", line, &leaves)
        }
      }
    case .alias:
      leaves.append(Leaf(path: path, literal: "an alias", line: line))
    }
  }

  private static func literal(_ scalar: Node.Scalar) -> String {
    let isQuoted = scalar.style == .doubleQuoted || scalar.style == .singleQuoted
    return isQuoted ? "\"\(scalar.string)\"" : scalar.string
  }

  /// What stands behind the value on its line, after a `#`; `nil` without one.
  func comment(beside leaf: Leaf) -> String? { Self.comment(of: lines[leaf.line - 1]) }

  static func comment(of line: String) -> String? {
    var isQuoted = false
    var previous: Character = " "
    for index in line.indices {
      let character = line[index]
      if character == "\"" { isQuoted.toggle() }
      if character == "#", previous == " ", !isQuoted {
        let text = line[index...].dropFirst().trimmingCharacters(in: .whitespaces)
        return text.isEmpty ? nil : text
      }
      previous = character
    }
    return nil
  }
}
