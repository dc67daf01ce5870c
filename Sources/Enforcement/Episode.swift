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
  }

  /// The contracts that were seen flat.
  private(set) var flatAt = SortedMap<ContractID, Ending>()
  /// Orders that worked when their contract was seen flat; they have to go.
  private(set) var leftovers = SortedMap<OrderID, ContractID>()
  private(set) var overAt: Ending?

  /// Precision of the venue's timestamps differs between its surfaces by up to a second.
  private static let timestampPrecision = TimeSpan.seconds(1)

  /// `nil` for a lockout, and for goals that are not about positions that are held.
  init?(of target: Target) {
    guard target.end == .episode else { return nil }
    switch target.goal {
    case .flatAccount: contract = nil
    case .flat(let named), .atMost(let named, _): contract = named
    case .noNewExposure, .cancelled: return nil
    }
  }

  var isOver: Bool { overAt != nil }

  func isFlat(_ contract: ContractID) -> Bool { flatAt.contains(contract) }

  func covers(_ contract: ContractID) -> Bool {
    !isOver && !isFlat(contract) && (self.contract == nil || self.contract == contract)
  }

  /// Whether a position is another one than the target is about.
  func isAnother(_ row: PositionRow, in contract: ContractID) -> Bool {
    guard let anchor = anchors[contract] else { return false }
    if anchor.signedSize * row.signedSize < 0 { return true }
    let hasOtherNumber = anchor.number != 0 && row.number != 0 && anchor.number != row.number
    return hasOtherNumber || row.openedAt - anchor.openedAt >= Episode.timestampPrecision
  }

  /// Whether the target is about a position in this contract that it has seen open.
  func hasAnchor(_ contract: ContractID) -> Bool { anchors.contains(contract) }

  /// The position that the target is about, as it was seen first, or `again`.
  mutating func anchor(_ row: PositionRow, in contract: ContractID, again: Bool = false) {
    guard covers(contract), again || !anchors.contains(contract), row.signedSize != 0 else {
      return
    }
    anchors[contract] = row
  }

  /// The contract was seen flat. `working` are the orders known then, of the whole account.
  mutating func sawFlat(
    _ flat: ContractID, at ordinal: Ordinal, venueTime: Instant, working: [Order]
  ) {
    guard covers(flat), contract == flat || anchors.contains(flat) else { return }
    let ending = Ending(ordinal: ordinal, venueTime: venueTime)
    flatAt[flat] = ending
    keepLeftovers(working.filter { $0.contract == flat })
    if contract == flat || anchors.keys.allSatisfy({ flatAt.contains($0) }) {
      end(at: ending, working: working)
    }
  }

  /// The account was seen without any position although none had been seen before.
  mutating func sawNothing(at ordinal: Ordinal, venueTime: Instant, working: [Order]) {
    guard !isOver, contract == nil, anchors.isEmpty else { return }
    end(at: Ending(ordinal: ordinal, venueTime: venueTime), working: working)
  }

  private mutating func end(at ending: Ending, working: [Order]) {
    overAt = ending
    if contract == nil { keepLeftovers(working) }
  }

  /// Orders that are shown by a read which was sent before the contract was seen flat, and that are
  /// older than what was known by then: the answer may also show what was placed since.
  mutating func readOrders(_ orders: [Order], sentAs ordinal: Ordinal) {
    keepLeftovers(
      orders.filter { order in
        guard let ending = flatAt[order.contract] ?? (contract == nil ? overAt : nil) else {
          return false
        }
        return ordinal < ending.ordinal && order.createdAt <= ending.venueTime
      })
  }

  private mutating func keepLeftovers(_ orders: [Order]) {
    for order in orders { leftovers[order.id] = order.contract }
  }
}
