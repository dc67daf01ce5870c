import Foundation
import Testing

@testable import Settings

/// Every key of every file: what is right is accepted, and a wrong type, a value out of range and a
/// misspelling are each reported at the key.
@Suite struct KeyTests {
  static let samples = MainKeys.samples + RuleKeys.samples + OtherKeys.samples
  static let everywhere = samples + OverrideKeys.samples

  private func load(_ sample: KeySample, _ document: String) throws -> SettingsLoader.Outcome {
    let root = try ConfigurationRoot()
    let mode: mode_t = sample.file == .accounts ? 0o600 : 0o644
    try root.write(document, to: sample.file.rawValue, mode: mode)
    return root.load()
  }

  private func problems(_ sample: KeySample, _ document: String) throws -> [ConfigurationProblem] {
    guard case .rejected(let problems) = try load(sample, document) else { return [] }
    return problems
  }

  @Test(arguments: everywhere)
  func `what is right is accepted`(_ sample: KeySample) throws {
    let problems = try problems(sample, sample.document(sample.right))
    #expect(problems.isEmpty, "\(problems)\n\(sample.document(sample.right))")
  }

  @Test(arguments: everywhere)
  func `a wrong type and a value out of range are reported at the key`(
    _ sample: KeySample
  ) throws {
    #expect(sample.wrong.count >= 2)
    for value in sample.wrong {
      let document = sample.document(value)
      let found = try problems(sample, document).first { problem in
        problem.file == sample.file.rawValue
          && (problem.key == sample.key || problem.key.hasPrefix(sample.key + "[")
            || problem.key.hasPrefix(sample.key + "."))
      }
      guard let found else {
        Issue.record("\(sample.key): \(value) is accepted\n\(document)")
        continue
      }
      #expect(!found.suggestion.isEmpty)
      let lines = document.components(separatedBy: "\n")
      let line = try #require(found.line)
      #expect(lines[line - 1].contains(sample.name), "line \(line) is not that of \(sample.key)")
    }
  }

  @Test(arguments: everywhere)
  func `a misspelling is reported with the key that was meant`(_ sample: KeySample) throws {
    // A symbol of a map is data, and any symbol may stand there.
    guard !sample.section.hasSuffix(".limits") || sample.name.hasPrefix("per_") else { return }
    // The first letter twice: nearer to its own key than to any other.
    let name = String(sample.name.prefix(1)) + sample.name
    let prefix = sample.section.isEmpty ? "" : sample.section + "."
    let found = try problems(sample, sample.document(sample.right, as: prefix + name))
    let key = String(sample.key.dropLast(sample.name.count)) + name
    #expect(
      found.contains { problem in
        problem.file == sample.file.rawValue && problem.key == key && problem.line != nil
          && problem.suggestion == "did you mean \(sample.name)?"
      }, "\(found)")
  }

  /// The loader names every key of a block to whom writes one that resembles none of them.
  @Test(arguments: KeySample.File.allCases)
  func `no key that the loader knows is left out here`(_ file: KeySample.File) throws {
    let samples = Self.samples.filter { $0.file == file }
    let sections = Set(samples.map(\.section))
    for section in sections.sorted() where !section.hasSuffix("instrument.limits") {
      let here = try #require(samples.first { $0.section == section })
      let prefix = section.isEmpty ? "" : section + "."
      let found = try problems(here, here.document("1", as: prefix + "q9w8x7z6v5"))
      let marker = "the keys here are "
      let text = try #require(
        found.map(\.suggestion).first { $0.hasPrefix(marker) }, "\(section): \(found)")
      let known = Set(text.dropFirst(marker.count).components(separatedBy: ", "))
      let named = Set(
        samples.compactMap { sample -> String? in
          guard sample.path.hasPrefix(prefix) else { return nil }
          return sample.path.dropFirst(prefix.count).split(separator: ".").first.map(String.init)
        })
      let missing = known.subtracting(named).subtracting(Self.refused).subtracting(Self.elsewhere)
      #expect(missing == [], "\(file.rawValue) \(section)")
    }
  }

  /// Keys that are refused wherever they stand, with a word on what to write instead; the tests of
  /// slips have them.
  static let refused: Set<String> = [
    "mark_price", "include_fees", "symbol_aliases", "rules", "accounts", "limit",
    "reset_time", "timezone", "enforcement", "lockout_until_reset", "composite_enforcement",
    "enforcement_mode", "target", "instrument_limits", "default_limit", "require_within_seconds",
    "alert_on_disconnect", "alert_on_auth_failure", "global_session",
  ]

  /// Blocks whose keys are rules or symbols, or belong to a channel of another type.
  static let elsewhere: Set<String> = [
    "sessions", "url", "path", "smtp_host", "rule_overrides", "config_overrides",
  ]
}
