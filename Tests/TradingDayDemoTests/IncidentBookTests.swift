import RiskModel
import Testing

@testable import TradingDayDemo

@Suite struct IncidentBookTests {
  @Test func `a breach, its steps and its proof are one incident`() {
    let book = IncidentBook(
      .oneTooMany,
      [
        Sample.decision(), Sample.breach(),
        Sample.step("reduce CON.F.US.MNQ.Z26 by 1", reaction: 640),
        Sample.step("cancel order 7", reaction: 900), Sample.proven(requests: 2),
      ])
    var expected = Incident(
      chapter: .oneTooMany, target: "12-0", account: Sample.account,
      cause: .breach(.maxContractsPerInstrument))
    expected.actions = ["reduce CON.F.US.MNQ.Z26 by 1", "cancel order 7"]
    expected.reactionMicroseconds = 640
    expected.proof = Incident.Proof(requests: 2, milliseconds: 131, isConfirmed: true)
    #expect(book.incidents == [expected])
    #expect(book.isSettled(.oneTooMany))
    #expect(!book.isSettled(.blockedOrder))
  }

  @Test func `a re-entry into a proven lockout is another incident`() {
    var book = IncidentBook(.blockedOrder, [Sample.decision(), Sample.breach(.symbolBlocks)])
    #expect(!book.isSettled(.blockedOrder))
    book.add(.blockedOrder, [Sample.step("cancel order 7"), Sample.proven()])
    book.add(
      .blockedPosition,
      [
        .reentry(Sample.account, Sample.rty, target: "12-0", count: 1),
        Sample.step("close CON.F.US.RTY.Z26"),
      ])
    #expect(!book.isSettled(.blockedPosition))
    book.add(.blockedPosition, [Sample.proven()])
    #expect(book.incidents.map(\.cause) == [.breach(.symbolBlocks), .reentry(Sample.rty)])
    #expect(book.incidents.map(\.actions) == [["cancel order 7"], ["close CON.F.US.RTY.Z26"]])
    #expect(book.isSettled(.blockedPosition))
  }

  /// The enforcer may find by its own look what no event told.
  @Test func `a step for a proven lockout is something that was found`() {
    var book = IncidentBook(.dailyLoss, [Sample.decision(), Sample.breach(), Sample.proven()])
    book.add(.reentryInGap, [Sample.step("close CON.F.US.MES.Z26"), Sample.proven()])
    #expect(book.incidents(of: .reentryInGap).map(\.cause) == [.found])
    #expect(book.isSettled(.reentryInGap))
  }

  @Test func `what was found gets its name when the event comes after the step`() {
    var book = IncidentBook(.dailyLoss, [Sample.decision(), Sample.breach(), Sample.proven()])
    book.add(
      .reentry,
      [
        Sample.step("close CON.F.US.MES.Z26"),
        .reentry(Sample.account, Sample.mes, target: "12-0", count: 1), Sample.proven(),
      ])
    #expect(book.incidents(of: .reentry).map(\.cause) == [.reentry(Sample.mes)])
  }

  @Test func `one proof settles all that is open of a target`() {
    let again = LogNews.reentry(Sample.account, Sample.mnq, target: "12-0", count: 2)
    var book = IncidentBook(.dailyLoss, [Sample.decision(), Sample.breach(), Sample.proven()])
    book.add(.reentry, [again, again, Sample.proven()])
    #expect(book.incidents(of: .reentry).count == 2)
    #expect(book.incidents(of: .reentry).allSatisfy { $0.proof != nil })
  }

  @Test func `the venue is asked about the goal of the target`() {
    var asked: [DecidedGoal] = []
    var book = IncidentBook()
    for news in [Sample.decision("1-0", .flatAccount), Sample.breach(target: "1-0")] {
      book.take(news) { _ in nil }
    }
    book.take(Sample.proven("1-0")) { decision in
      asked.append(decision.goal)
      return false
    }
    #expect(asked == [.flatAccount])
    #expect(book.incidents.first?.proof?.isConfirmed == false)
  }

  @Test func `a proof of an unknown target is confirmed by nobody`() {
    let book = IncidentBook(.oneTooMany, [Sample.breach(), Sample.proven()])
    #expect(book.incidents.first?.proof?.isConfirmed == nil)
  }

  @Test func `other lines change nothing`() {
    let book = IncidentBook(
      .oneTooMany,
      [
        .failing(target: "12-0", passes: 3, problem: "p"), .hub("user", isHeard: true),
        .workerStopped("evaluator", cause: "c"), .workerReady("evaluator", pid: nil),
        .trouble(worker: "gateway", "m"), .other,
      ])
    #expect(book.incidents.isEmpty)
    #expect(book.decisions.isEmpty)
  }
}
