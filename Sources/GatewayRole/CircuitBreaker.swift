import PeerProtocol
package import RiskModel
import VenueAPI

/// Stops requests of one class while the venue fails, so that a venue in trouble is not flooded and
/// nobody waits for what will not come. Only for requests that read: enforcement is never stopped.
struct CircuitBreaker {
  /// What fails as one, however many requests it takes: the parts and the pages of a read are one.
  enum Work: Hashable {
    case read(AccountID, number: Int64)
    case query(QueryID)
    case request(number: Int64)
  }

  private enum State {
    /// With what failed since the last answer of a venue that works. Can transition to: open.
    case closed(failed: Set<Work>)
    /// Can transition to: halfOpen.
    case open(until: MonotonicInstant)
    /// Some work is let through to see, with its requests in flight. Can transition to: closed, open.
    case halfOpen(inFlight: [Work: Int], successes: Int)
  }

  /// What a request's end changed.
  enum Change: Equatable {
    case opened
    case closed
  }

  private let settings: BreakerSettings
  private var state = State.closed(failed: [])

  init(_ settings: BreakerSettings) {
    self.settings = settings
  }

  /// Whether requests are refused for now.
  var isOpen: Bool {
    if case .closed = state { false } else { true }
  }

  /// When requests are tried again, while all of them are refused.
  var triesAt: MonotonicInstant? {
    if case .open(let end) = state { end } else { nil }
  }

  /// Whether a request for this may leave.
  func allows(_ work: Work, at now: MonotonicInstant) -> Bool {
    switch state {
    case .closed: true
    case .open(let end): now >= end
    case .halfOpen(let inFlight, _):
      inFlight[work] != nil || inFlight.count < settings.halfOpenRequests
    }
  }

  /// A request that was allowed leaves.
  mutating func sent(_ work: Work) {
    switch state {
    case .closed: break
    case .open: state = .halfOpen(inFlight: [work: 1], successes: 0)
    case .halfOpen(var inFlight, let successes):
      inFlight[work, default: 0] += 1
      state = .halfOpen(inFlight: inFlight, successes: successes)
    }
  }

  /// A request is over. What the venue refuses by its rules is no failure: it works.
  mutating func ended(
    _ work: Work, _ health: VenueHealth, at now: MonotonicInstant
  ) -> Change? {
    guard settings.isEnabled else { return nil }
    switch state {
    case .closed(let failed): return ended(work, health, whileClosed: failed, at: now)
    // It left before the breaker opened.
    case .open: return nil
    case .halfOpen(let inFlight, let successes):
      guard let requests = inFlight[work] else { return nil }
      var left = inFlight
      left[work] = requests > 1 ? requests - 1 : nil
      return ended(health, whileTrying: left, successes, at: now)
    }
  }

  private mutating func ended(
    _ work: Work, _ health: VenueHealth, whileClosed failed: Set<Work>, at now: MonotonicInstant
  ) -> Change? {
    switch health {
    case .untold:
      return nil
    case .working:
      state = .closed(failed: [])
      return nil
    case .failing:
      let failed = failed.union([work])
      state = .closed(failed: failed)
      guard failed.count >= settings.failureThreshold else { return nil }
      state = .open(until: now + settings.openFor)
      return .opened
    }
  }

  private mutating func ended(
    _ health: VenueHealth, whileTrying inFlight: [Work: Int], _ successes: Int,
    at now: MonotonicInstant
  ) -> Change? {
    switch health {
    case .failing:
      state = .open(until: now + settings.openFor)
      return nil
    case .untold:
      state = .halfOpen(inFlight: inFlight, successes: successes)
      return nil
    case .working where successes + 1 < settings.successThreshold:
      state = .halfOpen(inFlight: inFlight, successes: successes + 1)
      return nil
    case .working:
      state = .closed(failed: [])
      return .closed
    }
  }

  /// The hub is connected anew: the venue is there, so what failed before says nothing about now,
  /// and the reads that follow a reconnection are tried at once. True when they had been stopped.
  mutating func venueReached() -> Bool {
    switch state {
    case .closed:
      state = .closed(failed: [])
      return false
    case .open:
      state = .halfOpen(inFlight: [:], successes: 0)
      return true
    case .halfOpen:
      return false
    }
  }
}

/// When a circuit breaker opens and closes. The defaults are those of the shipped configuration.
package struct BreakerSettings: Equatable, Sendable {
  package var isEnabled = true
  /// Failures in a row, those of one read counted once.
  package var failureThreshold = 5
  package var openFor: TimeSpan = .seconds(60)
  /// Reads and other requests in flight at once while it is not known whether the venue works again.
  package var halfOpenRequests = 3
  package var successThreshold = 2

  package init() {}
}

/// The classes of requests that fail together. Signing in is in none: it has a patience of its own,
/// and without a token nothing else works.
package enum RequestClass: String, CaseIterable, Sendable {
  /// Positions, orders and trades of an account, and the list of accounts.
  case accounts
  case contracts
}

extension Purpose {
  var requestClass: RequestClass? {
    switch self {
    case .signIn, .renewal: nil
    case .accountList, .read: .accounts
    case .catalogue, .contract: .contracts
    case .query: .accounts
    }
  }

  /// Of a read it depends on what for it is.
  var priority: RequestPriority {
    switch self {
    case .signIn, .renewal: .action
    case .query: .question
    case .accountList: .accounts
    case .contract: .contract
    case .read: .state
    case .catalogue: .catalogue
    }
  }

  var isSession: Bool { self == .signIn || self == .renewal }
}

/// What an answer says about the state of the venue.
enum VenueHealth {
  case working
  case failing
  /// The venue only wants fewer requests.
  case untold

  init(_ answer: VenueAnswer) {
    switch answer {
    case .failed: self = .failing
    case .reply(let reply) where reply.status >= 500: self = .failing
    case .reply(let reply) where reply.status == 429: self = .untold
    case .reply: self = .working
    }
  }
}

extension Errand {
  /// The longest that a request waits to be sent; `nil` is for ever.
  func longestWait(_ timing: RequestTiming) -> TimeSpan? {
    guard !purpose.isSession else { return nil }
    return min(priority.longestWait, timing.longestWait ?? priority.longestWait)
  }
}
