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

  @Test func withoutATokenOnlyTheSignInLeaves() {
    var lane = lane()
    _ = lane.add(.accountCheck, .accountSearch(onlyActive: false))
    #expect(next(&lane, token: false) == nil)
    _ = lane.add(.signIn, .loginKey(SignInKey(userName: "u", apiKey: "k")))
    #expect(next(&lane, token: false) == .signIn)
    #expect(next(&lane, token: true) == .accountCheck)
  }

  @Test func aRepeatGoesFirstAndIsMarked() {
    var lane = lane()
    _ = lane.add(.accountCheck, .accountSearch(onlyActive: false))
    _ = lane.add(.catalogue, .contractAvailable(live: false))
    guard let errand = lane.next(token: (1, true), deadline: deadline) else {
      Issue.record("nothing to send")
      return
    }
    _ = lane.finish(errand.number)
    lane.repeatLater(errand)
    let again = lane.next(token: (2, true), deadline: deadline)
    #expect(again?.purpose == .accountCheck && again?.isRepeat == true)
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
    _ = lane.add(.accountCheck, .accountSearch(onlyActive: false))
    _ = next(&lane)
    #expect(lane.overdue(at: deadline) == [])
    #expect(lane.overdue(at: deadline + TimeSpan(nanos: 1)) == [1])
    lane.withdraw { $0 == .accountCheck }
    #expect(lane.waitingCount == 0)
  }
}
