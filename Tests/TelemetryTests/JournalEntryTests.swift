import Logging
import RiskModel
import Testing

@testable import Telemetry

/// Records in the form of the journal.
struct JournalEntryTests {
  private struct Key: Redacted {}

  private static func lines(_ record: LogRecord, _ format: LogFormat = .text) -> [String] {
    let text = String(decoding: record.journalEntry(format), as: UTF8.self)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  private static func record(_ metadata: Logger.Metadata, message: String = "hello") -> LogRecord {
    LogRecord(
      at: Instant(secondsSinceEpoch: 1_763_735_400), level: .warning, worker: "evaluator",
      message: message, metadata: metadata)
  }

  @Test func aBreachCanBeFoundByItsDecision() {
    let record = Self.record([
      "account": "1001", "rule": "daily_loss", "target": "12-0",
      "message_id": .string(MessageID.breach.rawValue),
    ])
    #expect(
      Self.lines(record) == [
        "MESSAGE=evaluator: hello  account=1001 rule=daily_loss target=12-0", "PRIORITY=4",
        "SYSLOG_IDENTIFIER=riskd", "WORKER=evaluator", "TIMESTAMP=2025-11-21T14:30:00.000Z",
        "MESSAGE_ID=\(MessageID.breach.rawValue)", "ACCOUNT=1001", "RULE=daily_loss",
        "TARGET=12-0", "DECISION_ID=12-0",
      ])
  }

  @Test func aRecordAboutAnotherWorkerIsFoundByBothNames() {
    let lines = Self.lines(Self.record(["worker": "gateway"]))
    #expect(lines.filter { $0.hasPrefix("WORKER=") } == ["WORKER=evaluator", "WORKER=gateway"])
  }

  @Test func theFormatOfTheConfigurationIsKept() {
    let record = Self.record(["account": "1", "message_id": "abc"])
    #expect(
      Self.lines(record, .json).first == #"""
        MESSAGE={"timestamp":"2025-11-21T14:30:00.000Z","level":"WARNING","worker":"evaluator",\#
        "message":"hello","message_id":"abc","account":"1"}
        """#)
    let line = String(
      decoding: record.line(.text, withSeverity: true, most: 4_096), as: UTF8.self)
    #expect(line == "<4>2025-11-21T14:30:00.000Z WARNING evaluator: hello  account=1\n")
  }

  @Test(arguments: [
    ("account_id", "ACCOUNT"), ("rule_id", "RULE"), ("reactionUs", "REACTION_US"),
    ("deaths_in_window", "DEATHS_IN_WINDOW"), ("a.b-c", "A_B_C"), ("URL", "URL"),
    ("message", "DATA_MESSAGE"), ("priority", "DATA_PRIORITY"), ("_pid", "DATA__PID"),
    ("7up", "DATA_7UP"), ("", "DATA_"), ("größe", "GR__E"), ("decisionId", "DATA_DECISION_ID"),
    (String(repeating: "x", count: 90), String(repeating: "X", count: 59)),
  ])
  func fields(key: String, field: String) {
    #expect(LogRecord.field(key) == field)
  }

  @Test func nothingEndsALineAndNoSecretIsShown() {
    let lines = Self.lines(
      Self.record(
        [
          "a": "1\nPRIORITY=0", "key": .stringConvertible(Key()), "list": ["1", "2\u{0}"],
          "message_id": ["not", "text"],
        ], message: "x\nMESSAGE_ID=1"))
    #expect(lines.count == 8)
    #expect(lines.contains("A=1\\nPRIORITY=0"))
    #expect(lines.contains("KEY=<redacted>"))
    #expect(lines.contains("LIST=[1, 2\\u{0}]"))
    #expect(lines[0].hasPrefix("MESSAGE=evaluator: x\\nMESSAGE_ID=1  "))
  }

  @Test func sizesAreBounded() {
    var metadata: Logger.Metadata = [:]
    for number in 0..<100 { metadata["k\(number)"] = "\(String(repeating: "y", count: 5_000))" }
    let entry = Self.record(metadata, message: String(repeating: "ü", count: 50_000))
      .journalEntry(.text)
    #expect(entry.count <= LogRecord.mostEntryBytes)
    let lines = String(decoding: entry, as: UTF8.self).split(separator: "\n")
    #expect(lines.last == "TRUNCATED=1")
    #expect(lines[0].utf8.count <= BoundedLine.mostBytes + 8)
    #expect(lines[0].hasSuffix(" truncated=true"))
    #expect(lines.allSatisfy { $0.utf8.count < 9_000 })
  }

  @Test func everyKindHasItsOwnNumber() {
    let numbers = MessageID.allCases.map(\.rawValue)
    #expect(Set(numbers).count == numbers.count)
    #expect(
      numbers.allSatisfy { number in
        number.utf8.count == 32
          && number.allSatisfy { $0.isHexDigit && !$0.isUppercase }
      })
  }

  @Test func droppedRecordsAreCounted() {
    let record = LogRecord.dropped(7, at: Instant(secondsSinceEpoch: 0), worker: "gateway")
    let lines = Self.lines(record)
    #expect(lines.first == "MESSAGE=gateway: log records were dropped  count=7")
    #expect(lines.contains("LOG_DROPPED=7"))
    #expect(lines.contains("MESSAGE_ID=\(MessageID.logDropped.rawValue)"))
  }
}
