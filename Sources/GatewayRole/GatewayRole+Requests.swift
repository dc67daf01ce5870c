import Logging
import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// True when a request left, so that there may be another.
  func sendNextRequest() -> Bool {
    let deadline = now + settings.requests.timeout
    guard
      let errand = lane.next(
        token: (token.revision, token.current != nil), deadline: deadline + .seconds(2))
    else { return false }
    counts.requestsSent += 1
    let number = errand.number
    ports.venue.send(
      errand.request, token: errand.request.needsToken ? token.current : nil, deadline: deadline
    ) { [weak self] answer in
      self?.answered(number, answer)
    }
    return true
  }

  private func answered(_ number: Int64, _ answer: VenueAnswer) {
    turn {
      guard let flight = lane.finish(number) else {
        counts.lateNews += 1
        return
      }
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
    case .accountCheck: accountsListed(answer.decodeAccounts())
    case .catalogue: catalogueReceived(answer.decodeCatalogue())
    case .contract(let id): contractReceived(id, answer.decodeContract(id))
    case .read(let account, let number, let part): readAnswered(account, number, part, answer)
    case .query(let id): queryAnswered(id, answer)
    }
  }

  /// Once a second: the venue's time, and requests whose answer never came.
  func tick() {
    let now = self.now
    moments.set(.tick, at: now + .seconds(1))
    for number in lane.overdue(at: now) {
      logger.error("the transport owes the answer of request \(number); it counts as timed out")
      guard let flight = lane.finish(number) else { continue }
      counts.requestsFailed += 1
      conclude(flight.errand.purpose, .failed(.timedOut))
    }
    guard ports.feed.isOpen, let venueTime = time.time(at: now) else { return }
    say(.venueTime(venueTime, receivedAt: ports.clock.now()))
  }
}
