@testable import ControlPlane
import RiskModel
import Supervision
import SupervisorRole
import Testing

@Suite struct OperatorRequestTests {
  @Test func statusAndHistoryAreAnsweredAtOnce() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.ask(.status, client: 1)
    guard case .status(let report)? = ports.replies.last?.1 else {
      Issue.record("\(ports.replies)")
      return
    }
    #expect(report.state == .running)
    #expect(report.workers.map(\.pid) == [1_001, 1_002, 1_003])
    ports.ask(.history(limit: 2), client: 2)
    guard case .history(let entries)? = ports.replies.last?.1 else {
      Issue.record("\(ports.replies)")
      return
    }
    #expect(entries.map(\.event) == [.workerReady, .ready])
  }

  @Test func aRestartWithoutWaitingIsAnsweredWithItsAcceptance() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.ask(.restart(RestartRequest(worker: .gateway, reason: "new\ntoken")), client: 1)
    #expect(ports.replies.map(\.1) == [.restarted(.gateway, isReady: false)])
    #expect(ports.take() == ["stop gateway"])
    #expect(
      ports.entries.last?.text
        == "restart of gateway asked for: new token (uid 1000, pid 77)")
    ports.die(.gateway, .code(0))
    #expect(ports.take() == ["spawn gateway 2", "link feed 2"])
    #expect(ports.saved == [])
  }

  @Test func aRestartWithWaitingIsAnsweredWhenTheWorkerIsReadyAgain() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.ask(.restart(RestartRequest(worker: .evaluator, wait: true)), client: 1)
    ports.ask(.restart(RestartRequest(worker: .evaluator, wait: true)), client: 2)
    #expect(ports.replies.isEmpty)
    ports.die(.evaluator, .code(0))
    #expect(ports.replies.isEmpty)
    ports.die(.evaluator, .signal(11))
    #expect(ports.replies.isEmpty)
    ports.ready(.evaluator)
    #expect(
      ports.replies.map(\.1) == .init(repeating: .restarted(.evaluator, isReady: true), count: 2))
    #expect(Set(ports.replies.map(\.0.number)) == [1, 2])
  }

  @Test func aWaitHasALimit() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    let request = RestartRequest(worker: .evaluator, wait: true, timeoutSeconds: 7)
    ports.ask(.restart(request), client: 1)
    ports.die(.evaluator, .code(0))
    ports.pass(.milliseconds(6_999))
    #expect(ports.replies.isEmpty)
    ports.pass(.milliseconds(1))
    let refusal = ControlRefusal(.timedOut, "evaluator is not ready after 7 s")
    #expect(ports.replies.map(\.1) == [.error(refusal)])
    ports.ready(.evaluator)
    #expect(ports.replies.count == 1)
  }

  @Test func aStopEndsEveryWait() {
    let ports = RecordingPorts()
    let loop = ports.readySupervisor()
    ports.ask(.restart(RestartRequest(worker: .enforcer, wait: true)), client: 1)
    loop.stop()
    ports.ask(.restart(RestartRequest(worker: .gateway, wait: true)), client: 2)
    #expect(
      ports.replies.map(\.1) == [.error(ControlRefusal(.refused, "riskd is stopping"))])
    for worker in WorkerName.critical.reversed() { ports.die(worker, .code(0)) }
    #expect(
      ports.replies.map(\.1).last == .error(ControlRefusal(.refused, "riskd has stopped")))
  }

  @Test func aClientMayAskAgainWhileItIsAnswered() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.ask(.restart(RestartRequest(worker: .gateway, wait: true)), client: 1)
    ports.nextRequest = .restart(RestartRequest(worker: .gateway, wait: true))
    ports.die(.gateway, .code(0))
    ports.ready(.gateway)
    #expect(ports.replies.map(\.1) == [.restarted(.gateway, isReady: true)])
    ports.die(.gateway, .code(0))
    ports.ready(.gateway)
    #expect(ports.replies.count == 2)
  }

  @Test func twentyRestartsOfEachWorkerAreNoDeaths() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    for number in 0..<60 {
      let worker = WorkerName.critical[number % 3]
      ports.ask(.restart(RestartRequest(worker: worker, wait: true)), client: UInt64(number))
      ports.die(worker, .code(0))
      ports.ready(worker)
      ports.pass(.seconds(1))
    }
    #expect(ports.replies.count == 60)
    #expect(ports.saved == [])
    ports.ask(.status, client: 99)
    guard case .status(let report)? = ports.replies.last?.1 else { return }
    #expect(report.state == .running)
    #expect(report.deathsInWindow == 0)
  }
}
