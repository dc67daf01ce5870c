import Yams

/// One mapping of a YAML file, read key by key.
///
/// Reading a key makes it known. `finish` reports the keys that nobody asked for.
final class Section {
  struct Entry {
    var place: Place
    var node: Node
  }

  /// The most elements that a list or a map of the configuration may have.
  static let mostElements = 1_000

  let place: Place
  let findings: Findings
  private let entries: [String: Entry]
  private var known: [String] = []

  private init(place: Place, findings: Findings, entries: [String: Entry]) {
    self.place = place
    self.findings = findings
    self.entries = entries
  }

  /// The section of a node; `nil`, with a problem, when the node is not a mapping. A key without a
  /// value is an empty section.
  init?(_ node: Node, at place: Place, findings: Findings) {
    self.place = place
    self.findings = findings
    switch node {
    case .mapping(let mapping):
      entries = Section.entries(of: mapping, at: place, findings)
    case .scalar(let scalar) where scalar.isNull:
      entries = [:]
    default:
      findings.problem(place, "is \(Section.kind(of: node))", "write a block of keys")
      return nil
    }
  }

  private static func entries(
    of mapping: Node.Mapping, at place: Place, _ findings: Findings
  ) -> [String: Entry] {
    var entries: [String: Entry] = [:]
    for (key, value) in mapping {
      guard case .scalar(let name) = key else {
        let line = key.mark?.line
        findings.problem(place.child("?", line: line), "is not a key", "write a word as the key")
        continue
      }
      let entry = Entry(place: place.child(name.string, line: name.mark?.line), node: value)
      if let first = entries.updateValue(entry, forKey: name.string) {
        let line = first.place.line.map { "in line \($0)" } ?? "before"
        findings.problem(entry.place, "is there already \(line)", "keep one of the two")
      }
    }
    return entries
  }

  /// This section with the entries of another one, which win; only whole values are replaced.
  func overlaid(by other: Section) -> Section {
    Section(
      place: place, findings: findings, entries: entries.merging(other.entries) { $1 })
  }

  /// The entry of a key, which becomes known.
  func entry(_ key: String) -> Entry? {
    if !known.contains(key) { known.append(key) }
    return entries[key]
  }

  /// Every entry, for maps whose keys are data.
  var allEntries: [(name: String, entry: Entry)] {
    entries.map { ($0.key, $0.value) }.sorted {
      ($0.1.place.line ?? 0, $0.0) < ($1.1.place.line ?? 0, $1.0)
    }
  }

  /// Reads a nested mapping with `body`; absent, it is an empty one.
  func section<Result>(_ key: String, _ body: (Section) -> Result) -> Result {
    let nested =
      nestedSection(key) ?? Section(place: place.child(key), findings: findings, entries: [:])
    defer { nested.finish() }
    return body(nested)
  }

  /// The nested mapping of a key, unread; `nil` when it is absent or, with a problem, no mapping.
  func nestedSection(_ key: String) -> Section? {
    guard let entry = entry(key) else { return nil }
    return Section(entry.node, at: entry.place, findings: findings)
  }

  /// The mappings of a list.
  func sections(_ key: String) -> [Section] {
    guard let entry = entry(key) else { return [] }
    guard let elements = elements(of: entry, "mappings") else { return [] }
    return elements.compactMap { Section($0.node, at: $0.place, findings: findings) }
  }

  /// The elements of a list with their places; `nil`, with a problem, when it is not a list.
  func elements(of entry: Entry, _ what: String) -> [Entry]? {
    guard case .sequence(let sequence) = entry.node, sequence.count <= Section.mostElements else {
      findings.problem(
        entry.place, "is \(Section.kind(of: entry.node))",
        "write a list of \(what), at most \(Section.mostElements)")
      return nil
    }
    return sequence.enumerated().map { index, node in
      Entry(place: entry.place.element(index, line: node.mark?.line), node: node)
    }
  }

  /// Reports every key that nobody asked for.
  func finish() {
    for (name, entry) in entries where !known.contains(name) {
      let nearest = NearestKey.of(name, among: known).map { "did you mean \($0)?" }
      let all = "the keys here are " + known.joined(separator: ", ")
      findings.problem(entry.place, "is not a known key", nearest ?? all)
    }
  }

  static func kind(of node: Node) -> String {
    switch node {
    case .scalar(let scalar) where scalar.isNull: "empty"
    case .scalar(let scalar) where scalar.isQuoted: "the text \(quoted(scalar.string)) in quotes"
    case .scalar(let scalar): quoted(scalar.string)
    case .mapping: "a block of keys"
    case .sequence(let sequence) where sequence.count > mostElements:
      "a list of \(sequence.count) values"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}

extension Node.Scalar {
  var isQuoted: Bool { style != .plain && style != .any }
  var isNull: Bool { !isQuoted && ["", "~", "null", "Null", "NULL"].contains(string) }
}
