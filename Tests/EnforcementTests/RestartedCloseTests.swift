import RiskModel
import Testing

@testable import Enforcement

/// A close that may have been sent by the enforcer before this one.
///
/// A reduction doubles when it is said twice. A close does not: it takes off what is there when the
/// venue reads it. The venue answers "gone" once that is nothing, and "pending", without a second
/// order, while a close is being filled. So nothing is won by waiting for orders that cannot be read,
/// and a position that is to be closed would stay open for as long as that takes.
@Suite struct RestartedCloseTests {
  private func restarted(_ goal: Goal) -> Bench {
    var bench = Bench()
    bench.start(targets: [bench.target(1, goal, end: .permanent)])
    bench.answer(.readPositions(account), .positions([bench.position(mnq, 3)]))
    #expect(bench.changes().isEmpty)
    bench.answer(.readWorkingOrders(account), .failed("503"))
    return bench
  }

  @Test func aCloseGoesOutAfterOneReadOfThePosition() {
    var bench = restarted(.flatAccount)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aReductionDoesNot() {
    var bench = restarted(.atMost(mnq, size: 1))
    #expect(bench.changes().isEmpty)
    for _ in 0..<100 {
      bench.answer(.readWorkingOrders(account), .failed("503"))
      bench.answer(.readPositions(account), .positions([bench.position(mnq, 3)]))
      bench.advance(.milliseconds(10))
    }
    #expect(bench.changes().isEmpty)
  }

  @Test func theVenueThatIsStillClosingSaysSoAndIsNotAskedAgainBeforeALook() {
    var bench = restarted(.flatAccount)
    _ = bench.sent()
    bench.answer(.close(account, mnq), .pending)
    for _ in 0..<19 {
      bench.answerReads(positions: [mnq: 3])
      bench.advance(.milliseconds(100))
      #expect(bench.changes().isEmpty)
    }
    bench.answerReads()
    bench.advance(.seconds(3))
    bench.answerReads()
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aVenueThatHasClosedSaysGoneAndTheProofFollows() {
    var bench = restarted(.flatAccount)
    _ = bench.sent()
    bench.answer(.close(account, mnq), .gone)
    bench.answerReads()
    #expect(bench.changes().isEmpty)
    #expect(bench.provenTargets.count == 1)
  }
}
