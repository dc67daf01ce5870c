import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct MaxContractsTests {
  private func scene(
    limit: Int64 = 5, _ counting: MaxContracts.Counting = .net,
    _ action: MaxContracts.Action = .closeAll
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(maxContracts: .init(limit: limit, counting: counting, action: action)))
  }

  @Test func `T1: five contracts are allowed, the sixth closes all`() {
    var scene = scene()
    #expect(scene.hold(Sample.mnq, 3).goals.isEmpty)
    #expect(scene.hold(Sample.es, 2).goals.isEmpty)
    let effects = scene.hold(Sample.es, 3)
    #expect(effects.goals == [.flatAccount])
    #expect(effects.reasons == [.contractsAboveLimit(held: 6, limit: 5)])
    #expect(effects.adopted.map(\.end) == [.episode])
  }

  struct Count: Sendable {
    var positions: [ContractID: Int64]
    var counting: MaxContracts.Counting
    var contracts: Int64
  }

  @Test(arguments: [
    Count(positions: [Sample.mnq: 5, Sample.mnqNext: -3], counting: .net, contracts: 2),
    Count(positions: [Sample.mnq: 5, Sample.mnqNext: -3], counting: .gross, contracts: 8),
    Count(positions: [Sample.es: 20, Sample.nq: -20], counting: .net, contracts: 40),
    Count(positions: [Sample.mnq: -4, Sample.mnqNext: -3], counting: .net, contracts: 7),
    Count(positions: [Sample.mnq: 3, Sample.es: 2], counting: .net, contracts: 5),
  ])
  func `counts what is held`(count: Count) {
    for (limit, fires) in [(count.contracts, false), (count.contracts - 1, true)] {
      var scene = scene(limit: limit, count.counting)
      let effects = scene.holdAtOnce(count.positions)
      #expect(
        effects.reasons
          == (fires ? [.contractsAboveLimit(held: count.contracts, limit: limit)] : []))
    }
  }

  @Test func `one breach, one target, however many updates follow`() {
    var scene = scene()
    scene.hold(Sample.mnq, 6)
    for price in 0..<100 { #expect(scene.hold(Sample.mnq, 6, at: "2000\(price)").goals.isEmpty) }
    #expect(scene.standing == [.flatAccount])
  }

  @Test func `there is no lockout: after the proof a new position is fine`() throws {
    var scene = scene()
    let target = try #require(scene.hold(Sample.mnq, 6).adopted.first)
    scene.hold(Sample.mnq, 0)
    #expect(scene.standing == [.flatAccount])
    #expect(scene.send(.proven(target.id)).endings == [.proven])
    #expect(scene.hold(Sample.mnq, 5, id: 9).goals.isEmpty)
    #expect(scene.standing.isEmpty)
  }

  @Test func `reduces exactly the excess, newest position first`() {
    var scene = scene(limit: 5, .net, .reduceToLimit)
    scene.hold(Sample.mnq, 3)
    scene.wait(.seconds(1))
    let effects = scene.hold(Sample.es, 4)
    #expect(effects.goals == [.atMost(Sample.es, size: 2)])
  }

  @Test func `a reduction takes a whole position when the excess asks for it`() {
    var scene = scene(limit: 3, .net, .reduceToLimit)
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(1))
    scene.hold(Sample.es, 1)
    #expect(scene.history.goals.isEmpty)
    // The older position grows: the newest is taken first, the rest from the older one.
    #expect(
      scene.hold(Sample.mnq, 5).goals == [.flat(Sample.es), .atMost(Sample.mnq, size: 3)])
  }

  @Test func `of equally new positions the larger one is reduced`() {
    var scene = scene(limit: 5, .gross, .reduceToLimit)
    scene.hold(Sample.mnq, 2)
    #expect(scene.hold(Sample.es, 4).goals == [.atMost(Sample.es, size: 3)])
  }

  @Test func `net reduction touches only the heavier side of a spread`() {
    var scene = scene(limit: 2, .net, .reduceToLimit)
    scene.hold(Sample.mnqNext, -1)
    scene.wait(.seconds(1))
    scene.hold(Sample.mnq, 3)
    #expect(scene.history.goals.isEmpty)
    #expect(scene.hold(Sample.mnq, 4).goals == [.atMost(Sample.mnq, size: 3)])
  }

  @Test func `counts positions without a price or contract data`() {
    var scene = scene(limit: 1)
    let unknown = ContractID("CON.F.US.XYZ.Z26")
    #expect(scene.hold(unknown, 2).goals == [.flatAccount])
  }
}
