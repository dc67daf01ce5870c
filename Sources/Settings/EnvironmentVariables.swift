/// The variables that riskd reads: those of .env, and above them those of its own environment.
struct EnvironmentVariables {
  static let file = ".env"
  static let required = [
    "TOPSTEPX_API_KEY", "TOPSTEPX_USERNAME", "TOKEN_ENCRYPTION_KEY", "ADMIN_PASSWORD_HASH",
  ]
  static let optional = [
    "LOG_LEVEL", "DATABASE_PATH", "CONFIG_PATH", "DEV_MODE", "TOKEN_REFRESH_BUFFER_SECONDS",
    "RISKD_VENUE_BASE_URL", "RISKD_USER_HUB_URL", "RISKD_MARKET_HUB_URL",
  ]
  static let ignored = ["SMTP_USERNAME", "SMTP_PASSWORD"]

  let findings: Findings
  private var variables: [String: (text: String, place: Place)] = [:]

  /// `assignments` are those of .env; `nil` when the file could not be read.
  init(
    assignments: [EnvironmentFile.Assignment]?, environment: [String: String], findings: Findings
  ) {
    self.findings = findings
    let known = Self.required + Self.optional + Self.ignored
    for assignment in assignments ?? [] {
      let place = Place(file: Self.file, line: assignment.line, key: assignment.name)
      if known.contains(assignment.name) {
        variables[assignment.name] = (assignment.value, place)
      } else {
        let nearest = NearestKey.of(assignment.name, among: known).map { "did you mean \($0)?" }
        findings.problem(
          place, "is not a known variable",
          nearest ?? "the variables are " + known.joined(separator: ", "))
      }
    }
    for name in known {
      guard let text = environment[name], !text.isEmpty else { continue }
      variables[name] = (text, Place(file: "environment", line: nil, key: name))
    }
    for name in Self.ignored {
      guard let variable = variables[name] else { continue }
      findings.notice(variable.place, "is accepted and has no effect: this version sends no mail")
    }
  }

  /// The value of a variable, or `nil` with a problem when it is there and wrong.
  func optional<Value>(_ name: String, _ form: ValueForm<Value>) -> Reading<Value?> {
    guard let variable = variables[name] else {
      let place = Place(file: Self.file, line: nil, key: name)
      return Reading(value: nil, place: place, isSound: true, isPresent: false)
    }
    let value = form.read(ScalarText(text: variable.text))
    if value == nil {
      findings.problem(
        variable.place, form.isPrivate ? "cannot be read" : "is \(quoted(variable.text))",
        "write \(form.right)")
    }
    return Reading(
      value: value, place: variable.place, isSound: value != nil, isPresent: true)
  }

  /// A value of a file, unless the variable is set: then the variable's.
  func override<Value>(
    _ reading: Reading<Value>, by name: String, _ form: ValueForm<Value>
  ) -> Reading<Value> {
    let variable = optional(name, form)
    guard variable.isPresent else { return reading }
    if variable.isSound {
      findings.notice(variable.place, "counts instead of \(reading.place.key)")
    }
    return variable.map { $0 ?? reading.value }
  }

  /// The text of a variable and its place, for values that are secret; empty counts as missing.
  func secret(_ name: String, _ suggestion: String) -> (text: String, place: Place)? {
    if let variable = variables[name], !variable.text.isEmpty { return variable }
    let place = variables[name]?.place ?? Place(file: Self.file, line: nil, key: name)
    findings.problem(place, "is missing", suggestion)
    return nil
  }
}
