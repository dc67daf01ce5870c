import Foundation
import Testing

@testable import Settings

/// The shipped files have the specification's production values, every one, and nothing unlisted
/// beside them.
@Suite struct ShippedValueTests {
  private static func exception(_ value: ShippedValue) -> ShippedException? {
    ShippedException.all.first { $0.file == value.file && $0.path == value.path }
  }

  @Test(arguments: SpecifiedValues.all)
  func `what is specified is shipped`(_ value: ShippedValue) throws {
    let shipped = try #require(ShippedFile.literals[value.file]?[value.path])
    #expect(shipped == Self.exception(value)?.literal ?? value.literal)
  }

  @Test(arguments: OwnValues.all)
  func `what is ours is listed with its value`(_ value: ShippedValue) throws {
    #expect(ShippedFile.literals[value.file]?[value.path] == value.literal)
  }

  @Test(arguments: ShippedFile.names)
  func `no key of a shipped file is left out of the lists`(_ name: String) throws {
    let listed = (SpecifiedValues.all + OwnValues.all).filter { $0.file == name }.map(\.path)
    #expect(Set(listed).count == listed.count, "a key is listed twice")
    let shipped = Set(try ShippedFile(name).leaves.map(\.path))
    #expect(shipped.subtracting(listed) == [])
    #expect(Set(listed).subtracting(shipped) == [])
  }

  @Test func `no shipped file is left out`() throws {
    let entries = try FileManager.default.contentsOfDirectory(
      at: ShippedFile.directory, includingPropertiesForKeys: [.isRegularFileKey])
    let files = try entries.filter {
      try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
    }
    #expect(Set(files.map(\.lastPathComponent)) == Set(ShippedFile.names + ["env.example"]))
  }

  /// How many the specification has, so that no list loses a line.
  @Test func `the lists are whole`() {
    #expect(SpecifiedValues.main.count == 72)
    #expect(SpecifiedValues.rules.count == 40)
    #expect(SpecifiedValues.monitoring.count == 55)
    #expect(SpecifiedValues.logging.count == 25)
    #expect(SpecifiedValues.variables.count == 8)
    #expect((SpecifiedValues.all + OwnValues.all).allSatisfy { !$0.literal.isEmpty })
  }

  @Test func `an exception is one, and has its reason`() {
    for exception in ShippedException.all {
      let specified = SpecifiedValues.all.first {
        $0.file == exception.file && $0.path == exception.path
      }
      #expect(specified != nil, "\(exception.path) is not specified")
      #expect(specified?.literal != exception.literal, "\(exception.path) is no exception")
      #expect(!exception.reason.isEmpty)
    }
    // Metrics of riskd's own are added, and none of the specification's is taken away.
    let collected = "monitoring.metrics.collect"
    func metrics(_ literal: String?) -> [Substring] {
      (literal ?? "").dropFirst().dropLast().replacing(" ", with: "").split(separator: ",")
    }
    let specified = metrics(SpecifiedValues.monitoring.first { $0.path == collected }?.literal)
    let shipped = metrics(ShippedException.all.first { $0.path == collected }?.literal)
    #expect(specified.count == 19)
    #expect(
      shipped.filter { !["accounts_in_doubt", "limit_warning_counts"].contains($0) } == specified)
  }

  /// .env.example holds the specification's variables, and no other one is set there.
  @Test func `the specified variables are shipped`() throws {
    let text = try String(
      contentsOf: ShippedFile.directory.appending(path: "env.example"), encoding: .utf8)
    let findings = Findings()
    let shipped = EnvironmentFile.parse(text, file: ".env", findings: findings).map {
      ShippedValue(file: "env.example", path: $0.name, literal: $0.value)
    }
    #expect(findings.problems.isEmpty)
    #expect(shipped == SpecifiedValues.variables)
  }
}
