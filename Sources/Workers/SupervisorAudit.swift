import AuditLog
import Logging
import ProcessControl
import RiskModel
import Supervision

/// Starts, stops and operators' commands in the audit log.
final class SupervisorAudit: Sendable {
  private static let patience = TimeSpan.milliseconds(500)

  private let recorder: AuditRecorder
  private let clock: any Clock

  init(root: String, logger: Logger, clock: any Clock = SystemClock()) {
    self.clock = clock
    recorder = AuditRecorder(
      AuditLog(path: "\(root)/\(AuditLog.standardName)"), who: "supervisor"
    ) { figures in
      guard let problem = figures.problem else { return }
      logger.critical("The audit log cannot be written", metadata: ["problem": "\(problem)"])
    }
  }

  func record(_ entry: HistoryEntry) {
    guard let what = entry.event.audited else { return }
    var detail = ["text": entry.text]
    detail["worker"] = entry.worker?.rawValue
    recorder.record([
      AuditEntry(at: clock.now(), who: entry.by ?? "supervisor", what: what, detail: detail)
    ])
  }

  func finish() { recorder.finish(within: Self.patience) }
}

extension HistoryEntry.Event {
  /// The word of the audit log; `nil` for what is supervision's everyday work.
  var audited: String? {
    switch self {
    case .supervisorStarted: "riskd.started"
    case .stopped: "riskd.stopped"
    case .stopAsked: "riskd.stop.asked"
    case .restartAsked: "worker.restart.asked"
    case .reloadAccepted: "configuration.reload.accepted"
    case .reloadRefused: "configuration.reload.refused"
    case .crashLoop: "safe.mode.begun"
    case .safeModeEnded: "safe.mode.ended"
    default: nil
    }
  }
}
