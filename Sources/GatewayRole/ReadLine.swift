import RiskModel
import VenueAPI

/// The accounts whose reads wait until there is room for their requests, the urgent ones first.
///
/// A read takes its place among the requests as a whole and soon leaves it: otherwise the reads of
/// many accounts would be begun at once, get in each other's way, and none would be finished.
struct ReadLine {
  /// So many requests of one priority may wait before another read with that priority begins: enough
  /// for some reads to share a list of accounts, and far fewer than the queue holds.
  static func requestsAhead(queueLimit: Int) -> Int { max(1, min(8, queueLimit / 8)) }

  /// What a read's place in the line depends on.
  struct Rank: Equatable {
    var priority: RequestPriority
    /// Something is or may be held.
    var isExposed: Bool

    /// How late its turn comes.
    fileprivate var lateness: (Int, Int) { (-priority.rawValue, isExposed ? 0 : 1) }
  }

  private struct Place {
    var account: AccountID
    var rank: Rank
    var arrival: Int64
    var since: MonotonicInstant

    static func < (lhs: Place, rhs: Place) -> Bool {
      (lhs.rank.lateness.0, lhs.rank.lateness.1, lhs.arrival)
        < (rhs.rank.lateness.0, rhs.rank.lateness.1, rhs.arrival)
    }
  }

  private var places: [Place] = []
  private var known: [AccountID: Place] = [:]
  private var lastArrival: Int64 = 0

  var count: Int { places.count }

  func contains(_ account: AccountID) -> Bool { known[account] != nil }

  /// Puts an account into the line, or to another place of it; it keeps the moment of its arrival.
  mutating func stand(_ account: AccountID, _ rank: Rank, at now: MonotonicInstant) {
    guard known[account]?.rank != rank else { return }
    let arrival = known[account]?.arrival ?? lastArrival + 1
    let since = known[account]?.since ?? now
    lastArrival = max(lastArrival, arrival)
    leave(account)
    let place = Place(account: account, rank: rank, arrival: arrival, since: since)
    places.insert(place, at: position(of: place))
    known[account] = place
  }

  mutating func leave(_ account: AccountID) {
    guard let place = known.removeValue(forKey: account) else { return }
    places.remove(at: position(of: place))
  }

  /// The account whose turn it is, among the priorities that have room.
  func first(where hasRoom: (RequestPriority) -> Bool) -> AccountID? {
    var index = 0
    while index < places.count {
      let priority = places[index].rank.priority
      if hasRoom(priority) { return places[index].account }
      // Behind all with this priority.
      let last = Place(
        account: AccountID(0), rank: Rank(priority: priority, isExposed: false), arrival: .max,
        since: MonotonicInstant(nanos: 0))
      index = position(of: last)
    }
    return nil
  }

  /// The accounts that came no later than a moment.
  func waiting(since moment: MonotonicInstant) -> [AccountID] {
    places.filter { $0.since <= moment }.map(\.account)
  }

  /// Where the first place is that is not in front of this one.
  private func position(of place: Place) -> Int {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
