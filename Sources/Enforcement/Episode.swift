import RiskModel

/// The life of the positions that a one-shot target is about.
///
/// Once a position was seen flat, the target never closes that contract again: what is there then is
/// a new position, which nothing forbids.
struct Episode: Sendable {
  /// The one contract, or `nil` for all that were held.
  private let contract: ContractID?
  private var anchors = SortedMap<ContractID, PositionRow>()
  /// Where something was seen to be over, and the latest time of the venue that was known then.
  struct Ending: Sendable {
    var ordinal: Ordinal
    var venueTime: Instant
    /// The position was known and was seen to go, rather than found or said to be gone.
    var isWitnessed = false
  }

  /// The contracts that were seen flat.
  private(set) var flatAt = SortedMap<ContractID, Ending>()
  /// What was known of the last position of those that the target has no anchor in.
  private var pastRows = SortedMap<ContractID, PositionRow>()
  /// Orders that worked when their contract was seen flat; they have to go.
  private(set) var leftovers = SortedMap<OrderID, ContractID>()
  private(set) var overAt: Ending?
  /// Nothing but what is anchored belongs to it.
  private var isNarrowed = false
  /// Contracts whose position the evaluator named.
  private var named: Set<ContractID> = []

  /// Precision of the venue's timestamps differs between its surfaces by up to a second.
  private static let timestampPrecision = TimeSpan.seconds(1)

  /// `nil` for a lockout, and for goals that are not about positions that are held.
  init?(of target: Target) {
    guard target.end == .episode else { return nil }
    switch target.goal {
    case .flatAccount: contract = nil
    case .flat(let named), .atMost(let named, _): contract = named
    case .noNewExposure, .cancelled, .protected: return nil
    }
    for episode in target.episodes ?? [] {
      anchors[episode.contract] = PositionRow(episode)
      named.insert(episode.contract)
    }
    learn(target.episodes ?? [], at: 0, venueTime: PositionRow.flat.openedAt)
  }

  /// The evaluator says which of the positions are over, and what worked when they were.
  mutating func learn(_ episodes: [PositionEpisode], at ordinal: Ordinal, venueTime: Instant) {
    for episode in episodes where !isOver && covers(episode.contract) {
      guard let left = episode.leftovers else { continue }
      let ending = Ending(ordinal: ordinal, venueTime: venueTime)
      flatAt[episode.contract] = ending
      for order in left { leftovers[order] = episode.contract }
      if areAllFlat { overAt = ending }
    }
  }

  /// Every position that it was seen or said to be about is over.
  private var areAllFlat: Bool {
    !anchors.isEmpty && anchors.keys.allSatisfy { flatAt.contains($0) }
  }

  var isOver: Bool { overAt != nil }

  /// Whether the contract is none of the target's business any more.
  func isFlat(_ contract: ContractID) -> Bool {
    flatAt.contains(contract) || (isNarrowed && !anchors.contains(contract))
  }

  func covers(_ contract: ContractID) -> Bool {
    !isOver && !isFlat(contract) && (self.contract == nil || self.contract == contract)
  }

  /// Whether a position is another one than the target is about: a later one, since lists of the
  /// venue may be older than its events.
  func isAnother(_ row: PositionRow, in contract: ContractID) -> Bool {
    guard let anchor = anchors[contract] ?? pastRows[contract] else { return false }
    if anchor.openedAt - row.openedAt >= Episode.timestampPrecision { return false }
    if anchor.signedSize * row.signedSize < 0 { return true }
    let hasOtherNumber = anchor.number != 0 && row.number != 0 && anchor.number != row.number
    return hasOtherNumber || row.openedAt - anchor.openedAt >= Episode.timestampPrecision
  }

  /// Whether the target is about a position in this contract that it has seen open.
  func hasAnchor(_ contract: ContractID) -> Bool { anchors.contains(contract) }

  /// Whether the evaluator said which position of the contract is meant.
  func isNamed(_ contract: ContractID) -> Bool { named.contains(contract) }

  /// The position that the target is about, as it was seen first, or `again`.
  mutating func anchor(_ row: PositionRow, in contract: ContractID, again: Bool = false) {
    guard covers(contract), again || !anchors.contains(contract), row.signedSize != 0 else {
      return
    }
    anchors[contract] = row
  }

  /// The contract was seen flat. `row` is what is known of the position that is gone, and `working`
  /// are the orders known then, of the whole account.
  ///
  /// Of a whole account also a contract counts that was never seen open, because the enforcer was
  /// started after that: what is opened there later is none of the target's business.
  mutating func sawFlat(
    _ flat: ContractID, leaving row: PositionRow, at ordinal: Ordinal, venueTime: Instant,
    working: [Order]
  ) {
    guard covers(flat) else { return }
    if !anchors.contains(flat) { pastRows[flat] = row }
    let ending = Ending(
      ordinal: ordinal, venueTime: venueTime, isWitnessed: anchors.contains(flat))
    flatAt[flat] = ending
    keepLeftovers(working.filter { $0.contract == flat })
    guard contract == flat || anchors.contains(flat) else { return }
    if contract == flat || areAllFlat { end(at: ending, working: working) }
  }

  /// The enforcer was started in the middle of it and the evaluator has said what is held: what is
  /// opened later is something new. `working` are the orders known then, of the whole account.
  mutating func narrow(at ordinal: Ordinal, venueTime: Instant, working: [Order]) {
    guard !isOver, !isNarrowed else { return }
    isNarrowed = true
    let outside = working.filter { order in
      !anchors.contains(order.contract) && (contract == nil || contract == order.contract)
    }
    keepLeftovers(outside)
    if anchors.isEmpty {
      end(at: Ending(ordinal: ordinal, venueTime: venueTime), working: outside)
    }
  }

  /// The account was seen without any position although none had been seen before.
  mutating func sawNothing(at ordinal: Ordinal, venueTime: Instant, working: [Order]) {
    guard !isOver, contract == nil, anchors.isEmpty else { return }
    end(at: Ending(ordinal: ordinal, venueTime: venueTime), working: working)
  }

  private mutating func end(at ending: Ending, working: [Order]) {
    overAt = ending
    // What works in a contract that was flat before was placed since, or is kept already.
    if contract == nil { keepLeftovers(working.filter { !flatAt.contains($0.contract) }) }
  }

  /// Orders that are shown by a read which was sent before the contract was seen flat, and that are
  /// older than what was known by then: the answer may also show what was placed since. A read that
  /// was sent later shows what worked already when the position went, where nobody could read the
  /// orders until then: what is older by more than the venue's timestamps may be wrong.
  mutating func readOrders(_ orders: [Order], sentAs ordinal: Ordinal) {
    keepLeftovers(
      orders.filter { order in
        guard let ending = flatAt[order.contract] ?? (contract == nil ? overAt : nil) else {
          return false
        }
        guard ordinal >= ending.ordinal else { return order.createdAt <= ending.venueTime }
        return ending.isWitnessed
          && ending.venueTime - order.createdAt > Episode.timestampPrecision
      })
  }

  private mutating func keepLeftovers(_ orders: [Order]) {
    for order in orders { leftovers[order.id] = order.contract }
  }
}
