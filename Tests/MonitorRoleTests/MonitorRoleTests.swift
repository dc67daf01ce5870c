import AlertRules
import Logging
import PeerProtocol
import RiskModel
import Supervision
import Testing

@testable import MonitorRole

/// Ports that write down what they are given, and a clock that is set.
final class RecordedPorts: LogShelf, ScreenFeed, MetricsBook, AlertChannels, MachineWatch {
  final class SettableClock: Clock, @unchecked Sendable {
    // Safety: used on one thread.
    var nanos: Int64 = 1_000_000_000_000

    func now() -> Instant { Instant(nanosSinceEpoch: 1_763_735_400_000_000_000 + nanos) }
    func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanos: nanos) }
  }

  let clock = SettableClock()
  private(set) var lines: [(LogFile, String)] = []
  private(set) var news: [String] = []
  private(set) var samples: [[Measurements.Sample]] = []
  /// As metrics.db has them.
  var kept: [KeptCount]
  private(set) var forgotten: [Instant] = []
  private(set) var notices: [AlertNotice] = []
  var machine = MachineFigures(databaseBytes: 3_145_728, freeBytes: 1_048_576_000)

  init(kept: [KeptCount] = []) {
    self.kept = kept
  }

  func write(_ line: [UInt8], to file: LogFile, at: Instant) {
    lines.append((file, String(decoding: line, as: UTF8.self)))
  }

  func publish(topic: String, body: String, from source: TelemetrySource) {
    news.append("\(source.rawValue) \(topic) \(body)")
  }

  func record(_ samples: [Measurements.Sample], at: Instant) {
    self.samples.append(samples)
    kept += samples.map {
      KeptCount(at: at, metric: $0.metric, label: $0.label, value: $0.value)
    }
  }

  func counts(_ metrics: [MetricName], since: Instant) -> [KeptCount] {
    kept.filter { metrics.contains($0.metric) && $0.at >= since }
  }

  func forget(before: Instant) { forgotten.append(before) }
  func deliver(_ notice: AlertNotice) { notices.append(notice) }
  func figures() -> MachineFigures { machine }

  func texts(of file: LogFile) -> [String] { lines.filter { $0.0 == file }.map(\.1) }
}

/// A monitor and the processes that tell it something.
final class MonitorWorld {
  let ports: RecordedPorts
  let role: MonitorRole
  var gateway: [String: Int64] = [
    "userHubUp": 1, "marketHubUp": 1, "tokenSecondsLeft": 80_000, "openBreakers": 0,
    "accountsInDoubt": 1, "apiRequests": 0, "apiFailures": 0, "pssKiB": 20_480,
    "cpuMicroseconds": 0, "userHubSilentMilliseconds": 2_400, "marketHubSilentMilliseconds": 100,
  ]
  var evaluator: [String: Int64] = [
    "inputs": 0, "lockouts": 0, "journalWritable": 1, "pssKiB": 20_480,
    "heartbeatMicroseconds": 420, "databaseLogBytes": 3 << 20,
  ]
  var enforcer: [String: Int64] = ["steps": 0, "placed_orders": 0, "pssKiB": 20_480]
  var events = LatencyCounts()
  var answers = LatencyCounts()
  var isGatewaySilent = false
  var isEvaluatorSilent = false
  var lives: [TelemetrySource: Int64] = [:]

  init(
    _ conditions: [String] = [], severity: AlertSeverity = .critical,
    after former: MonitorWorld? = nil,
    change: (inout MonitorSettings) -> Void = { _ in }
  ) throws {
    ports = RecordedPorts(kept: former?.ports.kept ?? [])
    if let former {
      ports.clock.nanos = former.ports.clock.nanos
      (gateway, evaluator, enforcer) = (former.gateway, former.evaluator, former.enforcer)
      lives = former.lives
    }
    var settings = MonitorSettings(logs: LogBook(levels: [.errors: .error, .api: .warning]))
    settings.checks = HealthCheck.allCases
    settings.metrics = MetricName.collectable
    settings.alertRules = try conditions.map {
      AlertRule(
        name: "rule of \($0)", condition: try AlertCondition($0), severity: severity,
        message: "it is so")
    }
    change(&settings)
    let all = MonitorPorts(
      clock: ports.clock, logs: ports, screens: ports, metrics: ports, alerts: ports,
      machine: ports)
    role = MonitorRole(
      settings: settings, ports: all,
      logger: Logger(label: "monitor") { _ in SwiftLogNoOpLogHandler() })
  }

