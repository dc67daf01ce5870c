import AuditLog
import Checklist
import ControlPlane
import FoundationEssentials
import Glibc
import MetricsStore
import ProcessControl
import RiskModel
import Settings
import Store
import Supervision
import VenueAPI

/// Gathers what the checks look at. Only reads; riskd may be running or not.
struct ChecklistReader {
  private static let day = TimeSpan.seconds(86_400)
  private static let patience = TimeSpan.seconds(5)

  let root: String
  let authority: any ControlAuthority
  var environment = ProcessInfo.processInfo.environment
  /// What systemd says of the unit that runs riskd from this folder.
  var unit: (_ root: String) -> Sighting<UnitFacts> = ServiceUnit.look
  var trader: (_ socket: String) -> Sighting<TraderFacts> = TraderLook.first

  /// Where to look at the rules of the firewall.
  var firewall: (_ user: String) -> Sighting<FirewallFacts> = FirewallSight.look
  /// Where `ops/security-report` writes.
  var reports = "/var/lib/risk-manager/investigation"
  /// Whether the venue is asked too.
  var isOnline = false

  func read() -> ChecklistFacts {
    let status = self.status()
    // Under a clock for tests riskd's own time is the one that its records have.
    let loaded = SettingsLoader.load(root: root, environment: environment)
    let pace = ClockPace(status.value?.testClock)
    let now =
      status.value.flatMap { VenueTimestamp.instant($0.time) } ?? SystemClock(pace: pace).now()
    var facts = ChecklistFacts(now: now)
    facts.civilSecond = pace.civilSpan(.seconds(1))
    facts.status = status
    facts.history = history()
    facts.unit = unit(root)
    facts.configuration = .seen(ConfigurationSight.facts(loaded, root: root))
    let settings = loaded.settings
    facts.modes = modes(facts.configuration.value?.settings)
    facts.machine = machine()
    facts.exposedSecrets = SecretSearch(root: root).run(
      loaded.credentials, webhook: settings?.monitoring.alerts.webhook)
    facts.trader = trader("\(root)/run/trader.sock")
    let logs = settings?.logging.files ?? LogFileSettings.standard
    let since = now - Self.day - .seconds(3_600)
    facts.daemonLog = tally(logs[.daemon], LogPhrase.allCases, since, pace)
    facts.errorLog = errors(logs[.errors], facts.daemonLog, since, pace)
    facts.logFiles = .seen(LogFileSight(root: root, pace: pace).look(logs))
    facts.archivedLogs = LogSearch.files(
      absolute(folder(of: logs[.daemon])), of: absolute(logs[.daemon]?.path ?? "logs/daemon.log"))
    facts.metrics = metrics(since: now - Self.day)
    let database = absolute(settings?.database.path ?? "data/risk_manager.db")
    facts.database = self.database(database, settings?.database.retention, at: now)
    facts.backups = backups(absolute(settings?.database.backup.directory ?? "backups"))
    facts.audit = audit()
    facts.previousRelease = previousRelease()
    // It is about what is installed.
    if facts.unit.value != nil { facts.securityReport = SecurityReportSight.newest(in: reports) }
    facts.firewall =
      switch facts.unit {
      case .seen(let unit): firewall(unit.user)
      case .hidden(let reason): .hidden(reason)
      }
    if isOnline { askVenue(loaded, &facts) }
    return facts
  }

  private func askVenue(_ loaded: SettingsLoader.Outcome, _ facts: inout ChecklistFacts) {
    guard case .accepted(let settings, let credentials, _) = loaded else {
      facts.venue = VenueFacts(lines: ["❌ the configuration is not usable"], isGood: false)
      facts.state = .hidden("the configuration is not usable")
      return
    }
    let found = OnlineCheck(root: root, settings: settings, credentials: credentials).run()
    facts.venue = VenueFacts(lines: found.lines, isGood: found.isGood)
    do {
      let report = try StateVerification(root: root).report(settings, credentials)
      facts.state = .seen(
        StateFacts(
          positions: report.accounts.reduce(0) { $0 + $1.positionsListed },
          orders: report.accounts.reduce(0) { $0 + $1.ordersListed },
          differences: report.accounts.flatMap { account in
            account.differences.map { "account \(account.account): \($0)" }
          }))
    } catch {
      facts.state = .hidden("\(error)")
    }
  }

