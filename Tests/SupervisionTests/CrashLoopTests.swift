import RiskModel
@testable import Supervision
import Testing

@Suite struct CrashLoopTests {
  private static func death(_ worker: WorkerName, at milliseconds: Int64) -> Death {
    let moment = SupervisedWorld.moment(milliseconds)
    return Death(worker: worker, cause: .signal(9), at: moment.boot, civil: moment.civil)
  }

  private static func window(_ deaths: [(WorkerName, Int64)]) -> DeathWindow {
    DeathWindow(
      boot: SupervisedWorld.boot, deaths: deaths.map { death($0.0, at: $0.1) })
  }

  @Test func theFourthDeathOfOneWorkerIsACrashLoop() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<3 {
      world.die(.evaluator, .code(1))
      world.pass(10_000)
    }
    #expect(world.plan.overallState == .running)
    world.die(.evaluator, .signal(11))
    #expect(world.take().last == "crash loop: worker(Supervision.WorkerName.evaluator)")
    #expect(world.plan.overallState == .safeMode)
    let evidence = world.plan.report(at: world.moment).crashLoop
    #expect(evidence?.scope == "evaluator")
    #expect(evidence?.allowedDeaths == 3)
    #expect(evidence?.windowSeconds == 600)
    #expect(
      evidence?.deaths.map(\.cause) == ["exit 1", "exit 1", "exit 1", "signal 11 (SIGSEGV)"])
    #expect(world.events(.crashLoop).map(\.severity) == [.critical])
  }

  @Test func theSeventhDeathOfAllTogetherIsACrashLoop() {
    var world = SupervisedWorld()
    world.startReady()
    for worker in WorkerName.critical + WorkerName.critical {
      world.die(worker)
      world.pass(20_000)
    }
    #expect(world.plan.overallState == .running)
    world.die(.gateway)
    #expect(world.take().contains("crash loop: together"))
    #expect(world.plan.report(at: world.moment).crashLoop?.scope == "all")
  }

  @Test func theWindowSlidesOverEveryBorder() {
    // Three deaths in the last ten seconds of one ten-minute stretch, three in the first ten of the
    // next: a window that starts anew sees three and three.
    var world = SupervisedWorld()
    world.startReady()
    world.pass(590_000)
    for _ in 0..<3 {
      world.die(.gateway)
      world.pass(3_000)
    }
    world.pass(1_500)
    #expect(world.plan.overallState == .running)
    world.die(.gateway)
    #expect(world.plan.overallState == .safeMode)
  }

  @Test(arguments: [(Int64(600_000), true), (600_001, false)])
  func deathsLeaveTheWindowByTimeAlone(lastAt: Int64, isLoop: Bool) {
    var window = Self.window([(.gateway, 0), (.gateway, 1_000), (.gateway, 2_000)])
    window.add(Self.death(.gateway, at: lastAt), window: .seconds(600))
    let loop = window.crashLoop(
      at: SupervisedWorld.moment(lastAt), settings: SupervisionSettings())
    #expect((loop != nil) == isLoop)
  }

  @Test func anEmptyWindowIsNoCrashLoop() {
    let moment = SupervisedWorld.moment(0)
    let window = DeathWindow(boot: "b")
    #expect(window.crashLoop(at: moment, settings: SupervisionSettings()) == nil)
  }

  @Test func theHistoryOutlivesTheSupervisor() {
    let kept = Self.window([(.evaluator, -50_000), (.evaluator, -40_000), (.evaluator, -30_000)])
    let resumed = kept.resumed(
      boot: SupervisedWorld.boot, at: SupervisedWorld.moment(0), window: .seconds(600))
    #expect(resumed == kept)
    var world = SupervisedWorld(deaths: resumed)
    world.startReady()
    #expect(world.plan.overallState == .running)
    #expect(world.status(.evaluator)?.deathsInWindow == 3)
    world.die(.evaluator)
    #expect(world.plan.overallState == .safeMode)
  }

  @Test func theDeathsOfAnotherBootAreMovedByCivilTime() {
    let kept = Self.window([(.gateway, -700_000), (.gateway, -60_000), (.gateway, 90_000)])
    let now = Moment(
      monotonic: MonotonicInstant(nanos: 1), boot: BootInstant(nanos: 2_000_000_000),
      civil: SupervisedWorld.moment(0).civil)
    let resumed = kept.resumed(boot: "other", at: now, window: .seconds(600))
    #expect(resumed.boot == "other")
    #expect(resumed.deaths.map(\.at.nanos) == [-58_000_000_000, 2_000_000_000])
  }

  @Test func theWindowIsBounded() {
    var window = DeathWindow(boot: "b")
    for number in 0..<1_000 {
      window.add(Self.death(.gateway, at: Int64(number)), window: .seconds(600))
    }
    #expect(window.deaths.count == DeathWindow.capacity)
    #expect(window.deaths.last?.at == SupervisedWorld.moment(999).boot)
  }

  @Test func safeModeRetriesSlowlyAndIsToldOnce() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<4 {
      world.die(.evaluator)
      world.pass(4_999)
    }
    #expect(world.plan.overallState == .safeMode)
    _ = world.take()
    world.pass(25_000)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["spawn evaluator 5", "link feed 5", "link verdict 5"])
    for _ in 0..<5 {
      world.die(.evaluator)
      world.pass(29_999)
      #expect(world.take() == [])
      world.pass(1)
      #expect(world.take().count == 3)
    }
    #expect(world.events(.crashLoop).count == 1)
  }

  @Test func theEnforcerIsRestartedAsEverWhileOthersLoop() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<4 { world.die(.gateway); world.pass(5_000) }
    #expect(world.plan.overallState == .safeMode)
    _ = world.take()
    world.die(.enforcer)
    #expect(world.take() == ["spawn enforcer 2", "link verdict 2"])
  }

  @Test func alsoALoopingEnforcerKeepsBeingStarted() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<4 { world.die(.enforcer); world.pass(5_000) }
    #expect(world.plan.overallState == .safeMode)
    world.pass(5_000)
    _ = world.take()
    for _ in 0..<10 {
      world.die(.enforcer)
      world.pass(9_999)
      #expect(world.take() == [])
      #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
      world.pass(1)
      #expect(world.take().count == 2)
    }
  }

  @Test func safeModeIsHealthyWhileTheEnforcerLives() {
    var world = SupervisedWorld()
    world.startReady()
    world.eager = [.enforcer]
    for _ in 0..<4 { world.die(.evaluator); world.pass(4_000) }
    world.spawnProblem = "ENOMEM"
    world.pass(120_000)
    #expect(world.status(.evaluator)?.pid == nil)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.die(.enforcer)
    world.pass(30_000)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.pass(1)
    #expect(
      world.plan.health(at: world.moment.monotonic)
        == .unhealthy("enforcer down for 30 s: signal 9 (SIGKILL)"))
  }

  @Test func safeModeEndsAfterTenGoodMinutes() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<4 { world.die(.evaluator); world.pass(4_500) }
    world.pass(26_000)
    #expect(world.status(.evaluator)?.state == .ready)
    #expect(world.plan.overallState == .safeMode)
    world.pass(599_000)
    #expect(world.plan.overallState == .safeMode)
    world.pass(2_000)
    #expect(world.plan.overallState == .running)
    #expect(world.events(.safeModeEnded).count == 1)
    #expect(world.plan.report(at: world.moment).crashLoop == nil)
  }

  @Test func anOperatorMayRestartAWorkerInSafeMode() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<4 { world.die(.gateway); world.pass(5_000) }
    _ = world.take()
    #expect(world.restart(.gateway) == .accepted(after: 4))
    #expect(world.take() == ["spawn gateway 5", "link feed 5"])
    #expect(world.plan.overallState == .safeMode)
  }
}
