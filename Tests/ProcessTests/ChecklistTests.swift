import Checklist
import Foundation
import ProcessControl
import RiskModel
import RiskTestKit
import Supervision
import Testing

extension ProcessTests {
  /// `riskctl checklist` beside a riskd that runs.
  @Suite struct ChecklistTests {
    private func ask(
      _ stage: RiskdStage, _ phase: Check.Phase, _ options: [String] = []
    ) throws -> (report: ChecklistReport, code: Int32?) {
      let (text, code) = try stage.riskctl(["checklist", phase.rawValue, "--json"] + options)
      return (try JSONDecoder().decode(ChecklistReport.self, from: Data(text.utf8)), code)
    }

    private func failures(_ report: ChecklistReport) -> [String] {
      report.checks.filter { $0.verdict == .fail }.map { "\($0.id): \($0.evidence)" }
    }

    @Test func `what is there is seen, and a worker that died turns its line`() throws {
      try RiskdStage.play { stage in
        try stage.buy(RiskdStage.account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(RiskdStage.account) }
        for phrase in ["GatewayUserPosition", "Rule evaluation", "Initial reconciliation"] {
          try stage.wait(for: "'\(phrase)' in daemon.log") {
            stage.root.text("logs/daemon.log").contains(phrase)
          }
        }
        let first = try ask(stage, .immediate)
        stage.check(failures(first.report).isEmpty, "\(failures(first.report))")
        stage.check(first.code == 0, "it ended with \(first.code ?? -1)")
        let seen = first.report.checks.filter { $0.verdict == .pass }.map(\.id)
        stage.check(seen.contains("4") && seen.contains("6"), "it has seen only \(seen)")
        let before = try ask(stage, .day).report
        stage.check(
          before.checks.first { $0.id == "19" }?.verdict == .early, "\(failures(before))")

        _ = try stage.kill(.monitor)
        try stage.wait(for: "another monitor") { stage.isProtecting }
        let unwatched = try ask(stage, .day)
        stage.check(
          failures(unwatched.report).contains { $0.hasPrefix("19: ") && $0.contains("monitor") },
          "\(failures(unwatched.report))")
        stage.check(
          try ask(stage, .rollback).report.checks.first { $0.id == "rollback.crashes" }?.verdict
            == .pass, "the monitor is no reason to go back")

        _ = try stage.kill(.evaluator)
        try stage.wait(for: "another evaluator") { stage.isProtecting }
        let after = try ask(stage, .day)
        stage.check(
          failures(after.report).map { $0.prefix(3) } == ["19:"], "\(failures(after.report))")
        stage.check(after.code == 1, "it ended with \(after.code ?? -1)")
      }
    }

    @Test func `the venue is asked where it is wanted, and a difference turns its line`() throws {
      try RiskdStage.play { stage in
        try stage.buy(RiskdStage.account, Sample.mes, 1)
        try stage.wait(for: "the position in daemon.log") {
          stage.root.text("logs/daemon.log").contains("GatewayUserPosition")
        }
        func line(_ id: String, _ phase: Check.Phase) throws -> ChecklistReport.Line {
          let report = try ask(stage, phase, ["--online"]).report
          guard let line = report.checks.first(where: { $0.id == id }) else {
            throw StageFailure("no \(id)")
          }
          return line
        }
        let venue = try line("pre.venue", .pre)
        stage.check(venue.verdict == .pass, "\(venue)")
        stage.check(venue.evidence.contains("the venue gives a token"), "\(venue)")
        let same = try line("rollback.data", .rollback)
        stage.check(same.verdict == .pass, "\(same)")
        stage.check(same.evidence.contains("1 position and 0 working orders"), "\(same)")
        let silent = try ask(stage, .pre).report.checks.first { $0.id == "pre.venue" }
        stage.check(silent?.verdict == .person, "\(silent as Any)")
      }
    }
  }
}
