import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct FeedTests {
  private let id = QueryID(inputOrdinal: 184, index: 0)

  @Test func aNewReaderIsToldEverything() {
    let world = World.running(accounts: AccountTests.both) {
      $0.state.accounts = [Row.account(alpha, "PRAC-A"), Row.account(beta, "PRAC-X")]
      $0.state.positions[alpha] = [Row.position(alpha, mnq, 1)]
    }
    world.advance(.seconds(1))
    world.event("GatewayQuote", #"["\#(mnq)",{"bestBid":29000}]"#, on: .market)
    world.state.positions[alpha] = [Row.position(alpha, mnq, 2)]
    world.advance(.seconds(2))
    world.feed.forget()
    world.open()
    world.position(alpha, mnq, 3)
    world.state.positions[alpha] = [Row.position(alpha, mnq, 3)]
    world.advance(.seconds(1))
    #expect(
      world.told == [
        "user hub up", "market hub up", "unprotectable 202", "contract MNQ",
        "quote MNQ last - bid 29000 ask -", "snapshot 101 MNQ 3 orders [] trades []",
      ])
  }

  @Test func aLinkThatOnlyBrokeChangesNothing() {
    let world = World.running()
    world.open(snapshotNeeded: false)
    world.advance(.seconds(5))
    #expect(world.told.isEmpty)
  }

  @Test func canariesAndTimeComeByTheClockWhileTheLinkIsOpen() {
    let world = World.running {
      $0.override = {
        $0.path == "/api/Contract/available"
          ? reply(
            #"{"contracts":[],"success":true,"errorCode":0}"#,
            date: Instant(secondsSinceEpoch: 1_787_149_999))
          : nil
      }
    }
    world.advance(.seconds(21))
    let canaries = world.feed.messages.filter { $0.short.hasPrefix("canary") }
    #expect(canaries.map(\.short) == ["canary 1", "canary 2"])
    let times = world.feed.messages.compactMap { message -> Instant? in
      if case .venueTime(let time, _) = message { return time }
      return nil
    }
    #expect(times.count == 21)
    #expect(times.first == World.start)
    #expect(times.last == World.start + .seconds(20))
    world.feed.forget()
    world.feed.isOpen = false
    world.advance(.seconds(21))
    #expect(world.feed.messages.isEmpty)
  }

  @Test func workingOrdersAreAnsweredOverAllPages() {
    let world = World.running()
    world.state.orders[alpha] = (1...130).map { Row.order(alpha, $0, mnq) }
    world.role.feedRequested(.query(id, .workingOrders(alpha)))
    world.role.feedRequested(.query(id, .workingOrders(alpha)))
    world.settle()
    #expect(world.told == ["answer 184-0 orders \((1...130).map(Int64.init))"])
  }

  @Test func aContractIsAnsweredFromTheCatalogueOrTheVenue() {
    let world = World.running { $0.state.catalogue = [ep] }
    world.role.feedRequested(.query(id, .contract(ep)))
    #expect(world.told == ["answer 184-0 contract EP"])
    world.role.feedRequested(.query(id, .contract(mnq)))
    world.settle()
    #expect(world.told.last == "answer 184-0 contract MNQ")
  }

  @Test(arguments: [
    (ok(#""orders":null"#), "member reply.orders is null"),
    (refusal(1), "Order/v2/query refused with code 1 (accountNotFound)"),
    (.failed(.timedOut), "no reply within the deadline"),
    (ok(#""orders":[],"totalCount":4"#), "the pages ended at 0 of 4 rows"),
  ])
  func aFailureIsAnAnswer(answer: VenueAnswer, reason: String) {
    let world = World.running()
    world.override = { $0.path == "/api/Order/v2/query" ? answer : nil }
    world.role.feedRequested(.query(id, .workingOrders(alpha)))
    world.settle()
    #expect(world.told == ["answer 184-0 failed: \(reason)"])
  }

  @Test func aContractThatCannotBeHadIsAnAnswerToo() {
    let world = World.running { $0.state.catalogue = [] }
    world.state.contracts = []
    world.role.feedRequested(.query(id, .contract(mnq)))
    world.settle()
    #expect(
      world.told == [
        "answer 184-0 failed: Contract/searchById refused with code 1 (contractNotFound)"
      ])
  }

  @Test func aQuestionAboutAnotherAccountIsRefused() {
    let world = World.running()
    world.role.feedRequested(.query(id, .workingOrders(beta)))
    #expect(world.told == ["answer 184-0 failed: account 202 is not watched"])
    #expect(world.venue.sent.allSatisfy { $0 != .positionSearchOpen(beta) })
  }

  @Test func aQuestionIsAnsweredInTimeAlsoWithoutTheVenue() {
    let world = World.running()
    world.held = ["/api/Order/v2/query"]
    world.role.feedRequested(.query(id, .workingOrders(alpha)))
    world.advance(.milliseconds(4_999))
    #expect(world.told.isEmpty)
    world.advance(.milliseconds(2))
    #expect(world.told == ["answer 184-0 failed: no answer within 5000 ms"])
    world.held = []
    world.settle()
    #expect(world.told.count == 1)
  }

  @Test func aFullQueueIsAFailureAtOnce() {
    let world = World.running(configure: { $0.requests.queueLimit = 2 })
    world.held = ["/api/Order/v2/query"]
    for index in 0..<8 {
      world.role.feedRequested(
        .query(QueryID(inputOrdinal: 1, index: index), .workingOrders(alpha)))
    }
    #expect(
      world.told == [
        "answer 1-6 failed: too many requests are waiting",
        "answer 1-7 failed: too many requests are waiting",
      ])
  }

  @Test func refreshReadsAgain() {
    let world = World.running()
    world.advance(.seconds(2))
    world.role.feedRequested(.refresh(alpha))
    world.settle()
    #expect(world.told == ["snapshot 101 orders [] trades []"])
    world.role.feedRequested(.refresh(AccountID(999)))
    world.settle()
    #expect(world.told.count == 1)
  }
}
