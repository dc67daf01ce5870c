import Yams

extension ConfigurationFile {
  /// The top of a YAML file; `nil`, with a problem, when it cannot be read at all.
  func yaml(_ name: String, isPrivate: Bool, ifMissing suggestion: String) -> Section? {
    guard let text = text(of: name, isPrivate: isPrivate, ifMissing: suggestion) else { return nil }
    let place = Place(file: name, line: nil, key: "")
    do {
      let empty = Node.scalar(Node.Scalar(""))
      let node = try Yams.Parser(yaml: text, encoding: .utf8).singleRoot() ?? empty
      return Section(node, at: Place(file: name, line: 1, key: ""), findings: findings)
    } catch let error as YamlError {
      report(error, place)
    } catch {
      findings.problem(place, "is not valid YAML", "correct it")
    }
    return nil
  }

  /// libyaml's own words, without the text of the file that Yams appends to them.
  private func report(_ error: YamlError, _ file: Place) {
    var place = file
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      place.line = mark.line
      let around = context.map { "\($0.text) from line \($0.mark.line): " } ?? ""
      findings.problem(
        place, "is not valid YAML in column \(mark.column): \(around)\(problem)",
        "correct the text, and indent with spaces only")
    case .duplicatedKeysInMapping(let duplicates, let context):
      place.line = context.mark.line
      place.key = duplicates.first ?? ""
      findings.problem(place, "is there twice in one block", "keep one of the two")
    case .reader(let problem, _, _, _):
      findings.problem(place, "is not valid YAML: \(problem)", "save it as plain UTF-8 text")
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      findings.problem(place, "is not valid YAML", "correct it")
    }
  }
}