  private func absolute(_ name: String) -> String {
    name.hasPrefix("/") ? name : "\(root)/\(name)"
  }

  private func folder(of file: LogFileSettings?) -> String {
    let path = file?.path ?? "logs/daemon.log"
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  private func status() -> Sighting<StatusReport> {
    do throws(ControlError) {
      switch try authority.ask(.status, timeout: Self.patience) {
      case .status(let report): return .seen(report)
      case .error(let refusal): return .hidden(refusal.text)
      default: return .hidden("riskd answered something else")
      }
    } catch {
      return .hidden("\(error)")
    }
  }

  private func history() -> Sighting<HistoryFacts> {
    do throws(ControlError) {
      let request = ControlRequest.history(limit: ControlRequest.historyLimit)
      guard case .history(let entries) = try authority.ask(request, timeout: Self.patience) else {
        return .hidden("riskd answered something else")
      }
      let deaths = entries.filter { $0.event == .death && $0.isCounted == true }
      let start = entries.last { $0.event == .supervisorStarted }
      return .seen(
        HistoryFacts(
          startedAt: start.flatMap { VenueTimestamp.instant($0.time) },
          deaths: deaths.compactMap { VenueTimestamp.instant($0.time) },
          otherDeaths: entries.filter(\.isUncountedCrash)
            .compactMap { VenueTimestamp.instant($0.time) },
          unplannedStarts: entries.unplannedStarts.compactMap { VenueTimestamp.instant($0.time) }))
    } catch {
      return .hidden("\(error)")
    }
  }

  private func modes(_ settings: ConfigurationFacts.Settings?) -> [String: UInt32] {
    let names = [
      "config", "data", "logs", "backups", ".env", "config/accounts.yaml",
      settings?.databaseName ?? "data/risk_manager.db", settings?.tokenFile ?? "data/tokens.enc",
      "data/audit.log", "data/metrics.db",
    ]
    var modes: [String: UInt32] = [:]
    for name in names {
      var status = stat()
      if stat(absolute(name), &status) == 0 { modes[name] = status.st_mode & 0o7777 }
    }
    return modes
  }

  private func machine() -> MachineFacts {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let memory = pages > 0 ? Int64(pages) * Int64(sysconf(Int32(_SC_PAGESIZE))) / 1_000_000 : nil
    var disk = statvfs()
    let place = access(absolute("data"), F_OK) == 0 ? absolute("data") : root
    let free =
      statvfs(place, &disk) == 0 ? Int64(disk.f_bavail) * Int64(disk.f_frsize) / 1_000_000 : nil
    return MachineFacts(memoryMegabytes: memory, freeMegabytes: free)
  }

  private func tally(
    _ file: LogFileSettings?, _ phrases: [LogPhrase], _ since: Instant, _ pace: ClockPace
  ) -> Sighting<LogTally> {
    guard let file else { return .hidden("no such log file is configured") }
    return LogSearch.tally(absolute(file.path), for: phrases, since: since, pace: pace)
  }

  /// A file of errors is made with the first one: none means no error, where the monitor writes.
  private func errors(
    _ file: LogFileSettings?, _ daemonLog: Sighting<LogTally>, _ since: Instant,
    _ pace: ClockPace
  ) -> Sighting<LogTally> {
    if let file, access(absolute(file.path), F_OK) != 0, daemonLog.value != nil {
      return .seen(LogTally())
    }
    return tally(file, [.error], since, pace)
  }

  private func metrics(since: Instant) -> Sighting<MetricFacts> {
    let path = absolute("data/metrics.db")
    guard access(path, F_OK) == 0 else { return .hidden("there is no data/metrics.db") }
    do throws(MetricsStoreError) {
      let store = try MetricsStore(path: path, readOnly: true)
      defer { store.close() }
      guard try store.isMade() else { return .seen(MetricFacts()) }
      func course(_ name: String) throws(MetricsStoreError) -> [MetricFacts.Sample] {
        try store.values(of: name, since: since).map { stored in
          MetricFacts.Sample(at: stored.at, millionths: stored.millionths)
        }
      }
      return .seen(
        MetricFacts(
          memory: try course("memory_usage_mb"), processor: try course("cpu_usage_percent"),
          latency: try course("event_processing_latency_p95")))
    } catch {
      return .hidden(error.description)
    }
  }

  private func database(
    _ path: String, _ retention: DatabaseSettings.Retention?, at now: Instant
  ) -> Sighting<DatabaseFacts> {
    do throws(StoreError) {
      let found = try DatabaseVerification(path)
      let store = try Store.open(
        path: path, readOnly: true, inspection: .none, now: SystemClock().now())
      let positions = try store.count(of: "positions")
      // What becomes too old today goes within the day.
      let overdue = try retention.map { retention throws(StoreError) in
        try store.overdue(RetentionLimits(retention, at: now - Self.day))
      }
      let executions = try store.executions(since: now - Self.day)
      try store.close()
      return .seen(
        DatabaseFacts(
          version: found.version, problems: found.problems, bytes: DatabaseFile.size(path),
          positions: positions, overdue: overdue ?? [:], executions: executions))
    } catch {
      return .hidden(error.description)
    }
  }

  private func backups(_ path: String) -> Sighting<BackupFacts> {
    let folder = BackupFolder(path: path)
    guard !folder.isUnreadable else { return .hidden("\(path) cannot be listed") }
    let files = folder.files
    var problem: String?
    if let newest = files.first {
      do throws(StoreError) {
        let version = try DatabaseFile.inspect(newest)
        if version != Store.schemaVersion { problem = "it has schema version \(version)" }
      } catch {
        problem = error.description
      }
    }
    return .seen(BackupFacts(count: files.count, newest: folder.newest, problem: problem))
  }

  private func audit() -> Sighting<AuditFacts> {
    do {
      let known = try AuditCommands.knownHead(root)
      let found = try AuditVerification(
        AuditLog(path: "\(root)/\(AuditLog.standardName)"), known: known.head)
      return .seen(
        AuditFacts(
          records: found.records, findings: AuditCommands.findings(found, known.problem),
          bytes: DatabaseFile.size("\(root)/\(AuditLog.standardName)")))
    } catch {
      return .hidden("\(error)")
    }
  }

  private func previousRelease() -> Sighting<String> {
    let path = "\(root)/release/state"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      return .hidden("there is no release/state; riskd was not installed by ops/install")
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("previous=") }
    return .seen(line.map { String($0.dropFirst("previous=".count)) } ?? "")
  }
}

