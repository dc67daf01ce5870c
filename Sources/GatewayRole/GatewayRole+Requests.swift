import Logging
import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// True when a request left or was given up, so that there may be another.
  func sendNextRequest() -> Bool {
    let now = self.now
    guard var errand = lane.candidate(tokenIsThere: token.forRequests != nil) else { return false }
    let requestClass = errand.purpose.requestClass
    let work = self.work(of: errand)
    if let requestClass, breakers[requestClass]?.allows(work, at: now) == false {
      giveUp(errand, "the venue keeps failing (circuit breaker OPEN)")
      return true
    }
    let isRoutine = errand.priority.isRoutine
    if let closure = windowClosure, closure.holds(isRoutine: isRoutine, at: now) { return false }
    if let wait = ports.window.admit(isRoutine: isRoutine) {
      let opensAt = now + max(wait, .milliseconds(1))
      windowClosure = WindowClosure(isForRoutine: isRoutine, until: opensAt)
      moments.advance(.laneResume, to: opensAt)
      if wait > settings.reads.windowPatience { letEventsGoAhead() }
      return false
    }
    if isRoutine || windowClosure?.isForRoutine == false { windowClosure = nil }
    if let requestClass { breakers[requestClass]?.sent(work) }
    errand.work = work
    let deadline = now + min(settings.requests.timeout, errand.request.timeLimit)
    lane.send(errand, tokenRevision: token.revision, deadline: deadline + .seconds(2))
    counts.requestsSent += 1
    let number = errand.number
    ports.venue.send(
      errand.request, token: errand.request.needsToken ? token.forRequests : nil, deadline: deadline
    ) { [weak self] answer in
      self?.answered(number, answer)
    }
    return true
  }

  /// No snapshot comes soon: what the hub tells does not wait for it.
  private func letEventsGoAhead() {
    for account in accounts where desks[account]?.isBuffering == true && hasReader {
      tellUnknown(account, "the window of requests has no place for its first read")
      stopBuffering(account)
    }
  }

  /// While the window of requests has no place a read that waits too long begins anew later, as a whole.
  private func postpone(_ errand: Errand) -> Bool {
    guard windowClosure != nil else { return false }
    switch errand.purpose {
    case .read(let account, let number, _):
      if desks[account]?.read?.number == number { postponeRead(account) }
    case .accountList(let number):
      guard let readers = accountLists.removeValue(forKey: number) else { return true }
      for case .read(let account, let read) in readers where desks[account]?.read?.number == read {
        postponeRead(account)
      }
      if readers.contains(.check) { moments.set(.accountCheck, at: now + .seconds(5)) }
    case .signIn, .renewal, .catalogue, .contract, .query:
      return false
    }
    counts.readsPostponed += 1
    return true
  }

  private func giveUp(_ errand: Errand, _ reason: String) {
    lane.drop(errand.number)
    counts.requestsGivenUp += 1
    conclude(errand.purpose, .failed(.notSent(reason: reason)))
  }

  /// A list of accounts belongs to the first read that waits for it.
  private func work(of errand: Errand) -> CircuitBreaker.Work {
    switch errand.purpose {
    case .read(let account, let number, _):
      return .read(account, number: number)
    case .query(let id):
      return .query(id)
    case .accountList(let number):
      for case .read(let account, let read) in accountLists[number] ?? [] {
        return .read(account, number: read)
      }
      return .request(number: errand.number)
    case .signIn, .renewal, .catalogue, .contract:
      return .request(number: errand.number)
    }
  }

  /// The user hub is connected anew.
  func venueReached() {
    for requestClass in RequestClass.allCases {
      guard breakers[requestClass]?.venueReached() == true else { continue }
      logger.notice(
        "Circuit breaker HALF_OPEN: the hub is back; \(requestClass.rawValue) are tried at once")
      guard requestClass == .accounts else { continue }
      for account in accounts where desks[account]?.retryAt != nil {
        desks[account]?.waits(until: now)
      }
    }
  }

  private func noteHealth(_ answer: VenueAnswer, of errand: Errand) {
    guard let requestClass = errand.purpose.requestClass, let work = errand.work else { return }
    switch breakers[requestClass]?.ended(work, VenueHealth(answer), at: now) {
    case .opened:
      counts.breakerOpenings += 1
      raise(.callsBlocked(requestClass))
    case .closed:
      logger.notice("Circuit breaker CLOSED: the venue answers again for \(requestClass.rawValue)")
    case nil:
      break
    }
  }

  private func answered(_ number: Int64, _ answer: VenueAnswer) {
    turn {
      guard let flight = lane.finish(number) else {
        counts.lateNews += 1
        return
      }
      noteHealth(answer, of: flight.errand)
      if !noteReply(answer, of: flight) { conclude(flight.errand.purpose, answer) }
    }
  }

  /// What every reply says about time, limits and the token. True when the request was put back.
  private func noteReply(_ answer: VenueAnswer, of flight: RequestLane.InFlight) -> Bool {
    guard case .reply(let reply) = answer else {
      counts.requestsFailed += 1
      return false
    }
    if let date = reply.date { time.dateReceived(date, at: now) }
    guard !(200..<300).contains(reply.status) else { return false }
    counts.requestsFailed += 1
    if reply.status == 429 { pauseRequests(reply.retryWait) }
    guard reply.status == 401, flight.errand.request.needsToken,
      flight.errand.purpose != .renewal
    else { return false }
    perform(
      token.refused(
        revision: flight.tokenRevision, stored: ports.tokens.load(), now: ports.clock.now()))
    guard !flight.errand.isRepeat else { return false }
    lane.repeatLater(flight.errand)
    return true
  }

  private func pauseRequests(_ wait: TimeSpan?) {
    counts.rateLimited += 1
    ports.window.refusedByVenue()
    let pause = min(
      max(wait ?? settings.requests.rateLimitPause, .seconds(1)),
      settings.requests.rateLimitPauseLimit)
    logger.warning("the venue limits the rate of requests; pause of \(pause.milliseconds) ms")
    lane.pause(until: now + pause)
    moments.set(.laneResume, at: lane.pausedUntil ?? now)
  }

  func conclude(_ purpose: Purpose, _ answer: VenueAnswer) {
    let wallTime = ports.clock.now()
    switch purpose {
    case .signIn: perform(token.signInAnswered(answer.decodeSignIn(), now: wallTime))
    case .renewal: perform(token.renewalAnswered(answer.decodeRenewal(), now: wallTime))
    case .accountList(let number): accountListAnswered(number, answer)
    case .catalogue: catalogueReceived(answer.decodeCatalogue())
    case .contract(let id): contractReceived(id, answer.decodeContract(id))
    case .read(let account, let number, let part): readAnswered(account, number, part, answer)
    case .query(let id): queryAnswered(id, answer)
    }
  }

  /// Once a second: the venue's time, requests whose answer never came, and a token that somebody
  /// else got meanwhile.
  func tick() {
    let now = self.now
    moments.set(.tick, at: now + settings.tickInterval)
    if token.isWaitingWithoutToken {
      perform(token.waits(stored: ports.tokens.load(), now: ports.clock.now()))
    }
    for number in lane.overdue(at: now) {
      logger.error("the transport owes the answer of request \(number); it counts as timed out")
      guard let flight = lane.finish(number) else { continue }
      counts.requestsFailed += 1
      noteHealth(.failed(.timedOut), of: flight.errand)
      conclude(flight.errand.purpose, .failed(.timedOut))
    }
    let tired = lane.takeTired(at: now) { $0.longestWait(settings.requests) }
    for errand in tired {
      if !postpone(errand) { giveUp(errand, "too many requests are waiting") }
    }
    tellLateReads()
    guard ports.feed.isOpen, let venueTime = time.time(at: now) else { return }
    say(.venueTime(venueTime, receivedAt: ports.clock.now()))
  }
}

/// The window of requests has no place for a while.
struct WindowClosure: Equatable {
  /// What is not routine may find one all the same.
  var isForRoutine: Bool
  var until: MonotonicInstant

  func holds(isRoutine: Bool, at now: MonotonicInstant) -> Bool {
    now < until && (isRoutine || !isForRoutine)
  }
}
