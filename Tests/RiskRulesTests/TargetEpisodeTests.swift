import Foundation
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// What a one-shot target says of the positions that it is about, for an enforcer that was not there.
@Suite struct TargetEpisodeTests {
  private static let later = Int64(99)

  /// Three contracts where two are allowed: everything has to be closed.
  private func closing() -> (EngineScene, Target) {
    var scene = EngineScene(RiskConfiguration(maxContracts: .init(limit: 2)))
    scene.hold(Sample.mnq, 1)
    scene.send(scene.working(Sample.mes, id: 7, .buy, .stop, at: "6000", size: 2))
    let adopted = scene.hold(Sample.mes, -2).adopted
    guard adopted.count == 1 else { preconditionFailure("Condition failed: one target") }
    return (scene, adopted[0])
  }

  private func amended(_ effects: [Effect]) -> [Target] {
    effects.compactMap { if case .amend(let target) = $0 { target } else { nil } }
  }

  @Test func `it names them as they were when it was adopted`() {
    let (scene, target) = closing()
    let held = [Sample.mes, Sample.mnq].compactMap { scene.state().positions[$0]?.position }
    #expect(target.goal == .flatAccount)
    #expect(target.episodes == held.map(PositionEpisode.init))
    #expect(target.episodes?.map(\.side) == [.sell, .buy])
  }

  @Test func `what is over is written into it once, with the orders that are left`() {
    var (scene, target) = closing()
    target.episodes?[0].leftovers = [OrderID(7)]
    #expect(amended(scene.hold(Sample.mes, 0)) == [target])
    #expect(scene.standingTargets == [target])
    #expect(amended(scene.hold(Sample.mnq, 2)).isEmpty)
    // What works elsewhere goes with the last one.
    scene.send(scene.working(Sample.es, id: 3, .buy, .limit, at: nil))
    target.episodes?[1].leftovers = [OrderID(3)]
    #expect(amended(scene.hold(Sample.mnq, 0)) == [target])
  }

  @Test func `a permitted position behind it changes nothing`() {
    var (scene, _) = closing()
    scene.hold(Sample.mes, 0)
    let standing = scene.standingTargets
    let effects = scene.hold(Sample.mes, 1, id: Self.later)
    #expect(effects.adopted.isEmpty)
    #expect(effects.endings.isEmpty)
    #expect(scene.standingTargets == standing)
    #expect(standing.first?.episodes?.map(\.isOver) == [true, false])
  }

  @Test func `a position behind it that breaks the rule again is a breach of its own`() {
    var (scene, first) = closing()
    scene.hold(Sample.mes, 0)
    let effects = scene.hold(Sample.mes, 2, id: Self.later)
    #expect(effects.reasons == [.contractsAboveLimit(held: 3, limit: 2)])
    #expect(effects.endings == [.superseded])
    let target = effects.adopted.first
    #expect(target?.id != first.id)
    #expect(target?.episodes?.map(\.isOver) == [false, false])
    #expect(target?.episodes?.first?.position == Self.later)
    #expect(scene.standingTargets == effects.adopted)
  }

  @Test func `a position in a contract that it does not name is a breach of its own`() {
    var (scene, first) = closing()
    let effects = scene.hold(Sample.es, 1, id: Self.later)
    #expect(effects.reasons == [.contractsAboveLimit(held: 4, limit: 2)])
    #expect(effects.endings == [.superseded])
    let target = effects.adopted.first
    #expect(target?.id != first.id)
    #expect(target?.episodes?.map(\.contract) == [Sample.es, Sample.mes, Sample.mnq])
    #expect(scene.standingTargets == effects.adopted)
    #expect(scene.hold(Sample.es, 2, id: Self.later).adopted.isEmpty)
  }

  @Test func `a reversal is the end of one and the beginning of another`() {
    var (scene, _) = closing()
    let effects = scene.hold(Sample.mes, 1)
    #expect(amended(effects).first?.episodes?.map(\.isOver) == [true, false])
    #expect(effects.adopted.isEmpty)
  }

  @Test func `a target of one contract gives way to the next position`() {
    var scene = EngineScene(RiskConfiguration(dailyUnrealizedLoss: .init(lossLimit: .of("300"))))
    scene.hold(Sample.mnq, 1, at: "20000")
    let target = scene.mark(Sample.mnq, last: "19800").adopted.first
    #expect(target?.goal == .flat(Sample.mnq))
    #expect(target?.episodes?.map(\.contract) == [Sample.mnq])
    #expect(amended(scene.hold(Sample.mnq, 0)).map { $0.episodes?.map(\.isOver) } == [[true]])
    let next = scene.hold(Sample.mnq, 1, at: "19800", id: Self.later)
    #expect(next.endings == [.episodeOver])
    #expect(next.adopted.isEmpty)
  }

  @Test func `a lockout and a target that is not about what is held have none`() {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("100"))))
    scene.hold(Sample.mnq, 1)
    #expect(scene.trade("-100").adopted.map(\.episodes) == [nil])
  }

  @Test func `an engine that is restored between them goes on alike`() throws {
    var (scene, _) = closing()
    scene.hold(Sample.mes, 0)
    let stored = try JSONEncoder().encode(scene.engine.state)
    var restored = scene
    restored.engine = RiskEngine(state: try JSONDecoder().decode(EngineState.self, from: stored))
    for (size, id) in [(1, Self.later), (2, Self.later)] as [(Int64, Int64)] {
      #expect(
        restored.hold(Sample.mes, size, id: id) == scene.hold(Sample.mes, size, id: id))
    }
    #expect(restored.standingTargets == scene.standingTargets)
  }

  @Test func `a target that the record alone knows is about what is held still`() {
    var (scene, target) = closing()
    scene.engine = RiskEngine(state: scene.engine.state.without(target.id))
    #expect(scene.standingTargets.isEmpty)
    #expect(scene.engine.restore([target]) == [target.id])
    // Nothing is over yet; then what goes is.
    #expect(amended(scene.mark(Sample.mnq, last: "20000")).isEmpty)
    #expect(scene.standingTargets == [target])
    let noted = amended(scene.hold(Sample.mes, 0))
    #expect(noted.map { $0.episodes?.map(\.isOver) } == [[true, false]])
  }

  @Test func `of a target that the record alone knows another position is none`() {
    var (scene, target) = closing()
    scene.engine = RiskEngine(state: scene.engine.state.without(target.id))
    target.episodes?[1].openedAt = target.adoptedAt - .seconds(3_600)
    _ = scene.engine.restore([target])
    let noted = amended(scene.mark(Sample.mnq, last: "20000"))
    #expect(noted.map { $0.episodes?.map(\.isOver) } == [[false, true]])
  }

  @Test func `the record of an earlier release, which names none, stands as it did`() throws {
    var (scene, target) = closing()
    target.episodes = nil
    let text = String(decoding: try JSONEncoder().encode(target), as: UTF8.self)
    #expect(!text.contains("episodes"))
    #expect(try JSONDecoder().decode(Target.self, from: Data(text.utf8)) == target)
    _ = scene.engine.restore([target])
    #expect(amended(scene.hold(Sample.mnq, 0)).map(\.episodes?.count) == [2])
  }
}

extension EngineState {
  /// As an engine of another release may have it, which decided otherwise.
  fileprivate func without(_ target: TargetID) -> EngineState {
    var state = self
    state.targets[target] = nil
    return state
  }
}
