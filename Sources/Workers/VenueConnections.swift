import NIOCore
import NIOPosix
import PeerProtocol
import ProcessControl
import RiskModel
import Settings
import VenueAPI
import VenueREST

/// The network side of a worker that talks to the venue: one thread of its own, addresses, and how
/// certificates are checked.
final class VenueConnections {
  let group: MultiThreadedEventLoopGroup
  let tls: VenueTLS
  let base: VenueAddress
  private let client: RESTClient
  private let reactor: Reactor
  /// Requests that were sent, and those that the venue did not answer or failed to.
  private(set) var requests: Int64 = 0
  private(set) var failures: Int64 = 0
  /// From sending to the answer.
  private(set) var answerTimes = LatencyCounts()

  /// - Throws: `VenueRESTError` for a URL or a file of certificates that cannot be used.
  init(
    _ settings: VenueSettings, authorityFile: String?, warmConnections: Int, reactor: Reactor
  ) throws(VenueRESTError) {
    tls = try VenueTLS(additionalAuthorityFile: authorityFile)
    base = try VenueAddress(settings.base.description)
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    self.reactor = reactor
    client = RESTClient(
      address: base, tls: tls, clock: reactor.clock, loop: group.next(),
      options: RESTOptions(warmConnections: warmConnections))
    client.warmUp(count: warmConnections)
  }

  /// Sends a request once; the completion runs on the reactor's thread.
  func send(
    _ request: VenueRequest, token: VenueToken?, deadline: MonotonicInstant,
    priority: HTTPPriority, _ completion: @escaping (VenueAnswer, HTTPReport) -> Void
  ) {
    let call = HTTPCall(
      method: request.method == .get ? .get : .post, path: request.path, body: request.body,
      token: token.map { Secret($0.revealed) })
    let inbox = reactor.inbox
    let here = ReactorBound((self, completion), inbox)
    let sentAt = reactor.clock.monotonicNow()
    client.send(call, deadline: deadline, priority: priority) { report in
      inbox.post {
        let (connections, completion) = here.value
        let answer = VenueConnections.answer(of: report.outcome)
        connections.count(answer, sentAt: sentAt)
        completion(answer, report)
      }
    }
  }

  private func count(_ answer: VenueAnswer, sentAt: MonotonicInstant) {
    requests += 1
    answerTimes.add(reactor.clock.monotonicNow() - sentAt)
    switch answer {
    case .failed: failures += 1
    // What the venue refuses by its rules is an answer.
    case .reply(let reply): failures += reply.status >= 500 ? 1 : 0
    }
  }

  /// For the monitor.
  var figures: [String: Int64] { ["apiRequests": requests, "apiFailures": failures] }

  func close() {
    client.close()
  }
}

extension VenueConnections {
  static func answer(of outcome: HTTPOutcome) -> VenueAnswer {
    switch outcome {
    case .response(let reply):
      let wait: TimeSpan? =
        switch reply.retryAfter {
        case .delay(let span)?: span
        case .date(let end)?: reply.date.map { max(.zero, end - $0) }
        case nil: nil
        }
      return .reply(
        VenueReply(status: reply.status, body: reply.body, date: reply.date, retryWait: wait))
    case .notSent(let reason):
      return .failed(.notSent(reason: reason.description))
    case .unknownOutcome(.deadline):
      return .failed(.timedOut)
    case .unknownOutcome(.replyTooLong(let limit)):
      return .failed(.replyTooLarge(limit: limit))
    case .unknownOutcome(let reason):
      return .failed(.connectionLost(reason: reason.description))
    }
  }
}
