import RiskModel
import Testing

@testable import PeerProtocol

@Suite struct MessageCoderTests {
  private let coder = MessageCoder()

  private func text(_ message: some Encodable) throws -> String {
    String(decoding: try coder.encode(message), as: UTF8.self)
  }

  @Test func keysAreSortedAndNothingIsPadded() throws {
    let quote = FeedMessage.event(
      .quote(Quote(contract: ContractID("CON.F.US.MNQ.Z25"), last: Price(points: 21_000))),
      receivedAt: Instant(nanosSinceEpoch: 5), readAt: MonotonicInstant(nanos: 7))
    #expect(
      try text(quote) == #"{"event":{"_0":{"quote":{"_0":{"contract":"CON.F.US.MNQ.Z25","#
        + #""last":21000000000000}}},"readAt":7,"receivedAt":5}}"#)
  }

  @Test func slashesAndTheLargestNumbersStayAsTheyAre() throws {
    #expect(try text(["a/b": Int64.max]) == #"{"a/b":9223372036854775807}"#)
    #expect(
      try coder.decode([String: Int64].self, from: coder.encode(["a/b": Int64.min]))
        == ["a/b": Int64.min])
  }

  private static let target = Target(
    id: TargetID(inputOrdinal: 184, index: 0), account: AccountID(7), goal: .flatAccount,
    cause: Cause(
      rule: .maxContracts, reason: .contractsAboveLimit(held: 6, limit: 5)),
    end: .episode, adoptedAt: Instant(nanosSinceEpoch: 9))

  @Test func everyKindOfMessageIsReadBack() throws {
    let at = Instant(nanosSinceEpoch: 1_700_000_000_123_456_789)
    let feed: [FeedMessage] = [
      .unknown(AccountID(7), reason: "hub \"user\" \u{e9}", receivedAt: at),
      .unprotectable(AccountID(7), reason: "", receivedAt: at),
      .hub(.market, isConnected: false, receivedAt: at),
      .venueTime(at, receivedAt: at),
      .answer(TargetID(inputOrdinal: 1, index: 2), .failed("timeout"), receivedAt: at),
      .canary(number: .max, sentAt: MonotonicInstant(nanos: .max)),
    ]
    for message in feed {
      #expect(try coder.decode(FeedMessage.self, from: coder.encode(message)) == message)
    }
    let requests: [FeedRequest] = [
      .watch([ContractID("CON.F.US.MNQ.Z25")]), .refresh(AccountID(7)),
      .query(TargetID(inputOrdinal: 1, index: 2), .workingOrders(AccountID(7))),
    ]
    for message in requests {
      #expect(try coder.decode(FeedRequest.self, from: coder.encode(message)) == message)
    }
    let verdicts: [VerdictMessage] = [
      .targets(revision: 3, [MessageCoderTests.target]),
      .adopt(revision: 4, MessageCoderTests.target, readAt: nil),
      .end(revision: 5, MessageCoderTests.target.id, .proven), .accounts([AccountID(7)]),
    ]
    for message in verdicts {
      #expect(try coder.decode(VerdictMessage.self, from: coder.encode(message)) == message)
    }
    let reports: [VerdictReport] = [
      .adopted(revision: 4), .surprised(AccountID(7), at: at),
      .failing(MessageCoderTests.target.id, passes: 3, problem: "x", at: at),
    ]
    for message in reports {
      #expect(try coder.decode(VerdictReport.self, from: coder.encode(message)) == message)
    }
  }

  @Test(arguments: ["{\"newKind\":{}}", "{}", "{\"watch\":{\"_0\":[1]}}", "nonsense", ""])
  func anUnknownMessageIsAnError(_ json: String) {
    #expect(throws: DecodingError.self) {
      try coder.decode(FeedRequest.self, from: Array(json.utf8))
    }
  }

  @Test func unknownMembersAreIgnored() throws {
    #expect(
      try coder.decode(FeedRequest.self, from: Array(#"{"refresh":{"_0":7,"urgent":true}}"#.utf8))
        == .refresh(AccountID(7)))
  }
}
