import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// After the record was lost: the venue is believed, and nothing grows until it was read twice.
@Suite struct ReconciliationTests {
  private let rules = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500")))

  private func stage(_ rules: RiskConfiguration) -> EvaluatorStage {
    var settings = EvaluatorRole.Settings()
    settings.lossOfRecord = "the file is gone"
    return EvaluatorStage(rules, settings: settings)
  }

  private func snapshot(_ stage: EvaluatorStage, _ size: Int64) {
    let positions =
      size == 0
      ? []
      : [
        Position(
          id: 1, account: Sample.account, contract: Sample.mnq, openedAt: stage.clock.instant,
          signedSize: size, averagePrice: .at("20000"))
      ]
    stage.feed(
      .snapshot(
        AccountSnapshot(
          account: Account(id: Sample.account, name: "A", balance: .zero, canTrade: true),
          positions: positions, workingOrders: [], trades: [], startedAt: stage.clock.instant),
        receivedAt: stage.clock.instant))
  }

  @Test func `what is held stays, nothing is added, and the second reading ends it`() {
    let stage = stage(rules)
    #expect(stage.host.degraded == ["the file is gone"])
    #expect(stage.adopted.isEmpty)
    #expect(stage.gateway.sent.contains(.refresh(Sample.account)))
    let asked = stage.gateway.sent.count { $0 == .refresh(Sample.account) }
    snapshot(stage, 2)
    #expect(
      stage.adopted.map(\.goal)
        == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    #expect(!stage.role.isReconciled)
    #expect(stage.gateway.sent.count { $0 == .refresh(Sample.account) } == asked + 1)
    snapshot(stage, 2)
    #expect(stage.role.isReconciled)
    #expect(stage.role.engineState.targets.isEmpty)
    #expect(stage.host.degraded.last == .some(nil))
    #expect(stage.audit.decisions.contains(.reconciled))
    snapshot(stage, 3)
    #expect(stage.adopted.count == 1)
  }

  @Test func `an account that cannot be acted on is not waited for`() {
    let stage = stage(rules)
    for _ in 0..<2 {
      stage.feed(
        .unprotectable(Sample.account, reason: "not ours", receivedAt: stage.clock.instant))
    }
    #expect(stage.role.isReconciled)
  }

  @Test func `a journal that fails meanwhile keeps the bar and its own words`() {
    let stage = stage(rules)
    snapshot(stage, 2)
    stage.journal.failure = JournalError("disk full")
    snapshot(stage, 2)
    #expect(stage.host.degraded.last == "the journal cannot be written: disk full")
    #expect(stage.role.engineState.targets.count == 1)
    stage.journal.failure = nil
    stage.role.tick()
    stage.turn()
    #expect(stage.host.degraded.last == .some(nil))
    #expect(stage.role.engineState.targets.isEmpty)
    #expect(stage.role.isRecorded)
  }

  @Test func `a journal that recovers meanwhile does not lift the bar`() {
    let stage = stage(rules)
    stage.journal.failure = JournalError("disk full")
    snapshot(stage, 2)
    stage.journal.failure = nil
    stage.role.tick()
    stage.turn()
    #expect(stage.host.degraded.last == "the file is gone")
    #expect(stage.role.engineState.targets.count == 1)
    snapshot(stage, 2)
    #expect(stage.role.engineState.targets.isEmpty)
  }

  @Test func `decisions are kept for good behind the commit and the enforcer`() {
    let stage = EvaluatorStage(rules)
    #expect(stage.audit.decisions.contains(.configured([Sample.account: rules])))
    stage.journal.order = []
    stage.audit.noted = { stage.journal.order.append("audit") }
    stage.trade("-600", id: 1)
    #expect(stage.journal.order.first == "commit")
    #expect(stage.journal.order.last == "audit")
    let target = stage.adopted.first
    #expect(
      stage.audit.decisions.contains { if case .adopted(target) = $0 { true } else { false } })
    #expect(stage.audit.decisions.contains { if case .breach = $0 { true } else { false } })
    stage.clock.instant = stage.clock.instant + .seconds(86_400)
    stage.feed(.venueTime(stage.clock.instant, receivedAt: stage.clock.instant))
    #expect(
      stage.audit.decisions.contains { if case .dailyReset = $0 { true } else { false } })
    #expect(
      stage.audit.decisions.contains {
        if case .ended(target?.id, .dailyReset) = $0 { true } else { false }
      })
  }
}
