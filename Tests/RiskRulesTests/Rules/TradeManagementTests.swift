import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Ticks of MNQ are a quarter of a point.
@Suite struct TradeManagementTests {
  private func scene(
    _ parameters: TradeManagement.Parameters, _ size: Int64 = 2, at entry: String = "20000"
  ) -> EngineScene {
    var scene = EngineScene(RiskConfiguration(tradeManagement: parameters))
    scene.hold(Sample.mnq, size, at: entry)
    scene.mark(Sample.mnq, last: "20000")
    return scene
  }

  private func stop(_ side: Side, _ price: String) -> Goal {
    .protected(Sample.mnq, ProtectiveStop(side: side, price: .at(price)))
  }

  /// Where no stop is asked for, one that is there is moved.
  private func moved(_ side: Side, _ price: String) -> Goal {
    .protected(
      Sample.mnq, ProtectiveStop(side: side, price: .at(price), movesOnly: true))
  }

  private func amended(_ effects: [Effect]) -> [Goal] {
    effects.compactMap { if case .amend(let target) = $0 { target.goal } else { nil } }
  }

  @Test(
    arguments: [
      (2, "20000", Side.sell, "19997.5"), (-2, "20000", .buy, "20002.5"),
      // An average off the grid: the stop is the nearer price.
      (2, "20000.1", .sell, "19997.75"), (-2, "19999.9", .buy, "20002.25"),
    ] as [(Int64, String, Side, String)])
  func `a position without a stop gets one`(
    size: Int64, entry: String, side: Side, price: String
  ) {
    var scene = scene(.init(autoStopTicks: 10), size, at: entry)
    #expect(scene.standing.isEmpty)
    #expect(scene.engine.nextDeadline == scene.now + .seconds(1))
    let effects = scene.wait(.seconds(1))
    #expect(effects.goals == [stop(side, price)])
    #expect(effects.reasons.isEmpty)
    #expect(scene.wait(.seconds(5)).isEmpty)
  }

  @Test func `a stop of the trader is enough, also one of a bracket`() {
    for status in [OrderStatus.open, .suspended] {
      var scene = scene(.init(autoStopTicks: 10))
      scene.send(
        scene.working(Sample.mnq, .sell, .stop, at: "19000", status: status, size: 2))
      #expect(scene.wait(.seconds(5)).goals.isEmpty)
    }
  }

  @Test func `without a stop and without the wish for one nothing happens`() {
    var scene = scene(.init(breakeven: .init(triggerTicks: 4)))
    scene.mark(Sample.mnq, last: "20010")
    #expect(scene.wait(.seconds(5)).goals.isEmpty)
  }

  @Test(
    arguments: [
      (2, "20002.25", nil), (2, "20002.5", "20000.25"), (-2, "19997.75", nil),
      (-2, "19997.5", "19999.75"),
    ] as [(Int64, String, String?)])
  func `breakeven moves the stop to the winning side of the entry`(
    size: Int64, mark: String, price: String?
  ) {
    var scene = scene(.init(breakeven: .init(triggerTicks: 10, offsetTicks: 1)), size)
    let side: Side = size > 0 ? .sell : .buy
    scene.send(
      scene.working(Sample.mnq, side, .stop, at: size > 0 ? "19900" : "20100", size: 2))
    #expect(scene.mark(Sample.mnq, last: mark).goals == (price.map { [moved(side, $0)] } ?? []))
  }

  @Test func `a trailing stop follows the best price, once a second, and never back`() {
    var scene = scene(.init(trailing: .init(activationTicks: 20, distanceTicks: 10)))
    scene.send(scene.working(Sample.mnq, .sell, .stop, at: "19900", size: 2))
    #expect(scene.mark(Sample.mnq, last: "20004.75").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20005").goals == [moved(.sell, "20002.5")])
    scene.now = scene.now + .milliseconds(999)
    #expect(scene.mark(Sample.mnq, last: "20010").isEmpty)
    scene.now = scene.now + .milliseconds(1)
    let effects = scene.mark(Sample.mnq, last: "20009")
    #expect(amended(effects) == [moved(.sell, "20007.5")])
    #expect(effects.goals.isEmpty)
    scene.now = scene.now + .seconds(2)
    #expect(scene.mark(Sample.mnq, last: "20008").isEmpty)
    #expect(scene.standing == [moved(.sell, "20007.5")])
  }

