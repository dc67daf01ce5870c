import RiskModel
import Testing

@testable import Settings

/// The small pieces that messages are made of.
struct WordingTests {
  @Test(arguments: [
    ("base_url", "baseUrl"), ("timout", "timeout"), ("tiemout", "timeout"), ("BASEURL", "baseUrl"),
    ("enable", "enabled"),
  ])
  func nearestKey(_ key: String, expected: String) {
    #expect(NearestKey.of(key, among: ["baseUrl", "timeout", "enabled"]) == expected)
  }

  @Test(arguments: ["x", "url", "temperature", ""])
  func noKeyIsNear(_ key: String) {
    #expect(NearestKey.of(key, among: ["baseUrl", "timeout", "enabled"]) == nil)
    #expect(NearestKey.of(key, among: []) == nil)
  }

  @Test func textsAreQuotedShortAndOnOneLine() {
    #expect(quoted("a\nb\u{202E}c") == "\"a?b?c\"")
    #expect(
      quoted(String(repeating: "é", count: 61)) == "\"\(String(repeating: "é", count: 60))…\"")
  }

  @Test(
    arguments: [
      (0, "0"), (100, "0.1"), (2_000, "2"), (1_500, "1.5"), (1, "0.001"), (-1_250, "-1.25"),
    ] as [(Int64, String)])
  func perMille(_ thousandths: Int64, text: String) {
    #expect(PerMille(thousandths).description == text)
    #expect(PerMille(integer: thousandths).integer == thousandths)
    #expect(PerMille(thousandths) < PerMille(thousandths + 1))
  }

  @Test func secretsNeverShow() {
    let secret = Secret("swordfish")
    let credentials = VenueCredentials(
      userName: secret, apiKey: secret, tokenEncryptionKey: Secret([1, 2, 3]),
      adminPasswordHash: secret)
    var dumped = ""
    dump(secret, to: &dumped)
    dump(credentials, to: &dumped)
    dump(["key": credentials], to: &dumped)
    let texts = [
      "\(secret)", String(reflecting: secret), "\(credentials)", String(reflecting: credentials),
      "\([secret])", String(describing: Optional(credentials)), "\(credentials.tokenEncryptionKey)",
      dumped,
    ]
    for text in texts {
      #expect(text.contains("<redacted>"))
      #expect(!text.contains("swordfish"))
      #expect(!text.contains("1, 2"))
    }
  }

  @Test func noticesAreSorted() {
    let notice = ConfigurationNotice(file: "a", line: nil, key: "k", message: "m")
    let later = ConfigurationNotice(file: "a", line: 2, key: "k", message: "m")
    #expect([later, notice].sorted() == [notice, later])
    #expect(
      ConfigurationReport.text(notices: [later, notice]) == "notice: a: k: m\nnotice: a:2: k: m\n")
  }
}
