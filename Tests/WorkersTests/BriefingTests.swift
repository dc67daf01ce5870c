import AuditLog
import PeerProtocol
import RiskModel
import RiskTestKit
import Supervision
import Testing
import VenueAPI
import VenueREST
@testable import Workers

@Suite struct BriefingTests {
  @Test func `a digest is SHA-256`() {
    #expect(
      RunningDigest.text(RunningDigest.of(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func `what came of a call keeps what is certain`() {
    let date = Instant(secondsSinceEpoch: 100)
    let later = HTTPReply.RetryAfter.date(Instant(secondsSinceEpoch: 107))
    let reply = HTTPReply(status: 429, body: [1], date: date, retryAfter: later)
    guard case .reply(let answer) = VenueConnections.answer(of: .response(reply)) else {
      Issue.record("a response is a reply")
      return
    }
    #expect(answer.retryWait == .seconds(7) && answer.date == date && answer.status == 429)
    let lost: [HTTPOutcome] = [
      .notSent(.deadline), .unknownOutcome(.deadline), .unknownOutcome(.endBeforeReply),
      .unknownOutcome(.replyTooLong(limit: 5)),
    ]
    for outcome in lost {
      guard case .failed = VenueConnections.answer(of: outcome) else {
        Issue.record("\(outcome) is a failure")
        continue
      }
    }
  }
}
