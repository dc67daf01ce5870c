package import RiskModel

extension RiskEngine {
  /// The prices of a quote that are inputs: those that move the mark of something held.
  ///
  /// The caller journals and applies these and drops the rest. Bid and ask come with a last price
  /// that is far away, because they may confirm it, and while they leave an old one behind.
  ///
  /// A last price that did not change is one all the same once the mark is about to count as stale. One
  /// that is held, and is only repeated beside another bid and ask, does not confirm itself: it counts
  /// when they agree with it.
  package func marks(in quote: Quote, at now: Instant) -> [Mark] {
    let contract = quote.contract
    let methods = Set(
      holders(of: contract).compactMap { state.configuration[$0]?.markPrice })
    guard !methods.isEmpty else { return [] }
    let book = state.books[contract] ?? Book()
    let filter = filter(for: contract)
    let tick = state.contracts[contract]?.tickSize
    let isAging = isMarkAging(of: contract, at: now)
    let isLeft = leavesLast(quote, of: book, at: now)
    func change(_ field: Mark.Field, _ price: Price?) -> Mark? {
      // A bid that did not change says something about a last price that came since.
      guard let price, price.nanos > 0,
        isAging || price != book[field] || book.isHolding(field)
          || (field != .last && (book.isHolding(.last) || isLeft))
      else { return nil }
      return Mark(contract: contract, field: field, price: price)
    }
    let isHeld = book.held.contains { $0.field == .last && $0.price == quote.last }
    let isEcho =
      quote.repeatsLast == true && (isHeld || (quote.last != nil && book.refuted == quote.last))
      && !filter.agrees(quote, tick: tick)
    let last = isEcho ? nil : change(.last, quote.last)
    let isFar =
      book.isHolding(.last)
      || last.map { filter.isFar($0.price, from: book.last ?? $0.price, tick: tick) } ?? false
    let wantsSides =
      isFar || isLeft || (isAging && last == nil) || book.last == nil || methods != [.last]
    let sides = wantsSides ? [change(.bid, quote.bid), change(.ask, quote.ask)] : []
    return (sides + [last]).compactMap { $0 }
  }

  /// Whether bid and ask are beside a last price that has not changed for a while, or are back.
  private func leavesLast(_ quote: Quote, of book: Book, at now: Instant) -> Bool {
    guard let last = book.last, quote.last ?? last == last, book.isSilent(at: now),
      let bid = quote.bid, let ask = quote.ask, bid.nanos > 0, bid <= ask
    else { return false }
    let areBeside = last < bid || last > ask
    return areBeside ? bid != book.bid || ask != book.ask || !book.isLastLeft : book.isLastLeft
  }

  mutating func absorb(_ mark: Mark) -> [(AccountID, Trigger)] {
    let filter = filter(for: mark.contract)
    var book = state.books[mark.contract] ?? Book()
    let reception = book.receive(
      mark, at: state.now, tick: state.contracts[mark.contract]?.tickSize, filter: filter)
    state.books[mark.contract] = book
    guard reception == .accepted else {
      effects.append(.notice(.printHeld(mark.contract, mark.price)))
      return []
    }
    return marked(mark.contract)
  }

  /// A price of a contract is believed: positions in it are fresh again, unless nobody knows what a
  /// price of it is worth.
  mutating func marked(_ contract: ContractID) -> [(AccountID, Trigger)] {
    let accounts = holders(of: contract)
    for id in accounts where state.contracts[contract] != nil {
      state.accounts[id]?.positions[contract]?.markedAt = state.now
      if state.accounts[id]?.positions[contract]?.isStale == true {
        state.accounts[id]?.positions[contract]?.isStale = false
        effects.append(.notice(.markBack(id, contract)))
      }
    }
    return accounts.map { ($0, .mark(contract)) }
  }

  /// The strictest filter among the accounts that hold the contract.
  func filter(for contract: ContractID) -> AbsurdPrintFilter {
    holders(of: contract).compactMap { state.configuration[$0]?.absurdPrint }
      .min { ($0.ticks, $0.perMille) < ($1.ticks, $1.perMille) } ?? .standard
  }

  /// Whether a position in the contract goes without a price for half of the time that is allowed.
  private func isMarkAging(of contract: ContractID, at now: Instant) -> Bool {
    guard state.contracts[contract] != nil else { return false }
    return holders(of: contract).contains { id in
      guard let held = state.accounts[id]?.positions[contract],
        let threshold = state.configuration[id]?.staleThreshold
      else { return false }
      return held.isStale || now - held.markedAt > TimeSpan(nanos: threshold.nanos / 2)
    }
  }
}
