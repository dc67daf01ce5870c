/// A report for people.
package enum ReportText {
  package static func render(_ report: BenchmarkReport) -> String {
    var lines = warnings(report)
    lines += [
      "riskbench \(report.release)\(report.quick ? ", quick" : ""), "
        + "\(decimal(report.seconds, digits: 0)) s",
      "machine  " + machine(report.machine), "",
    ]
    lines += table(
      ["", "value", "must", "aim", "floor", "ratio", "verdict"], report.figures.map(row))
    if !report.distributions.isEmpty {
      lines.append("")
      lines += table(
        ["", "p50", "p99", "p99.9", "max", "count", "runs"], report.distributions.map(row))
    }
    if !report.processes.isEmpty {
      lines.append("")
      lines += table(["", "after", "RSS", "PSS"], report.processes.map(row))
    }
    let details = report.figures.compactMap { figure in
      figure.detail.map { "\(figure.title): \($0)" }
    }
    let floors = Set(report.figures.compactMap(\.floorName)).sorted().map { "floor: \($0)" }
    for text in details + floors + report.notes { lines += [""] + wrapped(text) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A number in a unit that people read at a glance.
  package static func text(_ value: Double, _ unit: FigureUnit) -> String {
    switch unit {
    case .nanoseconds:
      switch value {
      case ..<9_950: "\(decimal(value / 1_000, digits: 1)) µs"
      case ..<999_500: "\(decimal(value / 1_000, digits: 0)) µs"
      case ..<9_995_000: "\(decimal(value / 1_000_000, digits: 2)) ms"
      case ..<999_500_000: "\(decimal(value / 1_000_000, digits: 0)) ms"
      default: "\(decimal(value / 1_000_000_000, digits: 2)) s"
      }
    case .perSecond: "\(grouped(Int64(value.rounded())))/s"
    case .count: grouped(Int64(value.rounded()))
    case .bytes: "\(decimal(value / 1_000_000, digits: 1)) MB"
    case .share: "\(decimal(value * 100, digits: 2)) %"
    }
  }

  private static func warnings(_ report: BenchmarkReport) -> [String] {
    var lines: [String] = []
    if report.build == .debug {
      lines.append("DEBUG BUILD of riskbench: the figures say nothing about the budgets.")
    }
    switch report.riskd {
    case .debug: lines.append("DEBUG BUILD of riskd: the figures say nothing about the budgets.")
    case .unknown: lines.append("It is not known how the riskd that was measured was built.")
    case .release, nil: break
    }
    return lines.isEmpty ? [] : lines + [""]
  }

  private static func machine(_ facts: MachineFacts) -> String {
    func load(_ numbers: [Double]) -> String {
      numbers.map { decimal($0, digits: 2) }.joined(separator: " ")
    }
    let after = facts.loadAfter.isEmpty ? "" : ", after \(load(facts.loadAfter))"
    return "\(facts.cores) × \(facts.processor), \(facts.kernel), "
      + "\(decimal(Double(facts.memoryBytes) / 1e9, digits: 1)) GB; "
      + "load before \(load(facts.loadBefore))\(after)"
  }

  private static func row(_ figure: Figure) -> [String] {
    func text(_ value: Double?) -> String { value.map { Self.text($0, figure.unit) } ?? "-" }
    return [
      figure.title, text(figure.value), text(figure.must), text(figure.aim), text(figure.floor),
      figure.ratio.map { "× \(decimal($0, digits: $0 < 10 ? 1 : 0))" } ?? "-",
      figure.verdict.word,
    ]
  }

  private static func row(_ distribution: BenchmarkReport.Distribution) -> [String] {
    let spans = [distribution.p50, distribution.p99, distribution.p999, distribution.max]
    return [distribution.title] + spans.map { text(Double($0), .nanoseconds) }
      + [grouped(Int64(distribution.count)), "\(distribution.runs)"]
  }

  private static func row(_ entry: BenchmarkReport.ProcessEntry) -> [String] {
    [
      entry.name, entry.moment, text(Double(entry.residentBytes), .bytes),
      text(Double(entry.proportionalBytes), .bytes),
    ]
  }

  /// Columns as wide as their widest cell: the first to the left, the others to the right.
  static func table(_ heads: [String], _ rows: [[String]]) -> [String] {
    let all = [heads] + rows
    let widths = heads.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { cells in
      zip(cells, widths).enumerated().map { index, pair in
        let space = String(repeating: " ", count: pair.1 - pair.0.count)
        return index == 0 ? pair.0 + space : space + pair.0
      }
      .joined(separator: "  ")
    }
  }

  /// Words on lines of at most that many characters; later lines are indented.
  static func wrapped(_ text: String, width: Int = 100) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = " "
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }

  /// Rounded half away from zero.
  static func decimal(_ value: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + grouped(scaled) }
    let fraction = String(scaled % Int64(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(grouped(scaled / Int64(scale))).\(zeros)\(fraction)"
  }

  static func grouped(_ number: Int64) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}

extension Verdict {
  fileprivate var word: String {
    switch self {
    case .aim: "aim"
    case .must: "must"
    case .missed: "MISSED"
    case .short: "short of aim"
    case .free: "-"
    case .unmeasured: "not measured"
    }
  }
}
