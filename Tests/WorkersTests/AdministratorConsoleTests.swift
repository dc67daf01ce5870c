import Checklist
import ControlPlane
import Foundation
import RiskModel
import RiskTestKit
import Testing

@testable import Workers

/// The menus, with what a person types as a list.
@Suite struct AdministratorConsoleTests {
  private let root: WorkerRoot

  init() throws {
    root = try WorkerRoot()
    try FileManager.default.createDirectory(
      atPath: root.folder.file("backups"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
  }

  private struct Silent: ControlAuthority {
    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      throw .notRunning(path: "nobody")
    }
  }

  private final class Typist {
    var lines: [String]
    var screen = ""
    var programs: [[String]] = []

    init(_ lines: [String]) { self.lines = lines }

    func next(_ prompt: String) -> String? {
      guard !lines.isEmpty else { return nil }
      let line = lines.removeFirst()
      screen += "\(prompt)\(line)\n"
      return line
    }
  }

  /// What is on the screen after these lines, and after the end of the input.
  private func screen(_ lines: String...) -> (text: String, programs: [[String]]) {
    let typist = Typist(lines)
    var work = Administration(
      root: root.path, terminal: .init(ask: typist.next, askHidden: typist.next),
      authority: Silent(), environment: [:], isRoot: true)
    work.service.unit = { _ in .hidden("systemd does not run here") }
    work.service.hasSystemd = { false }
    work.service.run = { words in
      typist.programs.append(words)
      return (0, "")
    }
    let outcome = AdministratorConsole(work) { typist.screen += $0 }.run()
    #expect(outcome == ControlPlane.CommandOutcome(.yes, output: "Left.\n"))
    #expect(typist.lines.isEmpty, "nobody asked for these")
    return (typist.screen, typist.programs)
  }

  @Test func `every menu is left by 0 and by the end of the input`() {
    #expect(screen("0").text.hasSuffix("Choice: 0\n"))
    for menu in ["2", "3", "4"] {
      #expect(screen(menu, "0", "0").text.contains("0 back\n"))
      #expect(screen(menu).text.hasSuffix("\n\n"))
    }
    #expect(screen("9", "", "0").text.contains("There is no such choice."))
    #expect(screen("2", "x", "0", "0").text.contains("There is no such choice."))
  }

  @Test func `every menu that is opened stands in the audit log`() throws {
    _ = screen("2", "0", "3", "0", "4", "0", "5", "", "6", "", "1", "", "", "9", "0")
    let opened = try root.text("data/audit.log").split(separator: "\n")
      .filter { $0.contains("\"what\":\"admin.menu\"") }
    let labels = [
      "Manage accounts", "Configure risk rules", "Service control", "Test connection",
      "Daemon status", "Configure authentication",
    ]
    #expect(opened.count == labels.count)
    for (line, label) in zip(opened, labels) {
      #expect(line.contains("\"menu\":\"\(label)\""), "\(line)")
    }
  }

  @Test func `what is not confirmed is not done`() throws {
    let accounts = try root.text("config/accounts.yaml")
    let rules = try root.text("config/risk_config.yaml")
    for lines in [
      ["2", "d", "1001", "yes", "0", "0"], ["2", "e", "1001", "", "", "n", "0", "0"],
      ["2", "e", "1001", "", "asleep", "0", "0"], ["2", "e", "7", "0", "0"],
      ["2", "a", "many", "0", "0"], ["3", "t", "3", "n", "0", "0"],
      ["3", "r", "3", "", "0", "0"], ["3", "e", "99", "0", "0"], ["3", "e", "3", "", "0", "0"],
      ["3", "e", "3", "loss_limit", "", "0", "0"], ["4", "2", "n", "0", "0"],
      ["4", "5", "", "0", "0"], ["4", "6", "uninstall", "0", "0"], ["1", "", "", "0"],
      ["1", "demo", "", "", "0"],
    ] {
      let typist = Typist(lines)
      var work = Administration(
        root: root.path, terminal: .init(ask: typist.next, askHidden: typist.next),
        authority: Silent(), environment: [:], isRoot: true)
      work.service.run = { words in
        typist.programs.append(words)
        return (0, "")
      }
      _ = AdministratorConsole(work) { typist.screen += $0 }.run()
      #expect(typist.lines.isEmpty, "\(lines): \(typist.screen)")
      #expect(typist.programs.isEmpty, "\(lines)")
    }
    #expect(try root.text("config/accounts.yaml") == accounts)
    #expect(try root.text("config/risk_config.yaml") == rules)
  }

  @Test func `rules and accounts are changed by menu`() throws {
    let text = screen(
      "3", "e", "3", "loss_limit", "410", "e", "daily_realized_loss", "5", "-", "t", "11", "y",
      "0", "2", "e", "1002", "Second", "paused", "n", "d", "1001", "DELETE", "0", "0"
    ).text
    let rules = try root.text("config/risk_config.yaml")
    #expect(rules.contains("loss_limit: 410 "))
    #expect(text.contains("lockout_until [daily_reset], - for the default: -"))
    #expect(text.contains("011  symbol_blocks                 off"))
    #expect(text.contains("1002     SIM-50K-1002  Second    paused"))
    // The only one that is left is paused: riskd would have nothing to do.
    #expect(text.contains("has no enabled account"))
    #expect(try root.text("config/accounts.yaml").contains("nickname: \"Second\""))
  }

  @Test func `without systemd and riskd every look says so`() {
    let text = screen(
      "4", "1", "3", "4", "5", "/x.tar.gz", "6", "UNINSTALL", "0", "6", "", "5", "", "0"
    )
    .text
    #expect(text.contains("State        not running"))
    #expect(text.contains("there is nothing to install"))
    #expect(text.contains("there is nothing to uninstall"))
    #expect(text.contains("Service      riskd does not run"))
    #expect(text.contains("control socket  FAILED"))
    #expect(text.contains("REST            FAILED"))
  }
}
