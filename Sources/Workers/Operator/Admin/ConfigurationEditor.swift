import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import Settings
import Supervision

/// Changes one file of the configuration while riskd runs: checked as a whole, kept as a copy, put in
/// place as a whole, and taken back when riskd will not run with it.
struct ConfigurationEditor {
  static let answerTime = TimeSpan.seconds(65)

  struct Change {
    /// `config/risk_config.yaml` or `.env`.
    var file: String
    /// The word of the audit log.
    var what: String
    var detail: [String: String]
    /// Whether the values of the new text differ from those of the old one in what was asked for, and
    /// in nothing else; not asked of secrets.
    var isExact: (_ old: [String: String], _ new: [String: String]) -> Bool
    var edit: (String) throws -> String
  }

  let root: String
  let authority: any ControlAuthority
  let environment: [String: String]
  var records: AdminRecords
  var clock: any Clock = SystemClock()

  func apply(_ change: Change) -> CommandOutcome {
    var outcome: CommandOutcome
    var detail = change.detail
    detail["file"] = change.file
    do {
      let place = try ConfigurationPlace(change.file, below: root)
      outcome = try apply(change, to: place, &detail)
    } catch {
      outcome = CommandOutcome(
        .no, complaint: "riskctl: \(change.file): \(error); nothing was changed\n")
    }
    detail["code"] = "\(outcome.code.rawValue)"
    outcome.complaint += records.note(change.what, detail)
    return outcome
  }

  private func apply(
    _ change: Change, to place: ConfigurationPlace, _ detail: inout [String: String]
  ) throws -> CommandOutcome {
    let isSecret = change.file == ".env"
    let new = try change.edit(place.text)
    guard new != place.text else {
      detail["result"] = "unchanged"
      return CommandOutcome(.yes, output: "\(change.file) says so already\n")
    }
    if !isSecret {
      guard let old = YAMLLeaves.of(place.text), let after = YAMLLeaves.of(new),
        change.isExact(old, after)
      else {
        detail["result"] = "not exact"
        return CommandOutcome(
          .no,
          complaint: "riskctl: \(change.file) cannot be changed in this place alone; "
            + "edit it by hand. Nothing was changed\n")
      }
    }
    let loaded = SettingsLoader.load(
      root: root, environment: environment, replacing: [change.file: new])
    if case .rejected(let problems) = loaded {
      detail["result"] = "not valid"
      return CommandOutcome(
        .no,
        complaint: ConfigurationReport.text(problems: problems) + "riskctl: nothing was changed\n")
    }
    var text = ""
    if isSecret {
      detail["backup"] = "none, as of every secret"
      text =
        "no copy of the old \(change.file) is kept: a key that was replaced lies nowhere else\n"
    } else {
      let copy = try place.backUp(into: backups(loaded), at: clock.now())
      detail["backup"] = copy
      let shown = copy.hasPrefix(root + "/") ? String(copy.dropFirst(root.count + 1)) : copy
      text = "the old file is kept as \(shown)\n"
    }
    try place.write(new, mode: isSecret ? 0o600 : nil)
    return try reloaded(text + "\(change.file) is written\n", place, &detail)
  }

  private func backups(_ loaded: SettingsLoader.Outcome) -> String {
    let name = loaded.settings?.database.backup.directory ?? "backups"
    var path = name.hasPrefix("/") ? name : "\(root)/\(name)"
    while path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// What riskd refuses does not stay; what it did not hear of counts at its next start.
  private func reloaded(
    _ text: String, _ place: ConfigurationPlace, _ detail: inout [String: String]
  ) throws -> CommandOutcome {
    let reply: ControlReply
    do throws(ControlError) {
      reply = try authority.ask(
        .reload(ReloadRequest(wait: true)), timeout: Self.answerTime)
    } catch .notRunning {
      detail["result"] = "written; riskd does not run"
      return CommandOutcome(
        .yes, output: text + "riskd does not run; the change counts from its next start\n")
    } catch .timedOut, .closedEarly {
      detail["result"] = "written; riskd did not answer"
      return CommandOutcome(
        .timedOut, output: text, complaint: "riskctl: riskd did not answer; see riskctl status\n")
    } catch {
      return try takeBack(text, place, error.description, &detail)
    }
    switch reply {
    case .reload(let report) where report.isAccepted:
      detail["result"] = "in force"
      return CommandOutcome(.yes, output: text + Self.text(of: report))
    case .reload(let report):
      return try takeBack(text, place, report.problems.joined(separator: "\n"), &detail)
    case .error(let refusal) where refusal.code == .timedOut:
      detail["result"] = "written; a worker is not ready yet"
      return CommandOutcome(
        .timedOut, output: text,
        complaint: "riskctl: \(refusal.text); the change is accepted, see riskctl status\n")
    case .error(let refusal):
      return try takeBack(text, place, refusal.text, &detail)
    default:
      return try takeBack(text, place, "riskd answered something else", &detail)
    }
  }

  private func takeBack(
    _ text: String, _ place: ConfigurationPlace, _ why: String, _ detail: inout [String: String]
  ) throws -> CommandOutcome {
    try place.write(place.text)
    detail["result"] = "refused by riskd and taken back"
    return CommandOutcome(
      .no, output: text,
      complaint: "\(why)\nriskctl: riskd does not run with it; the old file is back in its place\n")
  }

  static func text(of report: ReloadReport) -> String {
    let names = report.restarted.map(\.rawValue).joined(separator: ", ")
    let head =
      report.restarted.isEmpty
      ? "riskd has taken it; no worker had to be restarted\n"
      : "riskd runs with it; restarted: \(names)\n"
    return head + report.needsRestart.map { "\($0) counts after a restart of riskd\n" }.joined()
  }
}
