import RiskModel
@testable import Checklist
@testable import Supervision

/// The facts of an installation on which nothing is wrong, a day and a half after its start.
enum GoodDay {
  /// Monday, 23 November 2026, 12:00 in Chicago.
  static let now = Instant(secondsSinceEpoch: 1_795_456_800)
  static let startedAt = now - .hours(36)

  static func facts(age: TimeSpan = .hours(36)) -> ChecklistFacts {
    let start = now - age
    var facts = ChecklistFacts(now: now)
    facts.machine = MachineFacts(memoryMegabytes: 8_000, freeMegabytes: 20_000)
    var configuration = ConfigurationFacts()
    configuration.settings = settings
    facts.configuration = .seen(configuration)
    facts.modes = [
      "config": 0o700, "data": 0o700, "logs": 0o755, "backups": 0o700, ".env": 0o600,
      "config/accounts.yaml": 0o600, "data/risk_manager.db": 0o600, "data/tokens.enc": 0o600,
      "data/audit.log": 0o600, "data/metrics.db": 0o600,
    ]
    facts.exposedSecrets = .seen([])
    facts.unit = .seen(
      UnitFacts(
        activeState: "active", subState: "running", user: "riskd", unitFileState: "enabled",
        restarts: 0))
    facts.status = .seen(status)
    facts.history = .seen(HistoryFacts(startedAt: start, deaths: []))
    facts.trader = .seen(TraderFacts(accounts: 1, positions: 1, orders: 2))
    facts.daemonLog = .seen(daemonLog(from: start))
    facts.errorLog = .seen(LogTally())
    facts.logFiles = .seen(logFiles)
    facts.archivedLogs = .seen(logs(from: start))
    facts.metrics = .seen(metrics(from: max(start, now - .hours(24))))
    facts.database = .seen(
      DatabaseFacts(
        version: 2, problems: [], bytes: 3_400_000, positions: 1,
        executions: executions.filter { $0 >= start }))
    facts.backups = .seen(BackupFacts(count: 2, newest: now - .hours(9), problem: nil))
    facts.audit = .seen(AuditFacts(records: 120, findings: []))
    facts.firewall = .hidden("only root may list them")
    facts.previousRelease = .seen("2026.11.20")
    return facts
  }

  /// Of the present trading day.
  static let executions = (1...20).map { now - .minutes(Int64($0) * 15) }

  static let midnight = Instant(secondsSinceEpoch: 1_795_413_600)

  static func logs(from start: Instant) -> [LogArchiveFacts] {
    guard start < midnight else {
      return [LogArchiveFacts(name: "daemon.log", first: start, last: now)]
    }
    return [
      LogArchiveFacts(name: "daemon.log", first: midnight + .seconds(14), last: now),
      LogArchiveFacts(name: "daemon.log.1", first: start, last: midnight - .seconds(16)),
      LogArchiveFacts(name: "errors.log.1", first: start, last: start),
    ]
  }

  /// An error and an alert are still to come.
  static var logFiles: [LogFileFacts] {
    [
      ("daemon", "INFO"), ("enforcement", "INFO"), ("api", "WARNING"), ("errors", "ERROR"),
      ("alerts", "WARNING"),
    ].map { name, level in
      let isThere = ["daemon", "enforcement", "api"].contains(name)
      return LogFileFacts(
        name: name, path: "logs/\(name).log", level: level, mode: isThere ? 0o644 : nil,
        changed: isThere ? now - .seconds(12) : nil, folderMode: 0o755)
    }
  }

  static var settings: ConfigurationFacts.Settings {
    var settings = ConfigurationFacts.Settings()
    settings.accounts = 1
    settings.hasAdministratorPassword = true
    settings.refreshLead = .seconds(7_200)
    settings.checksHealth = true
    settings.healthChecks = 6
    settings.metrics = 19
    settings.alertRules = 9
    settings.rotatesAtMidnight = true
    settings.midnightsKept = 30
    settings.keepsBackups = true
    return settings
  }

