import FoundationEssentials
import Logging
import RiskModel
import Testing

@testable import Telemetry

/// How records look.
struct LogLineTests {
  /// 2026-11-22T13:00:00.123Z
  private static let at = Instant(nanosSinceEpoch: 1_795_352_400_123_456_789)

  private func line(
    _ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:],
    level: Logger.Level = .info, withSeverity: Bool = false,
    most limit: Int = BoundedLine.mostBytes
  ) -> String {
    let record = LogRecord(
      at: Self.at, level: level, worker: "evaluator", message: message, metadata: metadata)
    return String(
      decoding: record.line(format, withSeverity: withSeverity, most: limit), as: UTF8.self)
  }

  @Test func textGolden() {
    #expect(
      line(.text, "Rule evaluation", ["account": "1001", "rule": "RULE-003"])
        == "2026-11-22T13:00:00.123Z INFO  evaluator: Rule evaluation  account=1001 rule=RULE-003\n"
    )
    #expect(line(.text, "Daily reset") == "2026-11-22T13:00:00.123Z INFO  evaluator: Daily reset\n")
  }

  @Test func jsonGolden() {
    #expect(
      line(.json, "Rule evaluation", ["rule": "RULE-003", "account": "1001"], level: .warning)
        == """
        {"timestamp":"2026-11-22T13:00:00.123Z","level":"WARNING","worker":"evaluator",\
        "message":"Rule evaluation","account":"1001","rule":"RULE-003"}

        """)
  }

  @Test(
    arguments: [
      (.trace, "DEBUG", 7), (.debug, "DEBUG", 7), (.info, "INFO ", 6), (.notice, "INFO ", 5),
      (.warning, "WARNING", 4), (.error, "ERROR", 3), (.critical, "ERROR", 2),
    ] as [(Logger.Level, String, Int)])
  func levelsAndSeverities(_ level: Logger.Level, shown: String, severity: Int) {
    #expect(
      line(.text, "x", level: level, withSeverity: true)
        == "<\(severity)>2026-11-22T13:00:00.123Z \(shown) evaluator: x\n")
  }

  @Test(arguments: [
    ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""),
    ("say \"x\"", "\"say \\\"x\\\"\""), ("back\\slash", "\"back\\\\slash\""),
    ("a\nb", "\"a\\nb\""), ("tab\there", "\"tab\\there\""), ("\u{1B}[31m", "\\u{1b}[31m"),
    ("\u{7F}", "\\u{7f}"), ("\u{85}x", "\"\\u{85}x\""), ("a\u{202E}b", "a\\u{202e}b"),
    ("a\u{2028}b", "\"a\\u{2028}b\""), ("Größe", "Größe"), ("日本", "日本"),
  ])
  func valuesInText(_ value: String, shown: String) {
    #expect(line(.text, "m", ["k": .string(value)]).hasSuffix(": m  k=\(shown)\n"))
  }

  @Test(arguments: [
    ("a\"b\\c", "a\\\"b\\\\c"), ("a\r\nb\tc", "a\\r\\nb\\tc"), ("\u{0}\u{1F}", "\\u0000\\u001f"),
    ("\u{7F}", "\\u007f"), ("\u{9B}", "\\u009b"), ("\u{2029}", "\\u2029"),
    ("\u{E0001}", "\\udb40\\udc01"), ("Größe 日本", "Größe 日本"),
  ])
  func textsInJSON(_ text: String, shown: String) throws {
    let json = line(.json, text)
    #expect(json.contains("\"message\":\"\(shown)\""))
    let parsed = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    #expect(parsed["message"] == text)
  }

  /// Nobody can add a line, or a field of another line, through a message.
  @Test func messagesStayOnTheirLine() {
    let forged = "ok\n<2>2026-11-22T13:00:00.123Z ERROR supervisor: forged\r\u{1B}[2K"
    let text = line(.text, forged)
    #expect(
      text.hasSuffix("ok\\n<2>2026-11-22T13:00:00.123Z ERROR supervisor: forged\\r\\u{1b}[2K\n"))
    #expect(text.split(separator: "\n").count == 1)
    #expect(line(.json, forged).split(separator: "\n").count == 1)
  }

  @Test func nestedMetadata() throws {
    let metadata: Logger.Metadata = [
      "odd key\n": .array(["a", .dictionary(["y": "1", "x": .stringConvertible(2)])]),
      "level": "mine",
    ]
    #expect(
      line(.text, "m", metadata).hasSuffix(": m  level=mine odd_key_=\"[a, {x: 2, y: 1}]\"\n"))
    #expect(
      line(.json, "m", metadata).hasSuffix(
        ",\"level_\":\"mine\",\"odd key\\n\":[\"a\",{\"x\":\"2\",\"y\":\"1\"}]}\n"))
  }

  private struct Password: Redacted {
    var text: String
  }

  /// A type that forgot to hide itself is hidden by its mark all the same.
  private struct Careless: Redacted {
    var text: String
    var description: String { text }
  }

  @Test(arguments: LogFormat.allCases)
  func redaction(_ format: LogFormat) {
    let password = Password(text: "swordfish")
    let careless = Careless(text: "swordfish")
    let shown = line(
      format, "login with \(password) \(String(reflecting: password))",
      [
        "a": .stringConvertible(careless), "b": .array([.stringConvertible(careless)]),
        "c": .dictionary(["d": .stringConvertible(password)]),
      ])
    #expect(!shown.contains("swordfish"))
    #expect(shown.split(separator: "<redacted>", omittingEmptySubsequences: false).count == 6)
  }

  @Test(arguments: LogFormat.allCases)
  func longMessagesAreCut(_ format: LogFormat) {
    let shown = line(format, String(repeating: "é\n", count: 8_000), ["last": "here"])
    #expect(shown.utf8.count < BoundedLine.mostBytes / 2 + 256)
    #expect(shown.contains("…"))
    #expect(shown.contains("here"))
  }

  @Test(arguments: LogFormat.allCases, [BoundedLine.mostBytes, 4_096])
  func linesAreCut(_ format: LogFormat, limit: Int) throws {
    var metadata: Logger.Metadata = [:]
    for key in 10..<60 {
      metadata["key\(key)"] = .string(String(repeating: "\u{1}v", count: 2_000))
    }
    let shown = line(
      format, String(repeating: "m", count: 9_000), metadata, withSeverity: true,
      most: limit)
    #expect(shown.utf8.count <= limit)
    #expect(shown.utf8.count > limit / 2)
    #expect(shown.hasSuffix(format == .text ? " truncated=true\n" : ",\"truncated\":true}\n"))
    #expect(shown.contains("key10"))
    #expect(!shown.contains("key59"))
    guard format == .json else { return }
    let parsed = try JSONDecoder().decode(TruncatedLine.self, from: Data(shown.utf8))
    #expect(parsed.truncated)
  }

  private struct TruncatedLine: Decodable {
    var truncated: Bool
  }

  @Test func levelNames() {
    #expect(LogLevel.allCases.map(\.rawValue) == ["DEBUG", "INFO", "WARNING", "ERROR"])
    #expect(LogLevel.allCases.map(\.threshold) == [.debug, .info, .warning, .error])
    #expect(LogLevel(rawValue: "TRACE") == nil)
  }
}
