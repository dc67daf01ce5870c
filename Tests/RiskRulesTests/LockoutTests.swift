import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Several lockouts of one account: each of its rule, each to its own end.
@Suite struct LockoutTests {
  private let today = CivilDate(year: 2026, month: 11, day: 18)

  private func everyRule() -> RiskConfiguration {
    RiskConfiguration(
      maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 2], unknownSymbol: .block),
      dailyRealizedLoss: .init(lossLimit: .of("500")),
      tradeFrequencyLimit: .init(windows: [.init(limit: 2, span: nil)]),
      cooldownAfterLoss: .init(steps: [.init(loss: .of("100"), cooldown: .seconds(300))]),
      authLossGuard: .init(), symbolBlocks: .init(blocked: [SymbolRoot("RTY")]),
      staleThreshold: .seconds(864_000))
  }

  @Test func `lockouts of several rules stand beside each other`() {
    var scene = EngineScene(everyRule())
    scene.hold(Sample.rty, 1)
    scene.trade("-600")
    scene.account(canTrade: false)
    let ends = scene.standingTargets.filter(\.isLockout).map(\.end)
    #expect(
      ends == [
        .configuration, .dailyReset(today), .at(scene.now + .seconds(300)), .tradingRestored,
      ])
    #expect(scene.wait(.seconds(300)).endings == [.expired])
    #expect(scene.account(canTrade: true).endings == [.tradingRestored])
    #expect(scene.wait(.seconds(7 * 3_600)).endings == [.dailyReset])
    #expect(scene.standingTargets.filter(\.isLockout).map(\.end) == [.configuration])
  }

  @Test func `the strongest verdict of an input leaves first, and each breach is recorded`() {
    var scene = EngineScene(everyRule())
    scene.hold(Sample.mnq, 2)
    scene.trade(nil)
    scene.trade(nil)
    let effects = scene.trade("-600")
    #expect(effects.goals.map { $0 == .flatAccount } == [true, false, false])
    #expect(
      effects.reasons.map(\.code)
        == ["DAILY_LOSS_REACHED", "TRADES_ABOVE_LIMIT", "LOSS_OF_TRADE"])
  }

  @Test func `two rules that want the same contract closed share one target`() {
    let both = RiskConfiguration(
      maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 1], action: .closeAll),
      dailyUnrealizedLoss: .init(lossLimit: .of("10")))
    var scene = EngineScene(both)
    scene.hold(Sample.mnq, 1, at: "20000")
    scene.mark(Sample.mnq, last: "20000")
    #expect(scene.hold(Sample.mnq, 2, at: "20000").goals == [.flat(Sample.mnq)])
    let effects = scene.mark(Sample.mnq, last: "19990")
    #expect(effects.goals.isEmpty)
    #expect(effects.reasons.map(\.code) == ["OPEN_LOSS_REACHED"])
    let target = scene.standingTargets.first?.id
    #expect(
      effects.contains {
        if case .breach(let breach) = $0 { breach.target == target } else { false }
      })
    // The next price is no other breach.
    #expect(scene.mark(Sample.mnq, last: "19980").reasons.isEmpty)
  }

  @Test func `an earlier end never replaces a later one, across kinds of ends`() {
    let windows: [TradeFrequencyLimit.Window] = [
      .init(limit: 3, span: nil), .init(limit: 1, span: .seconds(60), cooldown: .seconds(86_000)),
    ]
    var scene = EngineScene(
      RiskConfiguration(tradeFrequencyLimit: .init(windows: windows)))
    for _ in 0..<2 { scene.trade(nil) }
    let late = scene.now + .seconds(86_000)
    #expect(scene.standingTargets.map(\.end) == [.at(late)])
    // The trading day is full as well; it ends long before.
    for _ in 0..<2 { #expect(scene.trade(nil).endings.isEmpty) }
    #expect(scene.standingTargets.map(\.end) == [.at(late)])
  }

  @Test func `five re-entries within ten minutes are an alarm`() {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("1"))))
    scene.trade("-5")
    var alarms: [Int] = []
    for attempt in 1...11 {
      let effects = scene.hold(Sample.mnq, 1, id: Int64(attempt))
      if effects.notices.contains(where: {
        if case .reentriesRepeated(Sample.account, _, count: 5) = $0 { true } else { false }
      }) {
        alarms.append(attempt)
      }
      scene.hold(Sample.mnq, 0)
      scene.wait(.seconds(100))
    }
    #expect(alarms == [5, 10])
    #expect(scene.engine.state.targets.values.first?.reentries == 11)
  }

  @Test func `growing while locked counts, shrinking does not`() {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("1"))))
    scene.hold(Sample.mnq, 2)
    scene.trade("-5")
    scene.hold(Sample.mnq, 1)
    #expect(scene.engine.state.targets.values.first?.reentries == 0)
    scene.hold(Sample.mnq, 2)
    #expect(scene.engine.state.targets.values.first?.reentries == 1)
  }

  @Test func `strict mode locks for good, whatever the rule`() {
    var configuration = everyRule()
    configuration.breachResponse = .lockForGood
    var scene = EngineScene(configuration)
    let effects = scene.hold(Sample.mnq, 3)
    #expect(effects.goals == [.flatAccount])
    #expect(effects.adopted.map(\.end) == [.permanent])
    #expect(effects.reasons.map(\.code) == ["CONTRACTS_ABOVE_INSTRUMENT_LIMIT"])
    #expect(scene.send(.configuration([Sample.account: everyRule()])).endings.isEmpty)
    #expect(scene.wait(.seconds(8 * 86_400)).endings.isEmpty)
  }

  @Test func `strict mode is not about an empty account after hours, nor about moved stops`() {
    let configuration = RiskConfiguration(
      sessionBlockOutside: .init(
        plan: SessionPlan(
          hours: SessionHours(
            start: TimeOfDay(hour: 8, minute: 30), end: TimeOfDay(hour: 10, minute: 30),
            zone: .chicago))),
      tradeManagement: .init(autoStopTicks: 10), breachResponse: .lockForGood)
    var scene = EngineScene(configuration)
    scene.hold(Sample.mnq, 1)
    scene.mark(Sample.mnq, last: "20000")
    scene.wait(.seconds(1))
    #expect(scene.standingTargets.map(\.end) == [.episode])
    scene.hold(Sample.mnq, 0)
    #expect(scene.wait(.seconds(1_800)).adopted.map(\.end) == [.sessionStart])
    #expect(scene.hold(Sample.mnq, 1).adopted.map(\.end) == [.permanent])
  }

  @Test func `a state without the newer parts is one in which they are empty`() throws {
    var scene = EngineScene(everyRule())
    scene.trade("-600")
    #expect(try AgedState.recovered(scene.engine.state).targets == scene.engine.state.targets)
  }
}
