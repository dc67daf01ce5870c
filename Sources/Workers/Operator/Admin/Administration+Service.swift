import AdminConsole
import Checklist
package import ControlPlane
import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import Settings
import Supervision
import TraderFeed

extension Administration {
  package enum ServiceAction: String, CaseIterable, Sendable {
    case start, stop, restart
  }

  static let unitName = "riskd.service"
  static let sockets = ["riskd-control.socket", "riskd-trader.socket"]
  static let shownLogLines = 20
  private static let systemctl = "/usr/bin/systemctl"

  /// What runs, since when and with what.
  package func serviceStatus() -> CommandOutcome {
    CommandOutcome(.yes, output: serviceSheet().text)
  }

  func serviceSheet() -> ServiceSheet {
    let status = supervisorStatus()
    var sheet: ServiceSheet
    switch service.unit(root) {
    case .seen(let facts):
      sheet = ServiceSheet(
        unit: "\(Self.unitName), \(facts.unitFileState)",
        state: "\(facts.activeState) (\(facts.subState))"
          + (status.map { ", riskd is \($0.state.label)" } ?? ""))
    case .hidden(let reason):
      sheet = ServiceSheet(unit: "none: \(reason)", state: status?.state.label ?? "not running")
    }
    guard let pid = supervisorPid(), status != nil else { return sheet }
    sheet.pid = pid
    sheet.uptimeSeconds = uptime(of: pid)
    let pids = [pid] + (status?.workers.compactMap(\.pid) ?? [])
    let before = pids.map { ProcessView($0, in: service.processes) }
    let start = clock.monotonicNow()
    usleep(300_000)
    let elapsed = max(1, (clock.monotonicNow() - start).milliseconds)
    let after = pids.map { ProcessView($0, in: service.processes) }
    func sum(_ views: [ProcessView], _ value: (ProcessView) -> Int64?) -> Int64 {
      views.compactMap(value).reduce(0, +)
    }
    sheet.processorPerMille =
      max(0, sum(after, \.processorMilliseconds) - sum(before, \.processorMilliseconds)) * 1_000
      / elapsed
    sheet.memoryKiB = sum(after) { $0.proportionalKiB ?? $0.residentKiB }
    sheet.connections = connections(TraderLook.feed("\(root)/run/trader.sock").value?.service)
    return sheet
  }

  /// Starts, stops or starts anew by systemd. Positions and lockouts stay as they are.
  package func controlService(_ action: ServiceAction) -> CommandOutcome {
    let what = "admin.service.\(action.rawValue)"
    if case .hidden(let reason) = service.unit(root) {
      return recorded(
        what, [:],
        unusable(
          "\(reason); a riskd that was started by hand is stopped by hand: "
            + "Ctrl+C, or kill -TERM of its PID"))
    }
    // The sockets first: a program that asks for the state must not start it again.
    let units = action == .stop ? Self.sockets + [Self.unitName] : [Self.unitName]
    let result = service.run([Self.systemctl, action.rawValue] + units)
    guard result.code == 0 else {
      return recorded(
        what, [:],
        CommandOutcome(
          .no, output: result.output,
          complaint: "riskctl: systemctl \(action.rawValue) failed (code \(result.code))\n"))
    }
    let past = ["start": "started", "stop": "stopped", "restart": "restarted"]
    var text = result.output + "riskd is \(past[action.rawValue] ?? action.rawValue)\n"
    if action == .stop { text += "Nobody watches the accounts until it is started again.\n" }
    return recorded(what, [:], CommandOutcome(.yes, output: text))
  }

  /// The last lines of the log: of the journal where systemd runs riskd, else of the log file.
  package func serviceLog() -> CommandOutcome {
    if case .seen = service.unit(root) {
      let result = service.run([
        "/usr/bin/journalctl", "-u", "riskd", "-n", "\(Self.shownLogLines)", "--no-pager", "-q",
        "-o", "short-iso",
      ])
      return CommandOutcome(result.code == 0 ? .yes : .no, output: result.output)
    }
    let name = settings()?.0.logging.files[.daemon]?.path ?? "logs/daemon.log"
    let path = name.hasPrefix("/") ? name : "\(root)/\(name)"
    guard let data = FileManager.default.contents(atPath: path) else {
      return unusable("\(path) cannot be read")
    }
    let lines = String(decoding: data.suffix(1 << 16), as: UTF8.self).split(separator: "\n")
    return CommandOutcome(
      .yes, output: lines.suffix(Self.shownLogLines).map { TableText.line(String($0)) }.joined())
  }

  /// Installs an archive of `ops/build-release`.
  package func installService(_ archive: String) -> CommandOutcome {
    script("install", [archive], ["archive": archive])
  }

  /// Stops riskd and takes it off the machine; configuration and data stay.
  package func uninstallService() -> CommandOutcome {
    script("uninstall", [], [:])
  }

  private func script(
    _ name: String, _ arguments: [String], _ detail: [String: String]
  ) -> CommandOutcome {
    let what = "admin.service.\(name)"
    guard service.hasSystemd() else {
      return recorded(
        what, detail, unusable("systemd does not run here; there is nothing to \(name)"))
    }
    let path = "\(root)/ops/\(name)"
    guard access(path, X_OK) == 0 else {
      return recorded(
        what, detail, unusable("\(path) is not there; run ops/\(name) of an unpacked release"))
    }
    // It may take the log away from under this program.
    let complaint = records.note(what, detail)
    let result = service.run([path] + arguments)
    return CommandOutcome(
      result.code == 0 ? .yes : .no, output: result.output,
      complaint: complaint
        + (result.code == 0 ? "" : "riskctl: ops/\(name) failed (code \(result.code))\n"))
  }

  func supervisorStatus() -> StatusReport? {
    guard case .status(let report)? = try? authority.ask(.status, timeout: .seconds(5)) else {
      return nil
    }
    return report
  }

  private func supervisorPid() -> Int32? {
    FileManager.default.contents(atPath: root + "/run/riskd.lock").flatMap { lock in
      Int32(String(decoding: lock, as: UTF8.self).prefix(while: \.isNumber))
    }
  }

  /// By the kernel's own count of when the process began.
  private func uptime(of pid: Int32) -> Int64? {
    func text(_ name: String) -> String? {
      FileManager.default.contents(atPath: "\(service.processes)/\(name)").map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    // The fields behind the name, which may hold anything: the start is the 20th.
    guard let line = text("\(pid)/stat"), let end = line.lastIndex(of: ")"),
      let machine = text("uptime")?.split(separator: ".").first.flatMap({ Int64($0) })
    else { return nil }
    let fields = line[end...].split(separator: " ").dropFirst()
    let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    guard let ticks = fields.dropFirst(19).first.flatMap({ Int64($0) }), perSecond > 0 else {
      return nil
    }
    return max(0, machine - ticks / perSecond)
  }
}
