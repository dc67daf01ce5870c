import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Supervision
import Testing
import TraderFeed

extension ProcessTests {
  /// How near the trader is to a limit, on his screen and as warnings.
  @Suite struct DistanceTests {
    private let account = RiskdStage.account
    private static let rule = RuleID.dailyRealizedLoss

    private func warnings(_ stage: RiskdStage) -> [String] {
      stage.logLines("% of \(Self.rule.key):").filter { $0.contains("account=\(account)") }
    }

    private func shown(_ feed: TraderFeed) -> DistanceReport? {
      feed.accounts.first { $0.id == account }?.rules.first { $0.rule == Self.rule }?
        .distances.first
    }

    private func journalled(_ stage: RiskdStage) throws -> Int {
      try stage.reading { store in
        var count = 0
        var rows = store.readJournal(from: 0)
        while let row = try rows.next() {
          let text = String(decoding: row.effects ?? [], as: UTF8.self)
          if text.contains("approaching"), text.contains(Self.rule.rawValue) { count += 1 }
        }
        return count
      }
    }

    @Test func `a limit that comes near is shown, told once a grade, and alerted`() throws {
      try RiskdStage.play { stage in
        let screen = try ScreenTests.Screen(stage)
        // 95 points and a tick of spread: 381 of 500 dollars.
        try stage.realizeLoss(of: 95, account)
        try stage.wait(for: "76 % on the screen") {
          screen.shows { feed in
            shown(feed).map { $0.percent == 76 && Money(micros: $0.left) == .of("119") } ?? false
          }
        }
        try stage.wait(for: "the first warning") { !warnings(stage).isEmpty }
        try stage.wait(for: "the alert") {
          stage.root.text("logs/alerts.log").contains("Limit Near")
        }
        try stage.kill(.evaluator)
        try stage.wait(for: "another evaluator") { stage.isProtecting }
        // 462 dollars, then 443, which is below 90 percent and not far from it, then 464.
        for points in [20, -5, 5] as [Int64] {
          let seen = stage.logLines("position \(Sample.mnq) 0").count
          try stage.realizeLoss(of: points, account)
          try stage.wait(for: "\(points) points less in the journal") {
            stage.logLines("position \(Sample.mnq) 0").count > seen
          }
        }
        try stage.wait(for: "92 % on the screen") { screen.shows { shown($0)?.percent == 92 } }
        let told = warnings(stage)
        stage.check(
          told.count == 2 && told[0].contains("is at 76 % of") && told[0].contains("grade=70")
            && told[1].contains("is at 92 % of") && told[1].contains("grade=90")
            && told[1].contains("38.00 left"), "told: \(told)")
        let count = try journalled(stage)
        stage.check(count == 2, "journalled: \(count)")
        stage.check(stage.isFlat(account), "not flat")
        stage.check(try stage.openTargets(account).isEmpty, "a limit that was not reached")
        stage.checkConduct()
      }
    }
  }
}
