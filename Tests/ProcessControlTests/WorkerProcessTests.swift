import Dispatch
import Glibc
import ProcessControl
import RiskModel
import Supervision
import Testing

@testable import class ProcessControl.WorkerHost

/// What only a whole process can show: the end that a hung loop cannot prevent, and the way in.
@Suite struct WorkerProcessTests {
  @Test func anOrphanThatHangsIsEnded() async {
    await #expect(processExitsWith: .exitCode(70)) {
      let stage = try WorkerStage(orphanGrace: .milliseconds(100), lastResort: .exitProcess)
      stage.role.whenStarted = { stage.supervisor.close() }
      stage.role.whenOrphaned = { sleepForEver() }
      stage.supervisor.send(.start(settings: ""))
      _ = try stage.run()
    }
  }

  @Test func aWorkerThatHangsBeforeItCouldNoticeIsEnded() async {
    await #expect(processExitsWith: .exitCode(70)) {
      let stage = try WorkerStage(orphanGrace: .milliseconds(100), lastResort: .exitProcess)
      stage.role.whenStarted = {
        stage.supervisor.close()
        sleepForEver()
      }
      stage.supervisor.send(.start(settings: ""))
      _ = try stage.run()
    }
  }

  @Test func aWorkerWithABrokenChannelThatHangsIsEnded() async {
    await #expect(processExitsWith: .exitCode(70)) {
      let ends = try ControlPacket.makeEnds()
      let reactor = try Reactor()
      let host = try WorkerHost(
        reactor: reactor, control: ends.worker, orphanGrace: .milliseconds(100))
      let role = RecordingRole()
      role.whenOrphaned = { sleepForEver() }
      try write("{\"start\":{\"settings\":\"\"}}", to: ends.supervisor)
      try write("rubbish", to: ends.supervisor)
      _ = try host.run(role)
    }
  }

  @Test func anOrderlyEndIsNotDisturbed() async {
    await #expect(processExitsWith: .exitCode(0)) {
      let stage = try WorkerStage(orphanGrace: .milliseconds(100), lastResort: .exitProcess)
      stage.supervisor.send(.start(settings: ""))
      stage.supervisor.send(.stop)
      exit(try stage.run().code)
    }
  }

  @Test func theControlEndIsTakenAsItShouldBe() throws {
    let ends = try ControlPacket.makeEnds()
    let number = ends.worker.number
    _ = fcntl(number, F_SETFD, 0)
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
    let taken = try WorkerHost.controlEnd(at: ends.worker.release(), among: [0, 1, 2, number])
    #expect(taken.number == number)
    #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
    #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
  }

  @Test func descriptorsAboveTheControlEndAreRefused() throws {
    let ends = try ControlPacket.makeEnds()
    let number = ends.worker.number
    #expect(throws: ProcessControlError.descriptorsUnexpected([number + 1, number + 4])) {
      _ = try WorkerHost.controlEnd(at: number, among: [0, number, number + 1, number + 4])
    }
    #expect(throws: ProcessControlError.self, "a test's process has more open than a worker") {
      _ = try WorkerHost.inheritedControlEnd()
    }
  }

  @Test func whatIsNoControlEndIsRefused() throws {
    let pipe = try PipePair.make()
    var stream: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &stream) == 0)
    let streams = stream.map { Descriptor(owning: $0) }
    for number in [pipe.readEnd.number, streams[0].number, 1_000_000] {
      #expect(throws: ProcessControlError.controlEndMissing(descriptor: number)) {
        _ = try WorkerHost.controlEnd(at: number, among: [0, 1, 2])
      }
    }
  }
}

private func sleepForEver() {
  while true { sleep(600) }
}
