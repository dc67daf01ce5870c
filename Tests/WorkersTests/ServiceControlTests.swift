import Checklist
import ControlPlane
import Foundation
import RiskModel
import RiskTestKit
import Testing

@testable import Workers

/// The service as an administrator controls it, with a systemd that the test plays.
@Suite struct ServiceControlTests {
  private let root: WorkerRoot

  init() throws {
    root = try WorkerRoot()
  }

  private struct Silent: ControlAuthority {
    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      throw .notRunning(path: "nobody")
    }
  }

  private final class Calls {
    var words: [[String]] = []
    var code: Int32 = 0
  }

  private func work(_ calls: Calls, isInstalled: Bool = true, hasSystemd: Bool = true)
    -> Administration
  {
    var work = Administration(
      root: root.path, terminal: .init(ask: { _ in nil }, askHidden: { _ in nil }),
      authority: Silent(), environment: [:], isRoot: true)
    work.service.unit = { _ in
      isInstalled
        ? .seen(
          UnitFacts(
            activeState: "active", subState: "running", user: "riskd", unitFileState: "enabled",
            restarts: 0)) : .hidden("systemd does not run here")
    }
    work.service.hasSystemd = { hasSystemd }
    work.service.run = { words in
      calls.words.append(words)
      return (calls.code, "said\n")
    }
    return work
  }

  @Test func `systemd is asked, and the sockets stop with the service`() throws {
    let calls = Calls()
    let work = work(calls)
    #expect(work.controlService(.start).output == "said\nriskd is started\n")
    #expect(work.controlService(.stop).output.contains("Nobody watches the accounts"))
    #expect(work.controlService(.restart).code == .yes)
    #expect(
      calls.words == [
        ["/usr/bin/systemctl", "start", "riskd.service"],
        [
          "/usr/bin/systemctl", "stop", "riskd-control.socket", "riskd-trader.socket",
          "riskd.service",
        ],
        ["/usr/bin/systemctl", "restart", "riskd.service"],
      ])
    calls.code = 5
    let failed = work.controlService(.start)
    #expect(failed.code == .no)
    #expect(failed.complaint == "riskctl: systemctl start failed (code 5)\n")
    #expect(work.serviceStatus().output.contains("riskd.service, enabled"))
    #expect(work.serviceLog().code == .no)
    #expect(calls.words.last?.first == "/usr/bin/journalctl")
    #expect(try root.text("data/audit.log").contains("admin.service.stop"))
  }

  @Test func `without systemd it says so`() throws {
    let calls = Calls()
    let work = work(calls, isInstalled: false, hasSystemd: false)
    for outcome in [
      work.controlService(.stop), work.installService("/a.tar.gz"), work.uninstallService(),
    ] {
      #expect(outcome.code == .environment)
      #expect(outcome.complaint.contains("systemd does not run here"))
    }
    #expect(calls.words.isEmpty)
    #expect(work.serviceLog().code == .environment)
    try FileManager.default.createDirectory(
      atPath: root.folder.file("logs"), withIntermediateDirectories: false)
    try root.write("logs/daemon.log", (1...30).map { "line \($0)\n" }.joined())
    #expect(work.serviceLog().output == (11...30).map { "line \($0)\n" }.joined())
    #expect(work.serviceStatus().output.contains("State        not running"))
  }

  @Test func `installing and uninstalling run the scripts of the installation`() throws {
    let calls = Calls()
    let work = work(calls)
    #expect(work.installService("/a.tar.gz").complaint.contains("is not there"))
    try FileManager.default.createDirectory(
      atPath: root.folder.file("ops"), withIntermediateDirectories: false)
    for name in ["install", "uninstall"] {
      try root.write("ops/\(name)", "#!/bin/sh\n")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: root.folder.file("ops/\(name)"))
    }
    #expect(work.installService("/a.tar.gz").code == .yes)
    calls.code = 1
    #expect(work.uninstallService().complaint == "riskctl: ops/uninstall failed (code 1)\n")
    #expect(
      calls.words == [
        [root.folder.file("ops/install"), "/a.tar.gz"], [root.folder.file("ops/uninstall")],
      ])
  }

  @Test func `a program is run to its end and its words are kept`() {
    let ports = ServicePorts()
    #expect(ports.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"]) == (3, "out\nerr\n"))
    #expect(ports.run(["/bin/sh", "-c", "kill -9 $$"]).code == 137)
    #expect(ports.run(["/no/such/program"]).code == 127)
  }
}
