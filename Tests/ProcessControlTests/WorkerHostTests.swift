import Glibc
import ProcessControl
import RiskModel
import Supervision
import Testing

@Suite struct WorkerHostTests {
  @Test func aLifeFromStartToStop() throws {
    let stage = try WorkerStage()
    let toWorker = try PipePair.make()
    let fromWorker = try PipePair.make()
    stage.role.counted = RoleProgress(
      inputs: 11, outputs: 7, figures: ["positions": 2],
      canary: CanarySighting(number: 3, microseconds: 800, count: 2))
    stage.role.whenStarted = { stage.host.reportReady() }
    stage.whenReported { report in
      switch report {
      case .ready:
        stage.supervisor.send(
          .link(.feed, epoch: 5), descriptors: [toWorker.readEnd, fromWorker.writeEnd])
        stage.supervisor.send(.challenge(nonce: 99))
      case .answer:
        stage.host.reportLinkReplaced(.feed, epoch: 5)
        stage.host.reportDegraded("no quotes")
        stage.host.reportDegraded(nil)
        stage.host.reportLinkBroken(.feed, epoch: 5, reason: "poisoned")
      case .linkBroken:
        stage.host.reportMessageLost(
          LostMessage(
            link: .feed, loss: .skipped, position: "7/9",
            reason: String(repeating: "x", count: 2_000)))
      case .messageLost:
        stage.supervisor.send(.ask(number: 5, .lockouts))
      case .told:
        stage.supervisor.send(.stop)
      case .degraded, .linkReplaced:
        break
      }
    }
    stage.supervisor.send(.start(settings: "{}"))
    #expect(try stage.run() == .stopped)
    #expect(stage.role.told == ["start {}", "attach feed 5", "stop"])
    guard case .answer(99, let progress) = stage.reports[1] else {
      Issue.record("\(stage.reports)")
      return
    }
    #expect(progress.inputs == 11 && progress.outputs == 7)
    #expect(progress.figures == ["positions": 2])
    #expect(progress.canary == CanarySighting(number: 3, microseconds: 800, count: 2))
    #expect(progress.loops > 0 && progress.backlog == 0)
    #expect(
      stage.reports.filter { if case .answer = $0 { false } else { true } } == [
        .ready, .linkReplaced(.feed, epoch: 5), .degraded("no quotes"), .degraded(nil),
        .linkBroken(.feed, epoch: 5, reason: "poisoned"),
        .messageLost(
          LostMessage(
            link: .feed, loss: .skipped, position: "7/9",
            reason: String(repeating: "x", count: WorkerHost.reasonLimit))),
        .told(number: 5, .refused("this worker is not the one to ask")),
      ])
    let link = try #require(stage.role.links.first)
    try write("quote", to: toWorker.writeEnd)
    #expect(try text(from: link.readEnd) == "quote")
    try write("watch", to: link.writeEnd)
    #expect(try text(from: fromWorker.readEnd) == "watch")
  }

  @Test func aChallengeIsAnsweredBehindTheWorkThatWaits() throws {
    let stage = try WorkerStage()
    let count = Int64(5 * Reactor.workPerTurn)
    stage.role.whenStarted = {
      for _ in 0..<count { stage.reactor.enqueue { stage.role.counted.inputs += 1 } }
      // Arrives behind the challenge, which follows the start in the same turn.
      stage.reactor.schedule(after: .zero) {
        for _ in 0..<3 { stage.reactor.enqueue { stage.role.counted.outputs += 1 } }
      }
    }
    stage.whenReported { _ in stage.supervisor.send(.stop) }
    stage.supervisor.send(.start(settings: ""))
    stage.supervisor.send(.challenge(nonce: 1))
    #expect(try stage.run() == .stopped)
    guard case .answer(1, let progress) = stage.reports.first else {
      Issue.record("\(stage.reports)")
      return
    }
    #expect(progress.inputs == count, "all the work before the challenge is done")
    #expect(progress.outputs == 0, "none of the work behind it")
    #expect(progress.backlog == 3)
    #expect(progress.loops >= 5)
  }

  @Test func aLoopThatIsStuckDoesNotAnswer() throws {
    let stage = try WorkerStage()
    var answeredWhileStuck = false
    stage.role.whenStarted = {
      stage.reactor.enqueue {
        // The supervisor's challenge waits in the socket meanwhile, as it would for a deadlock.
        stage.supervisor.send(.challenge(nonce: 2))
        usleep(20_000)
        answeredWhileStuck = !stage.reports.isEmpty
      }
    }
    stage.whenReported { _ in stage.supervisor.send(.stop) }
    stage.supervisor.send(.start(settings: ""))
    #expect(try stage.run() == .stopped)
    #expect(!answeredWhileStuck)
    #expect(stage.reports.count == 1)
  }

  @Test func aRoleDrainsBeforeItStops() throws {
    let stage = try WorkerStage()
    var done: () -> Void = {}
    stage.role.whenStopped = { done = $0 }
    stage.whenReported { _ in
      stage.role.told.append("answered")
      done()
      done()
    }
    stage.supervisor.send(.start(settings: ""))
    stage.supervisor.send(.stop)
    stage.supervisor.send(.stop)
    stage.supervisor.send(.challenge(nonce: 3))
    #expect(try stage.run() == .stopped)
    #expect(stage.role.told == ["start ", "stop", "answered"])
  }

  @Test func aTerminationSignalIsARequestToStop() throws {
    let stage = try WorkerStage()
    stage.role.whenStarted = {
      raise(SIGINT)
      raise(SIGPIPE)
      raise(SIGTERM)
    }
    stage.supervisor.send(.start(settings: ""))
    #expect(try stage.run() == .stopped)
    #expect(stage.role.told == ["start ", "stop"])
  }

  @Test func aWorkerThatIsNotStartedYetStopsAtOnce() throws {
    for ask in [{ $0.send(.stop) }, { _ in _ = raise(SIGTERM) }] as [(SupervisorEnd) -> Void] {
      let stage = try WorkerStage()
      ask(stage.supervisor)
      #expect(try stage.run() == .stopped)
      #expect(stage.role.told.isEmpty)
    }
  }

  @Test func anOrphanIsToldAndLeavesWhenItsGraceIsOver() throws {
    let stage = try WorkerStage()
    stage.role.whenStarted = { stage.supervisor.close() }
    stage.role.whenOrphaned = {
      stage.host.reportReady()
      stage.reactor.enqueue { stage.role.told.append("finished in flight") }
    }
    stage.supervisor.send(.start(settings: ""))
    #expect(try stage.run() == .orphaned)
    #expect(stage.role.told == ["start ", "orphaned", "finished in flight"])
  }

  @Test func anOrphanMayLeaveEarlier() throws {
    let stage = try WorkerStage(orphanGrace: .seconds(600))
    stage.role.whenStarted = { stage.supervisor.close() }
    stage.role.whenOrphaned = { stage.host.leave(.stopped) }
    stage.supervisor.send(.start(settings: ""))
    #expect(try stage.run() == .orphaned)
  }

  @Test func aWorkerThatLosesItsSupervisorWhileItDrainsIsAnOrphan() throws {
    let stage = try WorkerStage()
    var done: () -> Void = {}
    stage.role.whenStopped = {
      done = $0
      stage.supervisor.close()
    }
    stage.role.whenOrphaned = {
      raise(SIGTERM)
      // Two turns later, behind the signal.
      stage.reactor.schedule(after: .zero) { stage.reactor.schedule(after: .zero) { done() } }
    }
    stage.supervisor.send(.start(settings: ""))
    stage.supervisor.send(.stop)
    #expect(try stage.run() == .orphaned)
    #expect(stage.role.told == ["start ", "stop", "orphaned"])
  }

  @Test func aWorkerThatWasNeverStartedLeavesWithItsSupervisor() throws {
    let stage = try WorkerStage(orphanGrace: .seconds(600))
    stage.supervisor.close()
    #expect(try stage.run() == .orphaned)
    #expect(stage.role.told.isEmpty)
  }

  @Test(arguments: WorkerOutcome.allCases)
  func aRoleLeavesWithItsOwnReason(outcome: WorkerOutcome) throws {
    let stage = try WorkerStage()
    stage.role.whenStarted = {
      stage.host.reportDegraded("going")
      stage.host.leave(outcome)
      stage.host.leave(.internalFailure)
    }
    stage.supervisor.send(.start(settings: ""))
    // What follows the leaving is not handled any more.
    stage.supervisor.send(.stop)
    #expect(try stage.run() == outcome)
    #expect(stage.reports == [.degraded("going")])
    #expect(stage.role.told == ["start "])
  }

  @Test func aHostThatLeavesBeforeItRunsDoesNotRun() throws {
    let stage = try WorkerStage()
    stage.supervisor.send(.start(settings: ""))
    stage.host.leave(.configurationUnusable)
    #expect(try stage.run() == .configurationUnusable)
    #expect(stage.role.told.isEmpty)
  }

  @Test func longReasonsAreClipped() throws {
    let stage = try WorkerStage()
    let long = String(repeating: "é", count: 200_000)
    stage.role.whenStarted = {
      stage.host.reportDegraded(long)
      stage.host.reportLinkBroken(.verdict, epoch: 1, reason: long)
      stage.host.leave(.stopped)
    }
    stage.supervisor.send(.start(settings: ""))
    #expect(try stage.run() == .stopped)
    let clipped = String(long.prefix(WorkerHost.reasonLimit))
    #expect(
      stage.reports == [
        .degraded(clipped), .linkBroken(.verdict, epoch: 1, reason: clipped),
      ])
  }

  @Test(
    arguments: [
      ([.challenge(nonce: 1)], "challenge", "awaiting the start"),
      ([.start(settings: ""), .start(settings: "")], "start", "working"),
      ([.start(settings: ""), .stop, .start(settings: "")], "start", "stopping"),
    ] as [([SupervisorMessage], String, String)])
  func messagesOutOfTurnMakeAnOrphan(
    orders: [SupervisorMessage], kind: String, state: String
  ) throws {
    let stage = try WorkerStage()
    stage.role.whenStopped = { _ in }
    for order in orders { stage.supervisor.send(order) }
    #expect(throws: ProcessControlError.messageUnexpected(kind: kind, state: state)) {
      _ = try stage.run()
    }
    #expect(stage.role.told.contains("orphaned") == (orders.count > 1))
  }

  @Test func aLinkBeforeTheStartIsOutOfTurn() throws {
    let stage = try WorkerStage()
    let pipe = try PipePair.make()
    stage.supervisor.send(.link(.feed, epoch: 1), descriptors: [pipe.readEnd, pipe.writeEnd])
    #expect(
      throws: ProcessControlError.messageUnexpected(kind: "link", state: "awaiting the start")
    ) {
      _ = try stage.run()
    }
  }

  @Test func aBrokenChannelMakesAnOrphan() throws {
    let reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    let role = RecordingRole()
    let host = try WorkerHost(
      reactor: reactor, control: ends.worker, orphanGrace: .milliseconds(20), lastResort: .none)
    try write("{\"start\":{\"settings\":\"\"}}", to: ends.supervisor)
    try write("rubbish", to: ends.supervisor)
    #expect(throws: ProcessControlError.packetUnreadable(bytes: 7)) { _ = try host.run(role) }
    #expect(role.told == ["start ", "orphaned"])
  }

  @Test func exitCodesAreThoseThatTheSupervisorKnows() {
    #expect(WorkerOutcome.allCases.map(\.code) == [0, 70, 70, 75, 76, 78])
  }
}
