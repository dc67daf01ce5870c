import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct RiskEngineTests {
  private let strict = RiskConfiguration(
    maxContracts: .init(limit: 5),
    maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 2, SymbolRoot("ES"): 9]),
    dailyRealizedLoss: .init(lossLimit: .of("500")),
    dailyUnrealizedLoss: .init(lossLimit: .of("300")),
    symbolBlocks: .init(blocked: [SymbolRoot("RTY")]))

  @Test func `T22: while locked everything that appears is counted and the lock stands`() {
    var scene = EngineScene(strict)
    scene.trade("-600")
    for count in 1...3 {
      let effects = scene.hold(Sample.mnq, 1, id: Int64(count))
      #expect(
        effects.contains {
          if case .reentry(Sample.account, _, Sample.mnq, count) = $0 { true } else { false }
        })
      scene.hold(Sample.mnq, 0)
    }
    #expect(scene.standing == [.flatAccount])
  }

  @Test func `exposure that a snapshot finds while locked counts as well`() {
    var scene = EngineScene(strict)
    scene.trade("-600")
    let effects = scene.holdAtOnce([Sample.mnq: 1, Sample.es: 1])
    let found = effects.filter { if case .reentry = $0 { true } else { false } }
    #expect(found.count == 2)
  }

  @Test func `the position that breaches is not a re-entry, nor is its shrinking`() {
    var scene = EngineScene(strict)
    scene.hold(Sample.mnq, 2)
    scene.trade("-600")
    let effects = scene.hold(Sample.mnq, 1)
    #expect(!effects.contains { if case .reentry = $0 { true } else { false } })
  }

  @Test func `T25: a sign change ends an episode and begins one`() {
    var scene = EngineScene(RiskConfiguration())
    scene.hold(Sample.mnq, 2)
    let before = scene.state().positions[Sample.mnq]?.episode
    scene.hold(Sample.mnq, 3)
    #expect(scene.state().positions[Sample.mnq]?.episode == before)
    scene.hold(Sample.mnq, -1)
    #expect(scene.state().positions[Sample.mnq]?.episode != before)
  }

  @Test func `T26: flat removes the row and no rule looks at it`() {
    var scene = EngineScene(strict)
    scene.hold(Sample.mnq, 1, at: "20000")
    scene.hold(Sample.mnq, 0, at: "20000")
    #expect(scene.state().positions.isEmpty)
    #expect(scene.mark(Sample.mnq, last: "1").isEmpty)
    scene.hold(Sample.mnq, 0, at: "20000")
    #expect(scene.standing.isEmpty)
  }

  @Test func `an unfinished close never hits a later position`() {
    var scene = EngineScene(strict)
    scene.hold(Sample.mnq, 1, at: "20000", id: 1)
    scene.mark(Sample.mnq, last: "19900")
    scene.mark(Sample.mnq, last: "19849")
    #expect(scene.standing == [.flat(Sample.mnq)])
    // A better price does not withdraw it.
    #expect(scene.mark(Sample.mnq, last: "20100").endings.isEmpty)
    scene.hold(Sample.mnq, 0)
    #expect(scene.standing == [.flat(Sample.mnq)])
    #expect(scene.hold(Sample.mnq, 1, at: "20100", id: 2).endings == [.episodeOver])
    #expect(scene.standing.isEmpty)
  }

  @Test func `all rules are evaluated and each breach is recorded`() {
    var scene = EngineScene(strict)
    scene.hold(Sample.es, 4)
    let effects = scene.hold(Sample.mnq, 3)
    #expect(effects.goals == [.flatAccount, .atMost(Sample.mnq, size: 2)])
    #expect(
      effects.reasons.map(\.code) == ["CONTRACTS_ABOVE_LIMIT", "CONTRACTS_ABOVE_INSTRUMENT_LIMIT"])
    #expect(Set(effects.adopted.map(\.id)).count == 2)
  }

  @Test func `S18: accounts that are not configured are counted and left alone`() {
    var scene = EngineScene(strict)
    let effects = scene.hold(Sample.mnq, 50, account: AccountID(666))
    #expect(effects.isEmpty)
    #expect(scene.engine.state.foreignEvents == 1)
    scene.trade("-9999", account: AccountID(666))
    scene.send(.unprotectable(AccountID(666), reason: "x"))
    #expect(scene.engine.state.foreignEvents == 3)
  }

  @Test func `two accounts do not touch each other`() {
    var scene = EngineScene(strict, accounts: [Sample.account, Sample.otherAccount])
    let effects = scene.trade("-600", account: Sample.otherAccount)
    #expect(effects.adopted.map(\.account) == [Sample.otherAccount])
    #expect(scene.hold(Sample.mnq, 1).goals.isEmpty)
  }

  @Test func `an account that may not be acted on gets no target`() {
    var scene = EngineScene(strict)
    let effects = scene.send(.unprotectable(Sample.account, reason: "name differs"))
    #expect(effects == [.notice(.accountUnprotectable(Sample.account, reason: "name differs"))])
    #expect(scene.trade("-600").goals.isEmpty)
  }

  @Test func `a late event of an ended order does not bring it back`() {
    var scene = EngineScene(strict)
    scene.order(Sample.mnq, id: 9, status: .open)
    scene.order(Sample.mnq, id: 9, status: .cancelled)
    scene.order(Sample.mnq, id: 9, status: .open)
    #expect(scene.state().orders.isEmpty)
  }

  @Test func `an older update of an order is ignored`() {
    var scene = EngineScene(strict)
    scene.order(Sample.mnq, id: 9, size: 3, updatedAt: scene.now)
    scene.order(Sample.mnq, id: 9, size: 1, updatedAt: scene.now - .seconds(1))
    #expect(scene.state().orders[OrderID(9)]?.size == 3)
  }

  @Test func `a snapshot replaces positions and orders`() {
    var scene = EngineScene(strict)
    scene.hold(Sample.mnq, 1)
    scene.order(Sample.mnq)
    let position = Position(
      id: 3, account: Sample.account, contract: Sample.es, openedAt: scene.now, signedSize: 1,
      averagePrice: .at("5800"))
    let effects = scene.send(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: nil),
          positions: [position], workingOrders: [], trades: [], startedAt: scene.now)))
    #expect(scene.state().positions.keys.sorted() == [Sample.es])
    #expect(scene.state().orders.isEmpty)
    #expect(effects.contains(.watch([Sample.es])))
    #expect(effects.contains(.notice(.canTradeUnknown(Sample.account))))
  }

  @Test func `quotes are wanted of what is held`() {
    var scene = EngineScene(strict)
    #expect(scene.hold(Sample.mnq, 1).contains(.watch([Sample.mnq])))
    #expect(!scene.hold(Sample.mnq, 2).contains { if case .watch = $0 { true } else { false } })
    #expect(scene.hold(Sample.mnq, 0).contains(.watch([])))
  }

  @Test(arguments: [
    (
      FailClosedAction.noNewExposure,
      [Goal.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])]
    ),
    (.flatten, [.flatAccount]), (.alert, []),
  ])
  func `a held contract without a price in an open market fails closed`(
    action: FailClosedAction, goals: [Goal]
  ) {
    var scene = EngineScene(RiskConfiguration(failClosed: action))
    scene.hold(Sample.mnq, 2)
    #expect(scene.wait(.seconds(120)).isEmpty)
    #expect(scene.engine.isTickDue(at: scene.now + .seconds(1), venueTime: scene.now))
    let effects = scene.wait(.seconds(1))
    #expect(effects.contains(.notice(.markStale(Sample.account, Sample.mnq))))
    #expect(effects.goals == goals)
    #expect(scene.wait(.seconds(1)).goals.isEmpty)
    let back = scene.mark(Sample.mnq, last: "20000")
    #expect(back.contains(.notice(.markBack(Sample.account, Sample.mnq))))
    #expect(back.endings == (action == .noNewExposure ? [.evaluationRestored] : []))
  }

  @Test func `silence of a closed market is not remarkable`() {
    var scene = EngineScene(RiskConfiguration(), at: Sample.morning + .seconds(3 * 86_400))
    scene.hold(Sample.mnq, 2)
    #expect(scene.wait(.seconds(600)).isEmpty)
  }

  @Test func `a baseline only moves towards zero and is zero after a sign change`() {
    var scene = EngineScene(RiskConfiguration())
    scene.hold(Sample.mnq, 3)
    scene.wait(.seconds(121))
    scene.hold(Sample.mnq, 2)
    #expect(scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    let grown = scene.hold(Sample.mnq, 4)
    #expect(grown.goals.isEmpty && grown.endings.isEmpty)
    #expect(!grown.contains { if case .amend = $0 { true } else { false } })
    #expect(scene.standing == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    let effects = scene.hold(Sample.mnq, -1)
    #expect(effects.contains { if case .amend = $0 { true } else { false } })
    #expect(
      effects.contains {
        if case .amend(let target) = $0 { target.goal == .noNewExposure([]) } else { false }
      })
  }

  @Test func `a lockout survives the removal of its account and rule`() {
    var scene = EngineScene(strict)
    scene.trade("-600")
    #expect(scene.send(.configuration([:])).endings.isEmpty)
    #expect(scene.standing == [.flatAccount])
    #expect(scene.wait(.seconds(9 * 3_600)).endings == [.dailyReset])
  }

  @Test func `a missed reset is caught up before the first evaluation`() {
    var scene = EngineScene(strict)
    scene.trade("-400")
    scene.now = scene.now + .seconds(3 * 86_400)
    scene.send(.tick(venueTime: scene.now))
    #expect(scene.trade("-200").goals.isEmpty)
    #expect(scene.state().ledger.realized == .of("-200"))
  }

  @Test func `a price that nobody followed is no price of the next position`() {
    var scene = EngineScene(strict)
    scene.hold(Sample.es, 1, at: "5000")
    scene.mark(Sample.es, last: "5000")
    scene.hold(Sample.es, 0)
    #expect(scene.hold(Sample.es, -1, at: "4900", id: 9).goals.isEmpty)
    #expect(scene.mark(Sample.es, last: "4900").goals.isEmpty)
  }

  @Test func `a breach of the next episode gets a target of its own`() {
    var scene = EngineScene(RiskConfiguration(maxContracts: .init(limit: 2)))
    scene.hold(Sample.mnq, 3, id: 1)
    scene.hold(Sample.mnq, 0)
    let effects = scene.hold(Sample.mnq, 3, id: 2)
    #expect(effects.endings == [.episodeOver])
    #expect(effects.goals == [.flatAccount])
    let flipped = scene.hold(Sample.mnq, -3, id: 2)
    #expect(flipped.endings == [.episodeOver])
    #expect(flipped.goals == [.flatAccount])
  }

  @Test func `an edit of the reset time neither unlocks nor forgets the loss of the day`() {
    var scene = EngineScene(strict)
    scene.trade("-600")
    var edited = strict
    edited.tradingDay = TradingDayRule(resetTime: TimeOfDay(hour: 10, minute: 5), zone: .chicago)
    scene.send(.configuration([Sample.account: edited]))
    #expect(scene.wait(.seconds(600)).isEmpty)
    #expect(scene.state().ledger.realized == .of("-600"))
    #expect(scene.wait(.seconds(7 * 3_600)).endings == [.dailyReset])
    #expect(scene.state().tradingDay == edited.tradingDay)
  }

  @Test func `a proof that overtakes its event does not breach again`() throws {
    var scene = EngineScene(strict)
    scene.hold(Sample.mnq, 2, at: "20000", id: 1)
    scene.mark(Sample.mnq, last: "19950")
    let target = try #require(scene.mark(Sample.mnq, last: "19925").adopted.first)
    #expect(scene.send(.proven(target.id)).endings == [.proven])
    #expect(scene.mark(Sample.mnq, last: "19920").goals.isEmpty)
    // The venue speaks of the contract again: what it says counts.
    #expect(scene.hold(Sample.mnq, 2, at: "20000", id: 1).goals == [.flat(Sample.mnq)])
  }

  @Test func `a price that does not change is a price`() {
    var scene = EngineScene(RiskConfiguration())
    scene.hold(Sample.mnq, 2)
    scene.mark(Sample.mnq, last: "20000")
    for _ in 0..<5 {
      scene.now = scene.now + .seconds(61)
      scene.mark(Sample.mnq, last: "20000")
      #expect(!scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    }
  }

  @Test func `rules that are in force are listed`() {
    let scene = EngineScene(strict)
    #expect(
      scene.engine.loadedRules(Sample.account)
        == [
          .maxContracts, .maxContractsPerInstrument, .dailyRealizedLoss, .dailyUnrealizedLoss,
          .symbolBlocks,
        ])
    #expect(scene.engine.loadedRules(AccountID(5)).isEmpty)
  }
}
