import RiskModel
import Testing

@testable import TradingDayDemo

@Suite struct EvaluatorWatchTests {
  private func moment(_ milliseconds: Int64) -> MonotonicInstant {
    Sample.moment(milliseconds: milliseconds)
  }

  @Test func `a close before it is armed is none of its business`() {
    var watch = EvaluatorWatch()
    watch.closeCame(at: moment(0))
    #expect(!watch.isDue(at: moment(1_000), ruleIsTold: true))
    #expect(watch.kill == nil)
  }

  @Test func `it is due when the rule is told, or after a moment`() {
    var watch = EvaluatorWatch()
    watch.arm()
    #expect(!watch.isDue(at: moment(0), ruleIsTold: true))
    #expect(watch.kill == .missed)
    watch.closeCame(at: moment(100))
    watch.closeCame(at: moment(110))
    #expect(watch.isDue(at: moment(100), ruleIsTold: true))
    #expect(!watch.isDue(at: moment(114), ruleIsTold: false))
    #expect(watch.isDue(at: moment(115), ruleIsTold: false))
    #expect(watch.kill == .missed)
  }

  @Test(arguments: [EvaluatorKill.inTheMiddle, .tooLate])
  func `it is back when another process is ready`(kill: EvaluatorKill) {
    var watch = EvaluatorWatch()
    watch.arm()
    watch.closeCame(at: moment(0))
    watch.killed(pid: 7, kill)
    #expect(!watch.isDue(at: moment(500), ruleIsTold: true))
    #expect(watch.kill == kill)
    watch.ready(pid: 7)
    #expect(!watch.isBack)
    watch.ready(pid: 8)
    #expect(watch.isBack)
    #expect(watch.kill == kill)
    // One kill is enough.
    watch.arm()
    watch.closeCame(at: moment(600))
    #expect(!watch.isDue(at: moment(700), ruleIsTold: true))
  }

  @Test func `an evaluator that cannot be found is missed`() {
    var watch = EvaluatorWatch()
    watch.killed(pid: 7, .inTheMiddle)
    #expect(watch.kill == nil)
    watch.arm()
    watch.closeCame(at: moment(0))
    watch.killed(pid: nil, .missed)
    #expect(watch.kill == .missed)
    #expect(!watch.isBack)
  }
}

@Suite struct VenueTimeTests {
  @Test(arguments: [
    (Int64(-4 * 3_600), Int64(0)), (-181, 0), (-180, 0), (-179, -180), (-1, -180), (0, 0), (60, 0),
  ])
  func `the venue is behind shortly before the daily reset`(after: Int64, offset: Int64) {
    let reset = TradingDayRule.standard.end(of: CivilDate(year: 2_026, month: 11, day: 23))
    #expect(VenueTime.offset(at: reset + .seconds(after)) == .seconds(offset))
  }
}
