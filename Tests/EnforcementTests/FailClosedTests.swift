import RiskModel
import Testing

@testable import Enforcement

/// Nobody evaluates the rules: nothing beyond the last known sizes, until the evaluator is back.
@Suite struct FailClosedTests {
  private func alone(policy: FailClosedPolicy, seconds: Int64 = 31) -> Bench {
    var bench = Bench(policy: policy)
    bench.start()
    bench.settle(positions: [mnq: 2])
    bench.shows(mnq, 2)
    bench.link(isUp: false)
    run(&bench, seconds: seconds)
    return bench
  }

  private func run(_ bench: inout Bench, seconds: Int64, positions: [ContractID: Int64] = [mnq: 2])
  {
    let end = bench.now + .seconds(seconds)
    while bench.now < end {
      bench.answerReads(positions: positions)
      bench.advance(.milliseconds(100))
    }
  }

  @Test func afterThirtySecondsNothingComesOnTop() {
    var bench = alone(policy: .noNewExposure)
    #expect(bench.alerts == [.evaluatorGone(.seconds(30))])
    let target = bench.controller.targets.values.first?.target
    #expect(target?.goal == .noNewExposure([Baseline(contract: mnq, signedSize: 2)]))
    #expect(target?.cause.rule == .failClosed)
    #expect(bench.changes().isEmpty)
    run(&bench, seconds: 3, positions: [mnq: 3])
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
  }

  @Test func notBeforeThirtySeconds() {
    let bench = alone(policy: .noNewExposure, seconds: 29)
    #expect(bench.controller.openTargets == 0)
    #expect(bench.alerts.isEmpty)
  }

  @Test func itEndsWhenTheEvaluatorSpeaks() {
    var bench = alone(policy: .noNewExposure)
    bench.link(isUp: true)
    #expect(bench.controller.openTargets == 1)
    bench.shows(mnq, 2)
    #expect(bench.controller.openTargets == 0)
    run(&bench, seconds: 60)
    #expect(bench.controller.openTargets == 0)
  }

  @Test func aSetOfTargetsAlsoEndsIt() {
    var bench = alone(policy: .noNewExposure)
    bench.link(isUp: true)
    bench.setTargets([])
    #expect(bench.controller.openTargets == 0)
  }

  @Test func thePolicyMayFlatten() {
    var bench = alone(policy: .flatten)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func thePolicyMayOnlyAlert() {
    let bench = alone(policy: .alert)
    #expect(bench.alerts == [.evaluatorGone(.seconds(30))])
    #expect(bench.controller.openTargets == 0)
  }

  @Test func afterAStartWithoutTheEvaluatorTheFirstReadingIsTheMeasure() {
    var bench = Bench()
    bench.protect([account])
    bench.setTargets([], from: .database)
    run(&bench, seconds: 31, positions: [mnq: 1])
    #expect(
      bench.controller.targets.values.first?.target.goal
        == .noNewExposure([Baseline(contract: mnq, signedSize: 1)]))
  }

  @Test func standingTargetsAreEnforcedAllTheTime() {
    var bench = Bench.ready()
    let target = bench.adopt(.flatAccount, end: .permanent)
    bench.answerReads()
    bench.link(isUp: false)
    run(&bench, seconds: 3, positions: [mnq: 1])
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    run(&bench, seconds: 1, positions: [:])
    #expect(bench.provenTargets == [target, target])
  }
}
