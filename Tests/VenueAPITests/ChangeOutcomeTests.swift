import RiskModel
import Testing

@testable import VenueAPI

@Suite struct ChangeOutcomeTests {
  typealias Decode = @Sendable (VenueAnswer) -> ChangeOutcome

  static let place: Decode = { $0.decodePlace() }
  static let modify: Decode = { $0.decodeModify() }
  static let cancel: Decode = { $0.decodeCancel() }
  static let close: Decode = { $0.decodeClose() }
  static let partialClose: Decode = { $0.decodePartialClose() }
  static let all = [place, modify, cancel, close, partialClose]

  /// The meaning of the codes from 1 up, then one that no table has.
  private static func expectCodes(
    _ decode: Decode, _ expected: [ChangeOutcome], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (index, outcome) in expected.enumerated() {
      #expect(decode(refusal(index + 1)) == outcome, sourceLocation: sourceLocation)
    }
    let beyond = expected.count + 1
    for code in [beyond, 99, -1] {
      #expect(
        decode(refusal(code)) == .unknown(.unlistedCode(code)), sourceLocation: sourceLocation)
    }
  }

  private static func refusal(_ code: Int) -> VenueAnswer {
    reply(#"{"success":false,"errorCode":\#(code),"errorMessage":null}"#)
  }

  private static func refused(_ category: Refusal.Category, _ code: Int) -> ChangeOutcome {
    .refused(Refusal(category: category, code: code))
  }

  @Test func placeCodes() {
    Self.expectCodes(
      Self.place,
      [
        Self.refused(.accountNotFound, 1), Self.refused(.rejected, 2),
        Self.refused(.insufficientFunds, 3), Self.refused(.accountViolation, 4),
        Self.refused(.marketClosed, 5), .pending, .unknown(.unknownErrorCode(7)),
        Self.refused(.contractNotFound, 8), Self.refused(.contractNotActive, 9),
        Self.refused(.accountRejected, 10),
      ])
  }

  @Test func modifyCodes() {
    Self.expectCodes(
      Self.modify,
      [
        Self.refused(.accountNotFound, 1), .gone, Self.refused(.rejected, 3), .pending,
        .unknown(.unknownErrorCode(5)), Self.refused(.accountRejected, 6),
        Self.refused(.contractNotFound, 7),
      ])
  }

  @Test func cancelCodes() {
    Self.expectCodes(
      Self.cancel,
      [
        Self.refused(.accountNotFound, 1), .gone, Self.refused(.rejected, 3), .pending,
        .unknown(.unknownErrorCode(5)), Self.refused(.accountRejected, 6),
      ])
  }

  @Test func closeCodes() {
    Self.expectCodes(
      Self.close,
      [
        Self.refused(.accountNotFound, 1), .gone, Self.refused(.contractNotFound, 3),
        Self.refused(.contractNotActive, 4), Self.refused(.rejected, 5), .pending,
        .unknown(.unknownErrorCode(7)), Self.refused(.accountRejected, 8),
      ])
  }

  @Test func partialCloseCodesAreShiftedByOneFromFiveUp() {
    Self.expectCodes(
      Self.partialClose,
      [
        Self.refused(.accountNotFound, 1), .gone, Self.refused(.contractNotFound, 3),
        Self.refused(.contractNotActive, 4), Self.refused(.invalidSize, 5),
        Self.refused(.rejected, 6), .pending, .unknown(.unknownErrorCode(8)),
        Self.refused(.accountRejected, 9),
      ])
  }

  @Test func successIsAcceptance() {
    let success = reply(#"{"success":true,"errorCode":0,"errorMessage":null}"#)
    for decode in [Self.modify, Self.cancel, Self.close, Self.partialClose] {
      #expect(decode(success) == .accepted(nil))
    }
    #expect(Self.place(success) == .unknown(.acceptedWithoutOrderID))
    let placed = reply(#"{"orderId":"9056","success":true,"errorCode":0}"#)
    #expect(Self.place(placed) == .accepted(OrderID(9_056)))
  }

  @Test func aRefusedPlacementKeepsItsOrderAndTheText() {
    let answer = reply(
      #"{"orderId":9057,"success":false,"errorCode":2,"errorMessage":"#
        + #""Brackets cannot be used with Position Brackets.\u0007"}"#)
    #expect(
      answer.decodePlace()
        == .refused(
          Refusal(
            category: .rejected, code: 2,
            message: "Brackets cannot be used with Position Brackets.", order: OrderID(9_057))))
  }

  @Test(arguments: [
    "Outside of trading hours.", "The instrument is not in an active trading status right now",
  ])
  func theCatchAllCodeMayMeanAClosedMarket(text: String) throws {
    let answer = reply(#"{"success":false,"errorCode":2,"errorMessage":"\#(text)"}"#)
    guard case .refused(let refusal) = answer.decodePlace() else {
      Issue.record("not refused")
      return
    }
    #expect(refusal.category == .marketClosed)
    #expect(answer.decodeCancel() == .gone)
  }

  @Test func textOfTheVenueIsCutTo200Characters() {
    let text = String(repeating: "x", count: 500)
    let answer = reply(#"{"success":false,"errorCode":5,"errorMessage":"\#(text)"}"#)
    #expect(
      answer.decodeClose()
        == .refused(
          Refusal(
            category: .rejected, code: 5, message: String(repeating: "x", count: 200))))
  }

  @Test(arguments: all.indices)
  func whatMayHaveReachedTheVenueIsUnknown(index: Int) {
    let decode = Self.all[index]
    let answers: [(VenueAnswer, VenueError)] = [
      (.failed(.timedOut), .transport(.timedOut)),
      (
        .failed(.connectionLost(reason: "reset")),
        .transport(.connectionLost(reason: "reset"))
      ),
      (.failed(.replyTooLarge(limit: 5)), .transport(.replyTooLarge(limit: 5))),
      (reply("", status: 500), .httpStatus(500)),
      (reply("<html>", status: 502), .httpStatus(502)),
      (reply("{}", status: 400), .httpStatus(400)),
      (reply("", status: 302), .httpStatus(302)),
      (reply("", status: 429), .rateLimited(retryAfter: nil)),
      (reply(""), .emptyBody),
      (reply("<html></html>"), .notJSON(offset: 0)),
      (reply(#"{"success":true,"#), .notJSON(offset: 16)),
      (reply("[]"), .memberMalformed("reply")),
      (reply(#"{"errorCode":0}"#), .memberMissing("reply.success")),
      (reply(#"{"success":null,"errorCode":0}"#), .memberNull("reply.success")),
      (reply(#"{"success":true}"#), .memberMissing("reply.errorCode")),
      (
        reply(#"{"success":true,"errorCode":2,"orderId":1}"#),
        .contradiction(success: true, code: 2)
      ),
      (
        reply(#"{"success":false,"errorCode":0}"#),
        .contradiction(success: false, code: 0)
      ),
      (
        reply(#"{"success":true,"errorCode":0,"orderId":"x"}"#),
        .memberMalformed("reply.orderId")
      ),
    ]
    for (answer, error) in answers {
      #expect(decode(answer) == .unknown(.unusableReply(error)))
    }
  }

  @Test(arguments: all.indices)
  func whatCertainlyDidNotActIsRefused(index: Int) {
    let decode = Self.all[index]
    #expect(decode(reply("", status: 401)) == .refused(Refusal(category: .unauthorized)))
    #expect(
      decode(.failed(.notSent(reason: "refused")))
        == .refused(Refusal(category: .notSent, message: "refused")))
  }
}
