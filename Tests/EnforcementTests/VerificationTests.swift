import RiskModel
import Testing

@testable import Enforcement

/// What was sent is verified in time, or somebody is told.
@Suite struct VerificationTests {
  private static func limits(_ change: (inout EnforcementLimits) -> Void) -> EnforcementLimits {
    var limits = EnforcementLimits.standard
    change(&limits)
    return limits
  }

  private func problems(_ bench: inout Bench) -> [String] {
    bench.takeReports().compactMap {
      if case .failing(_, _, let problem) = $0 { problem } else { nil }
    }
  }

  @Test(arguments: [2_000, 5_000] as [Int64])
  func `a close without proof is told after the configured time, once`(milliseconds: Int64) {
    let timeout = TimeSpan.milliseconds(milliseconds)
    var bench = Bench.ready(
      positions: [mnq: 2], limits: Self.limits { $0.verification = timeout })
    bench.adopt(.flatAccount)
    #expect(bench.changes() == [.close(account, mnq)])
    bench.answer(.close(account, mnq), .accepted)
    bench.advance(TimeSpan(nanos: timeout.nanos - 1))
    #expect(problems(&bench).isEmpty)
    _ = bench.sent()
    bench.advance(TimeSpan(nanos: 1))
    #expect(problems(&bench) == ["it is not verified within \(milliseconds) ms"])
    #expect(bench.controller.figures.unverified == 1)
    bench.advance(.seconds(30))
    #expect(!problems(&bench).contains { $0.contains("verified") })
    bench.answerReads()
    bench.advance(.seconds(3))
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  /// The times of the looks within ten seconds after a close of which nothing is heard.
  private func looks(_ change: (inout EnforcementLimits) -> Void) -> [Int64] {
    var bench = Bench.ready(positions: [mnq: 2], limits: Self.limits(change))
    bench.adopt(.flatAccount)
    bench.answer(.close(account, mnq), .accepted)
    let start = bench.now
    var looks: [Int64] = []
    while bench.now - start < .seconds(10) {
      bench.answerReads(positions: [mnq: 2])
      bench.advance(.milliseconds(10))
      if !bench.sent().isEmpty { looks.append((bench.now - start).milliseconds) }
    }
    return looks
  }

  @Test func `the pause between looks is that of the settings`() {
    let often = looks { $0.passPause = .milliseconds(100) }
    let seldom = looks { $0.passPause = .milliseconds(2_000) }
    #expect(often.count > seldom.count && !seldom.isEmpty, "\(often) \(seldom)")
  }

  @Test(arguments: [1, 2, 5])
  func `so many looks may fail before a person is told`(failures: Int) {
    var bench = Bench.ready(
      positions: [mnq: 2], limits: Self.limits { $0.failedPassesBeforeAlert = failures })
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    for attempt in 1...6 {
      bench.answer(.close(account, mnq), .refused(.orderRejected))
      let isTold = bench.alerts.contains { if case .failing = $0 { true } else { false } }
      #expect(isTold == (attempt >= failures), "\(attempt)")
      let before = bench.now
      while bench.now - before < .seconds(60), !bench.changes().contains(.close(account, mnq)) {
        bench.answerReads(positions: [mnq: 2])
        bench.advance(.milliseconds(100))
      }
    }
  }

  @Test func `where nobody wants to be told, everything is done all the same`() {
    var bench = Bench.ready(positions: [mnq: 2], limits: Self.limits { $0.tellsUnverified = false })
    bench.adopt(.flatAccount)
    bench.answer(.close(account, mnq), .accepted)
    bench.advance(.seconds(9))
    #expect(!problems(&bench).contains { $0.contains("verified") })
    #expect(bench.controller.figures.unverified == 0)
    bench.shows(mnq, 0)
    bench.answerReads()
    bench.advance(.seconds(3))
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
  }

  @Test func `a fill in part has no time of its own where those are not followed`() {
    var bench = Bench.ready(
      positions: [mnq: 5], limits: Self.limits { $0.followsPartialFills = false })
    bench.adopt(.flatAccount)
    bench.answer(.close(account, mnq), .accepted)
    bench.advance(.seconds(3))
    bench.shows(mnq, 2)
    bench.advance(.milliseconds(4_999))
    #expect(bench.controller.figures.unverified == 0)
    bench.advance(.milliseconds(1))
    #expect(problems(&bench).contains("it is not verified within 5000 ms"))
  }

  @Test func `what is not verified in time is looked at again`() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount)
    bench.answer(.close(account, mnq), .refused(.marketClosed))
    for _ in 0..<49 {
      bench.answerReads(positions: [mnq: 2])
      bench.advance(.milliseconds(100))
    }
    bench.answerReads(positions: [mnq: 2])
    _ = bench.sent()
    bench.advance(.milliseconds(99))
    #expect(bench.sent().isEmpty && problems(&bench).isEmpty)
    bench.advance(.milliseconds(1))
    #expect(problems(&bench) == ["it is not verified within 5000 ms"])
    #expect(bench.sent() == [.readWorkingOrders(account)])
  }

  @Test func `what is proven in time is not told`() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets.count == 1)
    _ = bench.takeReports()
    bench.advance(.seconds(20))
    #expect(problems(&bench).isEmpty && bench.controller.figures.unverified == 0)
  }

  @Test func `a target that needed no request waits for nothing`() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.atMost(mnq, size: 3))
    bench.advance(.seconds(20))
    #expect(bench.changes().isEmpty && bench.controller.figures.unverified == 0)
  }

  @Test func `after a fill in part the time to completion counts, from the last fill`() {
    var bench = Bench.ready(
      positions: [mnq: 5],
      limits: Self.limits {
        $0.verification = .seconds(2)
        $0.completion = .seconds(7)
      })
    bench.adopt(.flatAccount)
    bench.answer(.close(account, mnq), .accepted)
    bench.advance(.seconds(1))
    bench.shows(mnq, 3)
    bench.advance(.seconds(6))
    bench.shows(mnq, 1)
    bench.advance(.milliseconds(6_999))
    #expect(!problems(&bench).contains { $0.contains("nothing more") })
    bench.advance(.milliseconds(1))
    #expect(problems(&bench).contains("nothing more was filled for 7000 ms"))
  }

  @Test func `a position that the trader enlarges or turns is no fill`() {
    for size in [7, -3] as [Int64] {
      var verification = Verification()
      verification.requestSent(at: MonotonicInstant(nanos: 0))
      let before = verification
      let change = PositionChange(
        contract: mnq, before: 5,
        row: PositionRow(signedSize: size, number: 1, openedAt: Instant(secondsSinceEpoch: 0)),
        evidence: Evidence(
          origin: .event, ordinal: 1, moment: MonotonicInstant(nanos: 0), learned: 1))
      if change.isPartlyClosed { verification.filledInPart(at: MonotonicInstant(nanos: 9)) }
      #expect(verification == before)
    }
  }

  @Test func `requests have the deadlines of their kind`() {
    let limits = Self.limits {
      $0.changeDeadline = .seconds(1)
      $0.readDeadline = .seconds(2)
      $0.placementDeadline = .seconds(3)
      $0.cancelDeadline = .seconds(4)
      $0.modifyDeadline = .seconds(5)
    }
    let order = OrderID(7)
    let requests: [(EnforcementRequest, Int64)] = [
      (.close(account, mnq), 1), (.partialClose(account, mnq, size: 1), 1),
      (.readPositions(account), 2), (.readWorkingOrders(account), 2), (.readAccounts, 2),
      (.placeStop(account, mnq, .sell, size: 1, price: .init(points: 1), tag: "t"), 3),
      (.cancel(account, order), 4), (.modifySize(account, order, size: 1), 5),
      (.modifyStop(account, order, price: .init(points: 1)), 5),
    ]
    for (request, seconds) in requests {
      #expect(limits.deadline(of: request) == .seconds(seconds), "\(request)")
    }
  }
}
