import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// S10: not knowing is a state of its own. Nothing may be added, and the rules go on.
@Suite struct UnknownAccountTests {
  private func scene(_ action: FailClosedAction = .noNewExposure) -> EngineScene {
    var configuration = RiskConfiguration(
      symbolBlocks: .init(blocked: [SymbolRoot("RTY")]), staleThreshold: .seconds(864_000))
    configuration.failClosed = action
    return EngineScene(configuration)
  }

  private let unknown = EngineInput.unknown(Sample.account, reason: "the queries fail")

  @Test func `nothing may be added to what was held last, until the account is read`() {
    var scene = scene()
    scene.holdAtOnce([Sample.mnq: 2])
    let effects = scene.send(unknown)
    #expect(effects.goals == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    #expect(effects.adopted.map(\.end) == [.evaluationRestored])
    #expect(effects.reasons == [.cannotEvaluate(.accountUnread)])
    #expect(scene.send(unknown).isEmpty)
    #expect(scene.wait(.seconds(3_600)).endings.isEmpty)
    // An event says what it says, and no more.
    #expect(scene.hold(Sample.mnq, 1).endings.isEmpty)
    #expect(scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 1)])])
    #expect(scene.hold(Sample.rty, 1).goals == [.flat(Sample.rty)])
    #expect(scene.holdAtOnce([Sample.mnq: 1]).endings == [.evaluationRestored])
    #expect(scene.hold(Sample.mnq, 3).goals.isEmpty)
  }

  @Test func `an entry that was executed and not shown yet is no new one`() {
    var scene = scene()
    scene.holdAtOnce([:])
    scene.trade(nil, .buy, size: 2)
    #expect(
      scene.send(unknown).goals
        == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
  }

  @Test func `an account that was never read is not barred: all it holds would be new`() {
    var scene = scene()
    #expect(scene.send(unknown).isEmpty)
    #expect(scene.hold(Sample.rty, 1).goals == [.flat(Sample.rty)])
  }

  @Test func `the operator may have chosen something else`() {
    var flattening = scene(.flatten)
    flattening.holdAtOnce([Sample.mnq: 2])
    #expect(flattening.send(unknown).goals == [.flatAccount])
    var telling = scene(.alert)
    telling.holdAtOnce([Sample.mnq: 2])
    #expect(telling.send(unknown).isEmpty)
  }

  @Test func `one reason to bar does not end with another`() {
    var scene = scene()
    scene.holdAtOnce([Sample.mnq: 1])
    scene.send(unknown)
    #expect(scene.send(.journal(isWritable: false)).goals.isEmpty)
    #expect(scene.holdAtOnce([Sample.mnq: 1]).endings.isEmpty)
    #expect(scene.send(.journal(isWritable: true)).endings == [.evaluationRestored])
  }

  @Test func `what may not be acted on, or is not ours, is not barred`() {
    var scene = scene()
    scene.holdAtOnce([Sample.mnq: 1])
    scene.send(.unprotectable(Sample.account, reason: "name"))
    #expect(scene.send(unknown).isEmpty)
    scene.send(.unknown(AccountID(666), reason: "x"))
    #expect(scene.engine.state.foreignEvents == 1)
  }
}
