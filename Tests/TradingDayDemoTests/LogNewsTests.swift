import RiskModel
import Testing

@testable import TradingDayDemo

/// The lines are recorded from a riskd with `logging.format: json`.
@Suite struct LogNewsTests {
  static let lines: [(String, LogNews)] = [
    (
      #"{"timestamp":"2026-11-22T14:40:01.101Z","level":"INFO","worker":"evaluator","message":"Target adopted","account":"1001","goal":"at most 2 CON.F.US.MNQ.Z26","rule":"RULE-002","target":"61-0","until":"proven"}"#,
      Sample.decision("61-0")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.101Z","level":"WARNING","worker":"evaluator","message":"You hold 3 MNQ; the limit for MNQ is 2.","account":"1001","reason":"CONTRACTS_ABOVE_INSTRUMENT_LIMIT","rule":"RULE-002","target":"61-0"}"#,
      Sample.breach(target: "61-0")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.160Z","level":"INFO","worker":"evaluator","message":"Enforcement step","account":"1001","action":"reduce CON.F.US.MNQ.Z26 by 1","ms":"41","outcome":"accepted","reactionUs":"640","target":"61-0"}"#,
      Sample.step("reduce CON.F.US.MNQ.Z26 by 1", target: "61-0", reaction: 640)
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.160Z","level":"INFO","worker":"evaluator","message":"Enforcement step","account":"1001","action":"cancel order 3400000004","ms":"41","outcome":"refused: gone","reactionUs":"unknown","target":"61-0"}"#,
      Sample.step("cancel order 3400000004", target: "61-0", outcome: "refused: gone")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"INFO","worker":"evaluator","message":"Target proven at the venue","ms":"131","passes":"1","requests":"1","target":"61-0"}"#,
      Sample.proven("61-0")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"WARNING","worker":"evaluator","message":"Exposure came back while it is locked out","account":"1001","contract":"CON.F.US.RTY.Z26","count":"1","target":"70-0"}"#,
      .reentry(Sample.account, Sample.rty, target: "70-0", count: 1)
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"ERROR","worker":"evaluator","message":"The target is not reached yet; it is tried again","passes":"3","problem":"the venue refuses","target":"61-0"}"#,
      .failing(target: "61-0", passes: 3, problem: "the venue refuses")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"INFO","worker":"evaluator","message":"Hub is silent","hub":"user"}"#,
      .hub("user", isHeard: false)
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"INFO","worker":"evaluator","message":"Hub delivers","hub":"market"}"#,
      .hub("market", isHeard: true)
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"WARNING","worker":"supervisor","message":"evaluator stopped: signal 9 (SIGKILL)","cause":"signal 9 (SIGKILL)","counted":"true","deaths_in_window":"1","event":"death","life":"1","worker_":"evaluator","worker_pid":"812"}"#,
      .workerStopped("evaluator", cause: "signal 9 (SIGKILL)")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"INFO","worker":"supervisor","message":"evaluator ready after 96 ms","event":"workerReady","life":"2","worker_":"evaluator","worker_pid":"840"}"#,
      .workerReady("evaluator", pid: 840)
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"ERROR","worker":"enforcer","message":"The evaluator has been gone for 31 s"}"#,
      .trouble(worker: "enforcer", "The evaluator has been gone for 31 s")
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"INFO","worker":"gateway","message":"SignalR Manager: Connected to User Hub"}"#,
      .other
    ),
    (
      #"{"timestamp":"2026-11-22T14:40:01.252Z","level":"INFO","worker":"supervisor","message":"evaluator started","event":"workerStarted","life":"2","worker_":"evaluator","worker_pid":"840"}"#,
      .other
    ),
  ]

  @Test(arguments: lines)
  func `a line is understood`(line: String, news: LogNews) {
    #expect(LogNews(line: line.utf8) == news)
  }

  /// A line of the same message without what belongs to it is not taken for more than it says.
  @Test(arguments: [
    "Target adopted", "Enforcement step", "Target proven at the venue",
    "Exposure came back while it is locked out",
    "The target is not reached yet; it is tried again", "Hub delivers", "Hub is silent",
  ])
  func `a line that lacks its fields is nothing`(message: String) {
    let line = #"{"timestamp":"t","level":"INFO","worker":"evaluator","message":"\#(message)"}"#
    #expect(LogNews(line: line.utf8) == .other)
  }

  @Test func `a rule that is not known is nothing`() {
    let line =
      #"{"level":"WARNING","worker":"evaluator","message":"m","account":"1001","reason":"R","rule":"RULE-099","target":"1-0"}"#
    #expect(LogNews(line: line.utf8) == .other)
  }

  @Test(arguments: ["", "riskd: nothing was started", "{}", #"{"level":"INFO""#])
  func `other text is no line of the log`(text: String) {
    #expect(LogNews(line: text.utf8) == nil)
  }
}
