package import Checklist
package import ControlPlane
import PeerProtocol

/// `riskctl checklist`: the specification's list, as far as a program can go through it.
package enum ChecklistCommand {
  /// 0 when nothing has failed, 1 otherwise. With `complete` what is too early to say counts as failed.
  /// `online` asks the venue too, which changes nothing there.
  package static func run(
    _ phase: Check.Phase, root: String, authority: any ControlAuthority, asJSON: Bool,
    complete: Bool = false, online: Bool = false
  ) -> CommandOutcome {
    var reader = ChecklistReader(root: root, authority: authority)
    reader.isOnline = online
    let facts = reader.read()
    return outcome(ChecklistReport(phase, facts), asJSON: asJSON, complete: complete)
  }

  static func outcome(
    _ report: ChecklistReport, asJSON: Bool, complete: Bool
  ) -> CommandOutcome {
    let isGood = complete ? report.isComplete : report.passed
    guard asJSON else { return CommandOutcome(isGood ? .yes : .no, output: report.text) }
    do {
      let json = String(decoding: try MessageCoder().encode(report), as: UTF8.self)
      return CommandOutcome(isGood ? .yes : .no, output: json + "\n")
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }
}
