import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// An administrator ends what nothing else ends, and nothing else.
@Suite struct AdministratorTests {
  private func locked(until end: LockoutEnd) -> EvaluatorStage {
    let stage = EvaluatorStage(
      RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500"), lockoutEnd: end)))
    stage.trade("-600", id: 1)
    return stage
  }

  @Test func `a permanent lockout ends by command, recorded with who asked, on the next day`() {
    let stage = locked(until: .permanent)
    stage.clock.instant = stage.clock.instant + .seconds(86_400)
    stage.feed(.venueTime(stage.clock.instant, receivedAt: stage.clock.instant))
    guard let id = stage.role.lockouts.first?.target.id else {
      Issue.record("nothing is locked")
      return
    }
    #expect(stage.role.endLockout(id, by: "uid 0, pid 5") == .ended(standing: []))
    #expect(stage.role.lockouts.isEmpty)
    let entry = stage.journal.entries.last
    #expect(entry?.input == .administrator(.endLockout(id, by: "uid 0, pid 5")))
    #expect(entry?.effects.endings == [.administrator])
    // What an earlier release could not read lies before the checkpoint.
    #expect(stage.journal.batches.last?.checkpoint?.ordinal == entry?.ordinal)
    #expect(stage.audit.decisions.contains(.administered(.endLockout(id, by: "uid 0, pid 5"))))
    #expect(stage.audit.decisions.contains(.ended(id, .administrator)))
    #expect(
      stage.enforcer.sent.contains {
        if case .end(_, id, .administrator) = $0 { true } else { false }
      })
    #expect(stage.role.endLockout(id, by: "uid 0, pid 5") == .unknown)
  }

  @Test func `a rule that is still broken locks again at once`() {
    let stage = locked(until: .permanent)
    let id = stage.role.lockouts[0].target.id
    guard case .ended(let standing) = stage.role.endLockout(id, by: "uid 0, pid 5") else {
      Issue.record("it was not ended")
      return
    }
    #expect(standing.map(\.target.cause.rule) == [.dailyRealizedLoss])
    #expect(standing.first.map { $0.target.id != id } ?? false)
  }

  @Test func `a timed lockout ends by time alone`() {
    let stage = locked(until: .dailyReset)
    let lockout = stage.role.lockouts[0]
    #expect(lockout.endsAt != nil)
    let recorded = stage.journal.entries.count
    #expect(stage.role.endLockout(lockout.target.id, by: "uid 0") == .notPermanent(lockout))
    #expect(stage.journal.entries.count == recorded)
    #expect(stage.role.lockouts == [lockout])
  }

  @Test func `the engine refuses it for timed lockouts too`() {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("1"))))
    scene.trade("-5")
    let id = scene.standingTargets[0].id
    #expect(scene.send(.administrator(.endLockout(id, by: "uid 0"))).isEmpty)
    #expect(scene.standingTargets.map(\.id) == [id])
  }

  @Test func `what cannot be recorded is not ended`() {
    let stage = locked(until: .permanent)
    stage.journal.failure = JournalError("disk full")
    stage.trade("-1", id: 2)
    let id = stage.role.lockouts[0].target.id
    #expect(stage.role.endLockout(id, by: "uid 0") == .notRecorded)
    #expect(stage.role.lockouts.contains { $0.target.id == id })
  }
}
