import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// A full disk must not unprotect anybody: the engine goes on in memory.
@Suite struct JournalTroubleTests {
  private let rules = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500")))

  @Test func `decisions leave although they cannot be recorded`() {
    let stage = EvaluatorStage(rules)
    stage.journal.failure = JournalError("disk full")
    stage.trade("-600", id: 1)
    #expect(stage.adopted.map(\.goal).contains(.flatAccount))
    #expect(stage.journal.ballast == false)
    #expect(stage.host.degraded.first == "the journal cannot be written: disk full")
  }

  @Test func `no new exposure is allowed while nothing can be recorded`() {
    let stage = EvaluatorStage(rules)
    stage.hold(Sample.mnq, 2)
    stage.journal.failure = JournalError("disk full")
    stage.hold(Sample.mnq, 2)
    #expect(
      stage.adopted.map(\.goal)
        == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    #expect(stage.adopted.map(\.end) == [.evaluationRestored])
    #expect(stage.role.figures.lockouts == 0)
  }

  @Test func `what waited is recorded when the disk is back, and the bar is lifted`() {
    let stage = EvaluatorStage(rules)
    let before = stage.journal.entries.count
    stage.journal.failure = JournalError("disk full")
    stage.trade("-100", id: 1)
    stage.trade("-100", id: 2)
    stage.journal.failure = nil
    stage.role.tick()
    stage.turn()
    #expect(stage.journal.entries.count == before + 4)
    #expect(stage.journal.entries.map(\.ordinal) == Array(1...Int64(before + 4)))
    #expect(stage.host.degraded.last == .some(nil))
    #expect(stage.role.engineState.targets.isEmpty)
    #expect(stage.role.figures.unjournalled == 0)
  }

  @Test func `a lockout that waited is made durable once it is recorded`() {
    let stage = EvaluatorStage(rules)
    stage.journal.failure = JournalError("disk full")
    stage.trade("-600", id: 1)
    let before = stage.journal.durablePoints
    stage.journal.failure = nil
    stage.role.tick()
    stage.turn()
    #expect(stage.journal.durablePoints == before + 1)
  }

  @Test func `a lockout that the disk did not take is put there again, not all the time`() {
    let stage = EvaluatorStage(rules)
    stage.journal.takesIt = false
    stage.trade("-600", id: 1)
    #expect(stage.journal.durablePoints == 1)
    // Neither turns nor ticks hurry it.
    for id in 2..<20 { stage.trade("-1", id: Int64(id)) }
    stage.role.tick()
    #expect(stage.journal.durablePoints == 1)
    var moments: [Int64] = []
    for second in 1...300 {
      let before = stage.journal.durablePoints
      stage.clock.instant = stage.clock.instant + .seconds(1)
      stage.role.tick()
      stage.turn()
      if stage.journal.durablePoints > before { moments.append(Int64(second)) }
    }
    #expect(moments == [1, 3, 7, 15, 31, 63, 123, 183, 243])
    stage.journal.takesIt = true
    stage.clock.instant = stage.clock.instant + .seconds(60)
    stage.role.tick()
    let paid = stage.journal.durablePoints
    #expect(paid == 11)
    stage.clock.instant = stage.clock.instant + .seconds(600)
    stage.role.tick()
    stage.trade("-1", id: 50)
    #expect(stage.journal.durablePoints == paid)
  }

  @Test func `a lockout that is recorded while the disk is busy is put there behind it`() {
    let stage = EvaluatorStage(
      [Sample.account: rules, AccountID(902): rules])
    stage.journal.takesIt = nil
    stage.trade("-600", id: 1)
    #expect(stage.journal.durablePoints == 1)
    stage.feed(
      .trade(
        Trade(
          id: TradeID(2), account: AccountID(902), contract: Sample.mnq,
          executedAt: stage.clock.instant, price: .at("20000"), profit: .of("-600"), fees: .zero,
          side: .sell, size: 1, order: OrderID(2))))
    stage.role.tick()
    #expect(stage.journal.durablePoints == 1)
    stage.journal.unanswered.removeFirst()(true)
    #expect(stage.journal.durablePoints == 2)
    stage.journal.unanswered.removeFirst()(true)
    #expect(stage.journal.durablePoints == 2)
  }

  @Test func `too much to keep becomes a checkpoint`() {
    var settings = EvaluatorRole.Settings()
    settings.unjournalledLimit = 5
    let stage = EvaluatorStage(rules, settings: settings)
    stage.journal.failure = JournalError("disk full")
    for id in 0..<10 { stage.trade("-1", id: Int64(id)) }
    stage.journal.failure = nil
    stage.role.tick()
    stage.turn()
    let recovered = stage.journal.batches.dropFirst().first { $0.checkpoint != nil }
    #expect(recovered?.beginsSegment == true)
    #expect(stage.role.engineState.isJournalWritable)
  }
}
