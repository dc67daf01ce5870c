import Testing

@testable import Settings

/// Slips in .env.
struct SecretsSlipTests {
  @Test(arguments: slips)
  func isReported(_ slip: Slip) throws {
    try slip.check()
  }

  private static func secrets(
    _ name: String, _ old: String, _ new: String, _ report: String...
  ) -> Slip {
    Slip(name: name, file: ".env", old: old, new: new, report: report)
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    "hex:" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static let keyRight = "write hex: and the output of openssl rand -hex 32"
  private static let hashRight = "write the output of riskctl hash-password, in single quotes"
  private static let key = "hex:" + ConfigurationRoot.encryptionKey
  private static let hash = ConfigurationRoot.passwordHash
  static let slips: [Slip] =
    [
      secrets(
        "no API key", "TOPSTEPX_API_KEY=made-up-key\n", "",
        ".env: TOPSTEPX_API_KEY: is missing; write the API key of the venue's settings page"),
      secrets(
        "empty API key", "made-up-key", "",
        ".env:1: TOPSTEPX_API_KEY: is missing; write the API key of the venue's settings page"),
      secrets(
        "API key with a blank", "made-up-key", "'made up'",
        ".env:1: TOPSTEPX_API_KEY: is too long or holds characters that it cannot have; write "
          + "the API key of the venue's settings page"),
      secrets(
        "live key at a simulator", "made-up-key", "vXo3pQ9sLk2mN8rT5yU1wZ4aB7cD0eF6gH2iJ3kL5m8=",
        ".env:1: TOPSTEPX_API_KEY: looks like a live key, but development.testing.useMockApi "
          + "is true; use a key that the simulator made up"),
      secrets(
        "sample key", key,
        "hex:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ".env:3: TOKEN_ENCRYPTION_KEY: is a sample or a pattern, not a random key; \(keyRight)"),
      secrets(
        "counting key", key,
        hexadecimal(0..<32),
        ".env:3: TOKEN_ENCRYPTION_KEY: is a sample or a pattern, not a random key; \(keyRight)"),
      secrets(
        "passphrase as a key", key,
        hexadecimal("correct horse battery staple, qed".utf8.prefix(32)),
        ".env:3: TOKEN_ENCRYPTION_KEY: is a sample or a pattern, not a random key; \(keyRight)"),
      secrets(
        "short key", key, "hex:abcdef",
        ".env:3: TOKEN_ENCRYPTION_KEY: is not hex: and 64 hexadecimal digits; \(keyRight)"),
      secrets(
        "key without hex:", key, ConfigurationRoot.encryptionKey,
        ".env:3: TOKEN_ENCRYPTION_KEY: is not hex: and 64 hexadecimal digits; \(keyRight)"),
      secrets(
        "hash of 55 characters", hash, "$2b$12$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV",
        ".env:4: ADMIN_PASSWORD_HASH: has 55 characters, and a bcrypt hash has 60; \(hashRight)"),
      secrets(
        "cheap hash", hash, hash.replacing("$12$", with: "$04$"),
        ".env:4: ADMIN_PASSWORD_HASH: has cost 4, and 10 to 14 are allowed; \(hashRight)"),
      secrets(
        "hash of another kind", hash, "5f4dcc3b5aa765d61d8327deb882cf99",
        ".env:4: ADMIN_PASSWORD_HASH: is not a bcrypt hash; \(hashRight)"),
      secrets(
        "hash with a stray character", hash, hash.replacing("WvvT", with: "W-vT"),
        ".env:4: ADMIN_PASSWORD_HASH: is not a bcrypt hash; \(hashRight)"),
      secrets(
        "unknown variable", "TOPSTEPX_USERNAME", "TOPSTEPX_USER_NAM",
        ".env: TOPSTEPX_USERNAME: is missing; write the user name of the venue",
        ".env:2: TOPSTEPX_USER_NAM: is not a known variable; did you mean TOPSTEPX_USERNAME?"),
    ] + names + [
      secrets(
        "level", "ADMIN", "LOG_LEVEL=loud\nADMIN",
        ".env:4: LOG_LEVEL: is \"loud\"; write DEBUG, INFO, WARNING or ERROR")
    ]

  /// Names as other tools and tired fingers have them, each with the one that was meant.
  private static let names: [Slip] =
    [
      ("TOPSTEPX_APIKEY", "TOPSTEPX_API_KEY"), ("topstepx_api_key", "TOPSTEPX_API_KEY"),
      ("TOPSTEP_API_KEY", "TOPSTEPX_API_KEY"), ("PROJECT_X_APIKEY", "TOPSTEPX_API_KEY"),
      ("PROJECT_X_API_KEY", "TOPSTEPX_API_KEY"), ("PROJECTX_USERNAME", "TOPSTEPX_USERNAME"),
      ("PROJECT_X_USER_NAME", "TOPSTEPX_USERNAME"), ("API_KEY", "TOPSTEPX_API_KEY"),
      ("USERNAME", "TOPSTEPX_USERNAME"), ("TOKEN_ENCRYPTON_KEY", "TOKEN_ENCRYPTION_KEY"),
      ("ADMIN_PASSWORD_HASHES", "ADMIN_PASSWORD_HASH"), ("LOGLEVEL", "LOG_LEVEL"),
      ("DATABASE_PAHT", "DATABASE_PATH"), ("SMTP_PASWORD", "SMTP_PASSWORD"),
      ("SMPT_USERNAME", "SMTP_USERNAME"), ("RISKD_VENUE_BASEURL", "RISKD_VENUE_BASE_URL"),
    ].map { wrong, meant in
      secrets(
        wrong, "ADMIN", "\(wrong)=x\nADMIN",
        ".env:4: \(wrong): is not a known variable; did you mean \(meant)?")
    }
}