  func tell(_ source: TelemetrySource, _ message: TelemetryMessage) {
    let start = lives[source] ?? ports.clock.now().nanosSinceEpoch
    lives[source] = start
    role.received(
      TelemetryFrame(startedAt: Instant(nanosSinceEpoch: start), message: message), of: source)
  }

  /// Everybody tells what is so, each second.
  func pass(_ seconds: Int) {
    for _ in 0..<seconds {
      ports.clock.nanos += 1_000_000_000
      if !isGatewaySilent {
        tell(
          .gateway, .reading(ProcessReading(figures: gateway, latencies: ["api": answers])))
      }
      if !isEvaluatorSilent {
        tell(
          .evaluator, .reading(ProcessReading(figures: evaluator, latencies: ["event": events])))
      }
      tell(.enforcer, .reading(ProcessReading(figures: enforcer)))
      role.tick()
    }
  }

  var news: [AlertNews] { ports.notices.map(\.news) }

  func value(_ metric: MetricName) -> String? {
    role.measurements.samples(of: [metric], at: ports.clock.monotonicNow()).first.map {
      "\($0.value)"
    }
  }

  func problem(_ check: HealthCheck) -> String? {
    role.measurements.check([check], at: ports.clock.monotonicNow()).first?.problem
  }
}

@Suite struct MonitorRoleTests {
  @Test func `news go to the screens, and what is missing is written down`() throws {
    let world = try MonitorWorld()
    world.tell(.evaluator, .news(topic: "positions", body: "[]"))
    world.tell(.gateway, .missed(7))
    #expect(world.ports.news == ["evaluator positions []"])
    #expect(world.role.figures.missed == 7)
    let line = world.ports.texts(of: .daemon).last ?? ""
    #expect(line.contains("7 messages of gateway did not come and are not in these files"))
    world.role.ended(.gateway, because: nil)
    world.role.ended(.gateway, because: "bad frame")
    #expect(world.role.figures.brokenPipes == 1)
  }

  @Test func `each rule fires when its cause is there, and is over when it is gone`() throws {
    try fires("signalr_connection_state == 'DISCONNECTED' for 60s", after: 61) {
      $0.gateway["userHubUp"] = $1 ? 0 : 1
    }
    try fires("token_expiry_in_seconds < 1800", after: 1) {
      $0.gateway["tokenSecondsLeft"] = $1 ? 1_799 : 80_000
    }
    try fires("circuit_breaker_state == 'OPEN'", after: 1) {
      $0.gateway["openBreakers"] = $1 ? 1 : 0
    }
    try fires("memory_usage_mb > 150", after: 1) {
      $0.evaluator["pssKiB"] = $1 ? 200_000 : 20_480
    }
    // A look at the files each two seconds: with the round of the rules less than five in all.
    try fires("database_size_mb > 1000", after: 3) {
      $0.ports.machine.databaseBytes = $1 ? 1_100 * 1_048_576 : 1
    }
    try fires("event_processing_latency_p95 > 50", after: 1, overAfter: 62) { world, isSo in
      for _ in 0..<40 { world.events.add(isSo ? .milliseconds(80) : .milliseconds(1)) }
    }
    try fires("api_error_rate > 0.05", after: 1, overAfter: 302) { world, isSo in
      world.gateway["apiRequests", default: 0] += 40
      if isSo { world.gateway["apiFailures", default: 0] += 4 }
    }
    try fires("lockout_counts > 5 in 1h", after: 1, overAfter: 3_602) { world, isSo in
      if isSo { world.evaluator["lockouts", default: 0] += 6 }
    }
    try fires("limit_warning_counts > 0 in 1m", after: 1, overAfter: 62) { world, isSo in
      if isSo { world.evaluator["limitWarnings", default: 0] += 1 }
    }
    try fires("enforcement_action_counts > 20 in 1h", after: 1, overAfter: 3_602) { world, isSo in
      if isSo { world.enforcer["steps", default: 0] += 21 }
    }
  }

  @Test func `a rate is over when nothing comes any more, and stays when nobody is heard`() throws {
    for isHeard in [true, false] {
      let world = try MonitorWorld(["event_processing_latency_p95 > 50", "api_error_rate > 0.05"])
      world.pass(5)
      for _ in 0..<40 { world.events.add(.milliseconds(80)) }
      (world.gateway["apiRequests"], world.gateway["apiFailures"]) = (40, 40)
      world.pass(2)
      #expect(world.news == [.fired, .fired])
      (world.isGatewaySilent, world.isEvaluatorSilent) = (!isHeard, !isHeard)
      world.pass(310)
      #expect(world.news.count(where: { $0 == .resolved }) == (isHeard ? 2 : 0))
    }
  }

