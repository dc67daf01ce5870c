import RiskModel
import Supervision
import Testing

@Suite struct LinkTests {
  @Test func everyStartOfAnEndMakesFreshTransportsForBothEnds() {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.evaluator)
    #expect(world.take() == ["spawn evaluator 2", "link feed 2", "link verdict 2"])
    world.die(.gateway)
    #expect(world.take() == ["spawn gateway 2", "link feed 3"])
    let links = world.status(.evaluator)?.links
    #expect(links?.map(\.epoch) == [3, 2])
    #expect(links?.map(\.isConfirmed) == [true, true])
  }

  @Test func aTransportIsMadeWhenTheSecondEndIsThere() {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.evaluator)
    world.die(.evaluator)
    _ = world.take()
    world.die(.gateway)
    #expect(world.take() == ["spawn gateway 2"])
    world.pass(250)
    #expect(world.take() == ["spawn evaluator 3", "link feed 3", "link verdict 3"])
  }

  @Test func aNeighbourThatDoesNotConfirmIsRestarted() {
    var world = SupervisedWorld()
    world.startReady()
    world.deaf = [.evaluator]
    world.die(.gateway)
    _ = world.take()
    world.pass(1_999)
    #expect(world.take() == [])
    #expect(world.status(.gateway)?.links.map(\.isConfirmed) == [false])
    world.deaf = []
    world.pass(1)
    #expect(
      world.take() == ["SIGABRT evaluator", "spawn evaluator 2", "link feed 3", "link verdict 2"])
    #expect(world.events(.death).map(\.worker) == [.gateway, .evaluator])
    #expect(world.events(.death).last?.cause == "did not use the fresh link feed")
    #expect(world.status(.evaluator)?.deathsInWindow == 1)
  }

  @Test func aWorkerThatIsStillStartingMayConfirmLater() {
    var world = SupervisedWorld()
    world.eager = [.enforcer]
    world.deaf = [.evaluator]
    world.start()
    _ = world.take()
    world.pass(9_000)
    #expect(world.take() == [])
    world.ready(.evaluator)
    _ = world.take()
    world.pass(1_999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take().first == "SIGABRT evaluator")
  }

  @Test func aBrokenTransportIsReplacedWithoutAnyRestart() {
    var world = SupervisedWorld()
    world.startReady()
    world.breakLink(.verdict, by: .enforcer)
    #expect(world.take() == ["link verdict 2"])
    #expect(world.events(.death) == [])
    #expect(world.events(.linkBroken).map(\.worker) == [.enforcer])
  }

  @Test func whatBrokeBeforeTheReplacementIsIgnored() {
    var world = SupervisedWorld()
    world.startReady()
    world.breakLink(.verdict, by: .enforcer)
    _ = world.take()
    world.tell(.evaluator, .linkBroken(.verdict, epoch: 1, reason: "end of file"))
    #expect(world.take() == [])
    world.tell(.evaluator, .linkReplaced(.verdict, epoch: 1))
    #expect(world.status(.evaluator)?.links.map(\.isConfirmed) == [true, true])
  }

  @Test func aLinkThatBreaksBecauseItsOtherEndDiedWaitsForTheRestart() {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.gateway)
    world.die(.gateway)
    _ = world.take()
    world.breakLink(.feed, by: .evaluator)
    #expect(world.take() == [])
    world.pass(250)
    #expect(world.take() == ["spawn gateway 3", "link feed 3"])
  }

  @Test func aSenderThatBreaksItsLinkTooOftenIsRestarted() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<5 {
      world.breakLink(.verdict, by: .enforcer)
      world.pass(1_000)
    }
    #expect(world.take() == (2...6).map { "link verdict \($0)" })
    world.breakLink(.verdict, by: .enforcer)
    #expect(
      world.take() == ["stop evaluator", "spawn evaluator 2", "link feed 2", "link verdict 7"])
    #expect(world.events(.death).map(\.cause) == ["broke the link verdict too often"])
    #expect(world.status(.evaluator)?.deathsInWindow == 1)
  }

  /// The ends of its pipes are seen before its death: fresh ones break as soon as they are made.
  @Test(arguments: [
    (WorkerExit.signal(9), "signal 9 (SIGKILL)"),
    (WorkerExit.signal(11), "signal 11 (SIGSEGV)"),
    (WorkerExit.signal(15), "signal 15 (SIGTERM)"),
  ])
  func whoIsKilledIsNotSaidToHaveBrokenItsLink(_ exit: WorkerExit, _ cause: String) {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.evaluator]
    for _ in 0..<6 { world.breakLink(.verdict, by: .enforcer) }
    #expect(world.take().last == "stop evaluator")
    world.die(.evaluator, exit)
    // It is started again at once.
    #expect(world.take().first == "spawn evaluator 2")
    #expect(world.events(.death).map(\.cause) == [cause])
    #expect(world.status(.evaluator)?.deathsInWindow == 1)
  }

  @Test func whoIsOutOfMemoryIsNotSaidToHaveBrokenItsLink() {
    var world = SupervisedWorld()
    world.memoryKills = 3
    world.startReady()
    world.stubborn = [.evaluator]
    for _ in 0..<6 { world.breakLink(.verdict, by: .enforcer) }
    world.memoryKills = 4
    world.die(.evaluator, .signal(9))
    #expect(world.events(.death).map(\.cause) == ["out of memory (ended by the kernel)"])
  }

  @Test func whoBrokeItsLinkAndLivesOnIsEnded() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.evaluator]
    for _ in 0..<6 { world.breakLink(.verdict, by: .enforcer) }
    _ = world.take()
    world.pass(8_000)
    #expect(world.take() == ["SIGTERM evaluator"])
    world.pass(3_000)
    #expect(world.take().first == "SIGKILL evaluator")
    #expect(world.events(.death).map(\.cause) == ["broke the link verdict too often"])
  }

  @Test func breaksAreCountedByTheMinute() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<20 {
      world.breakLink(.feed, by: .evaluator)
      world.pass(12_000)
    }
    #expect(world.events(.death) == [])
  }

  @Test func aTransportThatCannotBeMadeIsTriedAgain() {
    var world = SupervisedWorld()
    world.startReady()
    world.breakLink(.feed, by: .evaluator)
    _ = world.take()
    world.failLink(.feed)
    #expect(world.status(.gateway)?.links.map(\.isConfirmed) == [false])
    world.pass(999)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take() == ["link feed 3"])
    #expect(world.events(.linkFailed).map(\.text) == ["link feed 2: EMFILE"])
  }

  @Test func aRetryForAnEndThatIsGoneWaitsForItsRestart() {
    var world = SupervisedWorld()
    world.startReady()
    world.breakLink(.feed, by: .evaluator)
    world.failLink(.feed)
    world.die(.gateway)
    world.die(.gateway)
    _ = world.take()
    world.stall(1_100)
    #expect(world.status(.gateway)?.state == .ready)
    #expect(world.take().last?.hasPrefix("link feed") == true)
  }

  @Test func aWorkerMaySpeakOfItsOwnLinksOnly() {
    var world = SupervisedWorld()
    world.startReady()
    world.tell(.gateway, .linkBroken(.verdict, epoch: 1, reason: "?"))
    #expect(world.take().first == "SIGABRT gateway")
    #expect(world.events(.death).first?.cause == "control channel misused (no end of link verdict)")
  }

  @Test func aDrainingWorkerGetsNoFreshTransport() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.evaluator]
    #expect(world.restart(.evaluator) == .accepted(after: 1))
    world.die(.gateway)
    #expect(world.take() == ["stop evaluator", "spawn gateway 2"])
    world.breakLink(.feed, by: .gateway)
    #expect(world.take() == [])
    world.die(.evaluator, .code(0))
    #expect(world.take() == ["spawn evaluator 2", "link feed 2", "link verdict 2"])
  }

  @Test func aConfirmationOfAnEarlierTransportIsNone() {
    var world = SupervisedWorld()
    world.startReady()
    world.deaf = [.evaluator]
    world.die(.gateway)
    _ = world.take()
    world.tell(.evaluator, .linkReplaced(.feed, epoch: 1))
    #expect(world.status(.gateway)?.links.map(\.isConfirmed) == [false])
    world.pass(2_000)
    #expect(world.take().first == "SIGABRT evaluator")
  }

  @Test func aStallMovesTheDeadlineOfALink() {
    var world = SupervisedWorld()
    world.startReady()
    world.deaf = [.evaluator]
    world.die(.gateway)
    _ = world.take()
    world.pass(1_000)
    world.stall(60_000)
    #expect(world.take() == [])
    world.deaf = []
    world.tell(.evaluator, .linkReplaced(.feed, epoch: 2))
    world.pass(10_000)
    #expect(world.take() == [])
  }

  @Test func aStallMovesTheRetryOfALink() {
    var world = SupervisedWorld()
    world.startReady()
    world.breakLink(.feed, by: .evaluator)
    world.failLink(.feed)
    _ = world.take()
    world.stall(60_000)
    #expect(world.take() == [])
    world.pass(1_000)
    #expect(world.take() == ["link feed 3"])
  }

  @Test func whatADeadProcessBrokeIsNotHeldAgainstItsSuccessor() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<5 { world.breakLink(.feed, by: .evaluator) }
    world.die(.gateway)
    _ = world.take()
    for _ in 0..<5 { world.breakLink(.feed, by: .evaluator) }
    #expect(world.take().allSatisfy { $0.hasPrefix("link feed") })
    world.breakLink(.feed, by: .evaluator)
    #expect(world.take().first == "stop gateway")
  }
}
