import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct RequestLaneTests {
  private func lane() -> RequestLane { RequestLane(timing: RequestTiming()) }
  private let deadline = MonotonicInstant(nanos: 10)

  private func next(_ lane: inout RequestLane, token: Bool = true) -> Purpose? {
    lane.next(token: (1, token), deadline: deadline)?.purpose
  }

  @Test func atMostFourAreInFlight() {
    var lane = lane()
    for number: Int64 in 1...6 {
      let purpose = Purpose.read(alpha, number: number, .positions)
      let isTaken = lane.add(purpose, .positionSearchOpen(alpha))
      #expect(isTaken)
    }
    var numbers: [Int64] = []
    while let errand = lane.next(token: (1, true), deadline: deadline) {
      numbers.append(errand.number)
    }
    #expect(numbers == [1, 2, 3, 4])
    #expect(lane.inFlightCount == 4 && lane.waitingCount == 2)
    #expect(lane.finish(2)?.errand.number == 2)
    #expect(lane.finish(2) == nil)
    #expect(lane.next(token: (1, true), deadline: deadline)?.number == 5)
  }

  @Test func signInAndQuestionsGoFirst() {
    var lane = lane()
    let id = QueryID(inputOrdinal: 1, index: 0)
    _ = lane.add(.catalogue, .contractAvailable(live: false))
    _ = lane.add(.query(id), .contractSearchByID(mnq))
    _ = lane.add(.renewal, .validate)
    #expect(next(&lane) == .renewal)
    #expect(next(&lane) == .query(id))
    #expect(next(&lane) == .catalogue)
  }

  @Test func `requests wait by priority, and in order of arrival within one`() {
    var lane = lane()
    let id = QueryID(inputOrdinal: 1, index: 0)
    let purposes: [Purpose] = [
      .catalogue, .read(alpha, number: 1, .positions), .read(beta, number: 2, .positions),
      .contract(mnq), .accountList(number: 1), .query(id), .signIn,
    ]
    for purpose in purposes { _ = lane.add(purpose, .validate) }
    _ = lane.add(.read(alpha, number: 3, .orders), .validate, priority: .comparison)
    let isListed = lane.isWaiting(.accountList(number: 1), atLeast: .state)
    let isOther = lane.isWaiting(.accountList(number: 2), atLeast: .state)
    let isHurried = lane.isWaiting(.read(beta, number: 2, .positions), atLeast: .question)
    #expect(isListed && !isOther && isHurried)
    var order: [Purpose] = []
    while let errand = lane.next(token: (1, true), deadline: deadline) {
      order.append(errand.purpose)
      _ = lane.finish(errand.number)
    }
    #expect(
      order == [
        .signIn, .query(id), .read(beta, number: 2, .positions), .accountList(number: 1),
        .contract(mnq), .read(alpha, number: 1, .positions), .read(alpha, number: 3, .orders),
        .catalogue,
      ])
  }

  @Test(
    arguments: [
      (Purpose.signIn, RequestPriority.action, nil), (.renewal, .action, nil),
      (.query(QueryID(inputOrdinal: 1, index: 0)), .question, 5),
      (.accountList(number: 1), .accounts, 10), (.contract(mnq), .contract, 15),
      (.read(alpha, number: 1, .orders), .state, 30), (.catalogue, .catalogue, 600),
    ] as [(Purpose, RequestPriority, Int64?)])
  func `every class of request waits as long as its priority lets it`(
    purpose: Purpose, priority: RequestPriority, seconds: Int64?
  ) throws {
    var lane = lane()
    _ = lane.add(purpose, .validate)
    let start = MonotonicInstant(nanos: 0)
    var timing = RequestTiming()
    _ = lane.takeTired(at: start) { $0.longestWait(timing) }
    let errand = try #require(lane.candidate(tokenIsThere: true))
    #expect(errand.priority == priority)
    let nearly = MonotonicInstant(nanos: (seconds ?? 86_400) * 1_000_000_000 - 1)
    #expect(lane.takeTired(at: nearly) { $0.longestWait(timing) }.isEmpty)
    // A configured limit shortens every wait but that of the sign-in.
    timing.longestWait = .seconds(4)
    #expect(errand.longestWait(timing) == seconds.map { .seconds(min($0, 4)) })
    timing.longestWait = nil
    guard let seconds else { return }
    let tired = lane.takeTired(at: start + .seconds(seconds)) { $0.longestWait(timing) }
    #expect(tired.map(\.purpose) == [purpose] && lane.waitingCount == 0)
  }

  @Test func withoutATokenOnlyTheSignInLeaves() {
    var lane = lane()
    _ = lane.add(.accountList(number: 1), .accountSearch(onlyActive: false))
    #expect(next(&lane, token: false) == nil)
    _ = lane.add(.signIn, .loginKey(SignInKey(userName: "u", apiKey: "k")))
    #expect(next(&lane, token: false) == .signIn)
    #expect(next(&lane, token: true) == .accountList(number: 1))
  }

  @Test func aRepeatGoesFirstAndIsMarked() {
    var lane = lane()
    _ = lane.add(.accountList(number: 1), .accountSearch(onlyActive: false))
    _ = lane.add(.catalogue, .contractAvailable(live: false))
    guard let errand = lane.next(token: (1, true), deadline: deadline) else {
      Issue.record("nothing to send")
      return
    }
    _ = lane.finish(errand.number)
    lane.repeatLater(errand)
    let again = lane.next(token: (2, true), deadline: deadline)
    #expect(again?.purpose == .accountList(number: 1) && again?.isRepeat == true)
  }

  @Test func theQueueIsBoundedButNotForTheSignIn() {
    var timing = RequestTiming()
    timing.queueLimit = 2
    var lane = RequestLane(timing: timing)
    let isTaken = (1...3).map { lane.add(.read(alpha, number: $0, .orders), .validate) }
    #expect(isTaken == [true, true, false])
    let isAsked = lane.add(.query(QueryID(inputOrdinal: 1, index: 0)), .validate)
    #expect(!isAsked)
    let isSignedIn = lane.add(.signIn, .validate)
    #expect(isSignedIn)
  }

  @Test func aPauseHoldsEverything() {
    var lane = lane()
    _ = lane.add(.catalogue, .contractAvailable(live: false))
    lane.pause(until: MonotonicInstant(nanos: 5))
    lane.pause(until: MonotonicInstant(nanos: 3))
    #expect(lane.pausedUntil == MonotonicInstant(nanos: 5))
    #expect(next(&lane) == nil)
    lane.resume()
    #expect(next(&lane) == .catalogue)
  }

  @Test func overdueAndWithdrawnRequests() {
    var lane = lane()
    _ = lane.add(.catalogue, .contractAvailable(live: false))
    _ = lane.add(.accountList(number: 1), .accountSearch(onlyActive: false))
    _ = next(&lane)
    #expect(lane.overdue(at: deadline) == [])
    #expect(lane.overdue(at: deadline + TimeSpan(nanos: 1)) == [2])
    lane.withdraw { $0 == .catalogue }
    #expect(lane.waitingCount == 0)
  }
}
