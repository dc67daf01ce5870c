import PeerProtocol
import RiskModel
import VenueAPI

/// What a request of the gateway is for.
enum Purpose: Equatable {
  case signIn
  case renewal
  /// The venue's list of accounts, for everybody who waits for it.
  case accountList(number: Int64)
  case catalogue
  case contract(ContractID)
  case read(AccountID, number: Int64, AccountRead.Part)
  case query(QueryID)
}

/// One request on its way.
struct Errand: Equatable {
  var number: Int64
  var purpose: Purpose
  var request: VenueRequest
  var priority: RequestPriority
  /// Whether it was already sent once and refused for its token. The gateway's requests read only,
  /// so this one repeat is harmless.
  var isRepeat = false
  /// When it was first found waiting.
  var waitingSince: MonotonicInstant?
  /// What it belongs to, once it is sent.
  var work: CircuitBreaker.Work?
}

/// Keeps the number of requests in flight bounded, and those that wait in the order of their
/// priorities.
struct RequestLane {
  struct InFlight {
    var errand: Errand
    var tokenRevision: Int64
    var deadline: MonotonicInstant
  }

  private let inFlightLimit: Int
  private let queueLimit: Int
  /// The most urgent ones first, those of one priority in order of arrival.
  private var waiting: [Errand] = []
  private var inFlight: [Int64: InFlight] = [:]
  private var lastNumber: Int64 = 0
  private(set) var pausedUntil: MonotonicInstant?

  init(timing: RequestTiming) {
    inFlightLimit = timing.inFlightLimit
    queueLimit = timing.queueLimit
  }

  var inFlightCount: Int { inFlight.count }
  var waitingCount: Int { waiting.count }

  /// False when the queue is full; then the request was not taken. Signing in always is.
  mutating func add(
    _ purpose: Purpose, _ request: VenueRequest, priority: RequestPriority? = nil
  ) -> Bool {
    precondition(!request.changesVenue, "Invariant: the gateway only reads (\(request))")
    guard purpose.isSession || waitingCount < queueLimit else { return false }
    lastNumber += 1
    enqueue(
      Errand(
        number: lastNumber, purpose: purpose, request: request,
        priority: priority ?? purpose.priority))
    return true
  }

  private mutating func enqueue(_ errand: Errand) {
    let index = waiting.firstIndex { $0.priority < errand.priority } ?? waiting.endIndex
    waiting.insert(errand, at: index)
  }

  func hasWaiting(_ priority: RequestPriority) -> Bool {
    waiting.contains { $0.priority == priority }
  }

  func waitingCount(_ priority: RequestPriority) -> Int {
    waiting.count { $0.priority == priority }
  }

  /// Whether a request for this purpose waits. It then is at least as urgent as that.
  mutating func isWaiting(_ purpose: Purpose, atLeast priority: RequestPriority) -> Bool {
    guard let index = waiting.firstIndex(where: { $0.purpose == purpose }) else { return false }
    guard waiting[index].priority < priority else { return true }
    var errand = waiting.remove(at: index)
    errand.priority = priority
    enqueue(errand)
    return true
  }

  /// Puts an errand back to the front of its class, to be sent with the next token.
  mutating func repeatLater(_ errand: Errand) {
    var copy = errand
    copy.isRepeat = true
    let index = waiting.firstIndex { $0.priority <= errand.priority } ?? waiting.endIndex
    waiting.insert(copy, at: index)
  }

  mutating func pause(until instant: MonotonicInstant) {
    pausedUntil = max(pausedUntil ?? instant, instant)
  }

  mutating func resume() {
    pausedUntil = nil
  }

  /// The request that would be sent next.
  func candidate(tokenIsThere: Bool) -> Errand? {
    guard pausedUntil == nil, inFlight.count < inFlightLimit else { return nil }
    return waiting.first { tokenIsThere || !$0.request.needsToken }
  }

  /// Counts a request that waited as in flight.
  mutating func send(_ errand: Errand, tokenRevision: Int64, deadline: MonotonicInstant) {
    drop(errand.number)
    inFlight[errand.number] = InFlight(
      errand: errand, tokenRevision: tokenRevision, deadline: deadline)
  }

  /// Forgets a request that waits.
  mutating func drop(_ number: Int64) {
    waiting.removeAll { $0.number == number }
  }

  /// The next request to send, now counted as in flight.
  mutating func next(
    token: (revision: Int64, isThere: Bool), deadline: MonotonicInstant
  ) -> Errand? {
    guard let errand = candidate(tokenIsThere: token.isThere) else { return nil }
    send(errand, tokenRevision: token.revision, deadline: deadline)
    return errand
  }

  /// Takes out the requests that have waited too long, to the second.
  mutating func takeTired(
    at now: MonotonicInstant, longest: (Errand) -> TimeSpan?
  ) -> [Errand] {
    func isTired(_ errand: Errand) -> Bool {
      guard let since = errand.waitingSince, let limit = longest(errand) else { return false }
      return since + limit <= now
    }
    let tired = waiting.filter(isTired)
    for errand in tired { drop(errand.number) }
    for index in waiting.indices {
      waiting[index].waitingSince = waiting[index].waitingSince ?? now
    }
    return tired
  }

  /// The request with this number is answered; `nil` when it was given up before.
  mutating func finish(_ number: Int64) -> InFlight? {
    inFlight.removeValue(forKey: number)
  }

  /// Requests that the transport owes an answer for; it answers by the deadline or is broken.
  func overdue(at now: MonotonicInstant) -> [Int64] {
    inFlight.values.filter { $0.deadline < now }.map(\.errand.number).sorted()
  }

  /// Forgets requests that are not sent yet.
  mutating func withdraw(where isUnwanted: (Purpose) -> Bool) {
    waiting.removeAll { isUnwanted($0.purpose) }
  }
}
