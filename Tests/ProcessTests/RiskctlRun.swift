import Foundation
import ProcessControl
import RiskModel
import RiskTestKit

extension RiskdStage {
  /// Runs riskctl on the root: what it said, and the code with which it ended.
  func riskctl(_ arguments: [String]) throws -> (text: String, code: Int32?) {
    let file = root.folder.file("run/riskctl.output")
    try? FileManager.default.removeItem(atPath: file)
    let child = try RiskdChild(
      executable: RiskdProgram.folder + "/riskctl", arguments: arguments + ["--root", root.path],
      log: file, venue: venue)
    let status = try child.end(within: .seconds(30))
    guard case .exited(let code) = status else { return (root.text("run/riskctl.output"), nil) }
    return (root.text("run/riskctl.output"), code)
  }
}
