import RiskModel
import Supervision
import Testing

@Suite struct StartAndStopTests {
  @Test func aWorkerStartsWhenItsPredecessorIsReady() {
    var world = SupervisedWorld()
    world.start()
    #expect(world.take() == ["spawn enforcer 1"])
    world.pass(5_000)
    #expect(world.take() == [])
    world.ready(.enforcer)
    #expect(world.take() == ["spawn evaluator 1", "link verdict 1"])
    world.ready(.evaluator)
    #expect(world.take() == ["spawn gateway 1", "link feed 1"])
    #expect(world.plan.overallState == .starting)
    world.ready(.gateway)
    #expect(world.take() == ["announce"])
    #expect(world.plan.overallState == .running)
    #expect(world.events(.ready).count == 1)
  }

  @Test func readyIsNotTheSameAsSpawned() {
    var world = SupervisedWorld()
    world.start()
    world.pass(9_999)
    #expect(world.take() == ["spawn enforcer 1"])
    world.pass(1)
    #expect(world.take() == ["spawn evaluator 1", "link verdict 1"])
    world.pass(10_000)
    #expect(world.take() == ["spawn gateway 1", "link feed 1"])
  }

  @Test func aVenueOutageAtBootAnnouncesTheServiceDegraded() {
    var world = SupervisedWorld()
    world.eager = [.enforcer, .evaluator]
    world.start()
    _ = world.take()
    world.pass(29_999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["announce"])
    #expect(world.plan.overallState == .degraded)
    #expect(world.events(.readyDegraded).map(\.severity) == [.critical])
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.ready(.gateway)
    #expect(world.take() == [])
    #expect(world.plan.overallState == .running)
  }

  @Test func aWorkerThatDiesDuringTheStartHoldsItsSuccessorUpForTheDeadlineOnly() {
    var settings = SupervisionSettings()
    settings.crashDeaths = 100
    settings.crashDeathsAll = 100
    var world = SupervisedWorld(settings)
    world.start()
    for _ in 0..<4 {
      world.die(.enforcer, .code(1))
      world.pass(1_500)
    }
    #expect(world.lives[.enforcer] == 4)
    #expect(world.lives[.evaluator] == nil)
    world.pass(4_000)
    #expect(world.lives[.evaluator] == 1)
  }

  @Test func stopGoesInReverseOrder() {
    var world = SupervisedWorld()
    world.startReady()
    world.stop()
    #expect(world.take() == ["stop gateway", "stop evaluator", "stop enforcer", "finished"])
    #expect(world.plan.nextDeadline == nil)
    #expect(world.events(.death).map(\.isCounted) == [false, false, false])
    #expect(world.saved == [])
    #expect(world.plan.overallState == .stopping)
  }