  static var status: StatusReport {
    StatusReport(
      state: .running, since: startedAt.timestamp, time: now.timestamp, version: "1.2.3",
      release: StatusReport.Release(id: "2026.11.22", state: .good), isReady: true,
      workers: [WorkerName.enforcer, .evaluator, .gateway, .monitor].map(worker),
      deathsInWindow: 0, windowSeconds: 600,
      canary: StatusReport.Canary(
        isLost: false, total: 9, latencyMicroseconds: 800, ageSeconds: 1))
  }

  static func worker(_ name: WorkerName) -> StatusReport.Worker {
    StatusReport.Worker(
      name: name, state: .ready, pid: 100, since: startedAt.timestamp, uptimeSeconds: 129_600,
      life: 1, deathsInWindow: 0, links: [])
  }

  static func daemonLog(from start: Instant) -> LogTally {
    var log = LogTally()
    log.begin = start
    let steps: [(LogPhrase, String)] = [
      (.supervisorStarted, "riskd 1.2.3"), (.initialized, "Application initialized successfully"),
      (.tokenValid, "Token Manager: Token valid until 2026-11-24 16:00:00"),
      (.refreshScheduled, "Token Manager: Token refresh scheduled for 2026-11-24 14:00:00"),
      (.connected, "SignalR Manager: Connected to User Hub"),
      (.subscribed, "SignalR Manager: Subscribed to positions, orders, trades"),
      (.reconciled, "State Reconciler: Initial reconciliation complete"),
      (.rulesStarted, "Risk Rules Engine: Monitoring started"),
      (.positionEvent, "GatewayUserPosition: CON.F.US.MNQ.Z26 size 1"),
      (.ruleEvaluation, "Rule evaluation"),
    ]
    for (index, step) in steps.enumerated() {
      log.add(step.0, at: start + .seconds(Int64(index)), step.1)
    }
    var moment = start + .seconds(30)
    while moment <= now {
      log.add(.healthCheck, at: moment, "Health check passed")
      moment = moment + .seconds(30)
    }
    let reset = now - .hours(19)
    if start < now - .hours(4) {
      log.add(
        .refreshed, at: now - .hours(4), "Token Manager: Token refreshed successfully")
    }
    for moment in executions.reversed() where moment >= start {
      log.add(.executionEvaluation, at: moment, "Rule evaluation")
    }
    if start < reset { log.add(.dailyReset, at: reset + .seconds(1), "Daily reset") }
    return log
  }

  static func metrics(from start: Instant) -> MetricFacts {
    var facts = MetricFacts()
    var moment = start + .seconds(60)
    while moment <= now {
      facts.memory.append(.init(at: moment, millionths: 38_200_000))
      facts.processor.append(.init(at: moment, millionths: 400_000))
      facts.latency.append(.init(at: moment, millionths: 2_100_000))
      moment = moment + .seconds(60)
    }
    return facts
  }
}

extension ChecklistFacts {
  mutating func logs(_ change: (inout [LogArchiveFacts]) -> Void) {
    guard var files = archivedLogs.value else { return }
    change(&files)
    archivedLogs = .seen(files)
  }

  mutating func logged(_ phrase: LogPhrase, _ moment: Instant, _ text: String) {
    guard var log = daemonLog.value else { return }
    log.add(phrase, at: moment, text)
    daemonLog = .seen(log)
  }

  mutating func log(_ name: String, _ change: (inout LogFileFacts) -> Void) {
    guard var files = logFiles.value, let index = files.firstIndex(where: { $0.name == name })
    else { return }
    change(&files[index])
    logFiles = .seen(files)
  }

  mutating func configured(_ change: (inout ConfigurationFacts.Settings) -> Void) {
    guard var facts = configuration.value, var settings = facts.settings else { return }
    change(&settings)
    facts.settings = settings
    configuration = .seen(facts)
  }
}
