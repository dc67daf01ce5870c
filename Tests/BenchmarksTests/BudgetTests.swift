import Benchmarks
import Testing

@Suite struct BudgetTests {
  @Test(arguments: [
    (100.0, Verdict.aim), (200, .aim), (201, .must), (1_000, .must), (1_000.5, .missed),
  ])
  func `lower is better`(value: Double, verdict: Verdict) {
    let budget = Budget("a", "a", .nanoseconds, must: 1_000, aim: 200)
    #expect(budget.verdict(value) == verdict)
  }

  @Test(arguments: [
    (20_001.0, Verdict.aim), (20_000, .aim), (19_999, .must), (1_000, .must), (999, .missed),
  ])
  func `higher is better`(value: Double, verdict: Verdict) {
    let budget = Budget(
      "a", "a", .perSecond, must: 1_000, aim: 20_000, isLowerBetter: false)
    #expect(budget.verdict(value) == verdict)
  }

  @Test func `a bound that is not there is not judged`() {
    #expect(Budget("a", "a", .bytes).verdict(5) == .free)
    #expect(Budget("a", "a", .bytes, must: 5).verdict(5) == .must)
    #expect(Budget("a", "a", .bytes, must: 5).verdict(6) == .missed)
    #expect(Budget("a", "a", .bytes, aim: 5).verdict(5) == .aim)
    #expect(Budget("a", "a", .bytes, aim: 5).verdict(6) == .short)
  }

  @Test func `a figure carries its budget, its floor and the ratio`() {
    let figure = Figure(
      .reactionP99, value: 2_000_000, floor: Figure.Floor(value: 100_000, name: "pipes"))
    #expect(figure.ratio == 20)
    #expect(figure.verdict == .must)
    #expect(figure.must == 10_000_000)
    #expect(figure.aim == 1_000_000)
    let none = Figure(.reactionP99, value: nil, detail: "no riskd")
    #expect(none.ratio == nil)
    #expect(none.verdict == .unmeasured)
  }
}
