import RiskModel
import RiskRules
import RiskTestKit
import Testing

@testable import Workers

@Suite struct TargetAgreementTests {
  private static func stop(
    _ price: String, _ side: Side = .sell, movesOnly: Bool? = nil
  ) -> Goal {
    .protected(
      Sample.mnq, ProtectiveStop(side: side, price: .at(price), movesOnly: movesOnly))
  }

  private static func bounds(_ sizes: [(ContractID, Int64)]) -> Goal {
    .noNewExposure(sizes.map { Baseline(contract: $0.0, signedSize: $0.1) })
  }

  @Test(
    arguments: [
      (.flatAccount, .flatAccount, .flatAccount),
      (.flatAccount, .flat(Sample.mnq), nil),
      (.flat(Sample.mnq), .flat(Sample.mnq), .flat(Sample.mnq)),
      (.flat(Sample.mnq), .flat(Sample.es), nil),
      (.cancelled(OrderID(1)), .cancelled(OrderID(1)), .cancelled(OrderID(1))),
      (.cancelled(OrderID(1)), .cancelled(OrderID(2)), nil),
      (.atMost(Sample.mnq, size: 3), .atMost(Sample.mnq, size: 2), .atMost(Sample.mnq, size: 2)),
      (.atMost(Sample.mnq, size: 3), .atMost(Sample.es, size: 3), nil),
      (
        bounds([(Sample.mnq, 3), (Sample.es, -2), (Sample.nq, 1), (Sample.mes, 1)]),
        bounds([(Sample.mnq, 2), (Sample.es, -5), (Sample.nq, -1)]),
        bounds([(Sample.mnq, 2), (Sample.es, -2)])
      ),
      (stop("19990"), stop("19995", movesOnly: true), stop("19995")),
      (stop("19990", .buy), stop("19995", .buy), stop("19990", .buy)),
      (
        stop("19990", movesOnly: true), stop("19980", movesOnly: true),
        stop("19990", movesOnly: true)
      ),
      (stop("19990"), stop("19990", .buy), nil),
    ] as [(Goal, Goal, Goal?)])
  func `the stricter of two goals about the same thing`(
    one: Goal, other: Goal, joined: Goal?
  ) {
    #expect(one.joined(with: other) == joined)
    #expect(other.joined(with: one) == joined)
  }

  private func target(
    _ goal: Goal, index: Int = 0, rule: RuleID = .maxContracts, end: TargetEnd = .episode,
    episodes: [PositionEpisode]? = nil
  ) -> Target {
    Target(
      id: TargetID(inputOrdinal: 5, index: index), account: Sample.account, goal: goal,
      cause: Cause(rule: rule, reason: .contractsAboveLimit(held: 6, limit: 5)), end: end,
      adoptedAt: Sample.morning, episodes: episodes)
  }

  private func episode(_ position: Int64, leftovers: [OrderID]? = nil) -> PositionEpisode {
    PositionEpisode(
      contract: Sample.mnq, position: position, openedAt: Sample.morning, side: .buy,
      leftovers: leftovers)
  }

  @Test func `another rule, end, account or position is another decision`() {
    let one = target(.flat(Sample.mnq), episodes: [episode(1)])
    #expect(one.isSameDecision(as: target(.flat(Sample.mnq), index: 3, episodes: [episode(1)])))
    #expect(one.isSameDecision(as: target(.flat(Sample.mnq))))
    var elsewhere = one
    elsewhere.account = Sample.otherAccount
    let others = [
      target(.flat(Sample.mnq), rule: .symbolBlocks, episodes: [episode(1)]),
      target(.flat(Sample.mnq), end: .permanent, episodes: [episode(1)]),
      target(.flat(Sample.mnq), episodes: [episode(2)]), target(.flat(Sample.mnq), episodes: []),
      target(.flatAccount, episodes: [episode(1)]), elsewhere,
    ]
    for other in others { #expect(!one.isSameDecision(as: other)) }
  }

  @Test func `a position that either side saw end is over`() {
    let recorded = target(
      .flatAccount, index: 1, episodes: [episode(1, leftovers: [OrderID(4)]), episode(2)])
    let held = target(
      .flatAccount, index: 2, episodes: [episode(1), episode(2, leftovers: [OrderID(7)])])
    let joined = held.joined(to: recorded)
    #expect(joined.id == recorded.id)
    #expect(joined.episodes?.map(\.leftovers) == [[OrderID(4)], [OrderID(7)]])
    #expect(target(.flatAccount).joined(to: recorded) == recorded)
    #expect(held.joined(to: target(.flatAccount)).episodes == held.episodes)
  }
}
