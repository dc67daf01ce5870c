import RiskModel

/// The word that names a command in a document.
enum CommandWord: String, CaseIterable {
  case price
  case print
  case move
  case market
  case place
  case cancel
  case cancelAll
  case modify
  case close
  case reduce
  case account
  case fault
  case clearFaults
  case latency
  case settings
  case pause
  case clearPrices
  case void
  case endTokens
  case clock
  case traffic
  case note
}

extension DocumentMembers {
  /// Reads the members of a command whose word is known.
  mutating func command(_ word: CommandWord) throws -> VenueCommand {
    switch word {
    case .price, .print, .move, .market, .pause, .clearPrices: try marketCommand(word)
    case .place, .cancel, .cancelAll, .modify, .close, .reduce: try traderCommand(word)
    case .account: .account(try accountChange(opensAccounts: false))
    case .fault: .fault(try fault())
    case .clearFaults: .clearFaults
    case .latency: .latency(try required("ms") { try $0.milliseconds() })
    case .settings: .settings(try chosenSettings())
    case .void: .void(TradeID(try required("trade") { try $0.integer(in: 1...Int64.max) }))
    case .endTokens: .endTokens
    case .clock: .clock(try required("ms") { try $0.milliseconds() })
    case .traffic: .traffic(try traffic())
    case .note: .note(try required("text") { try $0.text() })
    }
  }

  private mutating func marketCommand(
    _ word: CommandWord
  ) throws -> VenueCommand {
    if word == .market {
      let contract = try optional("contract") { try $0.contract() }
      let all = node.context.contracts.keys.sorted()
      return .market(
        contract.map { [$0] } ?? all, isOpen: try required("open") { try $0.boolean() },
        expiresOrders: try optional("expireOrders") { try $0.boolean() } ?? false)
    }
    let contract = try required("contract") { try $0.contract() }
    if word == .pause {
      return .pause(contract, try required("ms") { try $0.milliseconds() })
    }
    if word == .clearPrices { return .clearPrices(contract) }
    guard word == .move else {
      let change = try quoteChange(of: contract)
      return word == .price ? .price(contract, change) : .print(contract, change)
    }
    return .move(
      PriceMove(
        contract: contract, target: try required("to") { try $0.price(of: contract) },
        duration: try required("during") { try $0.milliseconds() },
        interval: try optional("every") { try $0.milliseconds() } ?? .milliseconds(100)))
  }

  private mutating func chosenSettings() throws -> VenueSettings {
    let settings = try settings()
    guard !settings.isEmpty else {
      throw node.failure(
        "at least one setting is needed; there are "
          + VenueSetting.all.map(\.name).joined(separator: ", "))
    }
    return settings
  }

  mutating func quoteChange(of contract: ContractID) throws -> QuoteChange {
    let change = QuoteChange(
      last: try optional("last") { try $0.price(of: contract) },
      bid: try optional("bid") { try $0.price(of: contract) },
      ask: try optional("ask") { try $0.price(of: contract) })
    guard change != QuoteChange() else {
      throw node.failure("at least one of the keys `last`, `bid` and `ask` is needed")
    }
    if let bid = change.bid, let ask = change.ask, bid >= ask {
      throw node.failure("the bid \(bid) is not below the ask \(ask)")
    }
    return change
  }

  private mutating func traderCommand(
    _ word: CommandWord
  ) throws -> VenueCommand {
    switch word {
    case .cancel:
      return .cancel(try required("order") { try $0.orderReference() })
    case .modify:
      let order = try required("order") { try $0.orderReference() }
      return .modify(order, try orderChange())
    case .place:
      return .place(try ticket(), name: try optional("as") { try $0.text() })
    default:
      break
    }
    let account = try required("account") { try $0.account() }
    if word == .reduce {
      return .reduce(
        account, try required("contract") { try $0.contract() },
        by: try required("size") { try $0.integer(in: 1...100_000) })
    }
    let contract = try optional("contract") { try $0.contract() }
    return word == .close ? .close(account, contract) : .cancelAll(account, contract)
  }

  /// Sizes and prices only have to be numbers: an order that the venue rejects is a fair step.
  private mutating func ticket() throws -> OrderTicket {
    let trails = try optional("stopLossTrails") { try $0.boolean() } ?? false
    return OrderTicket(
      account: try required("account") { try $0.account() },
      contract: try required("contract") { try $0.contract() },
      type: try optional("type") { try $0.choice(orderTypes) } ?? .market,
      side: try required("side") { try $0.choice(["buy": .buy, "sell": .sell]) },
      size: try optional("size") { try $0.integer() } ?? 1,
      limitPrice: try optional("limit") { try $0.anyPrice() },
      stopPrice: try optional("stop") { try $0.anyPrice() },
      trailPrice: try optional("trail") { try $0.anyPrice() },
      customTag: try optional("tag") { try $0.text() },
      stopLoss: try optional("stopLossTicks") {
        BracketLeg(
          ticks: try $0.integer(in: -100_000...100_000), type: trails ? .trailingStop : .stop)
      },
      takeProfit: try optional("takeProfitTicks") {
        BracketLeg(ticks: try $0.integer(in: -100_000...100_000), type: .limit)
      })
  }

  private mutating func orderChange() throws -> OrderChange {
    OrderChange(
      size: try optional("size") { try $0.integer() },
      limitPrice: try optional("limit") { try $0.anyPrice() },
      stopPrice: try optional("stop") { try $0.anyPrice() },
      trailPrice: try optional("trail") { try $0.anyPrice() })
  }

  /// With `opensAccounts` the id may be a new one.
  mutating func accountChange(
    opensAccounts: Bool
  ) throws -> AccountChange {
    var change = AccountChange(
      id: try required(opensAccounts ? "id" : "account") {
        opensAccounts ? AccountID(try $0.integer(in: 1...Int64(Int32.max))) : try $0.account()
      })
    change.name = try optional("name") { try $0.text() }
    change.balance = try optional("balance") { try $0.money() }
    change.canTrade = try optional("canTrade") { try $0.boolean() }
    change.kind = try optional("kind") { try $0.choice() }
    change.bracketMode = try optional("brackets") { try $0.choice() }
    return change
  }

  private mutating func traffic() throws -> TrafficPlan {
    TrafficPlan(
      account: try required("account") { try $0.account() },
      contract: try required("contract") { try $0.contract() },
      ordersPerSecond: Int(
        try optional("ordersPerSecond") { try $0.integer(in: 0...100_000) } ?? 0),
      quotesPerSecond: Int(
        try optional("quotesPerSecond") { try $0.integer(in: 0...100_000) } ?? 0),
      duration: try optional("during") { try $0.milliseconds() })
  }
}

private let orderTypes: [String: OrderType] = [
  "market": .market, "limit": .limit, "stop": .stop, "trailing-stop": .trailingStop,
  "stop-limit": .stopLimit, "join-bid": .joinBid, "join-ask": .joinAsk,
]

extension DocumentNode {
  fileprivate func anyPrice() throws -> Price {
    guard let price = Price(exactly: try decimal()) else {
      throw failure("expected a price with at most 9 decimal places, found \(value.jsonText)")
    }
    return price
  }

  /// The id of an order, or the name that an earlier step gave it.
  fileprivate func orderReference() throws -> OrderReference {
    switch value {
    case .string(let name) where !name.isEmpty: return .name(name)
    case .number: return .id(OrderID(try integer(in: 1...Int64.max)))
    default: throw failure("expected an order's id, or the name that an earlier step gave it")
    }
  }
}
