import Logging
import RiskModel
import Supervision

// An entry of the history as a log line.
extension HistoryEntry {
  var level: Logger.Level {
    switch severity {
    case .notice: .notice
    case .warning: .warning
    case .critical: .critical
    }
  }

  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = [
      "event": "\(event.rawValue)", "message_id": "\(event.messageID.rawValue)",
    ]
    if let worker { metadata["worker"] = "\(worker.rawValue)" }
    if let pid { metadata["worker_pid"] = "\(pid)" }
    if let life { metadata["life"] = "\(life)" }
    if let cause { metadata["cause"] = "\(cause)" }
    if let isCounted { metadata["counted"] = "\(isCounted)" }
    if let deathsInWindow { metadata["deaths_in_window"] = "\(deathsInWindow)" }
    if let by { metadata["by"] = "\(by)" }
    return metadata
  }
}
