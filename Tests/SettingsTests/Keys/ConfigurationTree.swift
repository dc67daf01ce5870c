/// A YAML document that a test changes key by key.
indirect enum ConfigurationTree {
  case leaf(String)
  case block([(name: String, value: ConfigurationTree)])
  case list([ConfigurationTree])

  /// Sets a value; numbers in the path are places of a list.
  mutating func set(_ path: ArraySlice<String>, to value: String) {
    guard let name = path.first else {
      self = .leaf(value)
      return
    }
    let rest = path.dropFirst()
    if let index = Int(name) {
      var elements: [ConfigurationTree] = []
      if case .list(let present) = self { elements = present }
      while elements.count <= index { elements.append(.block([])) }
      elements[index].set(rest, to: value)
      self = .list(elements)
      return
    }
    var entries: [(name: String, value: ConfigurationTree)] = []
    if case .block(let present) = self { entries = present }
    if let place = entries.firstIndex(where: { $0.name == name }) {
      entries[place].value.set(rest, to: value)
    } else {
      var new = ConfigurationTree.block([])
      new.set(rest, to: value)
      entries.append((name, new))
    }
    self = .block(entries)
  }

  mutating func set(_ path: String, to value: String) {
    set(path.split(separator: ".").map(String.init)[...], to: value)
  }

  /// Takes a key out; what is not there is left alone.
  mutating func remove(_ path: ArraySlice<String>) {
    guard let name = path.first else { return }
    let rest = path.dropFirst()
    switch self {
    case .leaf: break
    case .list(var elements):
      guard let index = Int(name), elements.indices.contains(index) else { return }
      elements[index].remove(rest)
      self = .list(elements)
    case .block(var entries):
      if rest.isEmpty {
        entries.removeAll { $0.name == name }
      } else if let place = entries.firstIndex(where: { $0.name == name }) {
        entries[place].value.remove(rest)
      }
      self = .block(entries)
    }
  }

  mutating func remove(_ path: String) {
    remove(path.split(separator: ".").map(String.init)[...])
  }

  var text: String { lines.map { $0 + "\n" }.joined() }

  private var lines: [String] {
    switch self {
    case .leaf(let text): [text]
    case .block(let entries):
      entries.flatMap { name, value in
        if case .leaf(let text) = value { return ["\(name): \(text)"] }
        return ["\(name):"] + value.lines.map { "  " + $0 }
      }
    case .list(let elements):
      elements.flatMap { element in
        let lines = element.lines
        return lines.enumerated().map { $0.offset == 0 ? "- \($0.element)" : "  \($0.element)" }
      }
    }
  }
}
