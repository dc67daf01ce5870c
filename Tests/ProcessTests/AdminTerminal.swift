import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue

/// `riskctl admin`, or another program of riskd, in a terminal of 80 columns and 24 rows, which tmux plays.
final class AdminTerminal {
  private static let tmux = "/usr/bin/tmux"
  static var isThere: Bool { access(tmux, X_OK) == 0 }

  private let stage: RiskdStage
  private let folder: String
  private let socket: String

  /// Runs it in a shell that notes the terminal's modes before and after it.
  init(
    _ stage: RiskdStage, environment: String = "LANG=C.UTF-8", program: String = "riskctl admin"
  ) throws {
    self.stage = stage
    folder = stage.root.folder.file("run")
    // A server that is on its way out must not be asked.
    socket = "\(folder)/tmux-\(UInt16.random(in: 1...9_999))"
    for name in ["before", "after"] { unlink("\(folder)/\(name)") }
    let addresses =
      "RISKD_VENUE_BASE_URL=\(stage.venue.baseURL) RISKD_USER_HUB_URL=\(stage.venue.userHubURL) "
      + "RISKD_MARKET_HUB_URL=\(stage.venue.marketHubURL)"
    let script = """
      trap : INT; stty -a > \(folder)/before; \
      env -u LANG -u LC_ALL -u LC_CTYPE -u NO_COLOR \(environment) \(addresses) \
      \(RiskdProgram.folder)/\(program) --root \(stage.root.path); \
      echo LEFT $?; stty -a > \(folder)/after; exec sleep 120
      """
    try command(["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", script])
  }

  func leave() { _ = try? command(["kill-server"]) }

  /// What is on the screen.
  var text: String { (try? command(["capture-pane", "-p"])) ?? "" }

  func press(_ keys: String...) throws { try command(["send-keys"] + keys) }

  /// Types a line, as it is.
  func type(_ line: String) throws {
    if !line.isEmpty { try command(["send-keys", "-l", line]) }
    try press("Enter")
  }

  /// Waits for a question at the end of the screen; what is typed behind one makes it another.
  func awaits(_ prompt: String, after before: String = "", line: Int = #line) throws {
    var screen = ""
    let isThere = StageClock.poll(atMost: .seconds(60)) {
      screen = text
      return screen != before && screen.split(separator: "\n").last?.hasSuffix(prompt) == true
    }
    guard isThere else { throw StageFailure("line \(line): no '\(prompt)' in\n\(screen)") }
  }

  /// Answers a question and waits for the next one.
  func answer(_ line: String, then prompt: String, at number: Int = #line) throws {
    let before = text
    try type(line)
    try awaits(prompt, after: before, line: number)
  }

  /// The process in the terminal.
  var program: Int32? {
    let shell = ((try? command(["display-message", "-p", "#{pane_pid}"])) ?? "")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let children = try? String(
      contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
    return children?.split(separator: " ").first.flatMap { Int32($0) }
  }

  /// Whether the modes are what they were, once the shell has noted them again.
  func isRestored() throws -> Bool {
    func modes(_ name: String) -> String? {
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        .flatMap { $0.contains("echo") ? $0 : nil }
    }
    try stage.wait(for: "the terminal's modes") { modes("after") != nil }
    return modes("after") == modes("before")
  }

  @discardableResult
  private func command(_ arguments: [String]) throws -> String {
    let path = "\(folder)/tmux.out"
    unlink(path)
    let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw StageFailure("\(path) cannot be written") }
    let output = Descriptor(owning: number)
    defer { output.close() }
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: Self.tmux, arguments: ["-S", socket] + arguments,
        environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color"],
        output: output, errorOutput: output))
    let reactor = try Reactor()
    try child.whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
    reactor.run()
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
