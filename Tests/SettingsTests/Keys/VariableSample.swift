import Testing

@testable import Settings

/// One variable of .env: what it is for, a value that is right and values that are not.
struct VariableSample: Sendable, CustomTestStringConvertible {
  var name: String
  var meaning: String
  /// The processes that go by it.
  var readers: String
  /// What holds without it, where the loader does not say so.
  var absent = ""
  /// As it is written behind the `=`.
  var right: String
  /// The first one is of the wrong form.
  var wrong: [String]
  /// What else has to be there.
  var with = ""

  var testDescription: String { name }

  /// A file of secrets that is right, but for this variable, which has the value in its first line;
  /// without a value it is not there.
  func file(_ value: String?, as name: String? = nil) -> String {
    let others = ConfigurationRoot.secretsText.split(separator: "\n").filter {
      !$0.hasPrefix("\(self.name)=")
    }
    let line = value.map { "\(name ?? self.name)=\($0)\n" } ?? ""
    return line + others.map { "\($0)\n" }.joined() + (value == nil ? "" : with)
  }

  static let all = secrets + overrides + mail + simulators

  private static let session = "gateway, enforcer, `riskctl`"
  private static let long = String(repeating: "x", count: 600)
  private static let repeated = String(repeating: "0123456789abcdef", count: 4)

  private static let secrets = [
    VariableSample(
      name: "TOPSTEPX_API_KEY", meaning: "signs in at the venue", readers: session,
      right: "made-up-key", wrong: ["'made up'", "your_production_api_key_here", long]),
    VariableSample(
      name: "TOPSTEPX_USERNAME", meaning: "the user at the venue that signs in", readers: session,
      right: "somebody", wrong: [long, "your_production_username_here"]),
    VariableSample(
      name: "TOKEN_ENCRYPTION_KEY", meaning: "encrypts the session token on the disk",
      readers: session, right: "hex:\(ConfigurationRoot.encryptionKey)",
      wrong: ["hex:abcdef", "hex:\(repeated)", ConfigurationRoot.encryptionKey]),
    VariableSample(
      name: "ADMIN_PASSWORD_HASH", meaning: "the administrator's password is held against it",
      readers: "`riskctl`", right: "'\(ConfigurationRoot.passwordHash)'",
      wrong: [
        "opensesame", "'$2b$12$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV'",
        "'\(ConfigurationRoot.passwordHash.replacing("$12$", with: "$09$"))'",
      ]),
  ]

  private static let overrides = [
    VariableSample(
      name: "LOG_LEVEL", meaning: "the least level of any record", readers: "every process",
      right: "WARNING", wrong: ["loud", "info", ""]),
    VariableSample(
      name: "DATABASE_PATH", meaning: "the database", readers: "every process",
      right: "data/other.db", wrong: [long, ""]),
    VariableSample(
      name: "CONFIG_PATH", meaning: "the main file", readers: "supervisor, `riskctl`",
      absent: "`\(MainFile.standardName)`", right: "config/config.yaml", wrong: [long, ""]),
    VariableSample(
      name: "DEV_MODE", meaning: "allows what production must not have", readers: "every process",
      right: "true", wrong: ["1", "yes", ""]),
    VariableSample(
      name: "TOKEN_REFRESH_BUFFER_SECONDS",
      meaning: "the session token is renewed this long before it expires", readers: "gateway",
      right: "600", wrong: ["soon", "0", "86400", ""]),
  ]

  private static let mail = [
    VariableSample(
      name: "SMTP_USERNAME", meaning: "signs in at the mail server", readers: "monitor",
      absent: "mail is sent without signing in", right: "alerts@example.com",
      wrong: ["hid\u{1}den", "'open"], with: "SMTP_PASSWORD=made-up\n"),
    VariableSample(
      name: "SMTP_PASSWORD", meaning: "the password there", readers: "monitor",
      absent: "mail is sent without signing in", right: "made-up",
      wrong: ["hid\u{1}den", "\"open"], with: "SMTP_USERNAME=alerts@example.com\n"),
  ]

  private static let simulators = [
    VariableSample(
      name: "RISKD_VENUE_BASE_URL", meaning: "a simulator's REST interface, only with `useMockApi`",
      readers: session,
      right: "http://127.0.0.1:9000", wrong: ["venue", "ftp://127.0.0.1", "http://192.0.2.1"]),
    VariableSample(
      name: "RISKD_USER_HUB_URL", meaning: "a simulator's user hub, likewise", readers: "gateway",
      right: "http://127.0.0.1:9000/hubs/user", wrong: ["hub", "ws://192.0.2.1/hubs/user"]),
    VariableSample(
      name: "RISKD_MARKET_HUB_URL", meaning: "a simulator's market hub, likewise",
      readers: "gateway",
      right: "ws://127.0.0.1:9000/hubs/market", wrong: ["hub", "ws://192.0.2.1/hubs/market"]),
  ]
}
