import RiskModel
@testable import Supervision
import Testing

@Suite struct ReleaseTests {
  private static let activated = Instant(secondsSinceEpoch: 1_763_735_400)

  private static func facts(
    own: String? = "b", _ change: (inout GateState) -> Void = { _ in }, isMarkedGood: Bool = false,
    previousSchema: Int? = 2
  ) -> ReleaseFacts {
    var gate = GateState(
      current: "b", standing: .trial, triesLeft: 2, activated: activated, previous: "a")
    change(&gate)
    return ReleaseFacts(
      own: own, gate: gate, isMarkedGood: isMarkedGood, previousSchema: previousSchema, schema: 2)
  }

  private static func stays(_ reason: String) -> CrashLoopVerdict { .safeMode(because: reason) }

  private static let crashLoops: [(ReleaseFacts, CrashLoopVerdict)] = [
    (facts(), CrashLoopVerdict.rollBack(to: "a")),
    (facts(previousSchema: 3), .rollBack(to: "a")),
    (facts(previousSchema: 1), stays("release a reads databases up to schema 1, not 2")),
    (facts(previousSchema: nil), stays("release a does not say which databases it can read")),
    (facts { $0.previous = nil }, stays("there is no release before b")),
    (facts { $0.isRolledBack = true }, stays("the gate has gone back to release b already")),
    (facts { $0.standing = .good }, stays("release b is not on trial but good")),
    (facts { $0.standing = .bad }, stays("release b is not on trial but bad")),
    (facts(isMarkedGood: true), stays("release b is not on trial but good")),
    (facts { $0.isSafeMode = true }, stays("the release gate asks for safe mode")),
    (facts(own: "c"), stays("c runs, and b is the current release")),
    (
      facts(own: nil),
      stays("a program outside of the releases runs, and b is the current release")
    ),
    (
      ReleaseFacts(own: "b", gate: nil, previousSchema: 2, schema: 2),
      stays("releases are not managed here")
    ),
  ]

  @Test(arguments: crashLoops)
  func aCrashLoop(facts: ReleaseFacts, verdict: CrashLoopVerdict) {
    #expect(ReleaseRule.verdict(on: facts, at: Self.activated + .seconds(60)) == verdict)
  }

