import Yams

/// Every single value of a YAML text by the path of its key, as the configuration's own reader has
/// it. For comparing two texts.
package enum YAMLLeaves {
  /// - Returns: `nil` for a text that is no YAML.
  package static func of(_ text: String) -> [String: String]? {
    guard let root = try? Yams.Parser(yaml: text, encoding: .utf8).singleRoot() else { return nil }
    var leaves: [String: String] = [:]
    gather(root, "", &leaves)
    return leaves
  }

  private static func gather(_ node: Node, _ path: String, _ leaves: inout [String: String]) {
    switch node {
    case .scalar(let scalar): leaves[path] = scalar.string
    case .alias: leaves[path] = "an alias"
    case .mapping(let mapping):
      if mapping.isEmpty { leaves[path] = "{}" }
      for (key, value) in mapping {
        let name = key.scalar?.string ?? "?"
        gather(value, path.isEmpty ? name : "\(path).\(name)", &leaves)
      }
    case .sequence(let sequence):
      if sequence.isEmpty { leaves[path] = "[]" }
      for (index, value) in sequence.enumerated() { gather(value, "\(path)[\(index)]", &leaves) }
    }
  }
}
