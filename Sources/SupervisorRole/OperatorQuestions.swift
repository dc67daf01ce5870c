import ControlPlane
import RiskModel
import Supervision

/// The operators whose question a worker answers.
struct OperatorQuestions {
  /// A worker that is asked answers behind the work that waits for it.
  static let patience = TimeSpan.seconds(4)

  private var waits: [Int64: (client: ControlClientID, deadline: MonotonicInstant)] = [:]
  private var lastNumber: Int64 = 0

  var nextDeadline: MonotonicInstant? { waits.values.map(\.deadline).min() }

  /// - Returns: the number that the answer has to say.
  mutating func add(_ client: ControlClientID, deadline: MonotonicInstant) -> Int64 {
    lastNumber += 1
    waits[lastNumber] = (client, deadline)
    return lastNumber
  }

  mutating func answered(_ number: Int64) -> ControlClientID? {
    waits.removeValue(forKey: number)?.client
  }

  mutating func takeOverdue(at now: MonotonicInstant) -> [ControlClientID] {
    let overdue = waits.filter { $0.value.deadline <= now }
    for number in overdue.keys { waits[number] = nil }
    return overdue.values.map(\.client)
  }
}

extension SupervisorLoop {
  func ask(_ question: OperatorQuestion, client: ControlClientID, at moment: Moment) {
    guard plan.isReady(.evaluator, after: 0) else {
      let text = "the evaluator, which knows the lockouts, is not ready"
      ports.operators.reply(.error(ControlRefusal(.refused, text)), to: client)
      return
    }
    let number = questions.add(client, deadline: moment.monotonic + OperatorQuestions.patience)
    perform([.send(.ask(number: number, question), to: .evaluator)])
  }

  func answer(_ number: Int64, _ answer: OperatorAnswer) {
    guard let client = questions.answered(number) else { return }
    let reply: ControlReply =
      switch answer {
      case .lockouts(let lockouts): .lockouts(lockouts)
      case .lockoutEnded(let id, let standing): .lockoutEnded(id, standing: standing)
      case .refused(let text): .error(ControlRefusal(.refused, text))
      }
    ports.operators.reply(reply, to: client)
  }

  func refuseOverdueQuestions(at moment: Moment) {
    for client in questions.takeOverdue(at: moment.monotonic) {
      ports.operators.reply(
        .error(
          ControlRefusal(.failed, "the evaluator has not answered; it may have done what was asked")
        ),
        to: client)
    }
  }
}
