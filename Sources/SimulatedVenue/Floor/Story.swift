package import RiskModel

/// One thing that happened at the venue, for whoever tells the story.
package struct Happening: Equatable, Sendable {
  /// Counts from 1.
  package var number: Int
  package var at: Instant
  package var monotonic: MonotonicInstant
  package var matter: Matter

  package enum Matter: Equatable, Sendable {
    case exchange(ExchangeEvent)
    /// What the trader did in the platform, and what came of it when it was refused.
    case trader(String, account: AccountID?, refusal: String?)
    case price(ContractID, QuoteChange)
    /// A request was received; the record holds what came of it.
    case request(Int)
    /// A hub connection began, subscribed or ended.
    case hub(VenueHub, connection: Int, what: String)
    case fault(Int, what: String)
    case scenario(String)
  }
}

/// The latest happenings.
struct Story {
  private let limit: Int
  private(set) var total = 0
  private var happenings: [Happening] = []

  init(limit: Int) {
    self.limit = limit
  }

  mutating func add(_ matter: Happening.Matter, at instant: Instant) {
    total += 1
    happenings.append(
      Happening(
        number: total, at: instant, monotonic: VenueClock.monotonicNow(), matter: matter))
    if happenings.count > limit + limit / 4 { happenings.removeFirst(happenings.count - limit) }
  }

  /// At most `limit` happenings with numbers above `number`, oldest first.
  func after(_ number: Int, limit: Int) -> [Happening] {
    guard let first = happenings.first?.number else { return [] }
    return Array(happenings.dropFirst(max(0, number - first + 1)).prefix(limit))
  }
}
