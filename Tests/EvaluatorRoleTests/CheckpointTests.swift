import RiskModel
import RiskRules
import RiskTestKit
import Testing

@testable import EvaluatorRole

/// When the whole state is recorded.
@Suite struct CheckpointTests {
  private let rules = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("100000")))

  private func stage(every inputs: Int64) -> EvaluatorStage {
    var settings = EvaluatorRole.Settings()
    settings.checkpointEvery = inputs
    return EvaluatorStage(rules, settings: settings)
  }

  @Test func itsShareOfAnInputDoesNotGrowWithTheDay() {
    let stage = stage(every: 10)
    for id in 0..<400 { stage.trade("-1", id: Int64(id)) }
    let checkpoints = stage.journal.batches.dropFirst().compactMap(\.checkpoint)
    #expect(checkpoints.count > 2)
    for (earlier, later) in zip(checkpoints, checkpoints.dropFirst()) {
      let executions = later.accounts[Sample.account]?.ledger.entries.count ?? 0
      #expect(later.ordinal - earlier.ordinal >= Int64(executions / 2))
    }
  }

  @Test func oneThatOnlyShortensARestartMayWait() {
    let stage = stage(every: 20)
    for id in 0..<60 { stage.trade("-1", id: Int64(id)) }
    stage.role.stop()
    let kinds = stage.journal.batches.filter { $0.checkpoint != nil }
      .map { [$0.beginsSegment, $0.mayCheckpointWait] }
    #expect(kinds.first == [true, false])
    #expect(kinds.dropFirst().dropLast().allSatisfy { $0 == [false, true] })
    #expect(kinds.count > 2)
    #expect(kinds.last == [false, false])
  }
}
