import RiskModel
import Testing
import TraderFeed

@Suite struct TraderLineTests {
  static func feed() -> TraderFeed {
    var account = AccountReport(
      id: AccountID(7), at: Instant(secondsSinceEpoch: 1_763_757_005),
      tradingDate: CivilDate(year: 2_025, month: 11, day: 21),
      dayStartedAt: Instant(secondsSinceEpoch: 1_763_679_600),
      dayEndsAt: Instant(secondsSinceEpoch: 1_763_766_000))
    account.realized = Money(micros: -120_000_001)
    account.positions = [
      PositionReport(
        contract: ContractID("CON.F.US.MNQ.Z25"), signedSize: -2,
        averagePrice: Price(nanos: 28_446_375_000_000), openedAt: account.at)
    ]
    return TraderFeed(at: account.at, accounts: [account])
  }

  @Test func `a feed goes over the wire and back`() throws {
    let line = TraderLine.encode(.feed(Self.feed()))
    #expect(line.last == TraderLine.newline)
    #expect(!line.dropLast().contains(TraderLine.newline))
    #expect(try TraderLine.message(line.dropLast()) == .feed(Self.feed()))
  }

  @Test func `a report of another moment tells the same when nothing else differs`() {
    let account = Self.feed().accounts[0]
    let report = EvaluatorReport(at: account.at, accounts: [account])
    var later = report
    later.at = report.at + .seconds(1)
    later.accounts[0].at = later.at
    #expect(later != report)
    #expect(later.isSame(as: report))
    later.accounts[0].realized = .zero
    #expect(!later.isSame(as: report))
    later.accounts = []
    #expect(!later.isSame(as: report))
  }

  @Test func `what is not known has no key`() {
    let text = String(decoding: TraderLine.encode(.feed(Self.feed())), as: UTF8.self)
    #expect(text.contains("\"realized\":-120000001"))
    #expect(!text.contains("\"open\""))
    #expect(!text.contains("\"costs\""))
    #expect(!text.contains("null"))
  }

  @Test func `a refusal goes over the wire and back`() throws {
    let line = TraderLine.encode(.refusal("already clocked in"))
    #expect(String(decoding: line, as: UTF8.self) == "{\"refusal\":\"already clocked in\"}\n")
    #expect(try TraderLine.message(line.dropLast()) == .refusal("already clocked in"))
  }

  @Test(arguments: TraderRequest.allCases)
  func `requests go over the wire and back`(request: TraderRequest) throws {
    #expect(try TraderLine.request(TraderLine.encode(request).dropLast()) == request)
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"request\":7}", "clock_in", "{\"feed\":{}}", "\u{0}", "{\"request\":",
  ])
  func `what is no message is refused`(text: String) {
    #expect(throws: TraderLineError.unreadable) { try TraderLine.request(Array(text.utf8)) }
    #expect(throws: TraderLineError.unreadable) { try TraderLine.message(Array(text.utf8)) }
  }

  @Test(arguments: ["unlock", "reload", "clock_in ", "restart"])
  func `there are two requests and no more`(name: String) {
    #expect(throws: TraderLineError.unknownRequest(name)) {
      try TraderLine.request(Array("{\"request\":\"\(name)\"}".utf8))
    }
  }

  @Test func `lines are bounded before they are read`() {
    let long = [UInt8](repeating: UInt8(ascii: " "), count: TraderLine.requestLimit + 1)
    #expect(throws: TraderLineError.tooLong(limit: TraderLine.requestLimit)) {
      try TraderLine.request(long)
    }
    let longer = [UInt8](repeating: UInt8(ascii: " "), count: TraderLine.messageLimit + 1)
    #expect(throws: TraderLineError.tooLong(limit: TraderLine.messageLimit)) {
      try TraderLine.message(longer)
    }
  }

  @Test func `errors say what is allowed`() {
    #expect("\(TraderLineError.tooLong(limit: 256))" == "a line exceeds 256 bytes")
    #expect("\(TraderLineError.unreadable)".contains("no JSON object"))
    #expect(
      "\(TraderLineError.unknownRequest("unlock"))"
        == "there is no request unlock; requests are clock_in and clock_out")
  }
}
