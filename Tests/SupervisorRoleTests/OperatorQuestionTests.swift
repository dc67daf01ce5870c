@testable import ControlPlane
import RiskModel
import Supervision
@testable import SupervisorRole
import Testing

/// What only the evaluator knows is asked of it, once, and its answer goes to who asked.
@Suite struct OperatorQuestionTests {
  @Test func theEvaluatorAnswersThroughTheSupervisor() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.ask(.lockouts, client: 1)
    ports.ask(.endLockout("184-0"), client: 2)
    #expect(
      ports.questions.map(\.question) == [
        .lockouts, .endLockout("184-0", by: "uid 1000, pid 77"),
      ])
    #expect(ports.replies.isEmpty)
    ports.tell(ports.questions[1].number, .lockoutEnded("184-0", standing: []))
    ports.tell(ports.questions[0].number, .lockouts([]))
    #expect(ports.replies.map(\.0.number) == [2, 1])
    #expect(ports.replies.map(\.1) == [.lockoutEnded("184-0", standing: []), .lockouts([])])
    // A second answer is nobody's.
    ports.tell(ports.questions[0].number, .lockouts([]))
    #expect(ports.replies.count == 2)
  }

  @Test func aRefusalIsPassedOn() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.ask(.endLockout("1-0"), client: 1)
    ports.tell(ports.questions[0].number, .refused("no lockout 1-0 stands"))
    #expect(ports.replies.map(\.1) == [.error(ControlRefusal(.refused, "no lockout 1-0 stands"))])
  }

  @Test func nobodyWaitsForAnEvaluatorThatIsNotThere() {
    let ports = RecordingPorts()
    let loop = ports.supervisor()
    loop.start()
    ports.ask(.lockouts, client: 1)
    guard case .error(let refusal)? = ports.replies.last?.1 else {
      Issue.record("\(ports.replies)")
      return
    }
    #expect(refusal.code == .refused)
    #expect(ports.questions.isEmpty)
  }

  @Test func anEvaluatorThatDoesNotAnswerIsWaitedForAFewSeconds() {
    var questions = OperatorQuestions()
    let first = questions.add(ControlClientID(number: 1), deadline: MonotonicInstant(nanos: 5))
    let second = questions.add(ControlClientID(number: 2), deadline: MonotonicInstant(nanos: 9))
    #expect(questions.nextDeadline == MonotonicInstant(nanos: 5))
    #expect(questions.takeOverdue(at: MonotonicInstant(nanos: 4)).isEmpty)
    #expect(questions.takeOverdue(at: MonotonicInstant(nanos: 5)).map(\.number) == [1])
    #expect(questions.answered(first) == nil)
    #expect(questions.answered(second)?.number == 2)
    #expect(questions.nextDeadline == nil)
  }
}
