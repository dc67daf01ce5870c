import RiskModel
import Testing

@testable import TradingDayDemo

/// The words for what riskd logs.
@Suite struct NarratorLogTests {
  private func told(_ news: [LogNews], mainAccount: AccountID? = Sample.account) -> [String] {
    var narrator = Narrator(mainAccount: mainAccount)
    narrator.begin(.oneTooMany)
    return news.flatMap { narrator.tell($0, at: Sample.moment(milliseconds: 0)) }.map(\.plain)
  }

  @Test func `a breach from the rule to the proof`() {
    #expect(
      told([
        Sample.decision(), Sample.breach(),
        Sample.step("reduce CON.F.US.MNQ.Z26 by 1", reaction: 640), Sample.proven(),
      ]) == [
        "RULE    RULE-002 max_contracts_per_instrument: You hold 3 MNQ; the limit for MNQ is 2.",
        "RISKD   decides: at most 2 MNQ",
        "PROOF   at most 2 MNQ: proven at the venue after 131 ms, 1 request, the first 0.6 ms after"
          + " the event",
      ])
  }

  @Test func `a lockout says how long`() {
    let lines = told([
      Sample.decision("1-0", .flatAccount, until: "daily reset of 2026-11-23"),
      Sample.breach(.dailyRealizedLoss, target: "1-0"),
    ])
    #expect(
      lines.last
        == "RISKD   decides: no position and no working order at all; locked until 17:00 Chicago"
        + " on 2026-11-23")
    let block = told([
      Sample.decision("1-0", .flat(Sample.rty), until: "the configuration changes"),
      Sample.breach(.symbolBlocks, target: "1-0"),
    ])
    #expect(
      block.last
        == "RISKD   decides: no position and no working order in RTY, for as long as the"
        + " configuration says so")
    let other = told([
      Sample.decision("1-0", .flatAccount, until: "an administrator ends it"),
      Sample.breach(target: "1-0"),
    ])
    #expect(other.last?.hasSuffix(", until an administrator ends it") == true)
  }

  @Test func `another account is named`() {
    let lines = told(
      [Sample.decision(), Sample.breach(), Sample.proven()], mainAccount: Sample.other)
    #expect(lines[0].hasPrefix("RULE    RULE-002 max_contracts_per_instrument on account 1001: "))
    #expect(lines[2].hasPrefix("PROOF   at most 2 MNQ on account 1001: proven"))
  }

  @Test func `a re-entry`() {
    let reentry = LogNews.reentry(Sample.account, Sample.es, target: "12-0", count: 2)
    #expect(told([reentry]) == ["RULE    ES is back although it has to stay flat: re-entry 2"])
  }

  @Test func `only steps that were not accepted are told`() {
    #expect(told([Sample.step("close CON.F.US.EP.Z26")]) == [])
    #expect(
      told([Sample.step("close CON.F.US.EP.Z26", outcome: "refused: gone")])
        == ["RISKD   close ES: nothing was left of it"])
    #expect(
      told([Sample.step("close CON.F.US.EP.Z26", outcome: "unknown: the connection was lost")])
        == ["RISKD   close ES: unknown: the connection was lost"])
  }

  @Test func `proofs without much around them`() {
    #expect(
      told([Sample.proven("5-0", requests: 0)]) == [
        "PROOF   target 5-0: proven at the venue after 131 ms, 0 requests"
      ])
  }

  @Test func `troubles and processes`() {
    #expect(
      told([
        .failing(target: "1-0", passes: 1, problem: "the market for CON.F.US.EP.Z26 is closed"),
        .hub("user", isHeard: false), .hub("user", isHeard: true),
        .workerStopped("evaluator", cause: "signal 9 (SIGKILL)"),
        .workerReady("evaluator", pid: 840), .workerReady("gateway", pid: nil),
        .trouble(worker: "gateway", "the venue refuses"), .other,
      ]) == [
        "RISKD   not there yet after 1 attempt: the market for ES is closed; it goes on",
        "RISKD   hears nothing from the user hub", "RISKD   hears the user hub",
        "RISKD   the supervisor sees the evaluator end: signal 9 (SIGKILL)",
        "RISKD   the evaluator is ready (pid 840)", "RISKD   the gateway is ready",
        "RISKD   the gateway reports: the venue refuses",
      ])
  }

  /// The whole of what was logged, with all that is not for people.
  @Test func `a recorded flatten with a kill in the middle`() {
    let news = RecordedFlatten.lines.split(separator: "\n").compactMap { LogNews(line: $0.utf8) }
    #expect(news.count == RecordedFlatten.lines.split(separator: "\n").count)
    #expect(
      told(news) == [
        "RULE    RULE-001 max_contracts: You hold 6 contracts; the limit is 5.",
        "RISKD   decides: no position and no working order at all",
        "RISKD   the supervisor sees the evaluator end: signal 9 (SIGKILL)",
        "RISKD   the evaluator is ready (pid 24599)",
        "PROOF   no position and no working order at all: proven at the venue after 146 ms, 3"
          + " requests, the first 10.1 ms after the event",
      ])
    let book = IncidentBook(.sixContracts, news)
    #expect(book.isSettled(.sixContracts))
    #expect(
      book.incidents.first?.actions == [
        "close CON.F.US.ENQ.Z26", "close CON.F.US.MES.Z26", "close CON.F.US.MNQ.Z26",
      ])
  }
}
