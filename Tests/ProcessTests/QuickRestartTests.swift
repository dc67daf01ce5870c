import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// A gateway that dies again and again costs the venue little, and what happens is heard at once.
  @Suite struct QuickRestartTests {
    private static let restarts = 12
    private let account = RiskdStage.account

    private func options(requests: Int) -> StageOptions {
      var options = StageOptions()
      options.toleratesDeaths()
      options.mainLines += """
        errorHandling:
          rateLimit:
            general:
              requests: \(requests)

        """
      options.venue.gateway.requestLimit = RequestLimit(
        requests: requests, window: .seconds(60), isSliding: true, countsRefused: true)
      return options
    }

    /// Ends the gateway and waits until the next one hears the venue.
    private func restart(_ stage: RiskdStage) throws {
      let subscribed = stage.logLines(Self.subscribed).count
      try stage.kill(.gateway)
      try stage.wait(for: "another gateway that hears the venue") {
        stage.logLines(Self.subscribed).count > subscribed
      }
    }

    private static let subscribed = "Subscribed to positions, orders, trades"
    private static let reconciled = "Initial reconciliation complete"

    @Test func `twelve restarts in a row leave room in the request window`() throws {
      try RiskdStage.play(options(requests: 200)) { stage in
        let before = stage.venue.requests()
        for _ in 0..<Self.restarts { try restart(stage) }
        try stage.awaitProtection()
        let requests = stage.venue.requests().dropFirst(before.count)
        print("restarts: \(requests.count) requests for \(Self.restarts) starts")
        // One list of accounts, and of each of the two its positions, orders and trades.
        stage.check(
          requests.count <= 7 * (Self.restarts + 1), "\(requests.count) requests were sent")
        for operation in [GatewayOperation.login, .validate, .availableContracts] {
          stage.check(
            requests.allSatisfy { $0.path != operation.path }, "\(operation.path) was asked again")
        }
        stage.check(!requests.contains { $0.status == 429 }, "the venue refused requests")
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    @Test func `events reach the evaluator while the window has no place for a snapshot`() throws {
      try RiskdStage.play(options(requests: 60)) { stage in
        // The share of reads is 36 less a tenth. Each start that has its place takes seven.
        var starts = 0
        repeat {
          try restart(stage)
          starts += 1
          _ = StageClock.poll(atMost: .seconds(1)) { hasReconciledLast(stage) }
        } while hasReconciledLast(stage) && starts < Self.restarts
        stage.check(!hasReconciledLast(stage), "the window has a place still")
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.check(!hasReconciledLast(stage), "it was a snapshot that told of the position")
        try stage.wait(for: "the events that told of the position") {
          stage.logLines("GatewayUserPosition: \(Sample.rty)").count >= 2
        }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.check(
          !stage.venue.requests().contains { $0.status == 429 }, "the venue refused requests")
        stage.checkConduct()
      }
    }

    /// Whether the present gateway has read its accounts.
    private func hasReconciledLast(_ stage: RiskdStage) -> Bool {
      let lines = stage.log.split(separator: "\n")
      let heard = lines.lastIndex { $0.contains(Self.subscribed) } ?? lines.endIndex
      return lines[min(heard, lines.endIndex)...].contains { $0.contains(Self.reconciled) }
    }
  }
}
