import RiskModel
import Testing

@testable import Enforcement

/// The enforcer's own senses, the accounts that it may touch, and who goes first.
@Suite struct SweepTests {
  /// Moments, in milliseconds since the first, at which a pass began.
  private func passes(_ bench: inout Bench, seconds: Int64) -> [Int64] {
    var moments: [Int64] = []
    let start = bench.now
    while bench.now - start < .seconds(seconds) {
      let orders = bench.sent().filter { $0 == .readWorkingOrders(account) }
      moments += orders.map { _ in (bench.now - start).milliseconds }
      bench.answerReads()
      bench.advance(.milliseconds(100))
    }
    return moments
  }

  private func intervals(_ moments: [Int64]) -> [Int64] {
    zip(moments.dropFirst(), moments).map { ($0 - $1 + 50) / 1_000 }
  }

  private func locked(accounts: [AccountID] = [account]) -> Bench {
    var bench = Bench()
    bench.start(accounts: accounts)
    bench.settle()
    for account in accounts { bench.adopt(.flatAccount, end: .permanent, account: account) }
    bench.answerReads()
    bench.advance(.milliseconds(10))
    bench.answerReads()
    return bench
  }

  @Test func anAccountWithATargetIsSweptEveryTenSeconds() {
    var bench = locked()
    _ = bench.sent()
    #expect(intervals(passes(&bench, seconds: 60)) == [10, 10, 10, 10])
  }

  @Test func everyTwoSecondsWhileTheEvaluatorIsDown() {
    var bench = locked()
    bench.link(isUp: false)
    _ = bench.sent()
    #expect(intervals(passes(&bench, seconds: 14)) == [2, 2, 2, 2, 2])
  }

  @Test func sweepsStretchWithTheNumberOfAccounts() {
    let accounts = (1...15).map { AccountID($0 + 100) }
    var bench = locked(accounts: accounts)
    for _ in 0..<20 {
      bench.answerReads()
      bench.advance(.milliseconds(100))
    }
    _ = bench.sent()
    #expect(intervals(passes(&bench, seconds: 60)) == [15, 15, 15])
  }

  @Test func anAccountWithoutATargetIsReadTwiceAfterTheStartAndThenLeftAlone() {
    var bench = Bench()
    bench.start()
    let moments = passes(&bench, seconds: 60)
    #expect(moments.count == 2)
    #expect(intervals(moments) == [2])
  }

  @Test func aSweepFindsWhatTheStreamDropped() {
    var bench = locked()
    bench.advance(.seconds(9))
    _ = bench.sent()
    for _ in 0..<20 where bench.waiting.isEmpty { bench.advance(.milliseconds(100)) }
    bench.answerReads(positions: [mnq: 2])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aLastingDifferenceIsTold() {
    var bench = Bench.ready()
    bench.adopt(.noNewExposure([Baseline(contract: mnq, signedSize: 2)]), end: .permanent)
    bench.snapshot()
    for _ in 0..<140 {
      bench.answerReads(positions: [mnq: 1])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.reports.filter { $0 == .surprised(account) }.count == 1)
    #expect(bench.controller.figures.surprises == 1)
  }

  @Test func anOrderThatNobodyToldAboutIsASurprise() {
    let stop = Bench().order(12, mnq, .sell, 2, type: .stop, price: 19_500)
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.atMost(mnq, size: 2))
    for _ in 0..<140 {
      bench.answerReads(positions: [mnq: 2], orders: [stop])
      bench.advance(.milliseconds(100))
    }
    #expect(bench.reports.filter { $0 == .surprised(account) }.count == 1)
  }

  @Test func accountsThatTheVenueDoesNotListAreLeftAlone() {
    var bench = Bench()
    bench.start(accounts: [account, otherAccount], listed: [account])
    bench.adopt(.flatAccount, end: .permanent, account: otherAccount)
    bench.shows(mnq, 2, account: otherAccount)
    bench.advance(.seconds(5))
    let sent = bench.sent()
    #expect(sent.allSatisfy { $0.account != otherAccount })
    #expect(bench.alerts == [.accountNotOurs(otherAccount)])
    bench.advance(.seconds(26))
    let isRead = bench.answer(.readAccounts, .accounts([account, otherAccount]))
    #expect(isRead)
    bench.answer(.readWorkingOrders(otherAccount), .workingOrders([]))
    #expect(bench.changes() == [.close(otherAccount, mnq)])
  }

