import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// The nine alert rules as shipped, fired and resolved by their causes, and what the channels get.
  @Suite struct AlertTests {
    /// `for 60s` is half a second, `in 1h` half a minute.
    private static let rate: Int64 = 120
    private static let accounts = (1_001...1_008).map { AccountID($0) }

    private static let connection = "SignalR Connection Lost"
    private static let token = "Token Expiration Imminent"
    private static let breaker = "Circuit Breaker Open"
    private static let memory = "Memory Usage High"
    private static let size = "Database Size Large"
    private static let latency = "Event Processing Slow"
    private static let errors = "High Error Rate"
    private static let lockouts = "Frequent Lockouts"
    private static let enforcement = "High Enforcement Rate"

    private func options() -> StageOptions {
      var options = StageOptions()
      options.goes(
        by: ClockPace(
          anchor: Instant(secondsSinceEpoch: SystemClock().now().nanosSinceEpoch / 1_000_000_000),
          offset: .zero, rate: Self.rate * 1_000))
      options.ignoresRequestLimit()
      options.toleratesDeaths()
      options.mainLines = options.mainLines.replacing(
        "errorHandling:\n", with: "errorHandling:\n  circuitBreaker: {timeout: 2000}\n")
      options.venue.accounts = Self.accounts.map {
        TradingAccount(id: $0, name: "SIM-50K-\($0)")
      }
      options.accounts =
        "accounts:\n"
        + Self.accounts.map { "  - account_id: \($0)\n    name: \"SIM-50K-\($0)\"\n" }.joined()
      // Half of its life is left when it is renewed, which is less than half an hour.
      options.venue.gateway.tokenLifetime = .seconds(3_000)
      return options
    }

    @Test func `each rule fires and resolves by its cause, and every channel tells it`() throws {
      let receivers = try AlertReceivers()
      let (web, mail) = (receivers.web, receivers.mail)
      defer { receivers.close() }
      var options = options()
      options.usesMemory = true
      options.files["config/monitoring.yaml"] = try receivers.monitoring()
      try RiskdStage.play(options) { stage in
        try see("CRITICAL", Self.token, on: stage)
        try see("RESOLVED", Self.token, on: stage)
        try useMemory(stage)
        try loseConnection(stage)
        try breakRequests(stage)
        try growDatabase(stage)
        try delayEvents(stage)
        try lockAccounts(stage)
        for rule in [Self.lockouts, Self.enforcement] {
          try see("RESOLVED", rule, on: stage, atMost: .seconds(90))
        }
        try seeDelivery(web, mail, stage)
      }
    }

    /// Also those of before midnight.
    private func alerts(_ stage: RiskdStage) -> String {
      stage.root.text("logs/alerts.log.1") + stage.root.text("logs/alerts.log")
    }

    private func see(
      _ word: String, _ rule: String, on stage: RiskdStage, atMost limit: TimeSpan = .seconds(40)
    ) throws {
      try stage.wait(for: "\(word) \(rule)", atMost: limit) {
        alerts(stage).contains("\(word) \(rule)")
      }
    }

    /// `earlier` are the failures of the check that were told before its subject was broken: a start
    /// has some of its own.
    private func seeHealth(_ check: String, on stage: RiskdStage, beyond earlier: Int = 0) throws {
      try stage.wait(for: "a failed health check of \(check)") {
        healthFailures(check, on: stage) > earlier
      }
    }

    private func healthFailures(_ check: String, on stage: RiskdStage) -> Int {
      stage.logLines("Health check failed").count { $0.contains(check) }
    }

    private func useMemory(_ stage: RiskdStage) throws {
      try stage.root.memoryLoad.begin()
      try see("WARNING", Self.memory, on: stage)
      try seeHealth("memory_usage", on: stage)
      stage.root.memoryLoad.end()
      try see("RESOLVED", Self.memory, on: stage)
    }

    private func loseConnection(_ stage: RiskdStage) throws {
      stage.venue.addFault(.hub(.user, .upgrade, .refuse(status: 503), count: nil))
      stage.venue.addFault(.hub(.user, .cut))
      try see("CRITICAL", Self.connection, on: stage)
      try seeHealth("signalr_connection", on: stage)
      stage.venue.clearFaults()
      try see("RESOLVED", Self.connection, on: stage)
      try stage.awaitProtection()
    }

    /// A fifth of the answers fails, then all of them. A gateway that starts asks for everything.
    private func breakRequests(_ stage: RiskdStage) throws {
      stage.venue.addFault(
        Fault(
          .request(nil, .status(500, applied: false, retryAfter: nil)), count: nil,
          chance: Fault.certain / 5))
      try stage.wait(for: "an alert of errors", atMost: .seconds(60)) {
        let former = try stage.kill(.gateway)
        _ = StageClock.poll(atMost: .seconds(4)) {
          alerts(stage).contains("CRITICAL \(Self.errors)")
            && stage.pid(of: .gateway).map { $0 != former } == true
        }
        return alerts(stage).contains("CRITICAL \(Self.errors)")
      }
      stage.venue.clearFaults()
      stage.venue.addFault(
        .request(nil, .status(500, applied: false, retryAfter: nil), count: nil))
      try stage.kill(.gateway)
      try see("CRITICAL", Self.breaker, on: stage)
      try seeHealth("circuit_breaker_state", on: stage)
      stage.venue.clearFaults()
      try see("RESOLVED", Self.breaker, on: stage)
      try see("RESOLVED", Self.errors, on: stage)
      try stage.awaitProtection()
    }

    /// Nothing is in the space that is added to the database's log, and the next evaluator begins
    /// another log.
    private func growDatabase(_ stage: RiskdStage) throws {
      guard truncate(stage.root.database + "-wal", 1_100_000_000) == 0 else {
        throw StageFailure("the log of the database cannot be made larger")
      }
      try see("WARNING", Self.size, on: stage)
      let (_, code) = try stage.riskctl(["restart", "evaluator", "--wait"])
      stage.check(code == 0, "no other evaluator: \(code ?? -1)")
      try see("RESOLVED", Self.size, on: stage)
      try stage.awaitProtection()
    }

    private func delayEvents(_ stage: RiskdStage) throws {
      guard let pid = stage.pid(of: .evaluator) else { throw StageFailure("no evaluator") }
      guard Glibc.kill(pid, SIGSTOP) == 0 else { throw StageFailure("it cannot be stopped") }
      stage.venue.emitBurst(orders: 12, account: Self.accounts[0], contract: Sample.mes)
      // What comes now waits until the evaluator goes on.
      usleep(700_000)
      Glibc.kill(pid, SIGCONT)
      try see("WARNING", Self.latency, on: stage)
      try stage.wait(for: "quick events", atMost: .seconds(60)) {
        stage.venue.emitBurst(orders: 6, account: Self.accounts[0], contract: Sample.mes)
        return StageClock.poll(atMost: .milliseconds(1_500)) {
          alerts(stage).contains("RESOLVED \(Self.latency)")
        }
      }
    }

    private func lockAccounts(_ stage: RiskdStage) throws {
      for account in Self.accounts.prefix(7) { try stage.realizeLoss(of: 150, account) }
      try see("WARNING", Self.lockouts, on: stage)
      // A locked account that trades is closed again each time.
      for _ in 0..<3 {
        for account in Self.accounts {
          try stage.buy(account, Sample.rty, 1)
        }
        try stage.wait(for: "no RTY") {
          Self.accounts.allSatisfy { stage.venue.signedSize($0, Sample.rty) == 0 }
        }
      }
      try see("INFO", Self.enforcement, on: stage)
    }

    private func seeDelivery(
      _ web: AlertReceiver, _ mail: AlertReceiver, _ stage: RiskdStage
    ) throws {
      let rules = [
        Self.connection, Self.token, Self.breaker, Self.memory, Self.size, Self.latency,
        Self.errors,
        Self.lockouts, Self.enforcement,
      ]
      for (channel, texts) in [
        ("webhook", { web.messages }), ("mail", { mail.messages.map(AlertReceiver.body(ofMail:)) }),
      ] {
        try stage.wait(for: "everything by \(channel)") {
          let all = texts().joined(separator: "\n")
          return rules.allSatisfy { all.contains(" \($0): ") && all.contains("RESOLVED \($0)") }
        }
      }
      stage.check(web.messages.allSatisfy { $0.hasPrefix("{\"text\":") }, "\(web.messages)")
      stage.check(
        mail.messages.allSatisfy {
          $0.contains("admin@example.com") && $0.contains("Subject: ")
        }, "no subject")
      print("alerts: \(web.messages.count) by webhook, \(mail.messages.count) by mail")
    }

    /// A health check is as good as what it looks at: a small disk, a full one, no session.
    @Test(.enabled(if: ProcessTests.mayMount, "mounting a small disk needs root"))
    func `disk, database and token are seen by the health check`() throws {
      var options = options()
      options.venue.gateway.tokenLifetime = .seconds(86_400)
      options.dataMount = "size=8m"
      try RiskdStage.play(options) { stage in
        try stage.wait(for: "a health check that misses room on the disk alone") {
          !stage.logLines("Health check failed: disk_space ").isEmpty
        }
        let filling = try stage.fillDisk()
        try stage.wait(for: "the alarm", atMost: .seconds(60)) {
          try stage.buy(Self.accounts[0], Sample.mes, 1)
          try stage.sell(Self.accounts[0], Sample.mes, 1)
          return !stage.logLines("The journal cannot be written").isEmpty
        }
        try stage.wait(for: "a health check that misses the journal too") {
          !stage.logLines("Health check failed: database_connection, disk_space ").isEmpty
        }
        filling.remove()
        try stage.wait(for: "the journal is written again", atMost: .seconds(60)) {
          !stage.logLines("The journal can be written again").isEmpty
        }
        for operation in [GatewayOperation.login, .validate] {
          stage.venue.addFault(
            .request(operation, .status(503, applied: false, retryAfter: nil), count: nil))
        }
        let earlier = healthFailures("token_validity", on: stage)
        stage.venue.endTokens()
        try stage.buy(Self.accounts[0], Sample.mes, 1)
        try stage.sell(Self.accounts[0], Sample.mes, 1)
        try seeHealth("token_validity", on: stage, beyond: earlier)
        stage.venue.clearFaults()
        try stage.awaitProtection()
      }
    }
  }
}
