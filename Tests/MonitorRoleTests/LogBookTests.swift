import MonitorRole
import PeerProtocol
import RiskModel
import Testing

@Suite struct LogBookTests {
  private let book = LogBook(levels: [
    .daemon: .info, .enforcement: .info, .api: .warning, .errors: .error, .alerts: .warning,
  ])

  private func record(
    _ level: LoggedRecord.Level, _ logger: String, id: MessageID? = nil,
    _ context: [String: String] = [:]
  ) -> LoggedRecord {
    LoggedRecord(
      at: Instant(secondsSinceEpoch: 1_763_735_400), level: level, logger: logger,
      message: "Some \"thing\"\n", messageID: id?.rawValue, context: context)
  }

  @Test(arguments: [
    (LoggedRecord.Level.debug, "gateway", nil, [LogFile]()),
    (.info, "gateway", nil, [.daemon]),
    (.warning, "gateway", nil, [.daemon, .api]),
    (.error, "gateway", nil, [.daemon, .api, .errors]),
    (.error, "evaluator", nil, [.daemon, .errors]),
    (.warning, "enforcer", nil, [.daemon, .api]),
    (.warning, "enforcer", MessageID.enforcementStep, [.daemon, .enforcement]),
    (.info, "enforcer", .enforcementStep, [.daemon, .enforcement]),
    (.warning, "evaluator", .breach, [.daemon, .enforcement]),
    (.error, "supervisor", .crashLoop, [.daemon, .errors]),
  ])
  func `each record goes to its files`(
    level: LoggedRecord.Level, logger: String, id: MessageID?, files: [LogFile]
  ) {
    #expect(book.files(of: record(level, logger, id: id)) == files)
  }

  @Test func `a line is one JSON object`() {
    let line = book.line(
      record(.warning, "enforcer", id: .enforcementStep, ["target": "7.1", "rule": "R3"]))
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"timestamp":"2025-11-21T14:30:00.000Z","level":"WARNING","logger":"enforcer","#
        + #""message":"Some \"thing\"\n","correlationId":"7.1","#
        + #""messageId":"d06316d404a3483db4b28553e92ca62c","context":{"rule":"R3","target":"7.1"}}"#
        + "\n")
  }

  @Test func `what a record does not have is left out`() {
    let line = book.line(record(.info, "gateway"))
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"timestamp":"2025-11-21T14:30:00.000Z","level":"INFO","logger":"gateway","#
        + #""message":"Some \"thing\"\n","context":{}}"# + "\n")
  }

  @Test func `a line of text stays one line`() {
    let text = LogBook(levels: [:], isText: true)
    let line = text.line(record(.info, "gateway", ["b": "two words", "a": "1\u{1B}"]))
    #expect(
      String(decoding: line, as: UTF8.self)
        == "2025-11-21T14:30:00.000Z INFO    gateway: Some \"thing\"   a=1  b=\"two words\"\n")
  }

  @Test func `control characters are escaped`() {
    var unclean = record(.info, "gateway")
    unclean.message = "a\u{7}\t\r\\b\u{9B}"
    let line = String(decoding: book.line(unclean), as: UTF8.self)
    #expect(line.contains(#""message":"a\u0007\t\r\\b\u009b""#))
  }
}
