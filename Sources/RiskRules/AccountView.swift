package import RiskModel

/// What rules may look at.
package struct AccountView {
  package let state: AccountState
  package let configuration: RiskConfiguration
  let contracts: [ContractID: ContractSpecification]
  let books: [ContractID: Book]
  /// The products of what is held.
  let roots: [ContractID: SymbolRoot]
  /// The local clock.
  package let now: Instant
  /// The venue's clock, as far as it is known.
  package let venueNow: Instant?
  /// How far the local clock was ahead of the venue's when both were last read.
  let clockLead: TimeSpan
  /// Ordinal of the input that is applied.
  let ordinal: Int64
  /// The targets of the account that stand.
  let targets: [Target]
  /// The positions in contract order, once somebody has sorted them for all who ask.
  private var positionsInOrder: [PositionState]?

  init(
    state: AccountState, configuration: RiskConfiguration,
    contracts: [ContractID: ContractSpecification], books: [ContractID: Book],
    roots: [ContractID: SymbolRoot], now: Instant, venueNow: Instant?, clockLead: TimeSpan,
    ordinal: Int64, targets: [Target]
  ) {
    self.state = state
    self.configuration = configuration
    self.contracts = contracts
    self.books = books
    self.roots = roots
    self.now = now
    self.venueNow = venueNow
    self.clockLead = clockLead
    self.ordinal = ordinal
    self.targets = targets
  }

  /// The same view for many questions.
  var sorted: AccountView {
    var view = self
    view.positionsInOrder = openPositions
    return view
  }

  /// The positions in contract order.
  package var openPositions: [PositionState] { positionsInOrder ?? state.openPositions }

  /// The product of a contract.
  func root(of contract: ContractID) -> SymbolRoot { roots[contract] ?? contract.root }

  /// The moment that ends timed things; before the venue's clock is known, the local one.
  var agreedNow: Instant { venueNow.map { min($0, now) } ?? now }

  /// Whether something that would end at a moment has ended already.
  func isOver(_ end: TargetEnd) -> Bool {
    switch end {
    case .at(let instant): agreedNow >= instant
    case .dailyReset(let date): agreedNow >= state.tradingDay.end(of: date)
    default: false
    }
  }

  /// The price at which a position is valued.
  package func mark(of position: Position) -> Price? {
    books[position.contract]?.mark(configuration.markPrice, signedSize: position.signedSize)
  }

  /// Open profit and loss of one position; `nil` when its contract or its price is not known.
  package func openProfit(of held: PositionState) -> Money? {
    let position = held.position
    guard let contract = contracts[position.contract], let mark = mark(of: position) else {
      return nil
    }
    return contract.profit(
      from: position.averagePrice, to: mark, signedSize: position.signedSize)
  }

  /// Open profit and loss of the account; `nil` when that of any position is not known.
  package var openProfit: Money? {
    var total = Money.zero
    for held in state.positions.values {
      guard let profit = openProfit(of: held) else { return nil }
      total += profit
    }
    return total
  }

  /// What a limit of losses is held against: open profit and loss of the account without positions
  /// whose price or contract data is not known, so that holding one more never hides the loss of the
  /// others. `nil` while the first price of a position is awaited that was found instead of seen
  /// opening, which may be far ahead.
  package var knownOpenProfit: Money? {
    var total = Money.zero
    for held in state.positions.values {
      if let profit = openProfit(of: held) {
        total += profit
      } else if wasFound(held), now - held.markedAt < Self.firstPriceTime {
        return nil
      }
    }
    return total
  }

  /// When the first price of a position is awaited no longer, next.
  var firstPriceDeadline: Instant? { firstPriceDeadlines.filter { $0 > now }.min() }

  /// Whether the first price of a position has just ceased to be awaited.
  var hasMissedFirstPrice: Bool {
    firstPriceDeadlines.contains { now >= $0 && now - $0 < .seconds(2) }
  }

  private var firstPriceDeadlines: [Instant] {
    state.positions.values.filter { openProfit(of: $0) == nil && wasFound($0) }
      .map { $0.markedAt + Self.firstPriceTime }
  }

  /// Whether a position without a price had been open for a while when it was first told.
  private func wasFound(_ held: PositionState) -> Bool {
    held.markedAt - held.position.openedAt > Self.firstPriceTime
  }

  /// A contract that is asked for is quoted within this time, if it is traded at all.
  private static let firstPriceTime = TimeSpan.seconds(10)

  func contract(_ id: ContractID) -> ContractSpecification? { contracts[id] }

  /// The sizes that may stay when nothing may be added from now on.
  var baselines: [Baseline] { state.baselines(at: now) }

  /// Working orders that could close part of a position.
  func exitOrders(of position: Position) -> [Order] {
    state.orders.values.filter {
      $0.contract == position.contract && $0.side == position.exitSide && $0.remainingSize > 0
    }
  }

  /// The stops that protect a position against the market as it is now.
  ///
  /// The trigger has to be on the losing side of the mark, not of the entry: a stop that was trailed
  /// beyond the entry protects. A price that is not known (a bracket child that waits for its entry,
  /// a trailing stop) is believed.
  package func stops(of position: Position) -> [Order] {
    let mark = mark(of: position)
    return exitOrders(of: position).filter { order in
      guard order.type.isStop else { return false }
      guard let stop = order.stopPrice, order.status != .suspended, let mark else { return true }
      return position.signedSize > 0 ? stop < mark : stop > mark
    }
  }

  /// The stops that protect what is held now: not those of a bracket whose entry has yet to be filled,
  /// which begin to work with what that entry adds.
  package func stopsOfWhatIsHeld(_ position: Position) -> [Order] {
    stops(of: position).filter { order in
      guard order.status == .suspended, let entry = order.parent.flatMap({ state.orders[$0] })
      else {
        return true
      }
      return entry.filledSize > 0
    }
  }
}

extension AccountState {
  /// The sizes that are held, or about to be held by what was executed already.
  func baselines(at now: Instant) -> [Baseline] {
    let contracts = Set(positions.keys).union(traces.unsettled.keys)
    return contracts.sorted().compactMap { contract in
      let size = boundingSize(of: contract, at: now)
      return size == 0 ? nil : Baseline(contract: contract, signedSize: size)
    }
  }

  func boundingSize(of contract: ContractID, at now: Instant) -> Int64 {
    traces.boundingSize(
      of: contract, holding: positions[contract]?.position.signedSize ?? 0, at: now)
  }
}
