import Foundation
import Testing

@testable import Settings

/// ops/CONFIGURATION.md lists every key as the loader knows it. With RISKD_WRITE_PAGES=1 the test
/// writes the page.
@Suite struct KeyPageTests {
  private static let page = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ops/CONFIGURATION.md")

  /// The keys, each behind its file, of which Tests/keys.tsv names a test.
  private let evidence: Set<String> = {
    let list = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "keys.tsv")
    let text = (try? String(contentsOf: list, encoding: .utf8)) ?? ""
    return Set(
      text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
        line.split(separator: "\t").prefix(2).joined(separator: " ")
      })
  }()

  private func row(_ sample: KeySample) throws -> String {
    let root = try ConfigurationRoot()
    let mode: mode_t = sample.file == .accounts ? 0o600 : 0o644
    try root.write(sample.document(sample.wrong[0]), to: sample.file.rawValue, mode: mode)
    guard case .rejected(let problems) = root.load(),
      let problem = problems.first(where: { $0.key.hasPrefix(sample.key) })
    else { return "| `\(sample.path)` | – | – |" }
    try root.write(sample.document(sample.right), to: sample.file.rawValue, mode: mode)
    let name = sample.file.rawValue.split(separator: "/").last ?? ""
    let hasEvidence = evidence.contains("\(name) \(sample.path.replacing(".0", with: "[]"))")
    var effect = !hasEvidence ? "not shown" : sample.isOnlyValue ? "one value" : "yes"
    if case .accepted(_, _, let notices) = root.load(),
      let notice = notices.first(where: {
        $0.key == sample.key && $0.message.hasPrefix("is accepted and has no effect")
      })
    {
      let reason = notice.message.split(separator: ": ", maxSplits: 1).dropFirst().first
      effect = "none" + (reason.map { ": \($0)" } ?? "")
    }
    let values = problem.suggestion.replacing("write ", with: "", maxReplacements: 1)
    return "| `\(sample.path.replacing(".0", with: "[]"))` | \(values) | \(effect) |"
  }

  /// The form is in the loader's own words, and so is what counts without the variable.
  private func row(_ sample: VariableSample) throws -> String {
    let root = try ConfigurationRoot()
    func outcome(_ value: String?) throws -> SettingsLoader.Outcome {
      try root.write(sample.file(value), to: ".env", mode: 0o600)
      return root.load()
    }
    func problem(_ value: String?) throws -> ConfigurationProblem? {
      guard case .rejected(let problems) = try outcome(value) else { return nil }
      return problems.first { $0.key == sample.name }
    }
    let form = try problem(sample.wrong[0])?.suggestion
      .replacing("write ", with: "", maxReplacements: 1)
    var absent = sample.absent
    if try problem(nil) != nil { absent = "refused" }
    let marker = "counts instead of "
    if case .accepted(_, _, let notices) = try outcome(sample.right),
      let notice = notices.first(where: {
        $0.key == sample.name && $0.message.hasPrefix(marker)
      })
    {
      absent = "`\(notice.message.dropFirst(marker.count))`"
    }
    return "| `\(sample.name)` | \(sample.meaning) | \(form ?? "–") | \(absent) | "
      + "\(sample.readers) |"
  }

  private func variables() throws -> [String] {
    [
      "## .env", "",
      "The secrets, and what counts before the files: `NAME=value` in each line, with mode 600. "
        + "`config/env.example` shows them all. The",
      "environment of the process counts before the file, and nothing is expanded. A wrong value "
        + "is refused like a wrong key, and so is a",
      "name that riskd does not know; no message shows a secret.", "",
      "| variable | meaning | form | without it | read by |", "|---|---|---|---|---|",
    ] + (try VariableSample.all.map(row)) + [""]
  }

  @Test func `the page says what the loader does`() throws {
    var lines = [
      "# Configuration", "",
      "Every key of every file with the values that it takes. The files in `config/` explain what "
        + "the keys mean, and",
      "`ops/rules/` has a page for every rule. A key with the effect *none* belongs to the wider "
        + "family of the specification: it is",
      "checked like the others, has no effect here, and `riskctl config validate` says so wherever "
        + "it stands. Anything else is",
      "refused with file, line, key and what would be right. A key with *one value* says what "
        + "riskd does and takes nothing else. Of",
      "every other key `Tests/keys.tsv` names the tests that show what it does. The page is "
        + "written from the loader and checked by a test.", "",
    ]
    for file in KeySample.File.allCases {
      lines += ["## \(file.rawValue)", "", "| key | values | effect |", "|---|---|---|"]
      var seen: Set<String> = []
      for sample in KeyTests.samples where sample.file == file && seen.insert(sample.path).inserted
      {
        lines.append(try row(sample))
      }
      lines.append("")
    }
    lines += try variables()
    lines += [
      "## Refused with the way to say the same", "",
      KeyTests.refused.sorted().map { "`\($0)`" }.joined(separator: ", "), "",
    ]
    let text = lines.dropLast().joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["RISKD_WRITE_PAGES"] == "1" {
      try text.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    let kept = try? String(contentsOf: Self.page, encoding: .utf8)
    #expect(kept == text, "ops/CONFIGURATION.md is out of date; RISKD_WRITE_PAGES=1 writes it")
  }
}
