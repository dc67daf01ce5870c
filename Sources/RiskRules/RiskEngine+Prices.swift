package import RiskModel

extension RiskEngine {
  /// The prices of a quote that are inputs: those that move the mark of something held.
  ///
  /// The caller journals and applies these and drops the rest. Bid and ask come with a last price
  /// that is far away, because they may confirm it.
  ///
  /// A last price that did not change is one all the same once the mark is about to count as stale.
  package func marks(in quote: Quote, at now: Instant) -> [Mark] {
    let contract = quote.contract
    let methods = Set(
      holders(of: contract).compactMap { state.configuration[$0]?.markPrice })
    guard !methods.isEmpty else { return [] }
    let book = state.books[contract] ?? Book()
    let filter = filter(for: contract)
    let tick = state.contracts[contract]?.tickSize
    let isAging = isMarkAging(of: contract, at: now)
    func change(_ field: Mark.Field, _ price: Price?) -> Mark? {
      guard let price, price.nanos > 0, isAging || price != book[field] || book.isHolding(field)
      else {
        return nil
      }
      return Mark(contract: contract, field: field, price: price)
    }
    let last = change(.last, quote.last)
    let isFar =
      last.map { filter.isFar($0.price, from: book.last ?? $0.price, tick: tick) } ?? false
    let wantsSides = isFar || (isAging && last == nil) || book.last == nil || methods != [.last]
    let sides = wantsSides ? [change(.bid, quote.bid), change(.ask, quote.ask)] : []
    return (sides + [last]).compactMap { $0 }
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

  /// A price of a contract is believed: positions in it are fresh again.
  mutating func marked(_ contract: ContractID) -> [(AccountID, Trigger)] {
    let accounts = holders(of: contract)
    for id in accounts {
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
    holders(of: contract).contains { id in
      guard let held = state.accounts[id]?.positions[contract],
        let threshold = state.configuration[id]?.staleThreshold
      else { return false }
      return held.isStale || now - held.markedAt > TimeSpan(nanos: threshold.nanos / 2)
    }
  }
}