  @Test func accountsThatWeWereNotToldToProtectAreLeftAlone() {
    var bench = Bench()
    bench.start(accounts: [account], listed: [account, otherAccount])
    bench.adopt(.flatAccount, end: .permanent, account: otherAccount)
    bench.shows(mnq, 2, account: otherAccount)
    bench.advance(.seconds(5))
    let sent = bench.sent()
    #expect(sent.allSatisfy { $0.account != otherAccount })
    #expect(bench.alerts == [.accountNotOurs(otherAccount)])
  }

  @Test func eventsOfStrangersAreIgnoredAndCounted() {
    var bench = Bench.ready()
    bench.shows(mnq, 2, account: otherAccount)
    bench.shows(bench.order(1, mnq, .buy, 1, account: otherAccount))
    bench.snapshot(account: otherAccount)
    bench.event(.quote(Quote(contract: mnq)))
    #expect(bench.controller.figures.ignoredEvents == 3)
    #expect(bench.sent().isEmpty)
  }

  @Test func theListOfAccountsIsReadUntilItIsThere() {
    var bench = Bench()
    bench.link(isUp: true)
    bench.protect([account])
    bench.setTargets([bench.target(1, .flatAccount, end: .permanent)])
    var moments: [Int64] = []
    let start = bench.now
    for _ in 0..<200 {
      if bench.answer(.readAccounts, .failed("503")) {
        moments.append((bench.now - start).milliseconds)
      }
      bench.advance(.milliseconds(100))
    }
    #expect(intervals(moments) == [1, 2, 4, 8])
    let sent = bench.sent()
    #expect(sent.allSatisfy { $0 == .readAccounts })
  }

  @Test func theRiskiestAccountGoesFirstAndFlattenBeforeTheRest() {
    var bench = Bench()
    bench.start(accounts: [account, otherAccount])
    bench.settle()
    bench.shows(mnq, 5, account: AccountID(101))
    bench.shows(mnq, 2, account: otherAccount)
    bench.shows(mes, -4, row: 2, account: otherAccount)
    bench.setTargets([
      bench.target(1, .atMost(mnq, size: 1)),
      bench.target(2, .flatAccount, end: .permanent, account: otherAccount),
    ])
    #expect(
      bench.changes() == [
        .close(otherAccount, mes), .close(otherAccount, mnq),
        .partialClose(account, mnq, size: 4),
      ])
    bench.setTargets([
      bench.target(4, .flatAccount, end: .permanent),
      bench.target(3, .flatAccount, end: .permanent, account: otherAccount),
    ])
    bench.answerAll(.refused(.notSent))
    bench.advance(.seconds(1))
    #expect(
      bench.changes() == [
        .close(otherAccount, mes), .close(otherAccount, mnq), .close(account, mnq),
      ])
  }

  @Test func requestsInFlightAreCappedAndTheRestFollows() {
    var limits = EnforcementLimits.standard
    limits.changesInFlight = 3
    let orders = (1...8).map { Bench().order($0, mnq, .buy, 1, price: 100) }
    var bench = Bench.ready(positions: [mnq: 1], orders: orders, limits: limits)
    bench.adopt(.flatAccount, end: .permanent)
    #expect(
      bench.changes() == [
        .close(account, mnq), .cancel(account, OrderID(1)), .cancel(account, OrderID(2)),
      ])
    bench.answer(.cancel(account, OrderID(1)), .accepted)
    #expect(bench.changes() == [.cancel(account, OrderID(3))])
  }

  @Test func readsLeaveRoomForWhatActs() {
    let accounts = (1...20).map { AccountID($0 + 100) }
    var bench = Bench()
    bench.start(
      accounts: accounts,
      targets: accounts.enumerated().map {
        bench.target(Int64($0 + 1), .flatAccount, end: .permanent, account: $1)
      })
    #expect(bench.waiting.count == 8)
    for _ in 0..<100 {
      #expect(bench.waiting.count <= 9)
      bench.answerReads()
      bench.advance(.milliseconds(100))
    }
    #expect(bench.provenTargets.count == 20)
  }
}
