import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct NoStopLossGraceTests {
  private func scene(fullCoverage: Bool = false) -> EngineScene {
    EngineScene(
      RiskConfiguration(
        noStopLossGrace: .init(grace: .seconds(30), requiresFullCoverage: fullCoverage),
        staleThreshold: .seconds(864_000)))
  }

  @Test func `T15: without a stop the venue is asked and the contract is closed`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    #expect(scene.wait(.seconds(29)).queries.isEmpty)
    #expect(scene.engine.nextDeadline == Sample.morning + .seconds(30))
    #expect(scene.engine.isTickDue(at: Sample.morning + .seconds(30), venueTime: nil))
    let asked = scene.wait(.seconds(1))
    #expect(asked.queries == [.workingOrders(Sample.account)])
    #expect(asked.goals.isEmpty)
    #expect(scene.wait(.seconds(1)).isEmpty)
    let effects = scene.answer([])
    #expect(effects.goals == [.flat(Sample.mnq)])
    #expect(effects.adopted.map(\.end) == [.episode])
    #expect(effects.reasons == [.noStopLoss(contract: Sample.mnq, seconds: 31)])
  }

  @Test func `a stop that only the venue knew of protects`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(30))
    #expect(scene.answer([scene.working(Sample.mnq, .sell, .stop, at: "19900")]).goals.isEmpty)
    #expect(scene.wait(.seconds(600)).goals.isEmpty)
    #expect(scene.question == nil)
  }

  @Test func `without an answer nothing is closed, and it is asked again ever more slowly`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(30))
    for (index, wait) in [1, 2, 4, 8, 16, 30, 30].enumerated() {
      let effects = scene.answer(nil)
      #expect(effects.goals.isEmpty)
      #expect(
        effects.notices == [
          .stopsUnconfirmed(Sample.account, problem: "no answer", failures: index + 1)
        ])
      #expect(scene.wait(.seconds(Int64(wait) - 1)).queries.isEmpty)
      #expect(scene.wait(.seconds(1)).queries == [.workingOrders(Sample.account)])
      #expect(scene.engine.nextDeadline == nil)
      #expect(!scene.engine.isTickDue(at: scene.now + .seconds(1), venueTime: scene.now))
    }
    #expect(scene.answer([]).goals == [.flat(Sample.mnq)])
  }

  @Test func `T16: a stop that goes begins the grace anew`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.mark(Sample.mnq, last: "20000")
    scene.wait(.seconds(10))
    scene.send(scene.working(Sample.mnq, .sell, .stop, at: "19900"))
    #expect(scene.wait(.seconds(50)).queries.isEmpty)
    scene.send(scene.working(Sample.mnq, .sell, .stop, at: "19900", status: .cancelled))
    #expect(scene.wait(.seconds(29)).queries.isEmpty)
    #expect(scene.wait(.seconds(1)).queries.count == 1)
    #expect(scene.answer([]).goals == [.flat(Sample.mnq)])
  }

  @Test func `the stop of a bracket whose entry rests far away protects nothing`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.send(scene.working(Sample.mnq, id: 71, .buy, .limit))
    scene.send(scene.working(Sample.mnq, id: 72, .sell, .stop, status: .suspended, parent: 71))
    #expect(scene.wait(.seconds(30)).queries == [.workingOrders(Sample.account)])
  }

  @Test func `the stop of a bracket protects once its entry begins to be filled`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.send(scene.working(Sample.mnq, id: 71, .buy, .limit, size: 2, filled: 1))
    scene.send(scene.working(Sample.mnq, id: 72, .sell, .stop, status: .suspended, parent: 71))
    #expect(scene.wait(.seconds(60)).queries.isEmpty)
  }

  struct Candidate: Sendable, CustomTestStringConvertible {
    var name: String
    var side = Side.sell
    var type = OrderType.stop
    var status = OrderStatus.open
    var price: String? = "19900"
    var contract = Sample.mnq
    var protects = true
    var testDescription: String { name }
  }

  @Test(arguments: [
    Candidate(name: "stop"), Candidate(name: "stop limit", type: .stopLimit),
    Candidate(name: "trailing stop", type: .trailingStop, price: nil),
    Candidate(name: "beyond the entry, behind the market", price: "20040"),
    Candidate(name: "child of a bracket", status: .suspended, price: nil),
    Candidate(name: "unknown status", status: OrderStatus(rawValue: 99)),
    Candidate(name: "T17: take-profit", type: .limit, price: nil, protects: false),
    Candidate(name: "same side", side: .buy, protects: false),
    Candidate(name: "beyond the market", price: "20051", protects: false),
    Candidate(name: "at the market", price: "20050", protects: false),
    Candidate(name: "other contract", contract: Sample.mnqNext, protects: false),
  ])
  func `what a stop is`(candidate: Candidate) {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.mark(Sample.mnq, last: "20050")
    scene.send(
      scene.working(
        candidate.contract, candidate.side, candidate.type, at: candidate.price,
        status: candidate.status))
    #expect(scene.wait(.seconds(30)).queries.isEmpty == candidate.protects)
  }

  @Test func `for a short position the stop is a buy above the market`() {
    var scene = scene()
    scene.hold(Sample.mnq, -1)
    scene.mark(Sample.mnq, last: "20000")
    scene.send(scene.working(Sample.mnq, .buy, .stop, at: "20010"))
    #expect(scene.wait(.seconds(60)).queries.isEmpty)
  }

  @Test func `adding does not begin the grace again, a sign change does`() {
    var scene = scene()
    scene.hold(Sample.mnq, 2)
    scene.wait(.seconds(20))
    scene.hold(Sample.mnq, 3)
    scene.hold(Sample.mnq, 1)
    #expect(scene.wait(.seconds(9)).queries.isEmpty)
    // T25
    scene.hold(Sample.mnq, -1)
    #expect(scene.wait(.seconds(29)).queries.isEmpty)
    #expect(scene.wait(.seconds(1)).queries.count == 1)
  }

  @Test func `coverage counts where it is wanted`() {
    var scene = scene(fullCoverage: true)
    scene.hold(Sample.mnq, 3)
    scene.send(scene.working(Sample.mnq, id: 1, .sell, .stop, at: "1", size: 2))
    #expect(scene.wait(.seconds(20)).queries.isEmpty)
    scene.send(scene.working(Sample.mnq, id: 2, .sell, .stop, at: "1"))
    #expect(scene.wait(.seconds(20)).queries.isEmpty)
    scene.hold(Sample.mnq, 4)
    #expect(scene.wait(.seconds(30)).queries.count == 1)
  }

  @Test(arguments: [(Int64(0), Int64(30)), (25, 10), (600, 10)])
  func `a position that is found has at least ten seconds`(age: Int64, wait: Int64) {
    var scene = scene()
    let position = Position(
      id: 1, account: Sample.account, contract: Sample.mnq, openedAt: scene.now - .seconds(age),
      signedSize: 1, averagePrice: .at("20000"))
    scene.send(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
          positions: [position], workingOrders: [], trades: [], startedAt: scene.now)))
    #expect(scene.wait(.seconds(wait - 1)).queries.isEmpty)
    #expect(scene.wait(.seconds(1)).queries.count == 1)
  }

  @Test func `an answer to an older question closes nothing`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.wait(.seconds(29))
    scene.hold(Sample.es, 1)
    scene.wait(.seconds(1))
    #expect(scene.answer([]).goals == [.flat(Sample.mnq)])
    // The other contract's grace ends later; it is asked for again.
    #expect(scene.wait(.seconds(29)).queries == [.workingOrders(Sample.account)])
    #expect(scene.answer([]).goals == [.flat(Sample.es)])
  }

  @Test func `a clock that is set back gives one more grace and no more`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.now = scene.now - .seconds(7_200)
    scene.send(.tick(venueTime: nil))
    #expect(scene.wait(.seconds(30)).queries.count == 1)
  }

  @Test func `closing the position in time ends it`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    scene.wait(.seconds(30))
    scene.hold(Sample.mnq, 0)
    #expect(scene.answer([]).goals.isEmpty)
    #expect(scene.engine.nextDeadline == nil)
  }

  @Test func `the grace is warned of at 70 and 90 percent`() {
    var scene = scene()
    scene.hold(Sample.mnq, 1)
    #expect(scene.engine.nextDeadline == Sample.morning + .seconds(21))
    #expect(scene.wait(.seconds(21)).approaching.map(\.percent) == [70])
    #expect(scene.engine.nextDeadline == Sample.morning + .seconds(27))
    #expect(scene.wait(.seconds(6)).approaching.map(\.left) == [3_000_000_000])
  }
}
