import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct DailyRealizedProfitTests {
  private func scene(
    combined: Bool = false, includeFees: Bool = false, end: LockoutEnd = .dailyReset
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(
        dailyRealizedProfit: .init(
          target: .of("1000"), lockoutEnd: end, combined: combined, includeFees: includeFees)))
  }

  @Test(arguments: [("1000", true), ("999.99", false), ("1000.01", true), ("-1000", false)])
  func `fires at the target`(profit: String, fires: Bool) {
    var scene = scene()
    #expect(scene.trade(profit).goals == (fires ? [.flatAccount] : []))
  }

  @Test func `several trades add up, and the lock ends with the day`() {
    var scene = scene()
    scene.trade("600")
    scene.trade("-100")
    let effects = scene.trade("500")
    #expect(
      effects.reasons
        == [.dailyProfitReached(realized: .of("1000"), open: nil, target: .of("1000"))])
    #expect(effects.reasons.first?.sentence.hasPrefix("Well done") == true)
    #expect(scene.trade("-900").endings.isEmpty)
    #expect(scene.wait(.seconds(7 * 3_600)).endings == [.dailyReset])
    #expect(scene.standing.isEmpty)
  }

  @Test func `fees count where that is wanted`() {
    var scene = scene(includeFees: true)
    #expect(scene.trade("1000", fees: "0.01").goals.isEmpty)
    #expect(scene.trade("0.02", fees: "0.01").goals == [.flatAccount])
  }

  @Test func `open profit counts where that is wanted, and open loss against it`() {
    var scene = scene(combined: true)
    scene.hold(Sample.mnq, 2, at: "20000")
    scene.mark(Sample.mnq, last: "20000")
    #expect(scene.trade("900").goals.isEmpty)
    scene.mark(Sample.mnq, last: "19990")
    #expect(scene.trade("120").goals.isEmpty)
    scene.mark(Sample.mnq, last: "19994.75")
    #expect(scene.mark(Sample.mnq, last: "19995").goals == [.flatAccount])
  }

  @Test func `a permanent lock outlives the day`() {
    var scene = scene(end: .permanent)
    scene.trade("1500")
    #expect(scene.wait(.seconds(7 * 3_600)).endings.isEmpty)
  }
}