  @Test(arguments: [(86_399, true), (86_400, false), (-2_592_000, true)] as [(Int64, Bool)])
  func probationIsADay(age: Int64, isOnProbation: Bool) {
    let verdict = ReleaseRule.verdict(on: Self.facts(), at: Self.activated + .seconds(age))
    #expect(
      verdict
        == (isOnProbation
          ? .rollBack(to: "a")
          : Self.stays("release b is no longer on probation")))
  }

  private static let standings: [(ReleaseFacts, ReleaseStanding)] = [
    (facts(), ReleaseStanding(id: "b", state: .trial)),
    (facts(isMarkedGood: true), ReleaseStanding(id: "b", state: .good)),
    (facts { $0.standing = .good }, ReleaseStanding(id: "b", state: .good)),
    (
      facts {
        $0.standing = .bad; $0.isSafeMode = true; $0.reason = "both failed"
      },
      ReleaseStanding(id: "b", state: .bad, safeModeReason: "both failed")
    ),
    (facts(own: "c"), ReleaseStanding(id: "c", state: .unmanaged)),
    (
      facts(own: "c") { $0.isSafeMode = true },
      ReleaseStanding(id: "c", state: .unmanaged, safeModeReason: "no release works")
    ),
    (
      ReleaseFacts(own: nil, gate: nil, previousSchema: nil, schema: 2), ReleaseStanding.unmanaged
    ),
  ]

  @Test(arguments: standings)
  func standing(facts: ReleaseFacts, standing: ReleaseStanding) {
    #expect(ReleaseStanding(facts) == standing)
  }

  private static let onTrial = ReleaseStanding(id: "b", state: .trial)

  @Test func tenHealthyMinutesWithCanariesMakeAReleaseGood() {
    var world = SupervisedWorld(release: Self.onTrial)
    world.startReady()
    world.pass(300_000)
    let probation = world.plan.report(at: world.moment).release.probation
    #expect(probation?.neededSeconds == 600)
    #expect(probation?.neededCanaries == 30)
    #expect(probation?.canaries == 30)
    #expect((299...300).contains(probation?.healthySeconds ?? 0))
    world.pass(298_000)
    #expect(world.verdicts.isEmpty)
    world.pass(4_000)
    #expect(world.verdicts.map(\.word) == [.good])
    #expect(world.verdicts.first?.release == "b")
    #expect(world.events(.releaseGood).count == 1)
    #expect(
      world.plan.report(at: world.moment).release
        == StatusReport.Release(id: "b", state: .good))
    #expect(
      world.plan.report(at: world.moment).line.hasSuffix("; 1.2.3 (release b, good)"))
    world.pass(1_300_000)
    #expect(world.verdicts.count == 1)
  }

  @Test func aDeathBeginsTheTimeAnew() {
    var world = SupervisedWorld(release: Self.onTrial)
    world.startReady()
    world.pass(500_000)
    world.die(.gateway)
    world.pass(595_000)
    #expect(world.verdicts.isEmpty)
    world.pass(10_000)
    #expect(world.verdicts.count == 1)
  }

  @Test func withoutCanariesNothingIsGood() {
    var world = SupervisedWorld(release: Self.onTrial)
    world.startReady()
    world.canariesUntil = 300_000
    world.pass(1_300_000)
    #expect(world.verdicts.isEmpty)
    #expect(world.plan.report(at: world.moment).release.probation?.healthySeconds == 0)
    world.canariesUntil = nil
    world.pass(605_000)
    #expect(world.verdicts.count == 1)
  }

  @Test func aVerdictThatCouldNotBeWrittenIsTriedAgain() {
    var world = SupervisedWorld(release: Self.onTrial)
    world.startReady()
    world.verdictProblem = "no space"
    world.pass(640_000)
    #expect(world.events(.verdictFailed).count == 2)
    #expect(
      world.events(.verdictFailed).first?.text
        == "the verdict on the release cannot be written: no space")
    world.stall(10_000)
    world.verdictProblem = nil
    world.pass(40_000)
    #expect(world.verdicts.count == 1)
  }

  @Test(arguments: [
    ReleaseStanding.unmanaged, ReleaseStanding(id: "b", state: .good),
  ])
  func whatIsNotOnTrialIsNotJudged(release: ReleaseStanding) {
    var world = SupervisedWorld(release: release)
    world.startReady()
    world.pass(1_300_000)
    #expect(world.verdicts.isEmpty)
    #expect(world.plan.report(at: world.moment).release.probation == nil)
    #expect(world.plan.report(at: world.moment).release.state == release.state)
  }

  @Test func aReleaseThatWasGivenUpAndStayedCanFindItselfGood() {
    var world = SupervisedWorld(
      release: ReleaseStanding(id: "b", state: .bad, safeModeReason: "nothing to go back to"))
    world.startReady()
    world.pass(601_000)
    #expect(world.plan.overallState == .running)
    #expect(world.verdicts.isEmpty)
    world.pass(700_000)
    #expect(world.verdicts.map(\.word) == [.good])
  }

  @Test func theGateCanAskForSafeMode() {
    var world = SupervisedWorld(
      release: ReleaseStanding(id: "b", state: .bad, safeModeReason: "both releases failed"))
    world.startReady()
    #expect(world.plan.overallState == .safeMode)
    #expect(
      world.events(.safeMode).map(\.text) == [
        "SAFE MODE: the release gate asks for it: both releases failed"
      ])
    let report = world.plan.report(at: world.moment)
    #expect(report.safeModeReason == "both releases failed")
    #expect(report.crashLoop == nil)
    #expect(report.line.hasPrefix("SAFE MODE: "))
    for _ in 0..<5 {
      world.die(.gateway)
      world.pass(40_000)
    }
    #expect(world.events(.crashLoop).isEmpty)
    world.pass(700_000)
    #expect(world.plan.overallState == .running)
    #expect(world.plan.report(at: world.moment).safeModeReason == nil)
  }

  @Test func theReleaseThatIsGivenUpIsNamed() {
    var world = SupervisedWorld(release: Self.onTrial)
    world.startReady()
    for _ in 0..<4 {
      world.die(.evaluator)
      world.pass(5_000)
    }
    world.stay(because: "for a reason")
    #expect(world.events(.safeMode).map(\.text) == ["SAFE MODE: for a reason"])
    world.giveUp(for: "a")
    let entry = world.events(.rolledBack).first
    #expect(entry?.text == "release b is given up; release a follows")
    #expect(entry?.cause?.hasPrefix("4 deaths of evaluator") == true)
    #expect(entry?.severity == .critical)
    #expect(world.take().last == "finished")
  }
}
