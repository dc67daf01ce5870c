import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct AuthLossGuardTests {
  private let guarded = RiskConfiguration(authLossGuard: .init())

  @Test func `T20: locks while the venue says no`() {
    var scene = EngineScene(guarded)
    #expect(scene.account(canTrade: true).goals.isEmpty)
    let effects = scene.account(canTrade: false)
    #expect(effects.goals == [.flatAccount])
    #expect(effects.adopted.map(\.end) == [.tradingRestored])
    #expect(effects.reasons == [.tradingWithdrawn])
    #expect(scene.account(canTrade: false).goals.isEmpty)
    #expect(scene.wait(.seconds(30 * 3_600)).endings.isEmpty)
    #expect(scene.account(canTrade: true).endings == [.tradingRestored])
  }

  @Test func `a venue that does not say neither locks nor unlocks`() {
    var scene = EngineScene(guarded)
    #expect(scene.account(canTrade: nil).goals.isEmpty)
    scene.account(canTrade: false)
    let effects = scene.account(canTrade: nil)
    #expect(effects.endings.isEmpty)
    #expect(effects.notices == [.canTradeUnknown(Sample.account)])
  }

  @Test func `an administrator unlocks where that is wanted`() {
    var scene = EngineScene(RiskConfiguration(authLossGuard: .init(unlocksOnRestore: false)))
    #expect(scene.account(canTrade: false).adopted.map(\.end) == [.permanent])
    #expect(scene.account(canTrade: true).endings.isEmpty)
  }

  @Test func `an edit does not unlock, the venue does`() {
    var scene = EngineScene(guarded)
    scene.account(canTrade: false)
    #expect(scene.send(.configuration([Sample.account: RiskConfiguration()])).endings.isEmpty)
    #expect(scene.account(canTrade: true).endings == [.tradingRestored])
  }

  @Test func `a snapshot tells as well`() {
    var scene = EngineScene(guarded)
    let effects = scene.send(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: false),
          positions: [], workingOrders: [], trades: [], startedAt: scene.now)))
    #expect(effects.goals == [.flatAccount])
  }
}
