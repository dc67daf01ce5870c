import Testing

@testable import Settings

/// Secrets that the service manager hands over.
@Suite struct CredentialTests {
  private func environment(_ directory: ConfigurationRoot) -> [String: String] {
    ["CREDENTIALS_DIRECTORY": directory.path]
  }

  @Test func `a credential counts and .env is not looked at`() throws {
    let root = try ConfigurationRoot()
    let credentials = try ConfigurationRoot()
    let text = ConfigurationRoot.secretsText.replacing("made-up-key", with: "from-systemd")
    // As an access list for the service's user shows.
    try credentials.write(text, to: "riskd.env", mode: 0o440)
    try root.write("nonsense", to: ".env", mode: 0o644)
    let accepted = try root.accepted(environment(credentials))
    #expect(accepted.credentials.apiKey.revealed == "from-systemd")
    root.remove(".env")
    #expect(try root.accepted(environment(credentials)).credentials == accepted.credentials)
  }

  @Test func `without a credential of that name it is .env`() throws {
    let root = try ConfigurationRoot()
    let credentials = try ConfigurationRoot()
    #expect(
      try root.accepted(environment(credentials)).credentials.apiKey.revealed == "made-up-key")
    #expect(
      try root.accepted(["CREDENTIALS_DIRECTORY": ""]).credentials.apiKey.revealed
        == "made-up-key")
  }

  @Test func `what is wrong in a credential is said by its name`() throws {
    let root = try ConfigurationRoot()
    let credentials = try ConfigurationRoot()
    try credentials.write(
      ConfigurationRoot.secretsText.replacing("TOPSTEPX_USERNAME", with: "TOPSTEPX_USER"),
      to: "riskd.env", mode: 0o400)
    #expect(
      root.problems(environment(credentials)) == """
        credential riskd.env: TOPSTEPX_USERNAME: is missing; write the user name of the venue
        credential riskd.env:2: TOPSTEPX_USER: is not a known variable; did you mean \
        TOPSTEPX_USERNAME?

        """)
  }

  @Test func `secrets can be had while the rest is wrong`() throws {
    let root = try ConfigurationRoot()
    let settings = try root.accepted().settings
    try root.write("nonsense", to: "config/config.yaml")
    try root.write(
      ConfigurationRoot.secretsText.replacing("ADMIN_PASSWORD_HASH=", with: "SOMETHING_ELSE="),
      to: ".env", mode: 0o644)
    let found = SettingsLoader.credentials(root: root.path, environment: [:], for: settings)
    #expect(found?.apiKey.revealed == "made-up-key")
    #expect(found?.adminPasswordHash == nil)
  }

  @Test(arguments: [
    ("made-up-key", "vXo3pQ9sLk2mN8rT5yU1wZ4aB7cD0eF6gH2iJ3kL5m8="), ("TOPSTEPX_API_KEY", "X"),
    ("hex:", ""),
  ])
  func `secrets of no use are none`(old: String, new: String) throws {
    let root = try ConfigurationRoot()
    let settings = try root.accepted().settings
    try root.replace(old, with: new, in: ".env")
    #expect(SettingsLoader.credentials(root: root.path, environment: [:], for: settings) == nil)
    root.remove(".env")
    #expect(SettingsLoader.credentials(root: root.path, environment: [:], for: settings) == nil)
  }

  @Test func `variables that may hold secrets are kept from other processes`() {
    #expect(
      SettingsLoader.secretVariables.isSuperset(of: [
        "TOPSTEPX_API_KEY", "TOPSTEPX_USERNAME", "TOKEN_ENCRYPTION_KEY", "ADMIN_PASSWORD_HASH",
        "CREDENTIALS_DIRECTORY",
      ]))
    #expect(!SettingsLoader.secretVariables.contains("RISKD_VENUE_BASE_URL"))
  }
}
