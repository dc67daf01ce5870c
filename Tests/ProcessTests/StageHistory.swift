import ControlPlane
import RiskModel
import Supervision

extension RiskdStage {
  /// What `riskctl history` would tell, as much as it tells at once.
  func history() throws -> [HistoryEntry] {
    let client = ControlClient(path: root.controlSocket)
    guard
      case .history(let entries) = try client.ask(.history(limit: ControlRequest.historyLimit))
    else { throw StageFailure("there is no history") }
    return entries
  }

  /// Unintended deaths, the oldest first.
  func countedDeaths() throws -> [HistoryEntry] {
    var deaths = DeathRecords()
    try deaths.gather(self)
    return deaths.entries
  }
}

/// The unintended deaths of a history that drops its oldest entries meanwhile.
struct DeathRecords {
  private(set) var entries: [HistoryEntry] = []
  /// Deaths of which the history tells without the process or the cause, or twice.
  private(set) var problems: [String] = []
  /// Whether the history may have dropped what nobody gathered.
  private(set) var mayLack = false

  /// Adds what has come since the last time.
  mutating func gather(_ stage: RiskdStage) throws {
    let told = try stage.history()
    let deaths = told.filter { $0.event == .death && $0.isCounted == true }
    let known = Set(entries.compactMap(\.pid))
    let isWhole = told.count < ControlRequest.historyLimit
    if !isWhole, !deaths.contains(where: { $0.pid.map { known.contains($0) } ?? false }) {
      mayLack = true
    }
    let pids = deaths.compactMap(\.pid)
    if Set(pids).count != pids.count { problems.append("a death is told twice: \(pids)") }
    for death in deaths {
      if death.pid == nil || death.worker == nil || (death.cause ?? "").isEmpty {
        problems.append("no process, worker or cause: \(death)")
      }
      if let pid = death.pid, !known.contains(pid) { entries.append(death) }
    }
  }
}
