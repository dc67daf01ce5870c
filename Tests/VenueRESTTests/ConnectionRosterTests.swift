import RiskModel
import Testing

@testable import VenueREST

@Suite struct ConnectionRosterTests {
  private func roster(warm: Int = 0, most: Int = 4, reserved: Int = 0) -> ConnectionRoster {
    ConnectionRoster(
      limits: ConnectionRoster.Limits(warm: warm, most: most, reserved: reserved))
  }

  private func connection(_ number: Int) -> ConnectionID { ConnectionID(number: number) }
  private func call(_ number: Int) -> CallID { CallID(number: number) }
  private func at(_ seconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanos: seconds * 1_000_000_000)
  }

  @Test func aCallOpensAConnectionAndReusesIt() {
    var roster = roster()
    #expect(roster.submit(call(1), .normal) == [.open(connection(1))])
    #expect(roster.opened(connection(1), at: at(0)) == [.start(call(1), on: connection(1))])
    #expect(roster.finished(connection(1), isReusable: true) == [])
    #expect(roster.submit(call(2), .normal) == [.start(call(2), on: connection(1))])
    #expect(roster.finished(connection(1), isReusable: false) == [.close(connection(1))])
    #expect(roster.isEmpty)
  }

  @Test func warmConnectionsAndOneMoreWhenAllAreBusy() {
    var roster = roster(warm: 2)
    #expect(roster.warmUp(2) == [.open(connection(1)), .open(connection(2))])
    #expect(roster.opened(connection(1), at: at(0)) == [])
    #expect(roster.opened(connection(2), at: at(0)) == [])
    #expect(roster.submit(call(1), .normal) == [.start(call(1), on: connection(2))])
    #expect(
      roster.submit(call(2), .normal) == [
        .start(call(2), on: connection(1)), .open(connection(3)),
      ])
    #expect(roster.submit(call(3), .normal) == [.open(connection(4))])
    #expect(roster.submit(call(4), .normal) == [])
    #expect(roster.opened(connection(3), at: at(1)) == [.start(call(3), on: connection(3))])
    #expect(
      roster.finished(connection(1), isReusable: true) == [.start(call(4), on: connection(1))])
  }

  @Test func wantingMoreThanTheMostIsWantingTheMost() {
    var roster = roster(most: 2)
    #expect(roster.warmUp(9) == [.open(connection(1)), .open(connection(2))])
    #expect(roster.limits.warm == 2)
  }

  @Test func lanes() {
    var roster = roster(most: 1)
    _ = roster.submit(call(1), .normal)
    _ = roster.opened(connection(1), at: at(0))
    for number in [2, 3] { _ = roster.submit(call(number), .normal) }
    for number in [4, 5] { _ = roster.submit(call(number), .enforcement) }
    let order = (0..<4).map { _ in roster.finished(connection(1), isReusable: true) }
    #expect(order == [4, 5, 2, 3].map { [.start(call($0), on: connection(1))] })
  }

  @Test func reservedConnections() {
    var roster = roster(most: 2, reserved: 1)
    #expect(roster.submit(call(1), .normal) == [.open(connection(1))])
    #expect(roster.submit(call(2), .normal) == [])
    #expect(roster.opened(connection(1), at: at(0)) == [.start(call(1), on: connection(1))])
    #expect(roster.submit(call(3), .enforcement) == [.open(connection(2))])
    #expect(roster.opened(connection(2), at: at(0)) == [.start(call(3), on: connection(2))])
    #expect(roster.finished(connection(2), isReusable: true) == [])
    #expect(
      roster.finished(connection(1), isReusable: true) == [.start(call(2), on: connection(1))])
  }

  @Test func evenWithEverythingReservedOneNormalCallRuns() {
    var roster = roster(most: 1, reserved: 5)
    _ = roster.submit(call(1), .normal)
    #expect(roster.opened(connection(1), at: at(0)) == [.start(call(1), on: connection(1))])
  }

  @Test func callsFailWhenNothingCanCarryThem() {
    var roster = roster(most: 2)
    _ = roster.submit(call(1), .normal)
    _ = roster.submit(call(2), .enforcement)
    #expect(
      roster.openFailed(connection(1), "refused") == [.replenish(after: .milliseconds(250))])
    #expect(
      roster.openFailed(connection(2), "refused") == [
        .fail(call(2), .connectFailed("refused")), .fail(call(1), .connectFailed("refused")),
      ])
    #expect(roster.openFailed(connection(2), "again") == [])
    #expect(roster.submit(call(3), .normal) == [.open(connection(3))])
  }

  @Test func aCallWaitsAsLongAsSomethingMayCarryIt() {
    var roster = roster(most: 2)
    _ = roster.submit(call(1), .normal)
    _ = roster.opened(connection(1), at: at(0))
    #expect(roster.submit(call(2), .normal) == [.open(connection(2))])
    #expect(
      roster.openFailed(connection(2), "refused") == [.replenish(after: .milliseconds(250))])
    #expect(roster.submit(call(3), .normal) == [])
    #expect(roster.replenish() == [.open(connection(3))])
    #expect(
      roster.finished(connection(1), isReusable: true) == [.start(call(2), on: connection(1))])
  }

  @Test func theHoldGrowsUntilACallSucceeds() {
    var roster = roster(warm: 1)
    _ = roster.warmUp(1)
    var holds: [Int64] = []
    for number in 1...8 {
      for case .replenish(let delay) in roster.openFailed(connection(number), "refused") {
        holds.append(delay.milliseconds)
      }
      #expect(roster.replenish() == [.open(connection(number + 1))])
    }
    #expect(holds == [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    _ = roster.opened(connection(9), at: at(0))
    _ = roster.submit(call(1), .normal)
    _ = roster.finished(connection(9), isReusable: false)
    #expect(
      roster.openFailed(connection(10), "refused") == [.replenish(after: .milliseconds(250))])
  }

  @Test func anIdleConnectionThatEndsIsReplacedAtOnceUnlessItWasShort() {
    var roster = roster(warm: 1)
    _ = roster.warmUp(1)
    _ = roster.opened(connection(1), at: at(0))
    #expect(roster.closed(connection(1), at: at(6)) == [.open(connection(2))])
    _ = roster.opened(connection(2), at: at(7))
    #expect(roster.closed(connection(2), at: at(8)) == [.replenish(after: .milliseconds(250))])
    #expect(roster.closed(connection(2), at: at(8)) == [])
    #expect(roster.replenish() == [.open(connection(3))])
  }

  @Test func aBusyConnectionThatEndsIsReplaced() {
    var roster = roster(warm: 1, most: 1)
    _ = roster.warmUp(1)
    _ = roster.opened(connection(1), at: at(0))
    _ = roster.submit(call(1), .normal)
    #expect(roster.closed(connection(1), at: at(1)) == [.open(connection(2))])
  }

  @Test func aCallThatDidNotStartIsMovedOnce() {
    var roster = roster(most: 3)
    _ = roster.warmUp(3)
    for number in 1...3 { _ = roster.opened(connection(number), at: at(0)) }
    #expect(roster.submit(call(1), .normal) == [.start(call(1), on: connection(3))])
    #expect(
      roster.notStarted(connection(3)) == [
        .start(call(1), on: connection(2)), .open(connection(4)),
      ])
    #expect(
      roster.notStarted(connection(2)) == [.fail(call(1), .connectionLost), .open(connection(5))])
    #expect(roster.notStarted(connection(2)) == [])
    #expect(roster.submit(call(1), .normal) == [.start(call(1), on: connection(1))])
  }

  @Test func aMovedCallGoesToTheFrontOfItsLane() {
    var roster = roster(most: 1)
    _ = roster.submit(call(1), .normal)
    _ = roster.opened(connection(1), at: at(0))
    _ = roster.submit(call(2), .normal)
    _ = roster.submit(call(3), .enforcement)
    #expect(roster.notStarted(connection(1)) == [.open(connection(2))])
    #expect(roster.opened(connection(2), at: at(1)) == [.start(call(3), on: connection(2))])
    #expect(
      roster.finished(connection(2), isReusable: true) == [.start(call(1), on: connection(2))])
  }

  @Test func aCallIsWithdrawnOnlyWhileItWaits() {
    var roster = roster(most: 1)
    _ = roster.submit(call(1), .normal)
    let whileWaiting = roster.withdraw(call(1))
    let again = roster.withdraw(call(1))
    #expect(whileWaiting && !again)
    #expect(roster.opened(connection(1), at: at(0)) == [])
    _ = roster.submit(call(2), .normal)
    let underWay = roster.withdraw(call(2))
    #expect(!underWay)
  }

  @Test func idleConnectionsRetireOneAtATime() {
    var roster = roster(warm: 2)
    _ = roster.warmUp(2)
    _ = roster.opened(connection(1), at: at(0))
    _ = roster.opened(connection(2), at: at(0))
    let first = roster.retire(connection(1))
    #expect(first.isDecided)
    #expect(first.actions == [.close(connection(1)), .open(connection(3))])
    let second = roster.retire(connection(2))
    #expect(!second.isDecided && second.actions.isEmpty)
    _ = roster.opened(connection(3), at: at(1))
    #expect(roster.retire(connection(2)).actions == [.close(connection(2)), .open(connection(4))])
    _ = roster.submit(call(1), .normal)
    #expect(roster.retire(connection(3)).isDecided)
    #expect(roster.retire(connection(3)).actions.isEmpty)
  }

  @Test func theLastConnectionStaysWhileTheVenueCannotBeReached() {
    var roster = roster(warm: 2)
    _ = roster.warmUp(2)
    _ = roster.opened(connection(1), at: at(0))
    _ = roster.openFailed(connection(2), "refused")
    #expect(!roster.retire(connection(1)).isDecided)
    _ = roster.replenish()
    #expect(!roster.retire(connection(1)).isDecided)
  }
}
