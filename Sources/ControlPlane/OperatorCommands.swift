package import RiskModel
import Supervision

/// What an operator's command prints, and how it exits.
package struct CommandOutcome: Equatable, Sendable {
  /// The exit codes of `riskctl`.
  package enum Code: Int32, Sendable {
    case yes = 0
    /// The answer is no, or a check failed.
    case no = 1
    /// Wrong usage, or riskd cannot be asked.
    case environment = 2
    case timedOut = 3
    case refused = 4
  }

  package var code: Code
  /// For standard output, with its newline.
  package var output: String
  /// For standard error, with its newline; empty when there is nothing to complain about.
  package var complaint: String

  package init(_ code: Code, output: String = "", complaint: String = "") {
    self.code = code
    self.output = output
    self.complaint = complaint
  }
}

/// Somebody who answers requests: the supervisor, behind its socket.
package protocol ControlAuthority {
  func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply
}

extension ControlClient: ControlAuthority {}

/// `riskctl status`, `restart`, `reload` and `history`.
package struct OperatorCommands {
  package enum Format: Sendable {
    case text(StatusText.Style)
    case json
  }

  private static let answerTime = TimeSpan.seconds(5)

  private let authority: any ControlAuthority

  package init(_ authority: any ControlAuthority) {
    self.authority = authority
  }

  /// 0 when every worker does its job, else 1.
  package func status(_ format: Format) -> CommandOutcome {
    exchange(.status, timeout: Self.answerTime) { reply in
      guard case .status(let report) = reply else { return nil }
      let code: CommandOutcome.Code = report.state == .running ? .yes : .no
      return CommandOutcome(code, output: render(report, format))
    }
  }

  /// 0 when the restart was accepted; with `wait`, when the worker is ready again.
  package func restart(_ request: RestartRequest) -> CommandOutcome {
    guard (1...RestartRequest.longestTimeoutSeconds).contains(request.timeoutSeconds) else {
      let limit = RestartRequest.longestTimeoutSeconds
      return CommandOutcome(
        .environment, complaint: "riskctl: the timeout is 1 to \(limit) seconds\n")
    }
    let patience = request.wait ? TimeSpan.seconds(Int64(request.timeoutSeconds)) : .zero
    return exchange(.restart(request), timeout: patience + Self.answerTime) { reply in
      guard case .restarted(let worker, let isReady) = reply else { return nil }
      let text = isReady ? "is ready again" : "is being restarted"
      return CommandOutcome(.yes, output: "\(worker.rawValue) \(text)\n")
    }
  }

  /// The latest entries, oldest first. As JSON, one object per line.
  package func history(limit: Int, _ format: Format) -> CommandOutcome {
    guard (1...ControlRequest.historyLimit).contains(limit) else {
      return CommandOutcome(
        .environment, complaint: "riskctl: the limit is 1 to \(ControlRequest.historyLimit)\n")
    }
    return exchange(.history(limit: limit), timeout: Self.answerTime) { reply in
      guard case .history(let entries) = reply else { return nil }
      let output =
        switch format {
        case .text(let style): StatusText.render(entries, style: style)
        case .json: entries.map(json).joined()
        }
      return CommandOutcome(.yes, output: output)
    }
  }

  /// 0 when the configuration was accepted; with `wait`, when the restarted workers are ready. 1 with
  /// every problem when it was not, and then nothing has changed.
  package func reload(_ request: ReloadRequest) -> CommandOutcome {
    guard (1...ReloadRequest.longestTimeoutSeconds).contains(request.timeoutSeconds) else {
      let limit = ReloadRequest.longestTimeoutSeconds
      return CommandOutcome(
        .environment, complaint: "riskctl: the timeout is 1 to \(limit) seconds\n")
    }
    let patience = request.wait ? TimeSpan.seconds(Int64(request.timeoutSeconds)) : .zero
    return exchange(.reload(request), timeout: patience + Self.answerTime) { reply in
      guard case .reload(let report) = reply else { return nil }
      guard report.isAccepted else {
        let problems = report.problems.map { "\($0)\n" }.joined()
        return CommandOutcome(
          .no, complaint: problems + "riskctl: the configuration is not usable; nothing changed\n")
      }
      return CommandOutcome(.yes, output: text(of: report))
    }
  }

  private func text(of report: ReloadReport) -> String {
    var lines = report.notices.map { "notice: \($0)" }
    let names = report.restarted.map(\.rawValue).joined(separator: ", ")
    if report.restarted.isEmpty {
      lines.append("the configuration is accepted; no worker had to be restarted")
    } else if report.isReady {
      lines.append("the configuration is accepted and in force; restarted: \(names)")
    } else {
      lines.append("the configuration is accepted; being restarted: \(names)")
    }
    lines += report.needsRestart.map { "\($0) counts after a restart of riskd" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The lockouts that stand, oldest first.
  package func lockouts(_ format: Format) -> CommandOutcome {
    exchange(.lockouts, timeout: Self.answerTime) { reply in
      guard case .lockouts(let lockouts) = reply else { return nil }
      let output =
        switch format {
        case .text: LockoutText.render(lockouts)
        case .json: json(lockouts)
        }
      return CommandOutcome(.yes, output: output)
    }
  }

  /// 0 when the lockout is ended and its account is free of it; 1 when a rule that is still broken has
  /// locked again at once.
  package func endLockout(_ id: String) -> CommandOutcome {
    exchange(.endLockout(id), timeout: Self.answerTime) { reply in
      guard case .lockoutEnded(let ended, let standing) = reply else { return nil }
      let text = "lockout \(ended) is ended\n"
      guard !standing.isEmpty else { return CommandOutcome(.yes, output: text) }
      return CommandOutcome(
        .no, output: text + "the account is still locked:\n" + LockoutText.render(standing))
    }
  }

  private func exchange(
    _ request: ControlRequest, timeout: TimeSpan,
    _ outcome: (ControlReply) -> CommandOutcome?
  ) -> CommandOutcome {
    let reply: ControlReply
    do throws(ControlError) {
      reply = try authority.ask(request, timeout: timeout)
    } catch {
      let code: CommandOutcome.Code = error == .timedOut ? .timedOut : .environment
      return CommandOutcome(code, complaint: "riskctl: \(error)\n")
    }
    if case .error(let refusal) = reply { return self.outcome(of: refusal, to: request) }
    return outcome(reply)
      ?? CommandOutcome(.environment, complaint: "riskctl: riskd answered something else\n")
  }

  private func outcome(of refusal: ControlRefusal, to request: ControlRequest) -> CommandOutcome {
    let complaint = "riskctl: \(refusal.text)\n"
    switch refusal.code {
    case .malformed, .oversized, .failed:
      return CommandOutcome(.environment, complaint: complaint)
    case .busy, .refused:
      return CommandOutcome(.refused, complaint: complaint)
    case .timedOut:
      // Who waited in vain wants to see why; who asked for the state would ask for ever.
      if case .status = request { return CommandOutcome(.timedOut, complaint: complaint) }
      let state = status(.text(.plain))
      return CommandOutcome(.timedOut, output: state.output, complaint: complaint)
    }
  }

  private func render(_ report: StatusReport, _ format: Format) -> String {
    switch format {
    case .text(let style): StatusText.render(report, style: style)
    case .json: json(report)
    }
  }

  private func json(_ value: some Encodable) -> String {
    String(decoding: ControlLine.encode(value), as: UTF8.self)
  }
}
