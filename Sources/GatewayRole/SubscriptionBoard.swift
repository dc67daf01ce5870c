import RiskModel
import VenueAPI

/// The subscriptions of one hub: which are wanted, which are confirmed on the present connection.
///
/// A server forgets them with the connection and answers each with exactly one completion.
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

  /// In the order in which they became wanted.
  private var entries: [Entry] = []

  var wanted: [HubInvocation] { entries.map(\.invocation) }

  mutating func want(_ invocation: HubInvocation) {
    guard !entries.contains(where: { $0.invocation == invocation }) else { return }
    entries.append(Entry(invocation: invocation, state: .wanted))
  }

  /// True when it was confirmed or asked for on this connection.
  mutating func forget(_ invocation: HubInvocation) -> Bool {
    guard let index = entries.firstIndex(where: { $0.invocation == invocation }) else {
      return false
    }
    return entries.remove(at: index).state != .wanted
  }

  /// A new connection knows nothing.
  mutating func connectionOpened() {
    for index in entries.indices { entries[index].state = .wanted }
  }

  /// Takes the next subscription to ask for.
  mutating func next(
    number: Int64, now: MonotonicInstant, deadline: MonotonicInstant
  ) -> HubInvocation? {
    let index = entries.firstIndex { entry in
      switch entry.state {
      case .wanted: true
      case .refused(let retryAt): retryAt <= now
      case .pending, .confirmed: false
      }
    }
    guard let index else { return nil }
    entries[index].state = .pending(number: number, deadline: deadline)
    return entries[index].invocation
  }

  /// The subscription that a completion is for, `nil` when nobody waits for it.
  mutating func completed(
    _ number: Int64, isConfirmed: Bool, retryAt: MonotonicInstant
  ) -> HubInvocation? {
    let index = entries.firstIndex { entry in
      if case .pending(number, _) = entry.state { return true }
      return false
    }
    guard let index else { return nil }
    entries[index].state = isConfirmed ? .confirmed : .refused(retryAt: retryAt)
    return entries[index].invocation
  }

  /// Every wanted subscription is confirmed or refused.
  var isSettled: Bool {
    entries.allSatisfy { entry in
      switch entry.state {
      case .confirmed, .refused: true
      case .wanted, .pending: false
      }
    }
  }

  func isConfirmed(_ invocation: HubInvocation) -> Bool {
    entries.contains { $0.invocation == invocation && $0.state == .confirmed }
  }

  /// A completion is overdue.
  func hasLost(at now: MonotonicInstant) -> Bool {
    entries.contains { entry in
      if case .pending(_, let deadline) = entry.state { return deadline <= now }
      return false
    }
  }

  /// When something is overdue or to be asked for again.
  var nextMoment: MonotonicInstant? {
    entries.compactMap { entry in
      switch entry.state {
      case .pending(_, let deadline): deadline
      case .refused(let retryAt): retryAt
      case .wanted, .confirmed: nil
      }
    }.min()
  }
}
