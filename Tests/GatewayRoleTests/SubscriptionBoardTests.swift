import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

@Suite struct SubscriptionBoardTests {
  private func at(_ seconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanos: seconds * 1_000_000_000)
  }

  private func board(_ wanted: HubInvocation...) -> SubscriptionBoard {
    wanted.reduce(into: SubscriptionBoard()) { $0.want($1) }
  }

  @Test func eachIsAskedForOnceInOrder() {
    var board = board(.subscribeAccounts, .subscribeOrders(alpha), .subscribeAccounts)
    #expect(!board.isSettled)
    #expect(board.next(number: 1, now: at(0), deadline: at(10)) == .subscribeAccounts)
    #expect(board.next(number: 2, now: at(0), deadline: at(11)) == .subscribeOrders(alpha))
    #expect(board.next(number: 3, now: at(0), deadline: at(12)) == nil)
    #expect(board.nextMoment == at(10))
    #expect(!board.hasLost(at: at(9)))
    #expect(board.hasLost(at: at(10)))
    #expect(board.completed(2, isConfirmed: true, retryAt: at(20)) == .subscribeOrders(alpha))
    #expect(board.completed(2, isConfirmed: true, retryAt: at(20)) == nil)
    #expect(board.isConfirmed(.subscribeOrders(alpha)) && !board.isSettled)
    #expect(board.completed(1, isConfirmed: true, retryAt: at(20)) == .subscribeAccounts)
    #expect(board.isSettled && board.nextMoment == nil)
  }

  @Test func aRefusedOneIsSettledAndAskedForAgainLater() {
    var board = board(.subscribeTrades(alpha))
    _ = board.next(number: 1, now: at(0), deadline: at(10))
    _ = board.completed(1, isConfirmed: false, retryAt: at(20))
    #expect(board.isSettled && !board.isConfirmed(.subscribeTrades(alpha)))
    #expect(board.nextMoment == at(20))
    #expect(board.next(number: 2, now: at(19), deadline: at(29)) == nil)
    #expect(board.next(number: 2, now: at(20), deadline: at(30)) == .subscribeTrades(alpha))
  }

  @Test func aNewConnectionKnowsNothing() {
    var board = board(.subscribeAccounts)
    _ = board.next(number: 1, now: at(0), deadline: at(10))
    board.connectionOpened()
    #expect(board.completed(1, isConfirmed: true, retryAt: at(20)) == nil)
    #expect(board.next(number: 2, now: at(1), deadline: at(11)) == .subscribeAccounts)
  }

  @Test func whatIsForgottenMayBeOnTheServer() {
    var board = board(.subscribeQuotes(mnq), .subscribeQuotes(ep))
    let isFirstThere = board.forget(.subscribeQuotes(ep))
    #expect(!isFirstThere)
    _ = board.next(number: 1, now: at(0), deadline: at(10))
    let isSecondThere = board.forget(.subscribeQuotes(mnq))
    #expect(isSecondThere)
    let isThirdThere = board.forget(.subscribeQuotes(mnq))
    #expect(!isThirdThere)
    #expect(board.wanted.isEmpty)
  }
}
