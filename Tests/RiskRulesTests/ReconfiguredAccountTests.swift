import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// An account that is taken out of the configuration and put back is the account that it was.
@Suite struct ReconfiguredAccountTests {
  private func rules() -> RiskConfiguration {
    RiskConfiguration(
      maxContracts: .init(limit: 3), dailyRealizedLoss: .init(lossLimit: .of("500")),
      maxUnrealizedProfit: .init(mode: .breakeven(armAfterTicks: 4)),
      tradeFrequencyLimit: .init(windows: [.init(limit: 3, span: .seconds(3_600))]),
      staleThreshold: .seconds(864_000))
  }

  private func remove(_ scene: inout EngineScene) -> [Effect] { scene.send(.configuration([:])) }

  private func restore(_ scene: inout EngineScene) -> [Effect] {
    scene.send(.configuration([Sample.account: rules()]))
  }

  @Test func `the losses of the day are kept`() {
    var scene = EngineScene(rules())
    scene.holdAtOnce([:])
    scene.trade("-400")
    #expect(remove(&scene).isEmpty)
    scene.wait(.seconds(60))
    #expect(restore(&scene).isEmpty)
    scene.holdAtOnce([:])
    #expect(scene.trade("-100").reasons.map(\.code) == ["DAILY_LOSS_REACHED"])
  }

  @Test func `so are the trades of a window, and the arm of a position`() {
    var scene = EngineScene(rules())
    scene.holdAtOnce([Sample.mnq: 1])
    scene.mark(Sample.mnq, last: "20010")
    for _ in 0..<3 { scene.trade(nil) }
    _ = remove(&scene)
    _ = restore(&scene)
    scene.holdAtOnce([Sample.mnq: 1])
    #expect(scene.mark(Sample.mnq, last: "19999.75").goals == [.flat(Sample.mnq)])
    #expect(scene.trade(nil).reasons.map(\.code).contains("TRADES_ABOVE_LIMIT"))
  }

  @Test func `so is a lockout, to its own end`() {
    var scene = EngineScene(rules())
    scene.holdAtOnce([:])
    scene.trade("-500")
    #expect(remove(&scene).endings.isEmpty)
    #expect(restore(&scene).endings.isEmpty)
    scene.holdAtOnce([:])
    #expect(scene.standing == [.flatAccount])
    let reset = scene.engine.resetTime(
      of: Sample.account, endingOn: scene.state().ledger.tradingDate)
    scene.now = reset
    #expect(scene.send(.tick(venueTime: reset)).endings == [.dailyReset])
  }

  @Test func `what it held then says nothing of now`() {
    var scene = EngineScene(rules())
    scene.holdAtOnce([Sample.mnq: 3])
    #expect(remove(&scene) == [.watch([])])
    var strict = rules()
    strict.maxContracts = .init(limit: 1)
    #expect(scene.send(.configuration([Sample.account: strict])).goals.isEmpty)
    #expect(scene.wait(.seconds(10)).goals.isEmpty)
    #expect(scene.holdAtOnce([Sample.mnq: 1]).goals.isEmpty)
    #expect(scene.hold(Sample.mnq, 2).goals == [.flatAccount])
  }

  @Test func `where it cannot be read the rules go by the events`() {
    var scene = EngineScene(rules())
    scene.holdAtOnce([Sample.mnq: 3])
    scene.trade("-400")
    _ = remove(&scene)
    _ = restore(&scene)
    #expect(scene.send(.unknown(Sample.account, reason: "x")).goals.isEmpty)
    #expect(scene.state().positions.isEmpty)
    #expect(scene.trade("-100").reasons.map(\.code) == ["DAILY_LOSS_REACHED"])
  }

  @Test func `it is forgotten when none of its executions can count any more`() {
    var scene = EngineScene(rules())
    scene.holdAtOnce([:])
    scene.trade("-400")
    _ = remove(&scene)
    for isKept in [true, false] {
      scene.wait(.seconds(86_400))
      #expect((scene.engine.state.accounts[Sample.account] != nil) == isKept)
    }
  }
}
