import RiskModel
import Supervision
import Testing

@Suite struct ProgressTests {
  @Test func oneChallengeASecondAndWorker() {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(10_000)
    #expect(world.challenges == 33)
    #expect(world.status(.gateway)?.progress?.loops == 11)
    #expect(world.status(.gateway)?.answerMilliseconds == 0)
  }

  @Test(arguments: [
    (WorkerName.evaluator, Int64(3_000)), (.enforcer, 5_000), (.gateway, 5_000),
  ])
  func aSilentWorkerIsHung(worker: WorkerName, limit: Int64) {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(500)
    world.silent = [worker]
    world.stubborn = [worker]
    world.pass(500 + limit / 2 - 1)
    #expect(world.events(.workerSlow) == [])
    world.pass(1)
    #expect(world.events(.workerSlow).map(\.worker) == [worker])
    world.pass(limit / 2 - 1)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["SIGABRT \(worker.rawValue)"])
    world.pass(999)
    #expect(world.take() == [])
    world.silent = []
    world.pass(1)
    #expect(world.take().prefix(2) == ["SIGKILL \(worker.rawValue)", "spawn \(worker.rawValue) 2"])
    #expect(world.events(.death).map(\.cause) == ["hang (no answer for \(limit) ms)"])
    #expect(world.status(worker)?.deathsInWindow == 1)
  }

  @Test func halfTimeTellsWhatTheWorkerDidLast() {
    var world = SupervisedWorld()
    world.startReady()
    world.progress[.evaluator] = WorkerProgress(
      loops: 41, inputs: 1_200, outputs: 7, backlog: 3, oldestAgeMilliseconds: 12)
    world.pass(500)
    world.silent = [.evaluator]
    world.pass(2_000)
    let entries = world.events(.workerSlow)
    #expect(
      entries.map(\.text) == [
        "evaluator has not answered for 1500 ms; last seen: loops 41, inputs 1200, outputs 7, "
          + "backlog 3, oldest 12 ms"
      ])
    #expect(entries.map(\.severity) == [.warning])
    #expect(entries.map(\.event.messageID) == [.workerSlow])
    #expect(entries.map(\.pid) == [world.status(.evaluator)?.pid])
  }

  @Test func aSlowWorkerIsNotGivenMoreToDo() {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(500)
    let before = world.challenges
    world.silent = [.gateway]
    world.pass(4_000)
    #expect(world.challenges == before + 4 + 4 + 1)
    world.silent = []
    world.tell(.gateway, .answer(nonce: 2, WorkerProgress(loops: 2)))
    #expect(world.events(.workerAnswering).map(\.worker) == [.gateway])
    world.pass(20_000)
    #expect(world.take() == [])
  }

  @Test func anAnswerToAnotherChallengeProvesNothing() {
    var world = SupervisedWorld()
    world.startReady()
    world.silent = [.evaluator]
    world.pass(2_900)
    world.tell(.evaluator, .answer(nonce: 99, WorkerProgress(loops: 7)))
    world.pass(100)
    #expect(world.take().first == "SIGABRT evaluator")
  }

  @Test func waitingInputsOfWhichNoneIsHandledAreAHang() {
    var world = SupervisedWorld()
    world.startReady()
    world.progress[.evaluator] = WorkerProgress(
      loops: 1, inputs: 40, backlog: 3, oldestAgeMilliseconds: 250)
    world.pass(3_000)
    #expect(world.take().first == "SIGABRT evaluator")
    #expect(
      world.events(.death).map(\.cause)
        == ["hang (3 inputs waiting, none handled for 3000 ms)"])
  }

  @Test func aTimerInStepWithTheChallengesIsNoHang() {
    var world = SupervisedWorld()
    world.startReady()
    world.progress[.evaluator] = WorkerProgress(
      inputs: 40, backlog: 1, oldestAgeMilliseconds: 249)
    world.pass(60_000)
    #expect(world.take() == [])
  }

  @Test func inputsThatMoveAreNoHang() {
    var world = SupervisedWorld()
    world.startReady()
    for inputs in 1..<60 {
      world.progress[.evaluator] = WorkerProgress(
        inputs: Int64(inputs), backlog: 1_000, oldestAgeMilliseconds: 500)
      world.pass(1_000)
    }
    #expect(world.take() == [])
  }

  @Test func anIdleWorkerIsNoHang() {
    var world = SupervisedWorld()
    world.startReady()
    world.progress[.evaluator] = WorkerProgress(inputs: 5, backlog: 0)
    world.pass(60_000)
    #expect(world.take() == [])
  }

  @Test func aBacklogThatEmptiesOnceInAWhileIsNoHang() {
    var world = SupervisedWorld()
    world.startReady()
    for turn in 0..<40 {
      world.progress[.evaluator] = WorkerProgress(
        inputs: 5, backlog: turn % 3 == 0 ? 0 : 2, oldestAgeMilliseconds: 500)
      world.pass(1_000)
    }
    #expect(world.take() == [])
  }

  @Test func overloadDegradesAndDoesNotKill() {
    var world = SupervisedWorld()
    world.startReady()
    for inputs in 1..<30 {
      world.progress[.evaluator] = WorkerProgress(
        inputs: Int64(inputs), backlog: 500, oldestAgeMilliseconds: 4_000)
      world.pass(1_000)
    }
    #expect(world.take() == [])
    #expect(world.plan.overallState == .degraded)
    #expect(world.status(.evaluator)?.degraded == "overloaded")
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.progress[.evaluator] = WorkerProgress(inputs: 31)
    world.pass(1_000)
    #expect(world.plan.overallState == .running)
    #expect(world.events(.workerDegraded).count == 1)
    #expect(world.events(.workerRestored).count == 1)
  }

  @Test func aWorkerMaySayWhatIsMissing() {
    var world = SupervisedWorld()
    world.startReady()
    world.tell(.gateway, .degraded("no user\nhub"))
    world.tell(.gateway, .degraded("no user\nhub"))
    #expect(world.plan.overallState == .degraded)
    #expect(world.status(.gateway)?.degraded == "no user hub")
    world.tell(.gateway, .degraded(nil))
    #expect(world.plan.overallState == .running)
    #expect(world.events(.workerDegraded).count == 1)
    #expect(world.events(.workerRestored).map(\.text) == ["gateway: as it should be"])
  }

  @Test func restoringTheStateMayTakeLong() {
    var world = SupervisedWorld()
    world.silent = [.enforcer]
    world.start()
    world.pass(29_999)
    #expect(!world.take().contains("SIGABRT enforcer"))
    world.ready(.enforcer)
    world.pass(4_900)
    #expect(!world.take().contains("SIGABRT enforcer"))
    world.pass(100)
    #expect(world.take().contains("SIGABRT enforcer"))
  }

  @Test func aWorkerThatIsSilentFromTheStartIsHung() {
    var world = SupervisedWorld()
    world.silent = [.enforcer]
    world.start()
    world.pass(30_000)
    #expect(world.take().contains("SIGABRT enforcer"))
    #expect(world.events(.death).map(\.cause) == ["hang (no answer for 30000 ms)"])
  }

  @Test func aSupervisorThatStoodStillBlamesNobody() {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(2_000)
    world.silent = [.evaluator, .gateway, .enforcer]
    world.pass(1_900)
    world.stall(60_000)
    #expect(world.events(.stalled).count == 1)
    #expect(world.take() == [])
    world.pass(1_000)
    #expect(world.take() == [])
    world.silent = []
    for worker in WorkerName.critical {
      world.tell(worker, .answer(nonce: 4, WorkerProgress(loops: 4)))
    }
    world.pass(30_000)
    #expect(world.take() == [])
    #expect(world.events(.death) == [])
  }

  @Test func aStallMovesEveryDeadline() {
    var world = SupervisedWorld()
    world.eager = [.enforcer]
    world.start()
    world.die(.enforcer)
    world.eager = []
    world.die(.enforcer)
    world.deaf = [.evaluator]
    _ = world.take()
    #expect(world.status(.enforcer)?.state == .pausing)
    world.stall(100_000)
    #expect(world.take() == [])
    world.pass(249)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take().first == "spawn enforcer 3")
    world.pass(9_749)
    #expect(world.lives[.gateway] == nil)
    world.pass(1)
    #expect(world.lives[.gateway] == 1)
    world.pass(19_999)
    #expect(!world.take().contains("announce"))
    world.pass(1)
    #expect(world.take().contains("announce"))
  }

  @Test func aStallDuringAStopKillsNobodyEarlier() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.stop()
    _ = world.take()
    world.pass(1_000)
    world.stall(50_000)
    #expect(world.take() == [])
    world.pass(6_999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["SIGTERM gateway"])
  }

  @Test func anAnswerThatWasThereAllAlongCountsAlsoWhenItIsReadFirst() {
    var world = SupervisedWorld()
    world.startReady()
    world.silent = [.evaluator]
    world.pass(1_000)
    // The packet is handled before the timers of the same turn.
    var answered = world
    answered.silent = []
    answered.stallReading(.evaluator, nonce: 1, after: 60_000)
    answered.pass(10_000)
    #expect(answered.take() == [])
    #expect(answered.events(.stalled).count == 1)
  }
}
