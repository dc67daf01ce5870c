import Foundation
import ProcessControl
import RiskModel
import RiskTestKit

extension RiskdStage {
  /// Runs riskctl on the root, as the user with this number where that is another one, and types
  /// these lines: what it said, and the code with which it ended.
  func riskctl(
    _ arguments: [String], typing lines: [String] = [], as user: String? = nil
  ) throws -> (text: String, code: Int32?) {
    let lowered = user.map { ["setpriv", "--reuid", $0, "--regid", $0, "--clear-groups"] } ?? []
    return try run(
      ["exec \"$@\""] + lowered + [RiskdProgram.folder + "/riskctl"] + arguments
        + ["--root", root.path], typing: lines)
  }

  /// Runs a command of the shell, with its arguments behind it.
  func run(
    _ command: [String], typing lines: [String] = []
  ) throws -> (text: String, code: Int32?) {
    let file = root.folder.file("run/command.output")
    try? FileManager.default.removeItem(atPath: file)
    try root.write("run/typed", lines.map { $0 + "\n" }.joined())
    let input = root.folder.file("run/typed")
    let child = try RiskdChild(
      executable: "/bin/sh",
      arguments: ["-c", "exec < \"$0\"; \(command[0])", input] + command.dropFirst(),
      log: file, venue: venue)
    let status = try child.end(within: .seconds(30))
    guard case .exited(let code) = status else { return (root.text("run/command.output"), nil) }
    return (root.text("run/command.output"), code)
  }
}
