import RiskModel
import Testing

@testable import Enforcement

/// What is opened while a one-shot target for the whole account waits, where nothing was held.
@Suite struct LaterEntryTests {
  /// MNQ, once held, is seen flat while a one-shot target waits for the close of MES.
  private func waitingForMES(until entry: Position) -> (Bench, TargetID) {
    var bench = Bench.ready(positions: [mes: 1, mnq: 2])
    bench.shows(mnq, 0)
    let target = bench.adopt(.flatAccount)
    bench.answer(.close(account, mes), .refused(.marketClosed))
    let held = bench.position(mes, 1)
    for _ in 0..<60 {
      bench.answerReads(rows: [held])
      bench.advance(.milliseconds(100))
    }
    bench.event(.position(entry))
    _ = bench.sent()
    for _ in 0..<30 {
      bench.answerReads(rows: entry.isFlat ? [held] : [held, entry])
      bench.advance(.seconds(1))
    }
    #expect(bench.changes() == [.close(account, mes)])
    bench.answer(.close(account, mes), .accepted)
    bench.shows(mes, 0)
    return (bench, target)
  }

  @Test func whatIsOpenedWhereNothingWasHeldHoldsUpNoProof() {
    let entry = Bench().position(mnq, 2, row: 7, openedAt: 600)
    var (bench, target) = waitingForMES(until: entry)
    for _ in 0..<50 {
      bench.answerReads(rows: [entry])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets == [target])
  }

  @Test func aListThatStillShowsWhatIsGoneProvesNothing() {
    let gone = Bench().position(mnq, 2)
    var (bench, target) = waitingForMES(until: Bench().position(mnq, 0))
    for _ in 0..<20 {
      bench.answerReads(rows: [gone])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.isEmpty)
    for _ in 0..<20 {
      bench.answerReads()
      bench.advance(.milliseconds(100))
    }
    #expect(bench.provenTargets == [target])
  }
}
