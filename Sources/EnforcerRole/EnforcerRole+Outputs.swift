import Enforcement
import Logging
import PeerProtocol
import RiskModel

// What leaves the role: requests, reports and records.
extension EnforcerRole {
  /// Requests go first: everything else may wait a little.
  func carryOut(_ actions: [EnforcementAction], answer: VenueAnswer?) {
    for case .send(let request, let id, let deadline) in actions {
      sent[id] = (clock.now(), clock.monotonicNow())
      outputs += 1
      venue.send(request, id: id, deadline: deadline)
    }
    for action in actions {
      switch action {
      case .send: break
      case .report(let report): tell(report, answer: answer)
      case .alert(let alert): raise(alert)
      case .schedule(let moment): controllerWakeAt = moment
      }
    }
  }

  private func tell(_ report: EnforcementReport, answer: VenueAnswer?) {
    switch report {
    case .adopted(let revision):
      self.report(.adopted(revision: revision))
    case .step(let step):
      let moments = moments(of: step, answer: answer)
      log.step(step, moments)
      self.report(.step(EnforcementStep(step, moments)))
    case .proven(let target, let requests, let passes, let duration):
      failingTargets.remove(target.id)
      let summary = EnforcementSummary(requests: requests, passes: passes, duration: duration)
      log.proven(target, summary)
      self.report(.proven(target.id, summary, at: clock.now()))
    case .failing(let target, let passes, let problem):
      failingTargets.insert(target.id)
      self.report(.failing(target.id, passes: passes, problem: problem, at: clock.now()))
    case .surprised(let account):
      logger.warning(
        "Account \(account) differs from what the evaluator says",
        metadata: ["account_id": "\(account)"])
      self.report(.surprised(account, at: clock.now()))
    }
  }

  func report(_ report: VerdictReport) {
    outputs += 1
    link.send(report)
  }

  private func moments(of step: EnforcedStep, answer: VenueAnswer?) -> StepMoments {
    if let answer, answer.id == step.id {
      let reaction = step.causeReadAt.flatMap { readAt in
        answer.bytesHandedAt.map { $0 - readAt }
      }
      return StepMoments(sentAt: answer.sentAt, duration: answer.duration, reaction: reaction)
    }
    let known = sent.removeValue(forKey: step.id)
    let now = clock.monotonicNow()
    return StepMoments(
      sentAt: known?.civil ?? clock.now(), duration: known.map { now - $0.moment } ?? .zero,
      reaction: nil)
  }

  private func raise(_ alert: EnforcementAlert) {
    switch alert {
    case .accountNotOurs(let account): foreignAccounts.insert(account)
    default: break
    }
    log.alert(alert)
  }
}
