import RiskModel
import VenueAPI

/// The subscriptions of one hub: which are wanted, which are confirmed on the present connection.
///
/// A server forgets them with the connection and answers each with exactly one completion. Each
/// account has three of them, so whatever is looked up here has an index.
struct SubscriptionBoard {
  private enum State: Equatable {
    /// Not yet asked for on this connection. Can transition to: pending.
    case wanted
    /// Can transition to: confirmed, refused.
    case pending(number: Int64, deadline: MonotonicInstant)
    case confirmed
    /// Can transition to: pending.
    case refused(retryAt: MonotonicInstant)
  }

  private struct Entry {
    var invocation: HubInvocation
    var state: State
  }

  private struct Deadline {
    var at: MonotonicInstant
    var number: Int64
  }

  /// In the order in which they became wanted.
  private var entries: [Entry] = []
  private var places: [HubInvocation: Int] = [:]
  /// The places of those that wait for a completion, by its number.
  private var pending: [Int64: Int] = [:]
  /// In order; those of which the completion came stay until they are the first.
  private var deadlines: ArraySlice<Deadline> = []
  private var refused: Set<Int> = []
  /// Before this place nothing is wanted.
  private var firstWanted = 0
  private var unsettled = 0

  var wanted: [HubInvocation] { entries.map(\.invocation) }

  mutating func want(_ invocation: HubInvocation) {
    guard places[invocation] == nil else { return }
    places[invocation] = entries.count
    entries.append(Entry(invocation: invocation, state: .wanted))
    unsettled += 1
  }

  /// True when it was confirmed or asked for on this connection.
  mutating func forget(_ invocation: HubInvocation) -> Bool {
    guard let place = places[invocation] else { return false }
    let entry = entries.remove(at: place)
    makeIndex()
    return entry.state != .wanted
  }

  /// A new connection knows nothing.
  mutating func connectionOpened() {
    for place in entries.indices { entries[place].state = .wanted }
    makeIndex()
  }

  private mutating func makeIndex() {
    places = [:]
    pending = [:]
    refused = []
    unsettled = 0
    var open: [Deadline] = []
    for (place, entry) in entries.enumerated() {
      places[entry.invocation] = place
      switch entry.state {
      case .wanted: unsettled += 1
      case .pending(let number, let deadline):
        pending[number] = place
        open.append(Deadline(at: deadline, number: number))
        unsettled += 1
      case .confirmed: break
      case .refused: refused.insert(place)
      }
    }
    deadlines = open.sorted { ($0.at, $0.number) < ($1.at, $1.number) }[...]
    firstWanted = entries.firstIndex { $0.state == .wanted } ?? entries.count
  }

  /// Takes the next subscription to ask for.
  mutating func next(
    number: Int64, now: MonotonicInstant, deadline: MonotonicInstant
  ) -> HubInvocation? {
    while firstWanted < entries.count, entries[firstWanted].state != .wanted { firstWanted += 1 }
    let again = refused.filter { place in
      if case .refused(let retryAt) = entries[place].state { retryAt <= now } else { false }
    }.min()
    let place = min(again ?? entries.count, firstWanted)
    guard place < entries.count else { return nil }
    if refused.remove(place) != nil { unsettled += 1 }
    entries[place].state = .pending(number: number, deadline: deadline)
    pending[number] = place
    let later = deadlines.lastIndex { $0.at <= deadline }
    deadlines.insert(
      Deadline(at: deadline, number: number), at: later.map { $0 + 1 } ?? deadlines.startIndex)
    return entries[place].invocation
  }

  /// The subscription that a completion is for, `nil` when nobody waits for it.
  mutating func completed(
    _ number: Int64, isConfirmed: Bool, retryAt: MonotonicInstant
  ) -> HubInvocation? {
    guard let place = pending.removeValue(forKey: number) else { return nil }
    entries[place].state = isConfirmed ? .confirmed : .refused(retryAt: retryAt)
    if !isConfirmed { refused.insert(place) }
    unsettled -= 1
    while let first = deadlines.first, pending[first.number] == nil { deadlines.removeFirst() }
    return entries[place].invocation
  }

  /// Every wanted subscription is confirmed or refused.
  var isSettled: Bool { unsettled == 0 }

  func isConfirmed(_ invocation: HubInvocation) -> Bool {
    places[invocation].map { entries[$0].state == .confirmed } ?? false
  }

  /// A completion is overdue.
  func hasLost(at now: MonotonicInstant) -> Bool {
    deadlines.first.map { $0.at <= now } ?? false
  }

  /// When something is overdue or to be asked for again.
  var nextMoment: MonotonicInstant? {
    let retries = refused.compactMap { place -> MonotonicInstant? in
      if case .refused(let retryAt) = entries[place].state { retryAt } else { nil }
    }
    return ([deadlines.first?.at] + retries).compactMap { $0 }.min()
  }
}
