import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision

extension RiskdStage {
  /// What a supervisor opens when it is first needed and keeps, and the connection of a question.
  private static let descriptorsOpenedLater = 4

  /// What must be so after every scene that leaves riskd running: no child that nobody took leave
  /// of, no descriptor that stays, and every death counted and recorded once.
  func checkSupervisor() {
    let hasZombies = !StageClock.poll(atMost: .seconds(10)) { zombies(of: riskd.pid).isEmpty }
    check(!hasZombies, "children that ended are kept: \(zombies(of: riskd.pid))")
    if let first = firstOpen, first.pid == riskd.pid {
      let limit = first.descriptors + Self.descriptorsOpenedLater
      let isBack = StageClock.poll(atMost: .seconds(10)) { supervisorDescriptors <= limit }
      check(
        isBack, "the supervisor has \(supervisorDescriptors) descriptors open, had \(limit)")
    }
    do {
      var deaths = DeathRecords()
      try deaths.gather(self)
      for problem in deaths.problems { check(false, problem) }
      guard let counted = status()?.deathsInWindow else { return }
      let recorded = deaths.entries.count
      // The history forgets, and so does the window of a clock that runs ahead.
      let isWhole = !deaths.mayLack && venue.configuration.clockPace.isMachine
      check(
        isWhole ? counted == recorded : counted <= recorded || deaths.mayLack,
        "\(counted) deaths are counted, \(recorded) recorded")
    } catch {
      check(false, "the history cannot be read: \(error)")
    }
  }

  var supervisorDescriptors: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(riskd.pid)/fd"))?.count ?? 0
  }

  private func zombies(of parent: Int32) -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { Int32($0) != nil }.filter { name in
      // PID (COMMAND) STATE PARENT: the command may hold anything.
      let text = processText(Int32(name) ?? 0, "stat")
      guard let end = text.lastIndex(of: ")") else { return false }
      let fields = text[text.index(after: end)...].split(separator: " ")
      return fields.count > 1 && fields[0] == "Z" && Int32(fields[1]) == parent
    }
  }
}
