import RiskModel
import Testing

@testable import Settings

/// The variables of .env and of the process.
struct EnvironmentTests {
  @Test func processEnvironmentCountsBeforeTheFile() throws {
    let root = try ConfigurationRoot()
    try root.write(
      ConfigurationRoot.secretsText + """
        LOG_LEVEL=WARNING
        DATABASE_PATH=data/file.db
        TOKEN_REFRESH_BUFFER_SECONDS=60
        SMTP_USERNAME=u
        SMTP_PASSWORD=x
        """, to: ".env", mode: 0o600)
    let (fromFile, _, notices) = try root.accepted(["LOG_LEVEL": "", "HOME": "/"])
    #expect(fromFile.logging.level == .warning)
    #expect(fromFile.logging.rulesLevel == .warning)
    #expect(fromFile.database.path == "\(root.path)/data/file.db")
    #expect(fromFile.venue.token.refreshLead == .seconds(60))
    #expect(notices.contains(".env:5: LOG_LEVEL: counts instead of logging.level\n"))
    let (settings, credentials, _) = try root.accepted([
      "LOG_LEVEL": "ERROR", "DATABASE_PATH": "/srv/risk.db", "TOPSTEPX_API_KEY": "another",
    ])
    #expect(settings.logging.level == .error)
    #expect(settings.database.path == "/srv/risk.db")
    #expect(credentials.apiKey.revealed == "another")
    #expect(credentials.userName.revealed == "somebody")
  }

  @Test func developmentModeMayComeFromTheEnvironment() throws {
    let root = try ConfigurationRoot()
    try root.replace("devMode: true", with: "devMode: false", in: "config/config.yaml")
    #expect(!root.problems().isEmpty)
    #expect(try root.accepted(["DEV_MODE": "true"]).settings.development.devMode)
    #expect(
      root.problems(["DEV_MODE": "1"])
        == "environment: DEV_MODE: is \"1\"; write true or false\n")
  }

  @Test func mainFileMayBeElsewhere() throws {
    let root = try ConfigurationRoot()
    try root.write(ConfigurationRoot.mainText + "cofnig: 1\n", to: "other.yaml")
    #expect(
      root.problems(["CONFIG_PATH": "other.yaml"]).hasPrefix(
        "other.yaml:12: cofnig: is not a known key"))
    #expect(
      root.problems(["CONFIG_PATH": "/nowhere.yaml"]).hasPrefix("/nowhere.yaml: does not exist"))
  }

  @Test func venueVariablesNeedASimulator() throws {
    let root = try ConfigurationRoot()
    let variables = ["RISKD_MARKET_HUB_URL": "ws://[::1]:99/hubs/market"]
    let (settings, _, notices) = try root.accepted(variables)
    #expect("\(settings.venue.marketHub.endpoint)" == "ws://[::1]:99/hubs/market")
    #expect(
      notices.contains("environment: RISKD_MARKET_HUB_URL: counts instead of signalr.marketHub.url")
    )
    #expect(
      root.problems(["RISKD_USER_HUB_URL": "ws://192.0.2.1/hubs/user"])
        == "environment: RISKD_USER_HUB_URL: is \"ws://192.0.2.1/hubs/user\", which is not "
        + "encrypted and not on this machine; write wss://\n")
    try root.write(
      ConfigurationRoot.mainText.replacing("useMockApi: true", with: "useMockApi: false")
        .replacing("http:", with: "https:").replacing("ws:", with: "wss:"),
      to: "config/config.yaml")
    #expect(
      root.problems(variables)
        == "environment: RISKD_MARKET_HUB_URL: is set, and development.testing.useMockApi is not "
        + "true; unset it, and write signalr.marketHub.url\n")
    #expect(try root.accepted().settings.venue.base.scheme == .https)
  }

  @Test func userStreamIsNeededOutsideDevelopment() throws {
    let root = try ConfigurationRoot()
    try root.write(
      ConfigurationRoot.mainText.replacing("true", with: "false")
        .replacing("http:", with: "https:").replacing("ws:", with: "wss:")
        .replacing("hubs/user\"\n", with: "hubs/user\"\n    enabled: false\n"),
      to: "config/config.yaml")
    #expect(
      root.problems()
        == "config/config.yaml:6: signalr.userHub.enabled: is false, and without this stream "
        + "nothing is watched; write true\n")
  }

  @Test func clockNeedsASimulator() throws {
    let root = try ConfigurationRoot()
    try root.replace(
      "useMockApi: true\n", with: "useMockApi: false\n    clock: {offset: 1000}\n",
      in: "config/config.yaml")
    #expect(
      root.problems().contains(
        "config/config.yaml:12: development.testing.clock: needs a simulator; set useMockApi: true "
          + "beside it, or remove the clock\n"))
    try root.replace(
      "useMockApi: true\n", with: "useMockApi: true\n    clock: {offset: 1000, rate: 1.5}\n",
      in: "config/config.yaml")
    #expect(
      try root.accepted().notices.contains(
        "development.testing.clock: riskd goes by a clock for tests, 1000 ms ahead, at a rate of "
          + "1.5\n"))
    try root.replace(
      "http://127.0.0.1:8080\"", with: "https://192.0.2.1\"", in: "config/config.yaml")
    #expect(root.problems().contains("a simulator must be on this machine"))
  }

  @Test func secretsMayComeFromTheProcessAlone() throws {
    let root = try ConfigurationRoot()
    try root.write("", to: ".env", mode: 0o600)
    let (_, credentials, _) = try root.accepted([
      "TOPSTEPX_API_KEY": "k", "TOPSTEPX_USERNAME": "ü ser",
      "TOKEN_ENCRYPTION_KEY": "hex:" + ConfigurationRoot.encryptionKey,
      "ADMIN_PASSWORD_HASH": ConfigurationRoot.passwordHash,
    ])
    #expect(credentials.userName.revealed == "ü ser")
    #expect(credentials.tokenEncryptionKey.revealed.first == 0x9A)
    #expect(credentials.adminPasswordHash?.revealed == ConfigurationRoot.passwordHash)
  }
}