extension HistoryEntry {
  /// A death that nobody asked for, of a worker whose deaths lead to no roll-back.
  var isUncountedCrash: Bool {
    guard event == .death, isCounted == false, worker == .monitor, let cause else { return false }
    let excused = [
      CauseOfDeath.exit(code: CauseOfDeath.venueDownCode), .exit(code: CauseOfDeath.outOfDateCode),
      .exit(code: CauseOfDeath.badConfigurationCode), .shutdown,
    ]
    return !excused.contains { "\($0)" == cause } && !cause.hasPrefix("restart asked for")
  }
}

extension ClockPace {
  /// The clock that riskd says it goes by.
  init(_ report: StatusReport.TestClock?) {
    guard let report, report.ratePerMille > 0,
      let anchor = VenueTimestamp.instant(report.anchor)
    else {
      self = .machine
      return
    }
    self.init(
      anchor: anchor, offset: .milliseconds(report.offsetMilliseconds), rate: report.ratePerMille)
  }
}

extension RetentionLimits {
  /// By the calendar alone, for somebody who looks from outside.
  init(_ retention: DatabaseSettings.Retention, at now: Instant) {
    let today = TradingDayRule.standard.tradingDate(at: now)
    func instant(_ days: Int64) -> Instant { now - .seconds(days * 86_400) }
    self.init(
      journal: instant(retention.journalDays), enforcement: instant(retention.enforcementLogDays),
      orders: instant(retention.orderHistoryDays), trades: instant(retention.tradeHistoryDays),
      openResults: today.adding(days: -Int(retention.dailyUnrealizedPnlDays)),
      dayResults: today.adding(days: -Int(retention.tradeHistoryDays)))
  }
}
