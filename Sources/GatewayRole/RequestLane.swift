import PeerProtocol
import RiskModel
import VenueAPI

/// What a request of the gateway is for.
enum Purpose: Equatable {
  case signIn
  case renewal
  case accountCheck
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
  /// Whether it was already sent once and refused for its token. The gateway's requests read only,
  /// so this one repeat is harmless.
  var isRepeat = false
}

/// Keeps the number of requests in flight bounded. Sign-in and the evaluator's questions go first.
struct RequestLane {
  struct InFlight {
    var errand: Errand
    var tokenRevision: Int64
    var deadline: MonotonicInstant
  }

  private let inFlightLimit: Int
  private let queueLimit: Int
  private var urgent: [Errand] = []
  private var ordinary: [Errand] = []
  private var inFlight: [Int64: InFlight] = [:]
  private var lastNumber: Int64 = 0
  private(set) var pausedUntil: MonotonicInstant?

  init(timing: RequestTiming) {
    inFlightLimit = timing.inFlightLimit
    queueLimit = timing.queueLimit
  }

  var inFlightCount: Int { inFlight.count }
  var waitingCount: Int { urgent.count + ordinary.count }

  /// False when the queue is full; then the request was not taken.
  mutating func add(_ purpose: Purpose, _ request: VenueRequest) -> Bool {
    precondition(!request.changesVenue, "Invariant: the gateway only reads (\(request))")
    lastNumber += 1
    let errand = Errand(number: lastNumber, purpose: purpose, request: request)
    switch purpose {
    case .signIn, .renewal:
      urgent.insert(errand, at: 0)
    case .query:
      guard waitingCount < queueLimit else { return false }
      urgent.append(errand)
    case .accountCheck, .catalogue, .contract, .read:
      guard waitingCount < queueLimit else { return false }
      ordinary.append(errand)
    }
    return true
  }

  /// Puts an errand back to the front, to be sent with the next token.
  mutating func repeatLater(_ errand: Errand) {
    var copy = errand
    copy.isRepeat = true
    urgent.insert(copy, at: 0)
  }

  mutating func pause(until instant: MonotonicInstant) {
    pausedUntil = max(pausedUntil ?? instant, instant)
  }

  mutating func resume() {
    pausedUntil = nil
  }

  /// The next request to send, now counted as in flight.
  mutating func next(
    token: (revision: Int64, isThere: Bool), deadline: MonotonicInstant
  ) -> Errand? {
    guard pausedUntil == nil, inFlight.count < inFlightLimit else { return nil }
    func isSendable(_ errand: Errand) -> Bool { token.isThere || !errand.request.needsToken }
    let errand: Errand
    if let index = urgent.firstIndex(where: isSendable) {
      errand = urgent.remove(at: index)
    } else if let index = ordinary.firstIndex(where: isSendable) {
      errand = ordinary.remove(at: index)
    } else {
      return nil
    }
    inFlight[errand.number] = InFlight(
      errand: errand, tokenRevision: token.revision, deadline: deadline)
    return errand
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
    urgent.removeAll { isUnwanted($0.purpose) }
    ordinary.removeAll { isUnwanted($0.purpose) }
  }
}
