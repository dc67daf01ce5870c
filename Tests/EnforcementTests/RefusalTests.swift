import RiskModel
import Testing

@testable import Enforcement

/// The venue says no, or nothing: the target stays, the retries slow down, a human is told.
@Suite struct RefusalTests {
  /// Lets time pass, with the reads answered, until the close is sent again; how long that took.
  private func retried(_ bench: inout Bench, within limit: TimeSpan) -> TimeSpan? {
    let before = bench.now
    while bench.now - before <= limit {
      if bench.changes().contains(.close(account, mnq)) { return bench.now - before }
      bench.answerReads(positions: [mnq: 2])
      bench.advance(.milliseconds(100))
    }
    return nil
  }

  private func refused(_ refusal: Refusal, times: Int) -> (Bench, [Int64]) {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    var waits: [Int64] = []
    for _ in 0..<times {
      bench.answer(.close(account, mnq), .refused(refusal))
      guard let wait = retried(&bench, within: .seconds(60)) else { break }
      waits.append((wait.milliseconds + 50) / 1_000)
    }
    return (bench, waits)
  }

  @Test(arguments: [Refusal.orderRejected, .accountRejected, .notSent, .other, .contractNotFound])
  func retriesSlowDown(refusal: Refusal) {
    #expect(refused(refusal, times: 8).1 == [1, 2, 4, 8, 16, 30, 30, 30])
  }

  @Test(arguments: [Refusal.marketClosed, .contractNotActive])
  func aClosedMarketIsTriedEveryThirtySeconds(refusal: Refusal) {
    let (bench, waits) = refused(refusal, times: 3)
    #expect(waits == [30, 30, 30])
    #expect(bench.alerts.contains(.marketClosed(account, mnq)))
    #expect(bench.alerts.filter { $0 == .marketClosed(account, mnq) }.count == 1)
  }

  @Test func theFirstSuccessAfterTheOpenProves() {
    var (bench, _) = refused(.marketClosed, times: 2)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
    guard case .proven(_, let requests, let passes, _)? = bench.reports.last else {
      Issue.record("no proof")
      return
    }
    #expect(requests == 3)
    #expect(passes == 3)
  }

  /// The venue rejects everything while its prices move too fast.
  @Test func aPauseOfTheVenueOfTenSecondsIsOutlasted() {
    var (bench, waits) = refused(.orderRejected, times: 4)
    #expect(waits == [1, 2, 4, 8])
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func theThirdFailedPassAlertsAndTheFailuresAreReported() {
    let (bench, _) = refused(.orderRejected, times: 5)
    let failing = bench.reports.compactMap { report -> Int? in
      if case .failing(_, let passes, let problem) = report, problem == "order rejected" {
        passes
      } else {
        nil
      }
    }
    #expect(failing == [3, 4, 5])
    let alerts = bench.alerts.filter { if case .failing = $0 { true } else { false } }
    #expect(alerts.count == 1)
  }

  @Test func severalRefusalsOfOneMomentAreOnePass() {
    var bench = Bench.ready(positions: [mnq: 2, mes: 1])
    bench.adopt(.flatAccount, end: .permanent)
    for _ in 0..<2 {
      bench.answer(.close(account, mes), .refused(.orderRejected))
      bench.answer(.close(account, mnq), .refused(.orderRejected))
      for _ in 0..<11 {
        bench.answerReads(positions: [mnq: 2, mes: 1])
        bench.advance(.milliseconds(100))
      }
    }
    #expect(bench.controller.figures.refusals == 4)
    #expect(bench.alerts.isEmpty)
  }

  @Test func anAccountThatTheVenueDoesNotServeIsToldOnce() {
    let (bench, _) = refused(.accountRejected, times: 4)
    #expect(bench.alerts.filter { $0 == .accountRefuses(account, .accountRejected) }.count == 1)
  }

  @Test func aLoopThatCannotProgressStaysBounded() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount, end: .permanent)
    var requests = 0
    let end = bench.now + .seconds(600)
    while bench.now < end {
      bench.answerAll(.accepted)
      bench.answerReads(positions: [mnq: 2])
      bench.advance(.milliseconds(50))
      requests += bench.sent().count
    }
    #expect(requests < 400)
    #expect(bench.alerts.contains { if case .failing = $0 { true } else { false } })
    #expect(bench.controller.figures.closes < 30)
  }

  @Test func anOrderThatCannotBeCancelledStaysBounded() {
    let entry = Bench().order(11, mnq, .buy, 1, price: 19_000)
    for outcome in [RequestOutcome.gone, .accepted, .unknown("x"), .refused(.orderRejected)] {
      var bench = Bench.ready(orders: [entry])
      bench.adopt(.flatAccount, end: .permanent)
      let end = bench.now + .seconds(300)
      while bench.now < end {
        bench.answerAll(outcome)
        bench.answerReads(orders: [entry])
        bench.advance(.milliseconds(50))
      }
      #expect(bench.controller.figures.cancels < 20)
      #expect(bench.alerts.contains { if case .failing = $0 { true } else { false } })
    }
  }

  @Test func readsThatFailAreFailedPassesAndSlowDown() {
    var bench = Bench.ready()
    bench.adopt(.flatAccount, end: .permanent)
    var reads = 0
    let end = bench.now + .seconds(60)
    while bench.now < end {
      for (_, request) in bench.waiting { bench.answer(request, .failed("503")) }
      bench.advance(.milliseconds(50))
      reads += bench.sent().count
    }
    #expect(bench.provenTargets.isEmpty)
    #expect(reads < 30)
    #expect(bench.controller.figures.failedReads > 5)
    #expect(bench.alerts.contains { if case .failing = $0 { true } else { false } })
    for _ in 0..<110 {
      bench.answerReads()
      bench.advance(.milliseconds(100))
    }
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aCloseThatFailsOnceIsRepeatedUntilItIsProven() {
    var (bench, _) = refused(.other, times: 1)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func aNewPositionDoesNotInheritTheOldPause() {
    var (bench, _) = refused(.orderRejected, times: 4)
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2)
    #expect(bench.changes() == [.close(account, mnq)])
  }
}
