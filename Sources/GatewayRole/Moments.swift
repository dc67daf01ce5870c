import PeerProtocol
import RiskModel

/// What the gateway wants to do at a moment to come.
enum Moment: Hashable {
  case tokenRenewal
  case tokenRetry
  case laneResume
  case accountCheck
  case catalogue
  case hubOpening(Hub)
  case hubRetry(Hub)
  case subscriptions(Hub)
  case read(AccountID)
  case poll
  case check
  case full
  case contractWait(ContractID)
  case contractRetry(ContractID)
  case query(QueryID)
  case tick
  case canary
  case startup
}

/// The moments to come, each at most once. One timer of the machine serves all of them.
struct Moments {
  private var due: [Moment: MonotonicInstant] = [:]
  private(set) var earliest: MonotonicInstant?

  mutating func set(_ moment: Moment, at instant: MonotonicInstant) {
    due[moment] = instant
    earliest = due.values.min()
  }

  /// Keeps the earlier of two wishes.
  mutating func advance(_ moment: Moment, to instant: MonotonicInstant) {
    if let known = due[moment], known <= instant { return }
    set(moment, at: instant)
  }

  mutating func clear(_ moment: Moment) {
    guard due.removeValue(forKey: moment) != nil else { return }
    earliest = due.values.min()
  }

  func contains(_ moment: Moment) -> Bool { due[moment] != nil }

  /// Takes out the moment that has been due the longest.
  mutating func popDue(_ now: MonotonicInstant) -> Moment? {
    guard let earliest, earliest <= now else { return nil }
    // Ties go by name: the same inputs give the same order in every run.
    let first = due.filter { $0.value == earliest }.keys.min { "\($0)" < "\($1)" }
    guard let moment = first else { return nil }
    clear(moment)
    return moment
  }
}
