/// The variables that riskd reads: those of the file of secrets, and above them those of its own
/// environment.
struct EnvironmentVariables {
  static let required = [
    "TOPSTEPX_API_KEY", "TOPSTEPX_USERNAME", "TOKEN_ENCRYPTION_KEY", "ADMIN_PASSWORD_HASH",
  ]
  static let optional = [
    "LOG_LEVEL", "DATABASE_PATH", "CONFIG_PATH", "DEV_MODE", "TOKEN_REFRESH_BUFFER_SECONDS",
    "RISKD_VENUE_BASE_URL", "RISKD_USER_HUB_URL", "RISKD_MARKET_HUB_URL",
  ]
  static let mail = ["SMTP_USERNAME", "SMTP_PASSWORD"]

  /// Those that hold secrets; no other process is to inherit them.
  static let secret = required + mail

  /// The file's name in messages.
  let file: String
  let findings: Findings
  private var variables: [String: (text: String, place: Place)] = [:]

  /// `assignments` are those of the file; `nil` when it could not be read.
  init(
    assignments: [EnvironmentFile.Assignment]?, of file: String, environment: [String: String],
    findings: Findings
  ) {
    self.file = file
    self.findings = findings
    let known = Self.required + Self.optional + Self.mail
    for assignment in assignments ?? [] {
      let place = Place(file: file, line: assignment.line, key: assignment.name)
      if known.contains(assignment.name) {
        variables[assignment.name] = (assignment.value, place)
      } else {
        let nearest =
          NearestKey.of(assignment.name, among: known) ?? Self.ofVenue(assignment.name)
        findings.problem(
          place, "is not a known variable",
          nearest.map { "did you mean \($0)?" } ?? "the variables are "
            + known.joined(separator: ", "))
      }
    }
    for name in known {
      guard let text = environment[name], !text.isEmpty else { continue }
      variables[name] = (text, Place(file: "environment", line: nil, key: name))
    }
  }

  /// Other tools call the venue by other names: `PROJECT_X_API_KEY` is `TOPSTEPX_API_KEY` here.
  private static func ofVenue(_ name: String) -> String? {
    let prefix = "TOPSTEPX_"
    return required.first { variable in
      variable.hasPrefix(prefix)
        && NearestKey.ends(name, with: String(variable.dropFirst(prefix.count)))
    }
  }

  /// The value of a variable, or `nil` with a problem when it is there and wrong.
  func optional<Value>(_ name: String, _ form: ValueForm<Value>) -> Reading<Value?> {
    guard let variable = variables[name] else {
      let place = Place(file: file, line: nil, key: name)
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
    if let value = variable.value {
      findings.effective.record(
        ValueText.of(value, form), of: reading.place, from: variable.place)
    }
    return variable.map { $0 ?? reading.value }
  }

  /// Says of each secret whether there is one.
  func recordSecrets() {
    for name in Self.secret {
      let key = Place(file: file, line: nil, key: name)
      if let variable = variables[name], !variable.text.isEmpty {
        findings.effective.record("set", of: key, from: variable.place)
      } else {
        findings.effective.recordStandard("not set", of: key)
      }
    }
  }

  /// The text of a variable that may be absent, for values that are secret; empty counts as absent.
  func optionalSecret(_ name: String) -> (text: String, place: Place)? {
    variables[name].flatMap { $0.text.isEmpty ? nil : $0 }
  }

  /// The text of a variable and its place, for values that are secret; empty counts as missing.
  func secret(_ name: String, _ suggestion: String) -> (text: String, place: Place)? {
    if let variable = variables[name], !variable.text.isEmpty { return variable }
    let place = variables[name]?.place ?? Place(file: file, line: nil, key: name)
    findings.problem(place, "is missing", suggestion)
    return nil
  }
}
