package import RiskModel

// Values of the model without rhyme or reason, for what must hold for all of them.
extension SeededGenerator {
  /// Any number, the ends of the range and small ones more often than chance would have it.
  package mutating func integer() -> Int64 {
    switch below(8) {
    case 0: pick([.min, .max, 0, -1, 1, 9, 10, -10])
    case 1...4: Int64(below(100_000)) - 50_000
    default: Int64(bitPattern: next())
    }
  }

  /// Text with everything that JSON treats apart, sometimes.
  package mutating func text() -> String {
    let pieces = [
      "CON.F.US.MNQ.Z26", "a/b", "\"", "\\", "\n", "\u{7F}", "\u{E9}", "{", "}", ",", "\u{1}", "",
      "\u{1F600}", " ", "\u{2028}", "null",
    ]
    guard chance(40) else { return pieces[0] }
    return (0..<below(5)).map { _ in pick(pieces) }.joined()
  }

  package mutating func maybe<Value>(_ value: (inout SeededGenerator) -> Value) -> Value? {
    chance(50) ? value(&self) : nil
  }

  package mutating func instant() -> Instant { Instant(nanosSinceEpoch: integer()) }
  package mutating func price() -> Price { Price(nanos: integer()) }
  package mutating func money() -> Money { Money(micros: integer()) }
  package mutating func contract() -> ContractID { ContractID(text()) }
  package mutating func account() -> AccountID { AccountID(integer()) }
  package mutating func order() -> OrderID { OrderID(integer()) }
  package mutating func side() -> Side { chance(50) ? .buy : .sell }

  package mutating func targetID() -> TargetID {
    TargetID(inputOrdinal: Int64(below(1_000_000)), index: below(20))
  }

  package mutating func venueEvent() -> VenueEvent {
    switch below(6) {
    case 0:
      .account(
        Account(
          id: account(), name: text(), balance: money(), canTrade: maybe { $0.chance(50) },
          isSimulated: chance(50)))
    case 1:
      .position(
        Position(
          id: integer(), account: account(), contract: contract(), openedAt: instant(),
          signedSize: integer(), averagePrice: price()))
    case 2: .order(wholeOrder())
    case 3:
      .trade(
        Trade(
          id: TradeID(integer()), account: account(), contract: contract(),
          executedAt: instant(), price: price(), profit: maybe { $0.money() }, fees: money(),
          commissions: money(), side: side(), size: integer(), isVoided: chance(50),
          order: order()))
    case 4:
      .quote(
        Quote(
          contract: contract(), last: maybe { $0.price() }, bid: maybe { $0.price() },
          ask: maybe { $0.price() }, quotedAt: maybe { $0.instant() },
          repeatsLast: maybe { $0.chance(50) }))
    default:
      .contract(
        ContractSpecification(id: contract(), name: text(), tickSize: price(), tickValue: money()))
    }
  }

  package mutating func wholeOrder() -> Order {
    Order(
      id: order(), account: account(), contract: contract(), createdAt: instant(),
      updatedAt: maybe { $0.instant() }, status: OrderStatus(rawValue: below(12)),
      type: OrderType(rawValue: below(9)), side: side(), size: integer(), filledSize: integer(),
      limitPrice: maybe { $0.price() }, stopPrice: maybe { $0.price() },
      filledPrice: maybe { $0.price() }, customTag: maybe { $0.text() },
      parent: maybe { $0.order() }, linked: maybe { $0.order() })
  }

  package mutating func target() -> Target {
    Target(
      id: targetID(), account: account(), goal: goal(),
      cause: Cause(rule: pick(RuleID.allCases), reason: reason()), end: end(),
      adoptedAt: instant(), episodes: maybe { $0.episodes() })
  }

  package mutating func episodes() -> [PositionEpisode] {
    (0..<below(3)).map { _ in
      PositionEpisode(
        contract: contract(), position: integer(), openedAt: instant(), side: side(),
        leftovers: maybe { random in (0..<random.below(3)).map { _ in random.order() } })
    }
  }

  package mutating func goal() -> Goal {
    switch below(6) {
    case 0: .flatAccount
    case 1: .flat(contract())
    case 2: .atMost(contract(), size: integer())
    case 3: .noNewExposure([Baseline(contract: contract(), signedSize: integer())])
    case 4: .cancelled(order())
    default:
      .protected(
        contract(),
        ProtectiveStop(side: side(), price: price(), movesOnly: maybe { $0.chance(50) }))
    }
  }

  package mutating func end() -> TargetEnd {
    switch below(4) {
    case 0: .episode
    case 1: .at(instant())
    case 2: .dailyReset(CivilDate(year: 2026, month: 11, day: 1 + below(30)))
    default: pick([.permanent, .configuration, .tradingRestored, .sessionStart])
    }
  }

  package mutating func reason() -> BreachReason {
    switch below(6) {
    case 0: .contractsAboveLimit(held: integer(), limit: integer())
    case 1:
      .contractsAboveInstrumentLimit(root: SymbolRoot(text()), held: integer(), limit: integer())
    case 2: .dailyLossReached(realized: money(), open: maybe { $0.money() }, limit: money())
    case 3: .tradingWithdrawn
    case 4: .lockedBefore(text())
    default: .cannotEvaluate(chance(50) ? .markMissing(contract: contract()) : .accountUnread)
    }
  }
}
