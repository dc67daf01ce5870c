import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct SymbolBlocksTests {
  private static func configuration(
    _ blocked: [String] = ["RTY"], closeExisting: Bool = true
  ) -> RiskConfiguration {
    RiskConfiguration(
      symbolBlocks: .init(blocked: blocked.map(SymbolRoot.init), closeExisting: closeExisting))
  }

  private func snapshot(_ scene: EngineScene, _ positions: [Position]) -> EngineInput {
    .snapshot(
      AccountSnapshot(
        account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
        positions: positions, workingOrders: [], trades: [], startedAt: scene.now))
  }

  private func position(_ size: Int64, at instant: Instant) -> Position {
    Position(
      id: 77, account: Sample.account, contract: Sample.rty, openedAt: instant, signedSize: size,
      averagePrice: .at("2000"))
  }

  @Test func `T21: a blocked symbol is closed, others are not`() {
    var scene = EngineScene(Self.configuration())
    #expect(scene.hold(Sample.m2k, 1).goals.isEmpty)
    #expect(scene.hold(Sample.mnq, 1).goals.isEmpty)
    let effects = scene.hold(Sample.rty, 1)
    #expect(effects.goals == [.flat(Sample.rty)])
    #expect(effects.adopted.map(\.end) == [.configuration])
  }

  @Test func `T21: an order in a blocked symbol is enough`() {
    var scene = EngineScene(Self.configuration())
    #expect(scene.order(Sample.rty).goals == [.flat(Sample.rty)])
    #expect(scene.order(Sample.mnq, id: 2).goals.isEmpty)
  }

  @Test func `either spelling blocks`() {
    var scene = EngineScene(Self.configuration(["es"]))
    #expect(scene.hold(Sample.es, 1).goals == [.flat(Sample.es)])
  }

  @Test func `the block stands and counts what comes back`() {
    var scene = EngineScene(Self.configuration())
    scene.hold(Sample.rty, 1)
    scene.hold(Sample.rty, 0)
    let effects = scene.hold(Sample.rty, 2, id: 5)
    #expect(effects.goals.isEmpty)
    #expect(
      effects.contains {
        if case .reentry(Sample.account, _, Sample.rty, 1) = $0 { true } else { false }
      })
    #expect(scene.standing == [.flat(Sample.rty)])
  }

  @Test func `taking the symbol off the list ends the block with the next trading day`() {
    var scene = EngineScene(Self.configuration())
    scene.hold(Sample.rty, 1)
    #expect(
      scene.send(.configuration([Sample.account: Self.configuration(["YM"])])).endings.isEmpty)
    #expect(scene.wait(.seconds(3_600)).endings.isEmpty)
    #expect(scene.wait(.seconds(8 * 3_600)).endings == [.configuration])
  }

  @Test func `switching the rule off does not end its block before the next trading day`() {
    var scene = EngineScene(Self.configuration())
    scene.hold(Sample.rty, 1)
    scene.send(.configuration([Sample.account: RiskConfiguration()]))
    #expect(scene.standing == [.flat(Sample.rty)])
    #expect(scene.wait(.seconds(9 * 3_600)).endings == [.configuration])
  }

  @Test func `close_existing false keeps what was there and lets it shrink only`() {
    var scene = EngineScene(Self.configuration(closeExisting: false))
    scene.send(snapshot(scene, [position(3, at: scene.now)]))
    #expect(scene.standing == [.atMost(Sample.rty, size: 3)])
    scene.send(.event(.position(position(2, at: scene.now))))
    #expect(scene.standing.contains(.atMost(Sample.rty, size: 2)))
    #expect(!scene.standing.contains(.flat(Sample.rty)))
    scene.send(.event(.position(position(0, at: scene.now))))
    #expect(scene.hold(Sample.rty, 1, id: 5).goals == [.flat(Sample.rty)])
  }

  @Test func `close_existing false closes what came later`() {
    var scene = EngineScene(Self.configuration(closeExisting: false))
    scene.send(snapshot(scene, []))
    #expect(scene.hold(Sample.rty, 1).goals == [.flat(Sample.rty)])
  }
}
