import RiskModel

/// The quotes of the contracts that somebody needs, whole.
///
/// The venue sends what changed. A message that may be replaced by a newer one on its way has to
/// carry everything, so changes are merged here.
struct QuoteBook {
  struct Entry: Equatable {
    var quote: Quote
    var receivedAt: Instant
    var readAt: MonotonicInstant
  }

  private var entries: [ContractID: Entry] = [:]

  /// The whole quote after a change; `nil` when the change has no price in it.
  mutating func merge(
    _ change: Quote, receivedAt: Instant, readAt: MonotonicInstant
  ) -> Entry? {
    guard change.last != nil || change.bid != nil || change.ask != nil else { return nil }
    var quote = entries[change.contract]?.quote ?? Quote(contract: change.contract)
    quote.repeatsLast = change.last == nil && quote.last != nil ? true : nil
    quote.last = change.last ?? quote.last
    quote.bid = change.bid ?? quote.bid
    quote.ask = change.ask ?? quote.ask
    quote.quotedAt = change.quotedAt ?? quote.quotedAt
    let entry = Entry(quote: quote, receivedAt: receivedAt, readAt: readAt)
    entries[change.contract] = entry
    return entry
  }

  /// Whether a change says nothing new: older than what is known, or the same.
  func isOutdated(_ change: Quote) -> Bool {
    guard let known = entries[change.contract]?.quote, let at = change.quotedAt,
      let knownAt = known.quotedAt
    else { return false }
    guard at == knownAt else { return at < knownAt }
    return (change.last ?? known.last) == known.last && (change.bid ?? known.bid) == known.bid
      && (change.ask ?? known.ask) == known.ask
  }

  func entry(of contract: ContractID) -> Entry? { entries[contract] }

  /// In contract order.
  var all: [Entry] {
    entries.keys.sorted().compactMap { entries[$0] }
  }

  mutating func forget(_ contract: ContractID) {
    entries[contract] = nil
  }

  /// Changes were missed: nothing that is known may be completed by what comes.
  mutating func forgetAll() {
    entries = [:]
  }
}

/// Which contracts' quotes are subscribed.
///
/// A contract stays for a while after nobody needs it: who trades the same contract again and again
/// must have its quotes at once.
struct QuoteWishes {
  private let linger: TimeSpan
  private var lastNeeded: [ContractID: MonotonicInstant] = [:]

  init(linger: TimeSpan) {
    self.linger = linger
  }

  func contains(_ contract: ContractID) -> Bool { lastNeeded[contract] != nil }

  var contracts: [ContractID] { lastNeeded.keys.sorted() }

  /// These are needed now. False when one of them is new; then nothing is noted.
  mutating func need(_ contracts: Set<ContractID>, at now: MonotonicInstant) -> Bool {
    guard contracts.allSatisfy({ lastNeeded[$0] != nil }) else { return false }
    for contract in contracts { lastNeeded[contract] = now }
    return true
  }

  /// What to subscribe and unsubscribe, in contract order.
  mutating func update(
    needed: Set<ContractID>, at now: MonotonicInstant
  ) -> (added: [ContractID], dropped: [ContractID]) {
    let added = needed.filter { lastNeeded[$0] == nil }.sorted()
    for contract in needed { lastNeeded[contract] = now }
    let dropped = lastNeeded.filter { now - $0.value >= linger }.keys.sorted()
    for contract in dropped { lastNeeded[contract] = nil }
    return (added, dropped)
  }
}
