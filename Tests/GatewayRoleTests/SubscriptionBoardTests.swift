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

  @Test func `of many the earliest deadline counts, in whatever order they are answered`() {
    var board = SubscriptionBoard()
    let accounts = (1...50).map { AccountID($0) }
    for account in accounts { board.want(.subscribeOrders(account)) }
    for number in 1...50 {
      #expect(
        board.next(number: Int64(number), now: at(0), deadline: at(100 + Int64(number)))
          == .subscribeOrders(accounts[number - 1]))
    }
    for number in stride(from: Int64(50), through: 2, by: -2) {
      #expect(board.nextMoment == at(101))
      #expect(
        board.completed(number, isConfirmed: number != 20, retryAt: at(150))
          == .subscribeOrders(AccountID(number)))
    }
    for number in stride(from: Int64(1), through: 49, by: 2) {
      #expect(board.nextMoment == at(100 + number) && !board.isSettled)
      #expect(board.hasLost(at: at(100 + number)) && !board.hasLost(at: at(99 + number)))
      _ = board.completed(number, isConfirmed: true, retryAt: at(150))
    }
    #expect(board.isSettled && board.nextMoment == at(150))
    let isThere = board.forget(.subscribeOrders(AccountID(7)))
    #expect(isThere && board.isConfirmed(.subscribeOrders(AccountID(8))))
    #expect(
      board.next(number: 60, now: at(150), deadline: at(160)) == .subscribeOrders(AccountID(20)))
    #expect(!board.isSettled && board.nextMoment == at(160))
    board.want(.subscribeOrders(AccountID(51)))
    #expect(
      board.next(number: 61, now: at(151), deadline: at(155)) == .subscribeOrders(AccountID(51)))
    #expect(board.nextMoment == at(155))
  }
}
