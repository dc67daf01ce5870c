import NIOCore
import NIOHTTP1
import RiskModel
import Testing

@testable import VenueREST

@Suite struct HTTPValuesTests {
  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
    ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
    ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
  ])
  func dates(text: String, seconds: Int64) {
    #expect(HTTPDate.instant(text) == Instant(secondsSinceEpoch: seconds))
  }

  @Test(arguments: [
    "", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nvm 1994 08:49:37 GMT",
    "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37  GMT",
  ])
  func whatIsNoDate(text: String) {
    #expect(HTTPDate.instant(text) == nil)
  }

  @Test(arguments: [
    ("0", HTTPReply.RetryAfter.delay(.zero)), ("120", .delay(.seconds(120))),
    ("99999999999999999999", .delay(.seconds(86_400))),
    ("Sun, 06 Nov 1994 08:49:37 GMT", .date(Instant(secondsSinceEpoch: 784_111_777))),
    ("-1", nil), ("1.5", nil), ("", nil), ("soon", nil),
  ])
  func retryAfter(text: String, expected: HTTPReply.RetryAfter?) {
    #expect(HTTPDate.retryAfter(text) == expected)
  }

  @Test func aSecretDoesNotShow() {
    let secret = Secret("hunter2")
    let call = HTTPCall(method: .post, path: "/x", token: secret)
    var dumped = ""
    dump(call, to: &dumped)
    let texts = [
      "\(secret)", secret.debugDescription, String(reflecting: secret), "\(call)",
      String(reflecting: call), "\([secret])", "\(Optional(secret) as Any)", dumped,
    ]
    for text in texts { #expect(!text.contains("hunter2")) }
    #expect("\(secret)" == "<redacted>")
    #expect(secret.reveal() == "hunter2")
    #expect(secret == Secret("hunter2") && secret != Secret("hunter3"))
  }

  @Test func partsOfAReplyOutOfOrder() {
    let head = HTTPClientResponsePart.head(
      HTTPResponseHead(version: .http1_1, status: .ok, headers: [:]))
    let problem = UnknownOutcomeReason.malformedReply("a part of a reply out of order")
    var reply = ReplyAssembly(limit: 10)
    #expect(reply.add(.body(ByteBuffer(string: "x"))) == problem)
    #expect(reply.add(.end(nil)) == problem)
    #expect(reply.add(head) == nil)
    #expect(reply.add(head) == problem)
    #expect(reply.add(.end(nil)) == nil)
    #expect(reply.complete?.reply == HTTPReply(status: 200, body: []))
    #expect(reply.add(head) == problem)
  }

  @Test func outcomesSpeakPlainly() {
    let outcomes: [HTTPOutcome] = [
      .response(HTTPReply(status: 429, body: [])), .notSent(.deadline),
      .notSent(.connectFailed("refused")), .notSent(.connectionLost), .notSent(.invalidCall),
      .notSent(.clientClosed), .unknownOutcome(.deadline),
      .unknownOutcome(.connectionFailed("reset")), .unknownOutcome(.endBeforeReply),
      .unknownOutcome(.endWithinReply), .unknownOutcome(.replyTooLong(limit: 5)),
      .unknownOutcome(.malformedReply("x")), .unknownOutcome(.clientClosed),
    ]
    #expect(Set(outcomes.map(\.description)).count == outcomes.count)
    #expect(outcomes.allSatisfy { !$0.description.isEmpty })
  }
}