  @Test func `what a process used that is heard no more is not used`() throws {
    let world = try MonitorWorld()
    world.pass(5)
    #expect(world.value(.memory) == "60")
    world.isEvaluatorSilent = true
    world.pass(20)
    #expect(world.value(.memory) == "40")
  }

  private func fires(
    _ condition: String, after seconds: Int, overAfter: Int = 6,
    _ cause: (MonitorWorld, Bool) -> Void
  ) throws {
    let world = try MonitorWorld([condition])
    world.pass(30)
    #expect(world.news.isEmpty, "\(condition)")
    cause(world, true)
    world.pass(seconds)
    #expect(world.news == [.fired], "\(condition)")
    cause(world, false)
    world.pass(overAfter)
    #expect(world.news.filter { $0 != .again } == [.fired, .resolved], "\(condition)")
    #expect(world.ports.texts(of: .alerts).count == world.news.count)
    #expect(world.ports.texts(of: .alerts).last?.contains("RESOLVED rule of") == true)
  }

  @Test func `an alert is told again after a while, whatever its level in its file`() throws {
    let world = try MonitorWorld(["circuit_breaker_state == 'OPEN'"], severity: .info)
    world.gateway["openBreakers"] = 1
    world.pass(910)
    #expect(world.news == [.fired, .again])
    #expect(world.ports.texts(of: .alerts).first?.contains(#""level":"INFO""#) == true)
    #expect(
      world.ports.notices.map(\.line) == [
        "INFO rule of circuit_breaker_state == 'OPEN': it is so",
        "INFO rule of circuit_breaker_state == 'OPEN' (still): it is so",
      ])
  }

  @Test func `few events and few requests are no alert`() throws {
    let world = try MonitorWorld(["event_processing_latency_p95 > 50", "api_error_rate > 0.05"])
    world.pass(5)
    for _ in 0..<19 { world.events.add(.seconds(1)) }
    world.gateway["apiRequests"] = 19
    world.gateway["apiFailures"] = 19
    world.pass(5)
    #expect(world.news.isEmpty)
    // The values that are kept and shown are what was measured.
    #expect(world.value(.apiErrorRate) == "1")
    #expect(world.role.openMetrics.contains("riskd_api_error_rate 1\n"))
    world.gateway["apiRequests"] = 20
    world.pass(1)
    #expect(world.news == [.fired])
    #expect(world.value(.apiErrorRate) == "0.95")
    world.pass(310)
    #expect(world.value(.apiErrorRate) == nil, "no request, no rate")
  }

  @Test func `a token that ends soon and a disk that is nearly full are no good health`() throws {
    let world = try MonitorWorld()
    world.ports.machine = MachineFigures(freeBytes: 11 << 30, diskBytes: 100 << 30)
    world.gateway["tokenSecondsLeft"] = 1_801
    world.pass(3)
    #expect(world.problem(.token) == nil)
    #expect(world.problem(.disk) == nil)
    world.gateway["tokenSecondsLeft"] = 1_800
    world.ports.machine.freeBytes = 10 << 30
    world.pass(3)
    #expect(world.problem(.token) == "the session token ends in 1800 s")
    #expect(world.problem(.disk) == "10240 MB are left, 10 % of the disk")
    world.ports.machine = MachineFigures(freeBytes: 500 << 20, diskBytes: 600 << 20)
    world.pass(3)
    #expect(world.problem(.disk) == "500 MB are left")
    world.ports.machine.freeBytes = 501 << 20
    world.pass(3)
    #expect(world.problem(.disk) == nil)
  }

  @Test func `each check fails when its subject is broken`() throws {
    let world = try MonitorWorld()
    world.pass(31)
    #expect(world.role.health.map(\.problem) == Array(repeating: nil, count: 6))
    #expect(world.role.figures.healthChecks == 1 && world.role.figures.failedChecks == 0)
    world.gateway["marketHubUp"] = 0
    world.gateway["tokenSecondsLeft"] = 0
    world.gateway["openBreakers"] = 1
    world.evaluator["journalWritable"] = 0
    world.evaluator["pssKiB"] = 200_000
    world.ports.machine.freeBytes = 1_048_576
    world.pass(30)
    #expect(
      world.role.health.map(\.problem) == [
        "a hub is not connected", "the session token has expired",
        "the journal cannot be written", "a circuit breaker is open",
        "235.3125 MB are used", "1 MB are left",
      ])
    #expect(world.role.figures.failedChecks == 6)
    world.isGatewaySilent = true
    world.isEvaluatorSilent = true
    world.ports.machine.freeBytes = nil
    world.pass(30)
    #expect(world.problem(.connection) == "the gateway tells nothing")
    #expect(world.problem(.token) == "the gateway tells nothing")
    #expect(world.problem(.breaker) == "the gateway tells nothing")
    #expect(world.problem(.database) == "the evaluator tells nothing of its database")
    #expect(world.problem(.disk) == "the disk does not tell what is free")
  }

  @Test func `a hub that is connected and says nothing is no good health`() throws {
    let world = try MonitorWorld()
    world.pass(31)
    #expect(world.role.health.first?.figures == "user hub heard 2 s ago, market hub heard 0 s ago")
    for (hub, name) in [("user", "user"), ("market", "market")] {
      let key = "\(hub)HubSilentMilliseconds"
      world.gateway[key] = 29_999
      world.pass(1)
      #expect(world.problem(.connection) == nil)
      world.gateway[key] = 30_000
      world.pass(1)
      #expect(world.problem(.connection) == "the \(name) hub has said nothing for 30 s")
      world.gateway[key] = 0
    }
    let untold = try MonitorWorld()
    untold.gateway["userHubSilentMilliseconds"] = nil
    untold.pass(1)
    #expect(untold.problem(.connection) == "nobody tells when the user hub was heard last")
  }

  @Test func `a database that is slow, takes nothing or has a long log is no good health`() throws {
    let world = try MonitorWorld()
    world.pass(31)
    let database = world.role.health.first { $0.check == .database }
    #expect(database?.figures == "a row written in 420 µs, log of 3 MB")
    for (key, good, bad, problem) in [
      (
        "heartbeatMicroseconds", Int64(999_999), Int64(1_000_000),
        "a row took 1000 ms to be written"
      ),
      ("heartbeatMicroseconds", 0, -1, "a row cannot be written and read again"),
      ("databaseLogBytes", (64 << 20) - 1, 64 << 20, "the log has grown to 64 MB"),
    ] {
      world.evaluator[key] = good
      world.pass(1)
      #expect(world.problem(.database) == nil)
      world.evaluator[key] = bad
      world.pass(1)
      #expect(world.problem(.database) == problem)
      world.evaluator[key] = good
    }
    let untold = try MonitorWorld()
    untold.evaluator["heartbeatMicroseconds"] = nil
    untold.pass(1)
    #expect(untold.problem(.database) == "a row cannot be written and read again")
  }

  @Test func `a monitor that is told to watch nothing does not`() throws {
    let world = try MonitorWorld(["circuit_breaker_state == 'OPEN'"]) {
      $0.checks = []
      $0.metrics = []
      $0.alertRules = []
    }
    world.gateway["openBreakers"] = 1
    world.pass(200)
    #expect(world.role.figures.healthChecks == 0 && world.ports.samples.isEmpty)
    #expect(world.news.isEmpty)
  }

  @Test func `of checks and metrics those that are chosen are looked at`() throws {
    let world = try MonitorWorld {
      $0.checks = [.disk]
      $0.metrics = [.memory]
    }
    world.pass(61)
    #expect(world.role.health.map(\.check) == [.disk])
    #expect(Set(world.ports.samples.flatMap { $0.map(\.metric) }) == [.memory])
  }

  @Test func `intervals, the time that is kept and repeats are those of the settings`() throws {
    let world = try MonitorWorld(["circuit_breaker_state == 'OPEN'"]) {
      $0.healthInterval = .seconds(5)
      $0.metricsInterval = .seconds(10)
      $0.metricsKept = .seconds(700)
      $0.repeatAfter = .seconds(70)
    }
    world.gateway["openBreakers"] = 1
    world.pass(101)
    #expect(world.role.figures.healthChecks == 20 && world.ports.samples.count == 10)
    #expect(world.news == [.fired, .again])
    let now = world.ports.clock.now()
    let forgotten = try #require(world.ports.forgotten.first)
    #expect((.seconds(700)...TimeSpan.seconds(800)).contains(now - forgotten))
  }

  @Test func `without a token there is no session`() throws {
    let world = try MonitorWorld()
    world.gateway["tokenSecondsLeft"] = nil
    world.pass(2)
    #expect(world.problem(.token) == "there is no session token")
  }

  @Test func `a market hub that is switched off is not missed`() throws {
    let world = try MonitorWorld()
    world.gateway["marketHubUp"] = nil
    world.pass(2)
    #expect(world.problem(.connection) == nil)
  }

  @Test func `every metric of the specification is recorded, and old ones are forgotten`() throws {
    let world = try MonitorWorld()
    world.pass(10)
    for _ in 0..<100 { world.events.add(.microseconds(500)) }
    for _ in 0..<10 { world.answers.add(.milliseconds(120)) }
    world.evaluator["inputs"] = 120
    world.evaluator["lockouts"] = 2
    world.evaluator["breaches.max_contracts"] = 3
    world.gateway["apiRequests"] = 40
    world.gateway["apiFailures"] = 1
    world.gateway["breakerOpenings"] = 1
    world.gateway["tokenRefreshes"] = 3
    world.gateway["tokenFailures"] = 1
    world.enforcer["steps"] = 5
    world.enforcer["placed_orders"] = 4
    world.pass(40)
    world.gateway["cpuMicroseconds"] = 2_500_000
    world.pass(11)
    let samples = world.ports.samples
    #expect(samples.count == 1)
    let named = Dictionary(
      uniqueKeysWithValues: (samples.first ?? []).map {
        ($0.metric.rawValue + ($0.label.isEmpty ? "" : " \($0.label)"), "\($0.value)")
      })
    #expect(Set(named.keys.map { String($0.split(separator: " ")[0]) }).count == 21)
    #expect(named["event_processing_latency_p95"] == "0.511")
    #expect(named["api_response_time_p50"] == "122.879")
    #expect(named["events_processed_per_second"] == "2")
    #expect(named["api_requests_per_minute"] == "40")
    #expect(named["orders_placed_per_hour"] == "4")
    #expect(named["signalr_connection_uptime_percent"] == "100")
    #expect(named["token_refresh_success_rate"] == "0.75")
    #expect(named["api_error_rate"] == "0.025")
    #expect(named["circuit_breaker_open_count"] == "1")
    #expect(named["accounts_in_doubt"] == "1")
    #expect(named["rule_breach_counts_by_rule max_contracts"] == "3")
    #expect(named["enforcement_action_counts"] == "5")
    #expect(named["lockout_counts"] == "2")
    #expect(named["memory_usage_mb"] == "60")
    #expect(named["database_size_mb"] == "3")
    #expect(named["disk_space_remaining_mb"] == "1000")
    #expect(world.ports.forgotten.count == 1)
    world.pass(3_700)
    #expect(world.ports.forgotten.count == 2)
  }

  @Test func `what was counted before the monitor started is over`() throws {
    let world = try MonitorWorld()
    world.lives[.evaluator] = 0
    world.evaluator["lockouts"] = 50
    world.pass(3)
    #expect(world.value(.lockouts) == "0")
    world.evaluator["lockouts"] = 52
    world.pass(1)
    #expect(world.value(.lockouts) == "2")
    // A process that begins anew begins from nothing.
    world.lives[.evaluator] = world.ports.clock.now().nanosSinceEpoch
    world.evaluator["lockouts"] = 1
    world.pass(1)
    #expect(world.value(.lockouts) == "3")
  }

  @Test func `the page for Prometheus`() throws {
    let world = try MonitorWorld(["circuit_breaker_state == 'OPEN'"])
    world.gateway["openBreakers"] = 1
    world.evaluator["breaches.max_contracts"] = 3
    world.pass(40)
    let page = world.role.openMetrics.split(separator: "\n").map(String.init)
    #expect(page.last == "# EOF")
    #expect(page.contains("# TYPE riskd_memory_usage_mb gauge"))
    #expect(page.contains("riskd_memory_usage_mb 60"))
    #expect(page.contains("riskd_accounts_in_doubt 1"))
    #expect(page.contains(#"riskd_rule_breach_counts_by_rule{rule="max_contracts"} 3"#))
    #expect(page.contains("riskd_signalr_connection_state 1"))
    #expect(page.contains("riskd_circuit_breaker_state 1"))
    #expect(page.contains(#"riskd_health_check{check="circuit_breaker_state"} 0"#))
    #expect(page.contains(#"riskd_health_check{check="disk_space"} 1"#))
    #expect(
      page.contains(##"riskd_alert_firing{alert="rule of circuit_breaker_state == 'OPEN'"} 1"##))
  }
}
