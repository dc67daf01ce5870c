import RiskModel
import Testing

@testable import VenueAPI

@Suite struct DescriptionTests {
  static let errors: [(VenueError, String)] = [
    (.transport(.notSent(reason: "no route")), "the request was not sent: no route"),
    (.transport(.timedOut), "no reply within the deadline"),
    (.transport(.connectionLost(reason: "reset")), "the connection was lost: reset"),
    (.transport(.replyTooLarge(limit: 9)), "the reply exceeds 9 bytes"),
    (.unauthorized, "the venue does not accept the token (HTTP 401)"),
    (.rateLimited(retryAfter: .seconds(2)), "rate limited (HTTP 429), wait 2000 ms"),
    (.rateLimited(retryAfter: nil), "rate limited (HTTP 429)"),
    (.httpStatus(502), "HTTP status 502"),
    (.emptyBody, "the body is empty"),
    (.notJSON(offset: 3), "the text is not JSON at byte 3"),
    (.memberMissing("reply.orders"), "member reply.orders is missing"),
    (.memberNull("reply.orders"), "member reply.orders is null"),
    (.memberMalformed("order.id"), "member order.id is malformed"),
    (.positionTypeUnknown(type: 9, size: 2), "position type 9 is unknown and its size is 2"),
    (.contradiction(success: true, code: 2), "success is true and the error code is 2"),
    (
      .refused(endpoint: "Trade/search", code: 1, name: "accountNotFound"),
      "Trade/search refused with code 1 (accountNotFound)"
    ),
    (.refused(endpoint: "Trade/search", code: 9, name: nil), "Trade/search refused with code 9"),
    (.foreignAccount(AccountID(7)), "a row belongs to account 7"),
    (.pagesIncomplete(rows: 2, total: 5), "the pages ended at 2 of 5 rows"),
    (.pagesIncomplete(rows: 2, total: nil), "the pages ended at 2 of an unknown number of rows"),
    (.pagesShifted(attempts: 4), "the rows moved in 4 attempts to page them"),
  ]

  @Test(arguments: errors)
  func everyErrorSaysWhatIsWrong(error: VenueError, text: String) {
    #expect(error.description == text)
    #expect(UnknownReason.unusableReply(error).description == text)
  }

  @Test func unknownOutcomesSayWhy() {
    #expect("\(UnknownReason.unknownErrorCode(7))".contains("code 7"))
    #expect("\(UnknownReason.unlistedCode(42))".contains("42"))
    #expect("\(UnknownReason.acceptedWithoutOrderID)".contains("order id"))
  }
}
