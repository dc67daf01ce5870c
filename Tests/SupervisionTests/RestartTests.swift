import RiskModel
import Supervision
import Testing

@Suite struct RestartTests {
  /// Limits that no test of the pauses reaches.
  private static var lenient: SupervisionSettings {
    var settings = SupervisionSettings()
    settings.crashDeaths = 1_000
    settings.crashDeathsAll = 1_000
    return settings
  }

  @Test func pausesGrowAndTheFirstRestartIsAtOnce() {
    var world = SupervisedWorld(Self.lenient)
    world.startReady()
    for pause in [0, 250, 1_000, 4_000, 4_000] {
      world.die(.gateway)
      if pause > 0 {
        world.pass(Int64(pause) - 1)
        #expect(world.take() == [], "before \(pause) ms")
        world.pass(1)
      }
      #expect(world.take().first == "spawn gateway \(world.lives[.gateway] ?? 0)", "\(pause)")
    }
  }

  @Test(arguments: [(UInt64(0), Int64(250)), (1_023, 313), (511, 282), (1_024, 250)])
  func chanceAddsUpToAQuarter(random: UInt64, expected: Int64) {
    var world = SupervisedWorld(Self.lenient)
    world.startReady()
    world.random = random
    world.die(.gateway)
    world.die(.gateway)
    _ = world.take()
    world.pass(expected - 1)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.status(.gateway)?.life == 3)
  }

  @Test func pausesStartAnewAfterTenGoodMinutesButTheWindowStays() {
    var settings = Self.lenient
    settings.crashWindow = .seconds(3_600)
    var world = SupervisedWorld(settings)
    world.startReady()
    world.die(.gateway)
    world.die(.gateway)
    world.pass(250)
    world.pass(599_999)
    _ = world.take()
    world.die(.gateway)
    world.pass(999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["spawn gateway 4", "link feed 4"])
    world.pass(600_000)
    world.die(.gateway)
    #expect(world.take() == ["spawn gateway 5", "link feed 5"])
    #expect(world.status(.gateway)?.deathsInWindow == 4)
  }

  @Test func whoLeavesForWhatHasChangedStartsAtOnceButNotInALoop() {
    var world = SupervisedWorld(Self.lenient)
    world.startReady()
    for _ in 0..<5 {
      world.pass(60_000)
      _ = world.take()
      world.die(.gateway, .code(76))
      #expect(world.take().first == "spawn gateway \(world.lives[.gateway] ?? 0)")
    }
    world.pass(5_000)
    _ = world.take()
    world.die(.gateway, .code(76))
    #expect(world.take() == [])
  }

  @Test(arguments: [
    (WorkerExit.code(0), true), (.code(1), true), (.code(70), true), (.signal(11), true),
    (.signal(9), true), (.signal(15), true), (.code(75), false), (.code(76), false),
    (.code(78), false),
  ])
  func whichDeathsCount(exit: WorkerExit, isCounted: Bool) {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.evaluator, exit)
    #expect(world.events(.death).map(\.isCounted) == [isCounted])
    #expect(world.status(.evaluator)?.deathsInWindow == (isCounted ? 1 : 0))
    #expect(world.saved.count == (isCounted ? 1 : 0))
    #expect(world.events(.death).first?.deathsInWindow == (isCounted ? 1 : 0))
  }

  @Test func aVenueThatIsDownIsTriedAgainAndNeverACrashLoop() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<50 {
      world.die(.gateway, .code(75))
      world.pass(4_000)
    }
    #expect(world.lives[.gateway] == 51)
    #expect(world.plan.overallState == .running)
    #expect(world.events(.crashLoop) == [])
  }

  @Test func badConfigurationIsTriedSlowlyAndAlarms() {
    var world = SupervisedWorld()
    world.startReady()
    world.eager = []
    world.die(.evaluator, .code(78))
    #expect(world.events(.badConfiguration).map(\.severity) == [.critical])
    world.pass(29_999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take().first == "spawn evaluator 2")
    world.die(.evaluator, .code(78))
    world.pass(300_000)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    #expect(world.plan.overallState == .degraded)
  }

  @Test func twentyRestartsInAMinuteAreNotCounted() {
    var world = SupervisedWorld()
    world.startReady()
    for turn in 0..<20 {
      let worker = WorkerName.critical[turn % 3]
      let life = world.lives[worker] ?? 0
      #expect(world.restart(worker) == .accepted(after: life))
      #expect(world.status(worker)?.life == life + 1)
      #expect(world.status(worker)?.state == .ready)
      world.pass(3_000)
    }
    #expect(world.plan.overallState == .running)
    #expect(world.saved == [])
    #expect(world.events(.death).count == 20)
    #expect(world.events(.death).allSatisfy { $0.cause == "restart asked for (because)" })
  }

  @Test func aRestartDrainsTerminatesKills() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.evaluator]
    #expect(world.restart(.evaluator) == .accepted(after: 1))
    #expect(world.take() == ["stop evaluator"])
    world.pass(7_000)
    #expect(world.restart(.evaluator) == .accepted(after: 1))
    world.pass(1_000)
    #expect(world.take() == ["SIGTERM evaluator"])
    world.pass(3_000)
    #expect(
      world.take() == ["SIGKILL evaluator", "spawn evaluator 2", "link feed 2", "link verdict 2"])
    #expect(world.saved == [])
    #expect(world.plan.overallState == .running)
  }

  @Test func aRestartEndsAPause() {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.gateway)
    world.die(.gateway)
    _ = world.take()
    #expect(world.status(.gateway)?.state == .pausing)
    #expect(world.restart(.gateway) == .accepted(after: 2))
    #expect(world.take() == ["spawn gateway 3", "link feed 3"])
    #expect(world.status(.gateway)?.deathsInWindow == 2)
  }

  @Test func aRestartOfAHungWorkerSkipsThePauseAndTheHangStillCounts() {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.evaluator)
    world.silent = [.evaluator]
    world.stubborn = [.evaluator]
    world.pass(3_500)
    _ = world.take()
    #expect(world.restart(.evaluator) == .accepted(after: 2))
    world.silent = []
    world.pass(1_000)
    #expect(
      world.take() == ["SIGKILL evaluator", "spawn evaluator 3", "link feed 3", "link verdict 3"])
    #expect(world.status(.evaluator)?.deathsInWindow == 2)
  }

  @Test func aSpawnThatFailsIsTriedAgainAndIsNoDeath() {
    var world = SupervisedWorld()
    world.startReady()
    world.spawnProblem = "Resource temporarily unavailable (EAGAIN)"
    world.die(.gateway)
    #expect(world.take() == ["spawn gateway 2"])
    world.pass(249)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["spawn gateway 3"])
    world.pass(60_000)
    #expect(world.events(.spawnFailed).count > 10)
    #expect(world.status(.gateway)?.deathsInWindow == 1)
    #expect(
      world.plan.health(at: world.moment.monotonic)
        == .unhealthy("gateway down for 60 s: signal 9 (SIGKILL)"))
    world.spawnProblem = nil
    world.pass(5_000)
    #expect(world.status(.gateway)?.state == .ready)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
  }

  @Test func whatEarlierProcessesSaidIsIgnored() {
    var world = SupervisedWorld()
    world.startReady()
    world.eager = []
    world.die(.gateway)
    world.tell(.gateway, .ready, life: 1)
    #expect(world.status(.gateway)?.state == .starting)
    world.tell(.gateway, .degraded("old"), life: 1)
    #expect(world.status(.gateway)?.degraded == nil)
    world.tell(.gateway, .ready)
    world.tell(.gateway, .ready)
    #expect(world.events(.workerReady).count == 4)
  }

  @Test func aWorkerThatMisusesItsChannelIsAborted() {
    var world = SupervisedWorld()
    world.startReady()
    world.misspeak(.evaluator)
    #expect(world.take().prefix(2) == ["SIGABRT evaluator", "spawn evaluator 2"])
    #expect(world.events(.death).first?.cause == "control channel misused (no JSON)")
    #expect(world.status(.evaluator)?.deathsInWindow == 1)
  }

  @Test func aClosedChannelIsUsuallyTheFirstSignOfADeath() {
    var world = SupervisedWorld()
    world.startReady()
    world.closeChannel(.gateway)
    #expect(world.take() == [])
    world.die(.gateway, .code(75))
    #expect(world.events(.death).map(\.isCounted) == [false])
  }

  @Test func aWorkerThatClosesItsChannelAndStaysIsEnded() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.closeChannel(.gateway)
    world.pass(2_000)
    #expect(world.take() == ["SIGTERM gateway"])
    world.pass(3_000)
    #expect(world.take() == ["SIGKILL gateway", "spawn gateway 2", "link feed 2"])
    #expect(world.events(.death).first?.cause == "closed the control channel and stayed")
    #expect(world.status(.gateway)?.deathsInWindow == 1)
  }
}
