import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import Supervision
import SupervisorRole
import Testing

@Suite(.serialized) struct WorkerProcessTests {
  @Test func workersStartInOrderAndAreLinked() throws {
    let world = try SupervisedProcesses()
    try world.startReady()
    try world.run { report in
      report.workers.allSatisfy { !($0.progress?.figures.isEmpty ?? true) }
    }
    #expect(world.worker(.enforcer)?.progress?.figures == ["evaluator on verdict": 1])
    try world.run { $0.workers[1].progress?.figures.count == 2 }
    #expect(
      world.worker(.evaluator)?.progress?.figures
        == ["enforcer on verdict": 1, "gateway on feed": 1])
    #expect(world.worker(.gateway)?.progress?.figures == ["evaluator on feed": 1])
    let started = try world.history().filter { $0.event == .workerStarted }.map(\.worker)
    #expect(started == [.enforcer, .evaluator, .gateway])
    guard
      case .ready(let status)? = world.notifier.notices.first(where: { notice in
        if case .ready = notice { true } else { false }
      })
    else {
      Issue.record("\(world.notifier.notices)")
      return
    }
    #expect(status.hasPrefix("running: enforcer ready, evaluator ready, gateway ready"))
    try world.end()
  }

  @Test func aKilledWorkerIsBackAndItsNeighboursStay() throws {
    let world = try SupervisedProcesses()
    try world.startReady()
    let before = try WorkerName.critical.map { try world.pid($0) }
    kill(before[1], SIGKILL)
    try world.run { $0.workers[1].life == 2 && $0.state == .running }
    #expect(try world.pid(.evaluator) != before[1])
    #expect(try world.pid(.enforcer) == before[0])
    #expect(try world.pid(.gateway) == before[2])
    try world.run { report in
      report.workers[0].progress?.figures == ["evaluator on verdict": 2]
        && report.workers[1].progress?.figures.count == 2
        && report.workers[2].progress?.figures == ["evaluator on feed": 2]
    }
    #expect(try world.deaths().map(\.cause) == ["signal 9 (SIGKILL)"])
    #expect(world.worker(.evaluator)?.deathsInWindow == 1)
    try world.end()
  }

  @Test func aStoppedProcessIsHungAndKilled() throws {
    let world = try SupervisedProcesses()
    try world.startReady()
    let pid = try world.pid(.gateway)
    kill(pid, SIGSTOP)
    try world.run { $0.workers[2].life == 2 && $0.workers[2].state == .ready }
    #expect(!isAlive(pid))
    let death = try #require(try world.deaths().first)
    #expect(death.cause?.hasPrefix("hang (no answer for ") == true)
    #expect(death.isCounted == true)
    #expect(
      try world.history().filter { $0.event == .signalSent }.map(\.text)
        == ["SIGABRT sent to gateway", "SIGKILL sent to gateway"])
    try world.end()
  }

  @Test(arguments: ["spins", "stuck"])
  func aWorkerThatIsBusyForEverOrWaitsWithEveryThreadIsHung(behaviour: String) throws {
    let world = try SupervisedProcesses([.evaluator: behaviour])
    world.assembly.loop.start()
    try world.run { $0.workers[1].life >= 2 }
    let death = try #require(try world.deaths().first)
    #expect(death.worker == .evaluator)
    #expect(death.cause?.hasPrefix("hang (no answer for ") == true)
    #expect(death.isCounted == true)
    #expect(death.pid.map { isAlive($0) } == false)
    #expect(world.status().workers.map(\.life).first == 1)
    print("hang of a worker that \(behaviour): \(death.cause ?? "")")
    try world.end()
  }

  @Test func whatALibraryPrintsDisturbsNoLink() throws {
    let world = try SupervisedProcesses([
      .enforcer: "chatty", .evaluator: "chatty", .gateway: "chatty",
    ])
    try world.startReady()
    try world.run { report in
      report.workers[0].progress?.figures == ["evaluator on verdict": 1]
        && report.workers[1].progress?.figures.count == 2
        && report.workers[2].progress?.figures == ["evaluator on feed": 1]
    }
    #expect(try world.deaths() == [])
    #expect(try world.history().filter { $0.event == .linkBroken } == [])
    try world.end()
  }

  @Test func aStubbornWorkerIsStoppedByForceAndNobodyIsLeft() throws {
    let world = try SupervisedProcesses([.gateway: "stubborn"])
    try world.startReady()
    let pids = try WorkerName.critical.map { try world.pid($0) }
    world.assembly.loop.stop()
    #expect(world.assembly.run() == 0)
    #expect(pids.allSatisfy { !isAlive($0) })
    let deaths = try world.deaths()
    #expect(deaths.map(\.worker) == [.gateway, .evaluator, .enforcer])
    #expect(deaths.map(\.isCounted) == [false, false, false])
    #expect(
      try world.history()
        .filter { $0.event == .signalSent && $0.worker == .gateway }.map(\.text)
        == ["SIGTERM sent to gateway", "SIGKILL sent to gateway"])
    #expect(access(world.root.controlSocket, F_OK) != 0)
    world.root.remove()
  }

  @Test func workersLeaveWhenTheSupervisorIsGone() throws {
    let world = try SupervisedProcesses()
    try world.startReady()
    let pids = try WorkerName.critical.map { try world.pid($0) }
    world.assembly.close()
    #expect(eventually { pids.allSatisfy { !isAlive($0) } })
    // Nobody else takes their exit codes; a test that waits for any child would trip over them.
    for pid in pids { waitpid(pid, nil, 0) }
    world.root.remove()
  }

  @Test func fourDeathsAtTheStartAreSafeMode() throws {
    let world = try SupervisedProcesses([.evaluator: "exit 3"])
    world.assembly.loop.start()
    try world.run { $0.state == .safeMode }
    let report = world.status()
    #expect(report.workers[1].life == 4)
    #expect(report.workers[1].deathsInWindow == 4)
    #expect(report.workers[0].state == .ready)
    #expect(report.crashLoop?.deaths.map(\.cause) == .init(repeating: "exit 3", count: 4))
    #expect(try world.deaths().count == 4)
    try world.end()
  }

  @Test func aVenueThatIsDownIsNoDeathThatCounts() throws {
    let world = try SupervisedProcesses([.gateway: "exit 75"])
    world.assembly.loop.start()
    try world.run { $0.workers[2].life >= 8 }
    #expect(world.worker(.gateway)?.deathsInWindow == 0)
    #expect(world.status().state == .starting)
    try world.end()
  }

  @Test func aWorkerThatSpeaksNonsenseIsAborted() throws {
    let world = try SupervisedProcesses([.enforcer: "garbled"])
    world.assembly.loop.start()
    try world.run { $0.workers[0].life >= 2 }
    #expect(
      try world.deaths().first?.cause
        == "control channel misused (a packet of 2 bytes is not a control message)")
    try world.end()
  }

  @Test func aWorkerThatClosesItsChannelIsEnded() throws {
    let world = try SupervisedProcesses([.gateway: "closing"])
    world.assembly.loop.start()
    try world.run { $0.workers[2].life >= 2 }
    #expect(try world.deaths().first?.isCounted == true)
    try world.end()
  }

  @Test func aNeighbourThatIgnoresItsLinkIsRestarted() throws {
    let world = try SupervisedProcesses([.enforcer: "deaf"])
    world.assembly.loop.start()
    try world.run { $0.workers[0].life >= 2 }
    #expect(try world.deaths().first?.cause == "did not use the fresh link verdict")
    try world.end()
  }

  @Test func aBrokenLinkIsReplacedWithoutARestart() throws {
    let world = try SupervisedProcesses([.gateway: "breaking"])
    try world.startReady()
    try world.run { report in
      report.workers[2].progress?.figures == ["evaluator on feed": 2]
        && report.workers[1].progress?.figures["gateway on feed"] == 2
    }
    #expect(world.status().workers.map(\.life) == [1, 1, 1])
    #expect(try world.deaths() == [])
    try world.end()
  }

  @Test func aProgramThatIsNotThereIsTriedAgain() throws {
    let world = try SupervisedProcesses(executable: "/nonexistent/riskd")
    world.assembly.loop.start()
    try world.run { $0.workers[0].life >= 4 }
    #expect(try world.deaths() == [])
    let failure = try #require(try world.history().first { $0.event == .spawnFailed })
    #expect(failure.text.contains("No such file or directory"))
    try world.end()
  }
}
