import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// What holds for every course of events, tried on seeded ones: two accounts, several contracts, long
/// and short positions.
@Suite struct PropertyTests {
  private static let strict = RiskConfiguration(
    maxContracts: .init(limit: 5, action: .reduceToLimit),
    maxContractsPerInstrument: .init(
      limits: [SymbolRoot("MNQ"): 2, SymbolRoot("ES"): 2], unknownSymbol: .allowWithLimit(3)),
    dailyRealizedLoss: .init(lossLimit: .of("500")),
    dailyUnrealizedLoss: .init(lossLimit: .of("300")),
    tradeFrequencyLimit: .init(windows: [.init(limit: 12, span: .seconds(600))]),
    cooldownAfterLoss: .init(steps: [.init(loss: .of("100"), cooldown: .seconds(300))]),
    authLossGuard: .init(), symbolBlocks: .init(blocked: [SymbolRoot("RTY")]),
    staleThreshold: .seconds(86_400))

  private static let accounts = [Sample.account, Sample.otherAccount]

  private func strictScene() -> EngineScene {
    EngineScene(Self.strict, accounts: Self.accounts)
  }

  private func course(
    _ random: inout SeededGenerator, _ scene: inout EngineScene, order: Int64
  ) -> [Effect] {
    scene.now = scene.now + .seconds(Int64(random.below(40)))
    let contract = random.pick([Sample.mnq, Sample.es, Sample.mes, Sample.rty])
    let account = random.pick(Self.accounts)
    switch random.below(9) {
    case 0...2: return scene.hold(contract, Int64(random.below(9)) - 4, account: account)
    case 3, 4:
      return scene.trade(
        "\(random.below(200) - 150)", contract: contract, account: account,
        random.chance(50) ? .buy : .sell, order: order)
    case 5: return scene.order(contract, id: 7_000 + order % 9)
    case 6: return scene.account(canTrade: random.chance(80))
    case 7: return scene.mark(contract, last: "\(19_990 + random.below(20))")
    default: return scene.wait(.seconds(Int64(random.below(90))))
    }
  }

