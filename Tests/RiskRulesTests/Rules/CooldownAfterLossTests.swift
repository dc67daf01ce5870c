import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct CooldownAfterLossTests {
  private func scene(
    _ steps: [CooldownAfterLoss.Step] = [.init(loss: .of("100"), cooldown: .seconds(300))],
    byOrder: Bool = false
  ) -> EngineScene {
    EngineScene(
      RiskConfiguration(cooldownAfterLoss: .init(steps: steps, aggregatesByOrder: byOrder)))
  }

  @Test(
    arguments: [
      ("-100.00", true), ("-100.01", true), ("-99.99", false), ("100", false), (nil, false),
    ] as [(String?, Bool)])
  func `T13, T14: a loss at the threshold stops new exposure`(profit: String?, fires: Bool) {
    var scene = scene()
    let effects = scene.trade(profit)
    #expect(effects.goals == (fires ? [.noNewExposure([])] : []))
    #expect(effects.adopted.map(\.end) == (fires ? [.at(scene.now + .seconds(300))] : []))
  }

  @Test func `the break ends by both clocks, five minutes after the execution`() {
    var scene = scene()
    scene.trade("-150", at: scene.now - .seconds(10))
    #expect(scene.wait(.seconds(289)).endings.isEmpty)
    #expect(scene.wait(.seconds(1), venue: false).endings.isEmpty)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    #expect(scene.trade("-10").goals.isEmpty)
  }

  @Test func `T23: what is open stays, may shrink and may not grow back`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.trade("-150", contract: Sample.es)
    scene.trade("-1")
    #expect(scene.hold(Sample.mnq, 1).goals.isEmpty)
    #expect(
      scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 1)])])
    let effects = scene.hold(Sample.mnq, 2)
    #expect(
      effects.contains {
        if case .reentry(Sample.account, _, Sample.mnq, 1) = $0 { true } else { false }
      })
  }

  @Test func `T24: what is added is above the baseline and is counted`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.trade("-150", contract: Sample.es)
    let effects = scene.hold(Sample.mnq, 3)
    #expect(
      scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    #expect(effects.count { if case .reentry = $0 { true } else { false } } == 1)
  }

  @Test(arguments: [false, true])
  func `the baseline does not depend on which of fill and position comes first`(fillFirst: Bool) {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(60))
    if fillFirst {
      scene.trade(nil, .buy)
      scene.trade("-150", contract: Sample.es)
      scene.hold(Sample.mnq, 3)
    } else {
      scene.hold(Sample.mnq, 3)
      scene.trade(nil, .buy)
      scene.trade("-150", contract: Sample.es)
    }
    #expect(
      scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 3)])])
    #expect(!scene.history.contains { if case .reentry = $0 { true } else { false } })
  }

  /// The venue tells the result of the contracts that were closed, whatever else the fill opened.
  @Test(arguments: [("-100", false), ("-100", true), ("-99.99", false), ("-99.99", true)])
  func `a fill through zero is judged by what its closing part lost`(
    profit: String, fillFirst: Bool
  ) {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(60))
    if fillFirst {
      scene.trade(profit, size: 5)
      scene.hold(Sample.mnq, -3)
    } else {
      scene.hold(Sample.mnq, -3)
      scene.trade(profit, size: 5)
    }
    let losses = scene.history.compactMap { effect -> BreachReason? in
      guard case .breach(let breach) = effect else { return nil }
      return breach.reason
    }
    let reason = BreachReason.lossOfTrade(
      contract: Sample.mnq, loss: .of("100"), threshold: .of("100"))
    #expect(losses == (profit == "-100" ? [reason] : []))
    // Nothing of what was held before the loss may grow; what the same fill opened is no room.
    #expect(
      !scene.standing.contains(.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])))
  }

  @Test func `a fill whose position never comes leaves no room`() {
    var scene = scene()
    scene.trade(nil, .buy)
    scene.trade("-150", contract: Sample.es)
    #expect(
      scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 1)])])
    scene.now = scene.now + .seconds(3)
    scene.order(Sample.es)
    #expect(scene.standing == [.noNewExposure([])])
  }

  @Test func `a worse loss makes the break longer, a lesser one never shorter`() {
    var scene = scene([
      .init(loss: .of("300"), cooldown: .seconds(1_800)),
      .init(loss: .of("100"), cooldown: .seconds(300)),
      .init(loss: .of("200"), cooldown: .seconds(900)),
    ])
    scene.trade("-200")
    #expect(scene.standingTargets.map(\.end) == [.at(Sample.morning + .seconds(900))])
    #expect(scene.trade("-100").goals.isEmpty)
    let worse = scene.trade("-5000")
    #expect(worse.adopted.map(\.end) == [.at(Sample.morning + .seconds(1_800))])
    #expect(worse.endings == [.superseded])
    #expect(
      worse.reasons
        == [.lossOfTrade(contract: Sample.mnq, loss: .of("5000"), threshold: .of("300"))])
  }

  @Test func `a longer break never allows more than the one that it replaces`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.trade("-150", contract: Sample.es)
    scene.hold(Sample.mnq, 3)
    scene.wait(.seconds(10))
    scene.trade("-150", contract: Sample.es)
    #expect(
      scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 1)])])
  }

  @Test(arguments: [(false, Int64(0), false), (true, 0, true), (true, 1, true), (true, 3, false)])
  func `a loss taken in pieces is one loss where that is wanted`(
    byOrder: Bool, seconds: Int64, fires: Bool
  ) {
    var scene = scene(byOrder: byOrder)
    for piece in 0..<3 {
      scene.trade("-40", at: scene.now + .seconds(Int64(piece) * seconds), order: 5)
    }
    #expect(!scene.standing.isEmpty == fires)
  }

  @Test func `of losses at the same moment the largest is the reason, in every run`() {
    let losses = (1...12).map { number in
      Trade(
        id: TradeID(Int64(number)), account: Sample.account, contract: Sample.mnq,
        executedAt: Sample.morning, price: .at("20000"), profit: .of("-\(100 + number)"),
        fees: .zero, side: .sell, size: 1, order: OrderID(Int64(number)))
    }
    // Dictionaries that are filled in another order are read in another order.
    for shift in 0..<12 {
      var scene = scene()
      let trades = Array(losses[shift...] + losses[..<shift])
      let effects = scene.send(
        .snapshot(
          AccountSnapshot(
            account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
            positions: [], workingOrders: [], trades: trades, startedAt: scene.now)))
      #expect(
        effects.reasons == [
          .lossOfTrade(contract: Sample.mnq, loss: .of("112"), threshold: .of("100"))
        ])
    }
  }

  @Test func `a snapshot begins only a break that still runs`() {
    var scene = scene()
    func snapshot(_ age: Int64) -> AccountSnapshot {
      AccountSnapshot(
        account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
        positions: [], workingOrders: [],
        trades: [
          Trade(
            id: TradeID(age), account: Sample.account, contract: Sample.mnq,
            executedAt: scene.now - .seconds(age), price: .at("1"), profit: .of("-500"),
            fees: .zero, side: .sell, size: 1, order: OrderID(age))
        ], startedAt: scene.now)
    }
    #expect(scene.send(.snapshot(snapshot(300))).goals.isEmpty)
    let effects = scene.send(.snapshot(snapshot(100)))
    #expect(effects.adopted.map(\.end) == [.at(scene.now + .seconds(200))])
  }

  @Test func `what a close would lose is told before it does`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2, at: "20000")
    #expect(scene.engine.distances(Sample.account).isEmpty)
    #expect(scene.mark(Sample.mnq, last: "19983").approaching.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "19982.5").approaching.map(\.percent) == [70])
    #expect(scene.mark(Sample.mnq, last: "19977.5").approaching.map(\.percent) == [90])
    #expect(scene.mark(Sample.mnq, last: "19950").goals.isEmpty)
    #expect(scene.engine.distances(Sample.account).map(\.left) == [0])
  }
}
