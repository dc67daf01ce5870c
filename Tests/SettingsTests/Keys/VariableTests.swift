import Testing

@testable import Settings

/// Every variable of .env: what is right is accepted, and what is wrong, misspelt or missing is
/// reported at its name.
@Suite struct VariableTests {
  private func problems(
    _ file: String, _ environment: [String: String] = [:]
  ) throws -> [ConfigurationProblem] {
    let root = try ConfigurationRoot()
    try root.write(file, to: ".env", mode: 0o600)
    guard case .rejected(let problems) = root.load(environment) else { return [] }
    return problems
  }

  @Test func `no variable that the loader knows is left out here`() {
    let known = EnvironmentVariables.required + EnvironmentVariables.optional
    #expect(Set(VariableSample.all.map(\.name)) == Set(known + EnvironmentVariables.mail))
    #expect(Set(VariableSample.all.map(\.name)).count == VariableSample.all.count)
  }

  @Test(arguments: VariableSample.all)
  func `what is right is accepted`(_ sample: VariableSample) throws {
    let problems = try problems(sample.file(sample.right))
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test(arguments: VariableSample.all)
  func `what is wrong is reported at the variable`(_ sample: VariableSample) throws {
    #expect(sample.wrong.count >= 2)
    for value in sample.wrong {
      let found = try problems(sample.file(value))
      let problem = try #require(
        found.first { $0.key == sample.name }, "\(value) is accepted: \(found)")
      #expect(problem.file == ".env")
      #expect(problem.line == 1)
      #expect(!problem.suggestion.isEmpty)
      if EnvironmentVariables.secret.contains(sample.name) {
        #expect(!"\(problem)".contains(value.filter { $0 != "'" && $0 != "\"" }), "\(problem)")
      }
    }
  }

  /// The same of the process's own environment, where there is no line.
  @Test(
    arguments: VariableSample.all.filter { !EnvironmentVariables.mail.contains($0.name) })
  func `a wrong value of the environment is reported as well`(_ sample: VariableSample) throws {
    let value = sample.wrong[0].replacing("'", with: "")
    let found = try problems(sample.file(nil), [sample.name: value])
    #expect(
      found.contains { $0.file == "environment" && $0.key == sample.name && $0.line == nil },
      "\(found)")
  }

  @Test(arguments: VariableSample.all)
  func `a misspelling is reported with the variable that was meant`(
    _ sample: VariableSample
  ) throws {
    // The first letter twice: nearer to its own name than to any other.
    let name = String(sample.name.prefix(1)) + sample.name
    let found = try problems(sample.file(sample.right, as: name))
    #expect(
      found.contains { problem in
        problem.file == ".env" && problem.line == 1 && problem.key == name
          && problem.suggestion == "did you mean \(sample.name)?"
      }, "\(found)")
  }

  @Test(arguments: EnvironmentVariables.required)
  func `a required variable that is missing is named`(_ name: String) throws {
    let sample = try #require(VariableSample.all.first { $0.name == name })
    for file in [sample.file(nil), sample.file("")] {
      #expect(
        try problems(file).contains { $0.key == name && $0.message == "is missing" })
    }
  }

  @Test(arguments: EnvironmentVariables.mail)
  func `one half of a login at the mail server is not enough`(_ name: String) throws {
    var sample = try #require(VariableSample.all.first { $0.name == name })
    sample.with = ""
    let found = try problems(sample.file(sample.right))
    #expect(found.map(\.key) == [name])
    #expect(found.map(\.suggestion) == ["write both or neither"])
  }
}
