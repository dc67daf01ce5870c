/// The table at the end: what broke which rule, what riskd did, and what it took.
package enum ResultTable {
  private static let widths = [37, 30, 8, 9, 8]
  private static let gap = "  "

  /// At most 100 columns, newlines included.
  package static func text(_ incidents: [Incident]) -> String {
    let header = row(["BREACH", "ACTION", "PROOF", "LATENCY", "REQUESTS"])
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: gap) + "\n"
    return header + rule + incidents.map { row(cells(of: $0)) }.joined()
  }

  private static func cells(of incident: Incident) -> [String] {
    [
      incident.cause.description, actions(of: incident), proof(of: incident),
      incident.proof.map { "\($0.milliseconds) ms" } ?? "-",
      incident.proof.map { "\($0.requests)" } ?? "-",
    ]
  }

  /// Several requests of one kind are one thing: `close MNQ, MES, ES`.
  private static func actions(of incident: Incident) -> String {
    var kinds: [(verb: String, objects: [String])] = []
    for action in incident.actions {
      let words = Wording.plain(action).split(separator: " ", maxSplits: 1).map(String.init)
      let verb = words[0]
      let object = words.count == 2 ? words[1] : ""
      if let index = kinds.firstIndex(where: { $0.verb == verb }) {
        kinds[index].objects.append(object)
      } else {
        kinds.append((verb, [object]))
      }
    }
    return kinds.map { kind in
      let orders = kind.objects.count { $0.hasPrefix("order ") }
      guard orders == 0 else { return "\(kind.verb) \(Wording.counted(orders, "order"))" }
      return "\(kind.verb) \(kind.objects.joined(separator: ", "))"
    }.joined(separator: ", ")
  }

  private static func proof(of incident: Incident) -> String {
    switch incident.proof?.isConfirmed {
    case true?: "at venue"
    case false?: "REFUTED"
    case nil: incident.proof == nil ? "MISSING" : "unseen"
    }
  }

  /// A cell that is too long goes on in the next line; numbers stand at the right.
  private static func row(_ cells: [String]) -> String {
    let columns = zip(cells, widths).map { cell, width in cell.rows(of: width) }
    let height = columns.map(\.count).max() ?? 0
    return (0..<height).map { line in
      let parts = columns.enumerated().map { column, rows in
        (line < rows.count ? rows[line] : "").padded(to: widths[column], right: column >= 3)
      }
      return trimmed(parts.joined(separator: gap)) + "\n"
    }.joined()
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