  /// A lockout ends by its end alone, is replaced only by one that lasts as long, and what it leaves
  /// the trader only ever shrinks; another configuration changes none of that.
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `nothing ever loosens by itself`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var scene = strictScene()
    for step in 0..<160 {
      let before = scene.standingTargets.filter(\.isLockout)
      let isEdit = random.chance(4)
      let effects =
        isEdit
        ? scene.send(
          .configuration(
            Dictionary(
              uniqueKeysWithValues: Self.accounts.map {
                ($0, random.chance(50) ? RiskConfiguration() : Self.strict)
              })))
        : course(&random, &scene, order: Int64(step))
      let after = scene.standingTargets
      for lockout in before {
        if let now = after.first(where: { $0.id == lockout.id }) {
          #expect(now.end == lockout.end, "seed \(seed), step \(step)")
          #expect(isNarrower(now.goal, lockout.goal), "seed \(seed), step \(step)")
          continue
        }
        let ending = effects.compactMap { effect -> TargetEnding? in
          if case .end(lockout.id, let ending) = effect { ending } else { nil }
        }.first
        let isRight =
          switch ending {
          case .superseded:
            after.contains {
              $0.cause.rule == lockout.cause.rule
                && $0.end.outlastsForTests(lockout.end)
            }
          case .expired, .dailyReset, .tradingRestored: !isEdit
          case .evaluationRestored: lockout.cause.rule == .failClosed
          case .configuration: scene.now > Sample.morning + .seconds(7 * 3_600)
          default: false
          }
        #expect(
          isRight,
          "seed \(seed), step \(step): \(lockout.end) ended by \(ending.map { "\($0)" } ?? "nothing")"
        )
      }
    }
  }

  private func isNarrower(_ goal: Goal, _ before: Goal) -> Bool {
    guard case .noNewExposure(let new) = goal, case .noNewExposure(let old) = before else {
      return goal == before
    }
    return new.allSatisfy { baseline in
      old.contains {
        $0.contract == baseline.contract && $0.signedSize * baseline.signedSize > 0
          && abs($0.signedSize) >= abs(baseline.signedSize)
      }
    }
  }

  /// One contract more on a side that is held already never leads to a weaker decision, and is of no
  /// concern to another account.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `more exposure never lowers the verdict`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let counting = RiskConfiguration(
      maxContracts: .init(limit: 4),
      maxContractsPerInstrument: Self.strict.maxContractsPerInstrument,
      dailyUnrealizedLoss: .init(lossLimit: .of("100"), scope: .total),
      symbolBlocks: Self.strict.symbolBlocks, staleThreshold: .seconds(86_400))
    for _ in 0..<40 {
      var sizes: [ContractID: Int64] = [:]
      for contract in [Sample.mnq, Sample.es, Sample.mes] where random.chance(70) {
        sizes[contract] = (Int64(random.below(4)) + 1) * (random.chance(50) ? 1 : -1)
      }
      guard let grown = sizes.keys.sorted().randomElement(using: &random) else { continue }
      var larger = sizes
      larger[grown, default: 0] += (sizes[grown] ?? 0).signum()
      let elsewhere = (random.pick([Sample.mnq, Sample.es]), Int64(random.below(9)) - 4)
      // The market is against every position: more of it is more of a loss.
      let loss = random.below(15)
      let verdicts = [sizes, larger].map { held in
        verdict(on: held, and: elsewhere, losing: loss, counting)
      }
      let text = "seed \(seed): \(sizes), \(grown) grows, loss \(loss)"
      #expect(verdicts[1].taken >= verdicts[0].taken, "\(text)")
      #expect(verdicts[1].breaches.isSuperset(of: verdicts[0].breaches), "\(text)")
      #expect(verdicts[1].elsewhere == verdicts[0].elsewhere, "\(text)")
    }
  }

  private struct Verdict {
    /// Contracts that have to go.
    var taken: Int64
    var breaches: Set<String>
    /// What stands for the other account.
    var elsewhere: [Goal]
  }

  private func verdict(
    on held: [ContractID: Int64], and elsewhere: (ContractID, Int64), losing points: Int,
    _ rules: RiskConfiguration
  ) -> Verdict {
    var scene = EngineScene(rules, accounts: Self.accounts)
    scene.hold(elsewhere.0, elsewhere.1, account: Sample.otherAccount)
    scene.holdAtOnce(held)
    // Another account that holds the same contract is valued by the same price.
    for (contract, size) in held.sorted(by: { $0.key < $1.key }) {
      scene.mark(contract, last: "\(20_000 - points * Int(size.signum()))")
    }
    let goals = scene.standingTargets.filter { $0.account == Sample.account }.map(\.goal)
    let left = held.reduce(Int64(0)) { sum, item in
      sum + allowed(item.key, abs(item.value), goals)
    }
    let breaches = scene.history.compactMap { effect -> String? in
      guard case .breach(let breach) = effect, breach.account == Sample.account else { return nil }
      return breach.reason.code
    }
    return Verdict(
      taken: held.values.reduce(0) { $0 + abs($1) } - left, breaches: Set(breaches),
      elsewhere: scene.standingTargets.filter { $0.account == Sample.otherAccount }.map(\.goal))
  }

  private func allowed(_ contract: ContractID, _ size: Int64, _ goals: [Goal]) -> Int64 {
    goals.reduce(size) { left, goal in
      switch goal {
      case .flatAccount, .flat(contract): 0
      case .atMost(contract, let most): min(left, most)
      default: left
      }
    }
  }

  /// What is told twice counts once, and trades count the same in every order.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `repeated and shuffled events change nothing`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let trades = (0..<24).map { index in
      EngineInput.event(
        .trade(
          Trade(
            id: TradeID(Int64(index)), account: random.pick(Self.accounts),
            contract: random.pick([Sample.mnq, Sample.es, Sample.mes]),
            executedAt: Sample.morning, price: .at("20000"),
            profit: Money(dollars: Int64(random.below(160)) - 110), fees: .of("0.36"),
            side: random.chance(50) ? .buy : .sell, size: 1, order: OrderID(Int64(index)))))
    }
    func play(_ inputs: [EngineInput]) -> EngineScene {
      var scene = strictScene()
      for input in inputs { scene.send(input) }
      return scene
    }
    let once = play(trades)
    let twice = play(trades.flatMap { [$0, $0] } + trades)
    let shuffled = play(trades.shuffled(using: &random))
    for other in [twice, shuffled] {
      for account in Self.accounts {
        #expect(
          other.state(of: account).ledger.realized == once.state(of: account).ledger.realized,
          "seed \(seed)")
      }
      #expect(goals(other) == goals(once), "seed \(seed)")
    }
    // An event that says what is known already leads to nothing.
    var scene = strictScene()
    for step in 0..<60 {
      _ = course(&random, &scene, order: Int64(step))
      let open = Self.accounts.flatMap { scene.state(of: $0).openPositions.map(\.position) }
      guard let held = open.randomElement(using: &random) else { continue }
      let before = scene.standing
      let effects = scene.send(.event(.position(held)))
      #expect(effects.goals.isEmpty && effects.reasons.isEmpty, "seed \(seed), step \(step)")
      #expect(scene.standing == before, "seed \(seed), step \(step)")
    }
  }

  private func goals(_ scene: EngineScene) -> Set<String> {
    Set(scene.standingTargets.map { "\($0.account) \($0.goal)" })
  }

  /// The venue tells a fill as an order, an execution and a position, in whichever order. Whatever it
  /// is, the same is held, lost and forbidden afterwards.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `the news of a fill may come in any order`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let fills = fills(&random, count: 24)
    func play(_ fills: [[EngineInput]]) -> EngineScene {
      var scene = strictScene()
      for fill in fills {
        for input in fill { scene.send(input) }
        scene.wait(.seconds(2))
      }
      return scene
    }
    let straight = play(fills)
    for round in 0..<6 {
      let other = play(fills.map { $0.shuffled(using: &random) })
      for account in Self.accounts {
        let (mine, theirs) = (other.state(of: account), straight.state(of: account))
        #expect(mine.ledger.realized == theirs.ledger.realized, "seed \(seed), round \(round)")
        #expect(
          mine.positions.mapValues(\.position.signedSize)
            == theirs.positions.mapValues(\.position.signedSize))
      }
      #expect(
        lockouts(other) == lockouts(straight), "seed \(seed), round \(round)")
    }
  }

  private func lockouts(_ scene: EngineScene) -> Set<String> {
    Set(
      scene.standingTargets.filter(\.isLockout).map {
        "\($0.account) \($0.cause.rule) \($0.goal)"
      })
  }

  private func fills(_ random: inout SeededGenerator, count: Int) -> [[EngineInput]] {
    var held: [AccountID: [ContractID: Int64]] = [:]
    var row: Int64 = 100
    return (1...count).map { number in
      let account = random.pick(Self.accounts)
      let contract = random.pick([Sample.mnq, Sample.es, Sample.mes])
      let before = held[account]?[contract] ?? 0
      // What turns a position does so in two fills: the first one closes it.
      let wanted = random.chance(60) ? 0 : Int64(random.below(5)) - 2
      let after = before * wanted < 0 ? 0 : wanted
      held[account, default: [:]][contract] = after
      if before * after <= 0 { row += 1 }
      let id = OrderID(Int64(number))
      let side: Side = after < before ? .sell : .buy
      let size = max(1, abs(after - before))
      return [
        .event(
          .order(
            Order(
              id: id, account: account, contract: contract, createdAt: Sample.morning,
              status: .filled, type: .market, side: side, size: size, filledSize: size))),
        .event(
          .trade(
            Trade(
              id: TradeID(Int64(number)), account: account, contract: contract,
              executedAt: Sample.morning + .seconds(Int64(number) * 2), price: .at("20000"),
              profit: abs(after) < abs(before)
                ? Money(dollars: Int64(random.below(200)) - 120) : nil,
              fees: .of("0.36"), side: side, size: size, order: id))),
        .event(
          .position(
            Position(
              id: row, account: account, contract: contract, openedAt: Sample.morning,
              signedSize: after, averagePrice: .at("20000")))),
      ]
    }
  }
}

extension TargetEnd {
  /// Whether it is no earlier than another one, for ends at a moment.
  fileprivate func outlastsForTests(_ other: TargetEnd) -> Bool {
    func moment(_ end: TargetEnd) -> Instant? {
      switch end {
      case .at(let instant): instant
      case .dailyReset(let date): TradingDayRule.standard.end(of: date)
      case .permanent: Instant(nanosSinceEpoch: .max)
      default: nil
      }
    }
    guard let mine = moment(self), let theirs = moment(other) else { return self == other }
    return mine >= theirs
  }
}
