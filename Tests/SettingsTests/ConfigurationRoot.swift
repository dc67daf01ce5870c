import FoundationEssentials
import Glibc
import Testing

@testable import Settings

/// A root directory with a configuration that is right, until a test changes it.
final class ConfigurationRoot {
  let path: String

  static let mainText = """
    api:
      baseUrl: "http://127.0.0.1:8080"
    signalr:
      userHub:
        url: "http://127.0.0.1:8080/hubs/user"
      marketHub:
        url: "ws://localhost:8080/hubs/market"
    development:
      devMode: true
      testing:
        useMockApi: true

    """
  static let rulesText = """
    rules:
      max_contracts: {enabled: true, limit: 5}
      max_contracts_per_instrument: {enabled: true, limits: {MNQ: 2, NQ: 1}}
      daily_realized_loss: {enabled: true, loss_limit: 500.00}
      daily_unrealized_loss: {enabled: true, loss_limit: 300.00}
      max_unrealized_profit: {enabled: true, profit_target: 1000.00}
      symbol_blocks: {enabled: true, blocked_symbols: [RTY]}
      trade_frequency_limit: {enabled: false}
      cooldown_after_loss: {enabled: false}
      no_stop_loss_grace: {enabled: false}
      session_block_outside: {enabled: false}
      auth_loss_guard: {enabled: false}
      trade_management: {enabled: false}

    """
  static let accountsText = """
    accounts:
      - account_id: 1001
        name: "SIM-50K-1001"

    """
  static let secretsText = """
    TOPSTEPX_API_KEY=made-up-key
    TOPSTEPX_USERNAME=somebody
    TOKEN_ENCRYPTION_KEY=hex:\(encryptionKey)
    ADMIN_PASSWORD_HASH='\(passwordHash)'

    """
  static let encryptionKey = "9a1f03c75be2d8446092fe17ab3cd05e81f47a2b6d90c3e5184f72bd06a9ce31"
  static let passwordHash = "$2b$12$WvvTPHKwdBJ3uk0Z37EMRObDHMpJkB5lSVwzouV1FlcEskouYQnKi"

  init() throws {
    var template = Array("/tmp/riskd-settings-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
    try #require(mkdir("\(path)/config", 0o700) == 0)
    try write(Self.mainText, to: "config/config.yaml")
    try write(Self.rulesText, to: "config/risk_config.yaml")
    try write(Self.accountsText, to: "config/accounts.yaml", mode: 0o600)
    try write(Self.secretsText, to: ".env", mode: 0o600)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
    try write(Array(text.utf8), to: name, mode: mode)
  }

  func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o644) throws {
    unlink("\(path)/\(name)")
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL, mode)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    try #require(fchmod(descriptor, mode) == 0)
  }

  /// Writes the file as it is with one text in the place of another, which must be there.
  func replace(_ old: String, with new: String, in name: String) throws {
    let (text, mode) =
      switch name {
      case "config/config.yaml": (Self.mainText, mode_t(0o644))
      case "config/risk_config.yaml": (Self.rulesText, mode_t(0o644))
      case "config/accounts.yaml": (Self.accountsText, mode_t(0o600))
      default: (Self.secretsText, mode_t(0o600))
      }
    let range = try #require(text.firstRange(of: old))
    var changed = text
    changed.replaceSubrange(range, with: new)
    try write(changed, to: name, mode: mode)
  }

  func remove(_ name: String) {
    unlink("\(path)/\(name)")
  }

  func load(
    _ environment: [String: String] = [:]
  ) -> SettingsLoader.Outcome {
    SettingsLoader.load(root: path, environment: environment)
  }

  /// The report of the problems; empty when everything is right.
  func problems(
    _ environment: [String: String] = [:]
  ) -> String {
    guard case .rejected(let problems) = load(environment) else { return "" }
    return problems.map { "\($0)\n" }.joined()
  }

  /// What is accepted; a test that expects it fails with the problems otherwise.
  func accepted(
    _ environment: [String: String] = [:]
  ) throws -> (settings: RiskdSettings, credentials: VenueCredentials, notices: String) {
    switch load(environment) {
    case .accepted(let settings, let credentials, let notices):
      return (settings, credentials, notices.map { "\($0)\n" }.joined())
    case .rejected(let problems):
      throw Rejection(report: ConfigurationReport.text(problems: problems))
    }
  }

  struct Rejection: Error {
    var report: String
  }
}
