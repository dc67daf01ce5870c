import FoundationEssentials
import RiskModel
import RiskTestKit
import Testing

@testable import PeerProtocol

/// What writes and reads its JSON by itself does it exactly as `Codable` would.
@Suite struct CanonicalJSONTests {
  private static let count = 3_000
  private let coder = MessageCoder()
  private let general = GeneralCoder()

  private func check<Value: Codable & Equatable & CanonicalValue>(
    _ seed: UInt64, _ make: (inout SeededGenerator) -> Value
  ) throws {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<Self.count {
      let value = make(&generator)
      let bytes = try coder.encode(value)
      let expected = try general.text(of: value)
      try #require(
        bytes == expected, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))"
      )
      var reader = CanonicalReader(bytes, general: general)
      let read = try Value(from: &reader)
      try #require(read == value && reader.isAtEnd, "seed \(seed), round \(round)")
      #expect(try general.value(Value.self, from: bytes) == value)
    }
  }

  @Test func eventsOfTheVenue() throws {
    try check(1) { $0.venueEvent() }
  }

  @Test func targets() throws {
    try check(2) { $0.target() }
  }

  @Test func lists() throws {
    try check(3) { generator in (0..<generator.below(4)).map { _ in generator.integer() } }
    try check(4) { generator in (0..<generator.below(4)).map { _ in generator.text() } }
    try check(5) { generator in (0..<generator.below(3)).map { _ in generator.goal() } }
  }

  /// Of each kind of message some goes the general way, which shows as `NotCanonical` here.
  @Test func messages() throws {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<Self.count {
      let read = MonotonicInstant(nanos: generator.integer())
      let number = generator.integer()
      try equal(
        FeedMessage.event(
          generator.venueEvent(), receivedAt: generator.instant(), readAt: read))
      try equal(FeedMessage.canary(number: number, sentAt: read))
      try equal(FeedMessage.venueTime(generator.instant(), receivedAt: generator.instant()))
      try equal(VerdictMessage.venue(generator.venueEvent()))
      try equal(
        VerdictMessage.adopt(
          revision: number, generator.target(), readAt: generator.maybe { _ in read }))
      try equal(VerdictMessage.end(revision: number, generator.targetID(), .episodeOver))
      try equal(VerdictMessage.canary(number: number, sentAt: read))
      try equal(VerdictMessage.accounts([generator.account()]))
      try equal(VerdictReport.adopted(revision: number))
      try equal(VerdictReport.step(step(&generator)))
      try equal(
        VerdictReport.proven(
          generator.targetID(),
          EnforcementSummary(requests: 3, passes: 2, duration: TimeSpan(nanos: number)),
          at: generator.instant()))
      try equal(VerdictReport.canary(number: number, sentAt: read, enforcerAt: read))
      try equal(VerdictReport.surprised(generator.account(), at: generator.instant()))
    }
  }

  private func step(_ generator: inout SeededGenerator) -> EnforcementStep {
    let action: EnforcementStep.Action =
      generator.chance(50)
      ? .close(generator.contract()) : .reduce(generator.contract(), by: generator.integer())
    return EnforcementStep(
      target: generator.targetID(), account: generator.account(), action: action,
      outcome: generator.pick([.accepted, .refused("}"), .unknown("\"")]),
      sentAt: generator.instant(), duration: TimeSpan(nanos: generator.integer()),
      reaction: generator.maybe { TimeSpan(nanos: $0.integer()) })
  }

  private func equal<Value: Codable & Equatable & CanonicalValue>(_ value: Value) throws {
    let bytes = try coder.encode(value)
    let expected = try general.text(of: value)
    try #require(bytes == expected, "\(value)")
    let read = try coder.decode(Value.self, from: bytes)
    try #require(read == value)
  }

  private static let position =
    #"{"position":{"_0":{"account":7,"averagePrice":1,"#
    + #""contract":"C","id":2,"openedAt":3,"signedSize":-4}}}"#

  /// Whatever is JSON of the same value is read, and whatever is not is refused.
  @Test(arguments: [
    (position, true), (position.replacing(",\"id\"", with: " , \"id\""), true),
    (position.replacing("\"C\"", with: "\"\\u0043\""), true),
    (position.replacing("\"id\":2,", with: "") + "", false),
    (position.replacing(":2", with: ":2,\"more\":[{\"}\":\"]\"}]"), true),
    (position.replacing(":2", with: ":02"), false), (position.replacing(":2", with: ":-0"), true),
    (position.replacing(":2", with: ":9223372036854775808"), false),
    (position.replacing(":2", with: ":-9223372036854775808"), true),
    (position.replacing(":2", with: ":\"2\""), false), (position + "x", false),
    (String(position.dropLast()), false), (position.replacing("position", with: "place"), false),
    ("", false), ("{", false), (#"{"position":{"_0":{"account":7"#, false),
  ])
  func otherFormsGoTheGeneralWay(_ text: String, _ isRead: Bool) throws {
    let bytes = Array(text.utf8)
    let read = try? coder.decode(VenueEvent.self, from: bytes)
    #expect(read == (try? general.value(VenueEvent.self, from: bytes)))
    #expect((read != nil) == isRead)
  }

  @Test func whatIsCutOffIsRefused() throws {
    let whole = try coder.encode(
      VerdictReport.step(
        EnforcementStep(
          target: TargetID(inputOrdinal: 1, index: 2), account: AccountID(3),
          action: .close(ContractID("\"}")), outcome: .accepted,
          sentAt: Instant(nanosSinceEpoch: 4), duration: .zero)))
    for length in 0..<whole.count {
      #expect(throws: (any Error).self) {
        try coder.decode(VerdictReport.self, from: Array(whole.prefix(length)))
      }
    }
  }
}
