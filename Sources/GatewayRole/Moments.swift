import PeerProtocol
import RiskModel

/// What the gateway wants to do at a moment to come.
enum Moment: Hashable {
  case tokenRenewal
  case tokenRetry
  case tokenLock
  case laneResume
  case accountCheck
  case catalogue
  case hubOpening(Hub)
  case hubRetry(Hub)
  case subscriptions(Hub)
  /// The end of a change to another connection, or the next attempt at one.
  case rotation(Hub)
  /// Held contracts are looked at for missing quotes.
  case silence
  case read(AccountID)
  /// Events have waited long enough for the first snapshot.
  case patience(AccountID)
  /// Positions are asked for again within one read.
  case readAgain(AccountID)
  /// Sources that disagree have to agree by then.
  case doubt(AccountID)
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
///
/// A heap of (instant, moment). What is set anew or cleared leaves its entry behind, which is dropped
/// when it comes up, or when such entries are more than half of a heap worth the work.
struct Moments {
  private static let smallestSweep = 64

  private struct Entry {
    var instant: MonotonicInstant
    var moment: Moment

    /// Ties go by name: the same inputs give the same order in every run.
    static func < (lhs: Entry, rhs: Entry) -> Bool {
      lhs.instant == rhs.instant
        ? lhs.moment.name < rhs.moment.name : lhs.instant < rhs.instant
    }
  }

  private var due: [Moment: MonotonicInstant] = [:]
  private var heap: [Entry] = []

  var earliest: MonotonicInstant? { heap.first?.instant }

  mutating func set(_ moment: Moment, at instant: MonotonicInstant) {
    guard due[moment] != instant else { return }
    due[moment] = instant
    push(Entry(instant: instant, moment: moment))
    tidy()
  }

  /// Keeps the earlier of two wishes.
  mutating func advance(_ moment: Moment, to instant: MonotonicInstant) {
    if let known = due[moment], known <= instant { return }
    set(moment, at: instant)
  }

  mutating func clear(_ moment: Moment) {
    guard due.removeValue(forKey: moment) != nil else { return }
    tidy()
  }

  func contains(_ moment: Moment) -> Bool { due[moment] != nil }

  /// Takes out the moment that has been due the longest.
  mutating func popDue(_ now: MonotonicInstant) -> Moment? {
    guard let first = heap.first, first.instant <= now else { return nil }
    clear(first.moment)
    return first.moment
  }

  /// The first entry always is one that counts.
  private mutating func tidy() {
    while let first = heap.first, due[first.moment] != first.instant { popFirst() }
    guard heap.count > Self.smallestSweep, heap.count > 2 * due.count else { return }
    heap.removeAll(keepingCapacity: true)
    for (moment, instant) in due { push(Entry(instant: instant, moment: moment)) }
  }

  private mutating func push(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func popFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child] < heap[least] { least = child }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

extension Moment {
  fileprivate var name: String {
    switch self {
    case .tokenRenewal: "tokenRenewal"
    case .tokenRetry: "tokenRetry"
    case .tokenLock: "tokenLock"
    case .laneResume: "laneResume"
    case .accountCheck: "accountCheck"
    case .catalogue: "catalogue"
    case .hubOpening(let hub): "hubOpening(\(hub.rawValue))"
    case .hubRetry(let hub): "hubRetry(\(hub.rawValue))"
    case .subscriptions(let hub): "subscriptions(\(hub.rawValue))"
    case .rotation(let hub): "rotation(\(hub.rawValue))"
    case .silence: "silence"
    case .read(let account): "read(\(account.number))"
    case .patience(let account): "patience(\(account.number))"
    case .readAgain(let account): "readAgain(\(account.number))"
    case .doubt(let account): "doubt(\(account.number))"
    case .poll: "poll"
    case .check: "check"
    case .full: "full"
    case .contractWait(let contract): "contractWait(\(contract.text))"
    case .contractRetry(let contract): "contractRetry(\(contract.text))"
    case .query(let id): "query(\(id))"
    case .tick: "tick"
    case .canary: "canary"
    case .startup: "startup"
    }
  }
}
