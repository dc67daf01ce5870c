/// Reads the secrets. No message repeats any part of one.
struct CredentialsReader {
  let variables: EnvironmentVariables
  let findings: Findings

  /// What is enough for a venue session; without a password there is a problem all the same.
  func read() -> VenueCredentials? {
    let apiKey = plain("TOPSTEPX_API_KEY", "write the API key of the venue's settings page") {
      text in text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
    let userName = plain("TOPSTEPX_USERNAME", "write the user name of the venue") { text in
      text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
    let key = encryptionKey()
    let hash = passwordHash()
    guard let apiKey, let userName, let key else { return nil }
    return VenueCredentials(
      userName: Secret(userName), apiKey: Secret(apiKey), tokenEncryptionKey: Secret(key),
      adminPasswordHash: hash.map { Secret($0) }, mail: mail())
  }

  /// Both or neither.
  private func mail() -> MailCredentials? {
    let user = variables.optionalSecret("SMTP_USERNAME")
    let password = variables.optionalSecret("SMTP_PASSWORD")
    if let user, password == nil {
      findings.problem(user.place, "has no SMTP_PASSWORD beside it", "write both or neither")
    }
    if let password, user == nil {
      findings.problem(password.place, "has no SMTP_USERNAME beside it", "write both or neither")
    }
    guard let user, let password else { return nil }
    return MailCredentials(userName: Secret(user.text), password: Secret(password.text))
  }

  /// A key in the venue's own form, 32 bytes in base64, has no business with a simulator.
  func refusesLiveKey(with credentials: VenueCredentials) -> Bool {
    let key = credentials.apiKey.revealed
    guard key.utf8.count == 44, key.hasSuffix("="),
      let variable = variables.secret("TOPSTEPX_API_KEY", "")
    else { return false }
    findings.problem(
      variable.place, "looks like a live key, but development.testing.useMockApi is true",
      "use a key that the simulator made up")
    return true
  }

  private func plain(
    _ name: String, _ suggestion: String, _ isPlausible: (String) -> Bool
  ) -> String? {
    guard let (text, place) = variables.secret(name, suggestion) else { return nil }
    guard text.utf8.count <= 512, isPlausible(text) else {
      findings.problem(place, "is too long or holds characters that it cannot have", suggestion)
      return nil
    }
    guard !(text.hasPrefix("your_") && text.hasSuffix("_here")) else {
      findings.problem(place, "is still the sample's text", suggestion)
      return nil
    }
    return text
  }

  private func encryptionKey() -> [UInt8]? {
    let name = "TOKEN_ENCRYPTION_KEY"
    let right = "write hex: and the output of openssl rand -hex 32"
    guard let (text, place) = variables.secret(name, right) else { return nil }
    guard text.hasPrefix("hex:"), let bytes = hexadecimal(text.dropFirst(4)), bytes.count == 32
    else {
      findings.problem(place, "is not hex: and 64 hexadecimal digits", right)
      return nil
    }
    guard isRandom(bytes) else {
      findings.problem(place, "is a sample or a pattern, not a random key", right)
      return nil
    }
    return bytes
  }

  private func hexadecimal(_ digits: Substring) -> [UInt8]? {
    let values = digits.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard values.count == digits.utf8.count, values.count % 2 == 0 else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
  }

  /// 32 random bytes have about 30 different values, and as many different steps from one to the
  /// next. Fewer than 16 of either means a pattern, and printable text means a passphrase; a random
  /// key looks like either less than once in 10¹².
  private func isRandom(_ bytes: [UInt8]) -> Bool {
    let steps = zip(bytes, bytes.dropFirst()).map { $1 &- $0 }
    return Set(bytes).count >= 16 && Set(steps).count >= 16
      && !bytes.allSatisfy { (0x20...0x7E).contains($0) }
  }

  func passwordHash() -> String? {
    let right = "write the output of riskctl hash-password, in single quotes"
    guard let (text, place) = variables.secret("ADMIN_PASSWORD_HASH", right) else { return nil }
    guard ["$2a$", "$2b$", "$2y$"].contains(where: text.hasPrefix) else {
      findings.problem(place, "is not a bcrypt hash", right)
      return nil
    }
    guard text.utf8.count == 60 else {
      findings.problem(
        place, "has \(text.utf8.count) characters, and a bcrypt hash has 60", right)
      return nil
    }
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[2].utf8.count == 2, let cost = Int(parts[2]),
      parts[3].utf8.count == 53, parts[3].utf8.allSatisfy(isBase64)
    else {
      findings.problem(place, "is not a bcrypt hash", right)
      return nil
    }
    guard (10...14).contains(cost) else {
      findings.problem(place, "has cost \(cost), and 10 to 14 are allowed", right)
      return nil
    }
    return text
  }

  /// The alphabet of bcrypt: `./A-Za-z0-9`.
  private func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2E...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
}