  @Test func `a change that had to wait is made when its time comes`() {
    var scene = scene(.init(trailing: .init(activationTicks: 20, distanceTicks: 10)))
    scene.send(scene.working(Sample.mnq, .sell, .stop, at: "19900", size: 2))
    scene.mark(Sample.mnq, last: "20005")
    scene.now = scene.now + .milliseconds(500)
    scene.mark(Sample.mnq, last: "20010")
    #expect(scene.engine.nextDeadline == scene.now + .milliseconds(500))
    #expect(amended(scene.wait(.milliseconds(500))) == [moved(.sell, "20007.5")])
    #expect(scene.engine.nextDeadline == scene.now + .seconds(1))
    scene.wait(.seconds(1))
    #expect(scene.engine.nextDeadline == nil)
  }

  @Test func `a stop of the trader that is tighter is left alone`() {
    var scene = scene(.init(trailing: .init(activationTicks: 20, distanceTicks: 10)))
    scene.send(scene.working(Sample.mnq, .sell, .stop, at: "20003", size: 2))
    #expect(scene.mark(Sample.mnq, last: "20005").goals.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "20005.75").goals == [moved(.sell, "20003.25")])
  }

  @Test func `where none is asked for, a stop that the trader cancels is not trailed`() {
    var scene = scene(.init(trailing: .init(activationTicks: 8, distanceTicks: 10)))
    scene.send(scene.working(Sample.mnq, id: 5, .sell, .stop, at: "19990", size: 2))
    #expect(scene.mark(Sample.mnq, last: "20005").goals == [moved(.sell, "20002.5")])
    scene.send(
      scene.working(
        Sample.mnq, id: 5, .sell, .stop, at: "19990", status: .cancelled, size: 2))
    scene.wait(.seconds(2))
    #expect(amended(scene.mark(Sample.mnq, last: "20010")).isEmpty)
  }

  @Test func `a stop is never at or beyond the market`() {
    var scene = scene(
      .init(
        autoStopTicks: 4, trailing: .init(activationTicks: 20, distanceTicks: 1)))
    scene.mark(Sample.mnq, last: "19990")
    // Four ticks below the entry is above the market by now.
    #expect(scene.wait(.seconds(1)).goals == [stop(.sell, "19989.75")])
  }

  @Test func `nothing is decided for what is being closed`() {
    var scene = EngineScene(
      RiskConfiguration(
        symbolBlocks: .init(blocked: [SymbolRoot("MNQ")]),
        tradeManagement: .init(autoStopTicks: 10)))
    scene.hold(Sample.mnq, 1)
    scene.mark(Sample.mnq, last: "20000")
    scene.wait(.seconds(2))
    #expect(scene.standing == [.flat(Sample.mnq)])
  }

  @Test func `the stop is wanted while the position is open, proven or not`() throws {
    var scene = scene(.init(autoStopTicks: 10))
    let target = try #require(scene.wait(.seconds(1)).adopted.first)
    #expect(scene.send(.proven(target.id)).endings.isEmpty)
    scene.hold(Sample.mnq, 3)
    #expect(scene.standing.count == 1)
    #expect(scene.hold(Sample.mnq, 0).endings == [.episodeOver])
  }

  @Test func `a sign change begins anew`() {
    var scene = scene(.init(autoStopTicks: 10))
    scene.wait(.seconds(1))
    #expect(scene.hold(Sample.mnq, -2, at: "20000").endings == [.episodeOver])
    #expect(scene.wait(.seconds(1)).goals == [stop(.buy, "20002.5")])
  }

  /// Whatever the market does, the price of a standing stop only gets tighter.
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `it only ever tightens`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for size in [Int64(1), -1] {
      var scene = scene(
        .init(
          autoStopTicks: 20, breakeven: .init(triggerTicks: 6, offsetTicks: 2),
          trailing: .init(activationTicks: 10, distanceTicks: 5)), size)
      scene.wait(.seconds(1))
      var price: Int64 = 80_000
      var last: ProtectiveStop?
      var changed = scene.now - .seconds(1)
      for _ in 0..<400 {
        price += Int64(random.below(9)) - 4
        scene.now = scene.now + .milliseconds(Int64(random.below(700)))
        let effects = scene.mark(
          Sample.mnq, last: Price(nanos: price * 250_000_000).description)
        guard case .protected(_, let stop) = scene.standing.first else { continue }
        if let last, stop != last {
          #expect(stop.isTighter(than: last.price), "seed \(seed)")
          #expect(scene.now - changed >= .seconds(1), "seed \(seed)")
        }
        if !effects.isEmpty { changed = scene.now }
        last = stop
      }
      #expect(last != nil)
    }
  }
}
