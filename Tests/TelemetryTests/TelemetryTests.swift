import Glibc
import Logging
import ProcessControl
import RiskModel
import Testing

@testable import Telemetry

/// Loggers of swift-log over Telemetry.
struct TelemetryTests {
  private func output(
    _ channel: LineSinkTests.Channel, level: LogLevel = .info, format: LogFormat = .text
  ) -> TelemetryOutput {
    TelemetryOutput(
      worker: "gateway", level: level, format: format, withSeverity: false,
      sink: LineSink(descriptor: channel.writer),
      now: { Instant(secondsSinceEpoch: 0) })
  }

  private static let start = "1970-01-01T00:00:00.000Z"

  @Test func metadataOfAllSources() throws {
    let channel = try LineSinkTests.Channel()
    var handler = TelemetryHandler(output(channel))
    handler[metadataKey: "a"] = "handler"
    handler[metadataKey: "b"] = "handler"
    handler.metadataProvider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
    #expect(handler[metadataKey: "a"] == "handler")
    let logger = Logger(label: "x") { _ in handler }
    logger.info("hello", metadata: ["c": "event"])
    #expect(
      channel.drain()
        == "\(Self.start) INFO  gateway: hello  a=handler b=provider c=event\n")
  }

  private struct Refused: Error, CustomStringConvertible {
    var description: String { "refused by the venue" }
  }

  private struct Private: Error, Redacted {
    var token = "swordfish"
  }

  @Test func errorsOfEvents() throws {
    let channel = try LineSinkTests.Channel()
    let logger = Logger(label: "x") { _ in TelemetryHandler(output(channel)) }
    logger.error("no", error: Refused())
    logger.error("no", error: Private())
    #expect(
      channel.drain() == """
        \(Self.start) ERROR gateway: no  error="refused by the venue"
        \(Self.start) ERROR gateway: no  error=<redacted>

        """)
  }

  @Test func levels() throws {
    let channel = try LineSinkTests.Channel()
    let output = output(channel, level: .warning)
    let shared = Logger(label: "x") { _ in TelemetryHandler(output) }
    var own = Logger(label: "y") { _ in TelemetryHandler(output) }
    own.logLevel = .trace
    #expect(shared.logLevel == .warning)
    shared.info("quiet")
    own.debug("loud")
    output.threshold = .debug
    shared.info("heard")
    #expect(own.logLevel == .trace)
    #expect(
      channel.drain()
        == "\(Self.start) DEBUG gateway: loud\n\(Self.start) INFO  gateway: heard\n")
  }

  @Test func lostLinesAreMentioned() throws {
    let channel = try LineSinkTests.Channel()
    let output = output(channel, format: .json)
    let logger = Logger(label: "x") { _ in TelemetryHandler(output) }
    let long = Logger.Message(stringLiteral: String(repeating: "x", count: 3_000))
    while output.sink.droppedLines < 2 { logger.info(long) }
    _ = channel.drain()
    logger.info("back")
    #expect(
      channel.drain() == """
        {"timestamp":"\(Self.start)","level":"WARNING","worker":"gateway",\
        "message":"log lines were dropped","count":"2"}
        {"timestamp":"\(Self.start)","level":"INFO","worker":"gateway","message":"back"}

        """)
  }

  /// The only test that may bootstrap: swift-log allows it once in a process. Loggers of other
  /// tests in the process may write to the same channel from then on, so it stays open and only
  /// lines of this test count.
  @Test func bootstrap() throws {
    let channel = try LineSinkTests.Channel()
    let writer = dup(channel.writer)
    try #require(writer >= 0)
    #expect(Telemetry.droppedLines == 0)
    Telemetry.setLevel(.debug)
    Telemetry.bootstrap(
      worker: "enforcer", level: .warning, format: .text, sink: LineSink(descriptor: writer),
      withSeverity: true, clock: SystemClock())
    let logger = Logger(label: "x")
    logger.info("bootstrap: quiet")
    logger.critical("bootstrap: loud")
    Telemetry.setLevel(.info)
    logger.info("bootstrap: heard")
    let lines = channel.drain().split(separator: "\n").filter { $0.contains("bootstrap: ") }
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("<2>20") == true)
    #expect(lines.first?.hasSuffix("Z ERROR enforcer: bootstrap: loud") == true)
    #expect(lines.last?.hasSuffix("Z INFO  enforcer: bootstrap: heard") == true)
    channel.closeReader()
    logger.info("bootstrap: lost")
    #expect(Telemetry.droppedLines >= 1)
  }
}
