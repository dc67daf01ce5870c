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
