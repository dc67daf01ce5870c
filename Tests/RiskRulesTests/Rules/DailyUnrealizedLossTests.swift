import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct DailyUnrealizedLossTests {
  private func scene(
    _ limit: String = "300", _ scope: DailyUnrealizedLoss.Scope = .perPosition,
    _ action: DailyUnrealizedLoss.Action = .closePosition, mark: MarkPrice = .last
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(
        dailyUnrealizedLoss: .init(lossLimit: .of(limit), scope: scope, action: action),
        markPrice: mark))
  }

  @Test func `T8: two MNQ at -300 are closed, and only they`() {
    var scene = scene()
    scene.hold(Sample.es, 1, at: "5800")
    scene.mark(Sample.es, last: "5800")
    scene.hold(Sample.mnq, 2, at: "21000")
    let effects = scene.mark(Sample.mnq, last: "20925")
    #expect(effects.goals == [.flat(Sample.mnq)])
    #expect(effects.adopted.map(\.isLockout) == [false])
  }

  @Test func `T9: at -299 nothing happens`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2, at: "21000")
    #expect(scene.mark(Sample.mnq, last: "20925.25").goals.isEmpty)
  }

  @Test func `T10: scope total adds the positions up, closes all and locks`() {
    var scene = scene("300", .total, .closeAllAndLockout)
    scene.hold(Sample.mnq, 2, at: "21000")
    scene.mark(Sample.mnq, last: "20950")
    scene.hold(Sample.es, 1, at: "5800")
    #expect(scene.mark(Sample.es, last: "5798.25").goals.isEmpty)
    let effects = scene.mark(Sample.es, last: "5797.5")
    #expect(effects.goals == [.flatAccount])
    #expect(
      effects.adopted.map(\.end) == [.dailyReset(CivilDate(year: 2026, month: 11, day: 18))])
    #expect(
      effects.reasons
        == [.openLossReached(contract: nil, open: .of("-325"), limit: .of("300"))])
  }

  @Test func `scope total without lockout only closes`() {
    var scene = scene("300", .total)
    scene.hold(Sample.mnq, 2, at: "21000")
    #expect(scene.mark(Sample.mnq, last: "20900").adopted.map(\.end) == [.episode])
  }

  @Test func `a position without a price does not hide the loss of the others`() {
    var scene = scene("300", .total)
    scene.hold(Sample.mnq, 2, at: "21000")
    scene.mark(Sample.mnq, last: "20930")
    scene.hold(Sample.es, 1, at: "5800")
    #expect(scene.mark(Sample.mnq, last: "20925.25").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20925").goals == [.flatAccount])
  }

  @Test func `the first price of a position that was found is awaited, but not for ever`() {
    var scene = scene("300", .total)
    scene.hold(Sample.mnq, 2, at: "21000")
    scene.hold(Sample.es, 1, at: "5800", opened: scene.now - .seconds(3600))
    #expect(scene.mark(Sample.mnq, last: "20900").goals.isEmpty)
    scene.wait(.seconds(9))
    #expect(scene.mark(Sample.mnq, last: "20899").goals.isEmpty)
    #expect(scene.engine.isTickDue(at: scene.now + .seconds(1), venueTime: nil))
    #expect(scene.wait(.seconds(1)).goals == [.flatAccount])
  }

  @Test func `what was found and is ahead counts as soon as its price is there`() {
    var scene = scene("300", .total)
    scene.hold(Sample.mnq, 2, at: "21000")
    scene.hold(Sample.es, 1, at: "5800", opened: scene.now - .seconds(3600))
    scene.mark(Sample.mnq, last: "20900")
    #expect(scene.mark(Sample.es, last: "5810").goals.isEmpty)
    scene.wait(.seconds(61))
    #expect(scene.mark(Sample.mnq, last: "20899").goals.isEmpty)
  }

  @Test func `an absurd price is a loss beyond every limit and breaks nothing`() {
    var scene = scene("300", .total)
    scene.hold(Sample.mnq, -2, at: "21000")
    scene.hold(Sample.es, -1, at: "5800")
    scene.mark(Sample.es, last: "9000000000")
    scene.mark(Sample.mnq, last: "9000000000")
    scene.wait(.seconds(1))
    #expect(scene.standing == [.flatAccount])
  }

  @Test func `shorts lose when the price rises`() {
    var scene = scene()
    scene.hold(Sample.mnq, -2, at: "21000")
    #expect(scene.mark(Sample.mnq, last: "21074.75").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "21075").goals == [.flat(Sample.mnq)])
  }

  @Test func `no price, no verdict`() {
    var scene = scene()
    #expect(scene.hold(Sample.mnq, 2, at: "21000").goals.isEmpty)
    #expect(scene.quote(Quote(contract: Sample.mnq, last: Price(nanos: 0))).isEmpty)
    #expect(scene.state().positions.count == 1)
  }

  @Test func `without a last price the midpoint counts`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2, at: "21000")
    #expect(scene.quote(Quote(contract: Sample.mnq, bid: .at("20920"))).goals.isEmpty)
    #expect(
      scene.quote(Quote(contract: Sample.mnq, ask: .at("20930"))).goals == [.flat(Sample.mnq)])
  }

  @Test(arguments: [
    (MarkPrice.mid, Int64(2), "20924.5", "20925.5", true),
    (.mid, 2, "20925", "20926", false),
    (.conservative, 2, "20925", "20930", true),
    (.conservative, 2, "20925.25", "20930", false),
    (.conservative, -2, "21070", "21075", true),
    (.conservative, -2, "21075", "21074.75", false),
  ])
  func `other marks`(mark: MarkPrice, size: Int64, bid: String, ask: String, fires: Bool) {
    var scene = scene(mark: mark)
    scene.hold(Sample.mnq, size, at: "21000")
    let effects = scene.quote(Quote(contract: Sample.mnq, bid: .at(bid), ask: .at(ask)))
    #expect(!effects.goals.isEmpty == fires)
  }

  @Test func `unknown contract data is asked for and makes the rule wait`() {
    var scene = scene()
    let unknown = ContractID("CON.F.US.XYZ.Z26")
    let effects = scene.hold(unknown, 1, at: "100")
    #expect(effects.contains(.notice(.contractUnknown(Sample.account, unknown))))
    let questions = effects.compactMap { effect -> QueryID? in
      if case .query(let id, .contract(unknown)) = effect { id } else { nil }
    }
    #expect(questions.count == 1)
    #expect(scene.mark(unknown, last: "1").goals.isEmpty)
    scene.wait(.seconds(121))
    #expect(scene.history.contains(.notice(.contractMissing(Sample.account, unknown))))
    #expect(scene.standing == [.noNewExposure([Baseline(contract: unknown, signedSize: 1)])])
    let data = ContractSpecification(
      id: unknown, name: "XYZ", tickSize: .at("1"), tickValue: .of("100"))
    #expect(scene.send(.answer(questions[0], .contract(data))).goals == [.flat(unknown)])
  }

  @Test func `a failed question is asked again`() {
    var scene = scene()
    let unknown = ContractID("CON.F.US.XYZ.Z26")
    let first = scene.hold(unknown, 1, at: "100")
    let id = first.compactMap { if case .query(let id, _) = $0 { id } else { nil } }
    scene.send(.answer(id[0], .failed("timeout")))
    let again = scene.hold(unknown, 2, at: "100")
    #expect(again.contains { if case .query = $0 { true } else { false } })
  }

  @Test func `T28: the close of an open loss can reach the daily limit`() {
    var scene = EngineScene(
      RiskConfiguration(
        dailyRealizedLoss: .init(lossLimit: .of("1000")),
        dailyUnrealizedLoss: .init(lossLimit: .of("200"))))
    scene.trade("-850")
    scene.hold(Sample.mnq, 1, at: "20000")
    #expect(scene.mark(Sample.mnq, last: "19900").goals == [.flat(Sample.mnq)])
    scene.hold(Sample.mnq, 0)
    #expect(scene.trade("-200").goals == [.flatAccount])
    #expect(scene.standing == [.flat(Sample.mnq), .flatAccount])
  }
}
