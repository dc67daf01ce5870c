import RiskModel
import Testing

@testable import Enforcement
@testable import VenueAPI
@testable import Workers

/// What the table of codes says and what enforcement does about a code are the same.
@Suite struct ErrorReactionTests {
  private static let endpoints = [
    "Order/place", "Order/modify", "Order/cancel", "Position/closeContract",
    "Position/partialCloseContract",
  ]
  private static let changes = ErrorTable.codes.filter { endpoints.contains($0.endpoint) }

  private func outcome(
    of answer: VenueAPI.VenueAnswer, _ endpoint: String
  ) throws -> RequestOutcome {
    let outcome: ChangeOutcome? =
      switch endpoint {
      case "Order/place": answer.decodePlace()
      case "Order/modify": answer.decodeModify()
      case "Order/cancel": answer.decodeCancel()
      case "Position/closeContract": answer.decodeClose()
      case "Position/partialCloseContract": answer.decodePartialClose()
      default: nil
      }
    return RequestOutcome(try #require(outcome, "\(endpoint) has no decoder"))
  }

  private func reply(_ code: Int, _ message: String? = nil) -> VenueAPI.VenueAnswer {
    let text = message.map { "\"\($0)\"" } ?? "null"
    let json =
      "{\"orderId\":7,\"success\":\(code == 0),\"errorCode\":\(code),\"errorMessage\":\(text)}"
    return .reply(VenueReply(status: 200, body: Array(json.utf8)))
  }

  /// What enforcement does, told as the table tells it.
  private func reaction(to outcome: RequestOutcome) -> ErrorReaction? {
    switch outcome {
    case .accepted: .proceed
    case .gone: .prove
    // Both count as unknown: orders and positions are read before anything is repeated.
    case .pending, .unknown: .look
    case .refused(.invalidSize): .look
    case .refused(let refusal) where refusal.waitsForTheMarket: .tryLater
    case .refused(let refusal) where refusal.concernsTheAccount: .tellPerson
    case .refused: .tryAgain
    case .workingOrders, .positions, .accounts, .failed: nil
    }
  }

  @Test(arguments: changes)
  func `every code of a change is treated as the table says`(code: DocumentedCode) throws {
    let outcome = try outcome(of: reply(code.code), code.endpoint)
    #expect(reaction(to: outcome) == code.reaction, "\(code)")
  }

  @Test func `all five operations that change the venue are in the table`() {
    #expect(Self.changes.count == 11 + 8 + 7 + 9 + 10)
  }

  @Test(arguments: endpoints)
  func `a number that the table does not have is looked after`(endpoint: String) throws {
    for code in [-1, 11, 77] {
      let outcome = try outcome(of: reply(code), endpoint)
      #expect(reaction(to: outcome) == .look, "\(endpoint) \(code)")
    }
  }

  @Test(arguments: Refusal.Category.allCases)
  func `a refusal is treated as its category is classified`(category: VenueAPI.Refusal.Category) {
    let outcome = RequestOutcome(ChangeOutcome.refused(VenueAPI.Refusal(category: category)))
    // A request with a refused token is sent again with another one before anybody is told.
    let expected =
      category == .unauthorized ? ErrorReaction.tryAgain : category.classification.reaction
    #expect(reaction(to: outcome) == expected)
  }

  @Test func `a closed market is known by its text where the code does not tell`() {
    let text = "Instrument is not in an active trading status"
    let outcome = RequestOutcome(reply(2, text).decodePlace())
    #expect(reaction(to: outcome) == .tryLater)
    #expect(reaction(to: RequestOutcome(reply(2).decodePlace())) == .tryAgain)
  }
}
