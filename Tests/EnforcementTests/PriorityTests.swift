import RiskModel
import Testing

@testable import Enforcement

/// When not everything can be sent at once, the account with the most at risk comes first.
@Suite struct PriorityTests {
  private func locked(
    _ sizes: (Int64, Int64), limits: EnforcementLimits
  ) -> Bench {
    var bench = Bench(limits: limits)
    bench.link(isUp: true)
    bench.protect([account, otherAccount])
    for (owner, size) in [(account, sizes.0), (otherAccount, sizes.1)] {
      bench.snapshot(positions: [bench.position(mnq, size, account: owner)], account: owner)
    }
    bench.setTargets([
      bench.target(1, .flatAccount, end: .permanent),
      bench.target(2, .flatAccount, end: .permanent, account: otherAccount),
    ])
    bench.answer(.readAccounts, .accounts([account, otherAccount]))
    return bench
  }

  @Test(
    arguments: [
      (1, 5, otherAccount), (5, 1, account), (-2, -3, otherAccount), (3, -2, account),
      (2, 2, account),
    ] as [(Int64, Int64, AccountID)])
  func theLargerExposureIsClosedFirst(size: Int64, other: Int64, first: AccountID) {
    var limits = EnforcementLimits.standard
    limits.changesInFlight = 1
    var bench = locked((size, other), limits: limits)
    #expect(bench.changes() == [.close(first, mnq)])
    bench.answer(.close(first, mnq), .accepted)
    let second = first == account ? otherAccount : account
    #expect(bench.changes().first == .close(second, mnq))
  }

  @Test func withRoomBothLeaveAtOnceInThatOrder() {
    var bench = locked((1, 5), limits: .standard)
    #expect(bench.changes() == [.close(otherAccount, mnq), .close(account, mnq)])
  }

  @Test func aReductionWaitsForAFlatten() {
    var limits = EnforcementLimits.standard
    limits.changesInFlight = 1
    var bench = Bench.ready(positions: [mnq: 4, mes: 2], limits: limits)
    bench.setTargets([
      bench.target(1, .atMost(mes, size: 1)), bench.target(2, .flat(mnq), end: .permanent),
    ])
    #expect(bench.changes() == [.close(account, mnq)])
  }
}
