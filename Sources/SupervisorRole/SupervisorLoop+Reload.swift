import ControlPlane
import Logging
import RiskModel
import Supervision

// Another configuration, while the workers run.
extension SupervisorLoop {
  /// Nobody waits for the answer; the log has it.
  package func reload(by who: String) {
    _ = readAnew(by: who)
    continueWork()
  }

  func reload(_ request: ReloadRequest, by who: String, client: ControlClientID) {
    guard plan.overallState != .stopping else {
      let refusal = ControlRefusal(.refused, "riskd is stopping")
      noteRefusedReload(by: who, refusal.text)
      ports.operators.reply(.error(refusal), to: client)
      return
    }
    let report = readAnew(by: who)
    if report.isAccepted, request.wait, !report.restarted.isEmpty {
      let limit = TimeSpan.seconds(Int64(request.timeoutSeconds))
      reloads.add(
        client,
        Reload.Wait(
          report: report, deadline: ports.clock.moment().monotonic + limit,
          timeoutSeconds: request.timeoutSeconds))
    } else {
      ports.operators.reply(.reload(report), to: client)
    }
    continueWork()
  }

  private func readAnew(by who: String) -> ReloadReport {
    guard let source = ports.configuration, plan.overallState != .stopping else {
      let problem = "riskd cannot read its configuration anew now"
      noteRefusedReload(by: who, problem)
      return ReloadReport(problems: [problem])
    }
    switch source.readAnew() {
    case .rejected(let problems):
      let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
      let first = problems.first.map { ", \($0)" } ?? ""
      noteRefusedReload(by: who, "the configuration is not usable (\(count)\(first))")
      for problem in problems { log.error("\(problem)") }
      return ReloadReport(problems: problems)
    case .accepted(let new):
      return adopt(new, by: who)
    }
  }

  /// Nothing changed; the history says who wanted it and why not.
  func noteRefusedReload(by who: String, _ reason: String) {
    record(
      HistoryEntry(
        at: ports.clock.moment(), .reloadRefused, by: who,
        text: "a new configuration, asked for by \(who), is refused; nothing changed: "
          + printable(reason, limit: 300)))
  }

  private func adopt(_ new: NewConfiguration, by who: String) -> ReloadReport {
    plan.configurationProblem = nil
    for (worker, settings) in new.settings { ports.processes.brief(worker, settings) }
    reloads.add(new.affected)
    let restarted = WorkerName.allCases.filter(new.affected.contains)
    let names = restarted.map(\.rawValue).joined(separator: " ")
    let waiting = new.needsRestart.joined(separator: ", ")
    record(
      HistoryEntry(
        at: ports.clock.moment(), .reloadAccepted, by: who,
        text: "the new configuration is accepted, asked for by \(who); restarting: "
          + (names.isEmpty ? "nothing" : names)
          + (waiting.isEmpty ? "" : "; a restart of riskd is needed for: \(waiting)")))
    return ReloadReport(
      notices: new.notices, restarted: restarted, needsRestart: new.needsRestart,
      isReady: restarted.isEmpty)
  }

  /// Gives the next worker its turn, and answers those who waited for the last.
  func continueReload(at moment: Moment) {
    if let turn = reloads.turn,
      plan.isReady(turn.worker, after: turn.life) || turn.deadline <= moment.monotonic
    {
      reloads.endTurn()
    }
    while let worker = reloads.next() {
      let (answer, actions) = plan.restart(worker, reason: "new configuration", at: moment)
      // A worker that has not been started yet starts with the new configuration.
      if case .accepted(let life) = answer {
        reloads.begin(
          Reload.Turn(worker: worker, life: life, deadline: moment.monotonic + Self.reloadTurn))
      }
      perform(actions)
    }
    let isDone = reloads.isOver && reloads.ended.allSatisfy { plan.isReady($0, after: $1) }
    if isDone {
      answer(reloads.take { _ in true }) { wait in
        var report = wait.report
        report.isReady = true
        return .reload(report)
      }
    }
    answer(reloads.take { $0.deadline <= moment.monotonic }) { wait in
      let text = "not every worker is ready after \(wait.timeoutSeconds) s"
      return .error(ControlRefusal(.timedOut, text))
    }
  }

  /// At the end of everything.
  func refuseReloads() {
    answer(reloads.take { _ in true }) { _ in
      .error(ControlRefusal(.refused, "riskd has stopped"))
    }
  }

  private func answer(
    _ done: [(client: ControlClientID, wait: Reload.Wait)], _ reply: (Reload.Wait) -> ControlReply
  ) {
    for (client, wait) in done { ports.operators.reply(reply(wait), to: client) }
  }

  /// A worker that does not become ready must not keep the others from the new configuration.
  private static let reloadTurn = TimeSpan.seconds(10)
}
