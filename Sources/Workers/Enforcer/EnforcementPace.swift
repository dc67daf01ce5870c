import ProcessControl
import RequestWindow
import RiskModel
import VenueAPI
import VenueREST

/// When requests of the enforcer leave: at once, unless the request window is full or the venue has
/// just refused some with HTTP 429.
///
/// The enforcer may use the whole window. Where even that is full, requests wait for the next place,
/// those that change the venue before those that read. Neither reads nor an account that is entered
/// again and again use up the last places, so another account's close still leaves at once; and the
/// requests of such an account leave some time apart, so that its own next close finds a place too. After a 429 one read leaves at once, to
/// look; whatever comes after it leaves a second apart, until the venue has taken one of its kind.
/// A request whose deadline passes here was certainly not sent; its target stays and asks again.
final class EnforcementPace {
  typealias Completion = (VenueAPI.VenueAnswer, HTTPReport) -> Void

  private enum Kind {
    case session
    case change
    case read

    init(_ request: VenueRequest) {
      switch request {
      case .loginKey, .validate: self = .session
      default: self = request.changesVenue ? .change : .read
      }
    }

    var rank: Int {
      switch self {
      case .session: 0
      case .change: 1
      case .read: 2
      }
    }
  }

  private struct Waiting {
    var request: VenueRequest
    var kind: Kind
    var token: VenueToken?
    var deadline: MonotonicInstant
    var completion: Completion
  }

  private struct Departure {
    var kind: Kind
    /// Cancels are not counted: a single flatten may have many, and none may wait for the next.
    var isClose: Bool
    var at: MonotonicInstant
  }

  private static let spacing = TimeSpan.seconds(1)

  private let venue: VenueConnections
  private let window: RequestWindow?
  private let reactor: Reactor
  private var waiting: [Waiting] = []
  /// The requests of each account that are still in the window.
  private var sent: [AccountID: [Departure]] = [:]
  private var timer: TimerToken?
  /// The kinds of which the venue refused the last one with 429.
  private var limited: Set<Int> = []
  /// By kind: looks do not put off what they are for.
  private var lastSent: [Int: MonotonicInstant] = [:]

  init(venue: VenueConnections, window: RequestWindow?, reactor: Reactor) {
    self.venue = venue
    self.window = window
    self.reactor = reactor
  }

  /// Sends a request once; the completion runs exactly once.
  func send(
    _ request: VenueRequest, token: VenueToken?, deadline: MonotonicInstant,
    _ completion: @escaping Completion
  ) {
    let kind = Kind(request)
    let entry = Waiting(
      request: request, kind: kind, token: token, deadline: deadline, completion: completion)
    let index = waiting.firstIndex { $0.kind.rank > kind.rank } ?? waiting.endIndex
    waiting.insert(entry, at: index)
    advance()
  }

  private func advance() {
    let now = reactor.clock.monotonicNow()
    expire(now)
    var wakeAt: MonotonicInstant?
    var index = 0
    while index < waiting.count {
      if let moment = notBefore(waiting[index], now) {
        wakeAt = min(wakeAt ?? moment, moment)
        index += 1
      } else {
        transmit(waiting.remove(at: index), now)
      }
    }
    arm(at: ([wakeAt] + waiting.map { .some($0.deadline) }).compactMap { $0 }.min())
  }

  /// When a request of this kind may leave, `nil` for at once.
  private func earliest(_ kind: Kind) -> MonotonicInstant? {
    let isHeld =
      switch kind {
      // One look is free after the refusal of a change.
      case .read: limited.contains(Kind.read.rank)
      case .change, .session: !limited.isEmpty
      }
    guard isHeld, let last = lastSent[kind.rank] else { return nil }
    return last + Self.spacing
  }

  /// Until when a request waits; `nil` when it leaves now, and is counted.
  private func notBefore(_ entry: Waiting, _ now: MonotonicInstant) -> MonotonicInstant? {
    if let moment = earliest(entry.kind), moment > now { return moment }
    guard let window else { return nil }
    let party = entry.kind == .read ? RequestParty.look : .enforcement
    let departures = departures(of: entry.request.account, now)
    let closes = departures.filter(\.isClose)
    let isBusy =
      closes.first.map { window.limits.isBusy(closes: closes.count, over: now - $0.at) } ?? false
    if isBusy, let last = departures.last(where: { $0.kind == entry.kind }) {
      let free = window.freePlaces(ofBusyAccount: .enforcement)
      let moment = last.at + window.limits.spacing(free: free)
      guard moment <= now else { return moment }
    }
    switch window.admit(for: party, ofBusyAccount: isBusy) {
    case .granted: return nil
    case .wait(let wait): return now + wait
    }
  }

  private func departures(of account: AccountID?, _ now: MonotonicInstant) -> [Departure] {
    guard let window, let account else { return [] }
    sent[account]?.removeAll { now - $0.at >= window.limits.general.length }
    return sent[account] ?? []
  }

  private func transmit(_ entry: Waiting, _ now: MonotonicInstant) {
    lastSent[entry.kind.rank] = now
    if window != nil, let account = entry.request.account {
      let isClose =
        switch entry.request {
        case .positionClose, .positionPartialClose: true
        default: false
        }
      sent[account, default: []].append(Departure(kind: entry.kind, isClose: isClose, at: now))
    }
    venue.send(
      entry.request, token: entry.token, deadline: entry.deadline, priority: .enforcement
    ) { [weak self] answer, report in
      self?.note(answer, of: entry.kind)
      entry.completion(answer, report)
    }
  }

  private func note(_ answer: VenueAPI.VenueAnswer, of kind: Kind) {
    guard case .reply(let reply) = answer else { return }
    if reply.status == 429 {
      limited.insert(kind.rank)
      window?.refusedByVenue()
    } else if limited.remove(kind.rank) != nil {
      advance()
    }
  }

  private func expire(_ now: MonotonicInstant) {
    let late = waiting.filter { $0.deadline <= now }
    guard !late.isEmpty else { return }
    waiting.removeAll { $0.deadline <= now }
    for entry in late {
      let reason = "no place in the request window before the deadline"
      entry.completion(
        .failed(.notSent(reason: reason)),
        HTTPReport(outcome: .notSent(.deadline), bytesHandedToSocketAt: nil, finishedAt: now))
    }
  }

  private func arm(at moment: MonotonicInstant?) {
    if let timer { reactor.cancel(timer) }
    timer = moment.map { moment in
      reactor.schedule(at: moment) { [weak self] in
        self?.timer = nil
        self?.advance()
      }
    }
  }
}
