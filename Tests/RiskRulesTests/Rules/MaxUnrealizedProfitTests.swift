import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct MaxUnrealizedProfitTests {
  private func scene(
    _ mode: MaxUnrealizedProfit.Mode = .profitTarget(.of("1000")),
    _ scope: MaxUnrealizedProfit.Scope = .perPosition
  ) -> EngineScene {
    EngineScene(RiskConfiguration(maxUnrealizedProfit: .init(mode: mode, scope: scope)))
  }

  @Test func `T11: one ES at +1000 is closed`() {
    var scene = scene()
    scene.hold(Sample.es, 1, at: "5800")
    #expect(scene.mark(Sample.es, last: "5819.75").goals.isEmpty)
    let effects = scene.mark(Sample.es, last: "5820")
    #expect(effects.goals == [.flat(Sample.es)])
    #expect(effects.adopted.map(\.isLockout) == [false])
  }

  @Test func `scope total sums up and closes all`() {
    var scene = scene(.profitTarget(.of("1000")), .total)
    scene.hold(Sample.es, 1, at: "5800")
    scene.hold(Sample.mnq, 1, at: "20000")
    #expect(scene.mark(Sample.es, last: "5819").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20020").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20025").goals == [.flatAccount])
  }

  @Test func `breakeven closes a winner that comes back, past zero too`() {
    var scene = scene(.breakeven(armAfterTicks: 4))
    scene.hold(Sample.mnq, 2, at: "20000")
    #expect(scene.mark(Sample.mnq, last: "20001").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20000.25").goals.isEmpty)
    let effects = scene.mark(Sample.mnq, last: "19999.75")
    #expect(effects.goals == [.flat(Sample.mnq)])
    #expect(effects.reasons == [.profitGivenBack(contract: Sample.mnq, open: .of("-1"))])
  }

  @Test func `breakeven leaves a position alone that never was in profit`() {
    var scene = scene(.breakeven(armAfterTicks: 4))
    scene.hold(Sample.mnq, 2, at: "20000")
    for price in ["20000", "20000.75", "20000", "19990"] {
      #expect(scene.mark(Sample.mnq, last: price).goals.isEmpty)
    }
  }

  @Test func `the arm belongs to the episode`() {
    var scene = scene(.breakeven(armAfterTicks: 1))
    scene.hold(Sample.mnq, 1, at: "20000")
    scene.mark(Sample.mnq, last: "20010")
    // Reversal to short: a new episode begins unarmed.
    #expect(scene.hold(Sample.mnq, -1, at: "20010").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20011").goals.isEmpty)
    // Scaling in keeps the arm.
    scene.mark(Sample.mnq, last: "20009")
    scene.hold(Sample.mnq, -2, at: "20009.5")
    #expect(scene.mark(Sample.mnq, last: "20010").goals == [.flat(Sample.mnq)])
  }
}