  @Test func everyStepOfTheStopHasADeadline() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway, .evaluator]
    world.stop()
    #expect(world.take() == ["stop gateway"])
    world.pass(7_999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["SIGTERM gateway"])
    world.pass(3_000)
    #expect(world.take() == ["SIGKILL gateway", "stop evaluator"])
    world.pass(11_000)
    #expect(
      world.take() == ["SIGTERM evaluator", "SIGKILL evaluator", "stop enforcer", "finished"])
  }

  @Test func whatIsLeftAfterTheWholeTimeIsKilled() {
    var settings = SupervisionSettings()
    settings.drainDeadline = .seconds(10)
    settings.forceKillAfter = .seconds(15)
    var world = SupervisedWorld(settings)
    world.startReady()
    world.stubborn = [.gateway, .evaluator, .enforcer]
    world.stop()
    world.pass(13_000)
    #expect(
      world.take() == ["stop gateway", "SIGTERM gateway", "SIGKILL gateway", "stop evaluator"])
    world.pass(1_999)
    #expect(world.take() == [])
    world.pass(1)
    world.pass(1)
    #expect(
      world.take() == [
        "SIGTERM evaluator", "SIGKILL evaluator", "stop enforcer", "SIGTERM enforcer",
        "SIGKILL enforcer", "finished",
      ])
  }

  @Test func aSecondStopShortensNothing() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.stop()
    _ = world.take()
    world.pass(4_000)
    world.stop()
    world.stop()
    #expect(world.take() == [])
    world.pass(3_999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["SIGTERM gateway"])
    #expect(world.events(.stopAsked).count == 1)
  }

  @Test func aWorkerThatEvenTheKernelHoldsDoesNotHoldTheStop() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.unkillable = [.gateway]
    world.stop()
    world.pass(8_000 + 3_000 + 1_999)
    #expect(world.take() == ["stop gateway", "SIGTERM gateway", "SIGKILL gateway"])
    world.pass(1)
    #expect(world.take() == ["stop evaluator", "stop enforcer", "finished"])
    #expect(world.events(.unkillable).map(\.severity) == [.critical])
    world.die(.gateway)
    #expect(world.take() == [])
  }

  @Test func stopDuringTheStart() {
    var world = SupervisedWorld()
    world.eager = [.enforcer]
    world.start()
    #expect(world.take() == ["spawn enforcer 1", "spawn evaluator 1", "link verdict 1"])
    world.stop()
    #expect(world.take() == ["stop evaluator", "stop enforcer", "finished"])
    world.pass(60_000)
    #expect(world.take() == [])
  }

  @Test func stopBeforeTheStart() {
    var world = SupervisedWorld()
    world.stop()
    #expect(world.take() == ["finished"])
    world.start()
    #expect(world.take() == [])
  }

  @Test func stopWhileAWorkerWaitsForItsRestart() {
    var world = SupervisedWorld()
    world.startReady()
    world.eager = []
    world.die(.evaluator)
    world.die(.evaluator)
    #expect(world.status(.evaluator)?.state == .pausing)
    _ = world.take()
    world.stop()
    #expect(world.take() == ["stop gateway", "stop enforcer", "finished"])
    world.pass(60_000)
    #expect(world.take() == [])
    #expect(world.status(.evaluator)?.state == .stopped)
  }

  @Test func aWorkerThatDiesWhileOthersStopIsNotStartedAgain() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.stop()
    world.die(.enforcer, .signal(11))
    #expect(world.take() == ["stop gateway"])
    world.die(.gateway, .code(0))
    #expect(world.take() == ["stop evaluator", "finished"])
    #expect(world.events(.death).map(\.isCounted) == [true, false, false])
  }

  @Test func stopWhileAHungWorkerIsBeingEnded() {
    var world = SupervisedWorld()
    world.startReady()
    world.silent = [.evaluator]
    world.stubborn = [.evaluator]
    world.pass(3_500)
    #expect(world.take() == ["SIGABRT evaluator"])
    world.stop()
    #expect(world.take() == ["stop gateway"])
    world.pass(1_000)
    #expect(world.take() == ["SIGKILL evaluator", "stop enforcer", "finished"])
  }

  @Test func restartsAreRefusedBeforeTheStartAndAfterTheStop() {
    var world = SupervisedWorld()
    world.start()
    #expect(world.restart(.gateway) == .refused("gateway has not been started yet"))
    world.stubborn = [.enforcer]
    world.stop()
    #expect(world.restart(.enforcer) == .refused("riskd is stopping"))
  }

  @Test func aProcessThatAppearsDuringTheStopIsStopped() {
    var plan = SupervisionPlan(
      settings: SupervisedWorld.withoutMonitor, version: "1", deaths: DeathWindow(boot: "b"))
    let moment = SupervisedWorld.moment(0)
    _ = plan.start(at: moment)
    #expect(!plan.stop(at: moment).contains(.finished))
    let actions = plan.spawned(.enforcer, life: 1, pid: 7, at: moment)
    #expect(actions.contains(.send(.stop, to: .enforcer)))
    let rest = plan.exited(.enforcer, life: 1, .code(0), at: moment, random: 0)
    #expect(rest.last == .finished)
  }

  @Test func aProcessThatCannotAppearDuringTheStopEndsIt() {
    var plan = SupervisionPlan(
      settings: SupervisedWorld.withoutMonitor, version: "1", deaths: DeathWindow(boot: "b"))
    let moment = SupervisedWorld.moment(0)
    _ = plan.start(at: moment)
    _ = plan.stop(at: moment)
    let actions = plan.spawnFailed(.enforcer, life: 1, problem: "no", at: moment, random: 0)
    #expect(actions.last == .finished)
  }
}
