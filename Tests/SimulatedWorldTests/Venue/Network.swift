import RiskModel
import RiskTestKit
import VenueAPI

/// The way of REST requests to the venue and of its replies back.
final class Network {
  /// What becomes of a request on its way.
  private enum Fate {
    case passes
    /// It never arrives; seen at once, or at the deadline.
    case lost
    case replyLost
    /// An HTTP status in place of the reply.
    case status(Int, applied: Bool)
    /// An error code in place of the reply; nothing was done.
    case code(Int)

    var isGood: Bool { if case .passes = self { true } else { false } }
  }

  private unowned let world: World

  init(_ world: World) {
    self.world = world
  }

  /// Sends a request once; the completion runs exactly once, at the deadline at the latest, unless
  /// the process that sent it is dead by then.
  func send(
    _ request: VenueRequest, of life: Life, deadline: MonotonicInstant,
    _ completion: @escaping (VenueAnswer) -> Void
  ) {
    let number = world.agenda.lastNumber
    world.note("\(life.worker.rawValue) sends \(number) \(request.short)")
    world.auditor.sent(request, by: life, number: number)
    var latency = world.span(upTo: world.options.venueLatency)
    if world.faultOccurs(world.options.faults.slowRequests) {
      latency = latency + world.span(100...1_500)
    }
    let fate = drawFate(of: request)
    if life.worker == .enforcer, !fate.isGood { world.auditor.count("lost or false answers") }
    world.agenda.after(latency) { [self] in
      arrive(request, number, fate, life, deadline, completion)
    }
  }

  private func drawFate(of request: VenueRequest) -> Fate {
    let faults = world.options.faults
    if world.faultOccurs(faults.lostRequests) { return .lost }
    if world.faultOccurs(faults.lostReplies) { return .replyLost }
    if world.faultOccurs(faults.tooManyRequests) { return .status(429, applied: false) }
    if world.faultOccurs(faults.serverErrors) {
      return .status(world.random.pick([500, 502, 504]), applied: world.random.chance(50))
    }
    if request.changesVenue, world.faultOccurs(faults.refusals) { return .code(refusal(request)) }
    return .passes
  }

  /// "Rejected" or "pending" of the endpoint.
  private func refusal(_ request: VenueRequest) -> Int {
    switch request {
    case .positionClose: world.random.pick([5, 6])
    case .positionPartialClose: world.random.pick([6, 7])
    case .orderCancel, .orderModify: world.random.pick([3, 4])
    default: 2
    }
  }

  private func arrive(
    _ request: VenueRequest, _ number: Int, _ fate: Fate, _ life: Life,
    _ deadline: MonotonicInstant, _ completion: @escaping (VenueAnswer) -> Void
  ) {
    var answer: VenueAnswer
    switch fate {
    case .lost:
      answer = .failed(.timedOut)
    case .replyLost:
      _ = apply(request, number, life)
      answer = .failed(.timedOut)
    case .status(let status, let applied):
      if applied { _ = apply(request, number, life) }
      answer = .reply(VenueReply(status: status, body: []))
    case .code(let code):
      let body = #"{"success":false,"errorCode":\#(code),"errorMessage":null}"#
      answer = .reply(VenueReply(status: 200, body: Array(body.utf8)))
    case .passes:
      if life.worker == .enforcer { world.auditor.reading(request, number: number) }
      answer = .reply(apply(request, number, life))
    }
    var wait = world.span(upTo: world.options.venueLatency)
    let left = deadline - world.clock.monotonicNow()
    if case .failed = answer {
      // A reset connection is seen at once, silence at the deadline.
      if world.random.chance(50) {
        answer = .failed(.connectionLost(reason: "reset"))
      } else {
        wait = left
      }
    } else if wait > left {
      answer = .failed(.timedOut)
      wait = left
    }
    world.agenda.after(wait) { [self] in
      guard !life.isOver else { return }
      world.note("answer \(number): \(answer.short)")
      world.auditor.answered(request, by: life, number: number, answer)
      completion(answer)
    }
  }

  private func apply(_ request: VenueRequest, _ number: Int, _ life: Life) -> VenueReply {
    guard request.changesVenue else { return world.venue.answer(request) }
    world.note("\(number) arrives")
    return world.auditor.applying(request, by: life, number: number) {
      world.venue.answer(request)
    }
  }
}
