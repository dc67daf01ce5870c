import RiskModel
import RiskRules

/// Reads `orderManagement`, `supervision`, `database`, `logging`, `monitoring`, `system` and
/// `performance`.
struct OperationReader {
  let variables: EnvironmentVariables
  let files: ConfigurationFile

  private static let days: ClosedRange<Int64> = 1...36_500

  func orders(_ section: Section) -> OrderSettings {
    let wait = ValueForm<TimeSpan>.milliseconds(1...900_000)
    let verification = section.section("verification") { part in
      (
        isEnabled: switchable(
          part, "nobody is told when a request stays unproven; riskd looks all the same"),
        timeout: part.value("timeout", wait, default: .seconds(5)).value,
        interval: part.optional("pollInterval", .milliseconds(100...5_000)).value,
        retries: part.optional("maxRetries", .integer(0...100)).value
      )
    }
    let idempotency = section.section("idempotency") { part in
      part.ignored("cacheSize", .integer(1...1_000_000))
      part.ignored("useOrderTimestamp", .boolean)
      part.fixed("enabled", true, because: "a request whose answer was lost must not act twice")
      return part.value("cacheTTL", .seconds(1...604_800), default: .seconds(3_600)).value
    }
    let fills = section.section("partialFills") { part in
      part.ignored("notifyOnPartial", .boolean)
      part.ignored("requeryInterval", .integer(1...60_000))
      return (
        switchable(
          part, "a close that was filled in part has to be proven within verification.timeout"),
        part.value("trackingTimeout", wait, default: .seconds(60)).value
      )
    }
    let answer = ValueForm<TimeSpan>.milliseconds(500...60_000)
    let timeouts = section.section("timeouts") { part in
      OrderSettings.Timeouts(
        placement: part.optional("placement", answer).value,
        cancellation: part.optional("cancellation", answer).value,
        modification: part.optional("modification", answer).value)
    }
    var settings = OrderSettings(
      verifies: verification.isEnabled, verificationTimeout: verification.timeout,
      idempotencyLifetime: idempotency,
      tracksPartialFills: fills.0, partialFillTimeout: fills.1)
    settings.verificationInterval = verification.interval
    settings.verificationRetries = verification.retries
    settings.timeouts = timeouts
    return settings
  }

  private func switchable(_ section: Section, _ consequence: String) -> Bool {
    let enabled = section.value("enabled", .boolean, default: true)
    if !enabled.value { section.findings.notice(enabled.place, "is false: \(consequence)") }
    return enabled.value
  }

  func supervision(_ section: Section) -> SupervisionThresholds {
    let one = section.value("crashDeaths", .integer(1...1_000), default: 3)
    let all = section.value("crashDeathsAll", .integer(1...1_000), default: 6)
    section.expect(all, one, >=, "is below crashDeaths", "write a larger number")
    let window = section.value(
      "crashWindowSeconds", .seconds(1...86_400), default: .seconds(600))
    let backoff = section.list(
      "backoff", of: .milliseconds(0...600_000),
      default: [.zero, .milliseconds(250), .seconds(1), .seconds(4)])
    section.checkAscending(backoff)
    let good = section.value(
      "markGoodAfterSeconds", .seconds(1...604_800), default: .seconds(600))
    return SupervisionThresholds(
      crashDeaths: one.value, crashDeathsAll: all.value, crashWindow: window.value,
      backoff: backoff.value, markGoodAfter: good.value)
  }

  func database(_ section: Section) -> DatabaseSettings {
    let path = section.value("path", .text("a path"), default: "data/risk_manager.db")
    let effective = variables.override(path, by: "DATABASE_PATH", .text("a path"))
    _ = section.optional("schemaVersion", .integer(2...2).saying("2, the schema of this version"))
    let connection = section.section("connection") { part in
      _ = part.optional("journal_mode", .word("WAL"))
      part.ignored("checkSameThread", .boolean)
      return (
        part.value("timeout", .milliseconds(1...900_000), default: .seconds(30)).value,
        part.value("synchronous", .oneOf(DatabaseSettings.Synchronous.self), default: .normal).value
      )
    }
    let retention = section.section("retention") { self.retention($0) }
    let backup = section.section("backup") { self.backup($0) }
    section.section("performance") { part in
      part.ignored("batchInsertSize", .integer(1...1_000_000))
      part.ignored("cacheSize", .integer(1...1_000_000))
      part.ignored("vacuumOnStartup", .boolean)
      part.ignored("vacuumSchedule", .word("daily", "weekly", "monthly", "never"))
    }
    return DatabaseSettings(
      path: files.path(effective.value), busyTimeout: connection.0, synchronous: connection.1,
      retention: retention, backup: backup)
  }

  private func retention(_ section: Section) -> DatabaseSettings.Retention {
    func days(_ key: String, _ standard: Int64) -> Int64 {
      section.value(key, .integer(OperationReader.days, unit: "days"), default: standard).value
    }
    section.ignored("quotesHistory", .integer(OperationReader.days))
    return DatabaseSettings.Retention(
      dailyUnrealizedPnlDays: days("dailyUnrealizedPnl", 7),
      enforcementLogDays: days("enforcementLogs", 30), orderHistoryDays: days("orderHistory", 90),
      tradeHistoryDays: days("tradeHistory", 365), journalDays: days("journal", 7))
  }

  private func backup(_ section: Section) -> DatabaseSettings.Backup {
    section.ignored("compress", .boolean, because: "backups are plain database files")
    return DatabaseSettings.Backup(
      isEnabled: section.value("enabled", .boolean, default: true).value,
      interval: section.value("interval", .seconds(60...2_592_000), default: .seconds(86_400))
        .value,
      directory: files.path(
        section.value("path", .text("a directory"), default: "backups/").value),
      keepCount: section.value("keepCount", .integer(1...10_000), default: 7).value)
  }

  func logging(_ section: Section) -> LoggingSettings {
    let level = ValueForm<LoggingSettings.Level>.oneOf()
    let written = section.value("level", level, default: .info)
    let effective = variables.override(written, by: "LOG_LEVEL", level)
    let format = section.value("format", .oneOf(LoggingSettings.Format.self), default: .json)
    let rotation = section.section("rotation") { part in
      _ = part.optional("when", .word("midnight"))
      part.ignored("interval", .integer(1...1_000))
      return (
        part.value("enabled", .boolean, default: true).value,
        part.value("backupCount", .integer(0...10_000), default: 30).value
      )
    }
    section.section("components") { components in
      for key in [
        "tokenManager", "signalrManager", "errorHandler", "rateLimiter", "circuitBreaker",
        "stateReconciler", "orderManager", "riskRules",
      ] { components.ignored(key, level) }
    }
    section.section("performance") { performance in
      for key in ["enabled", "logSlowOperations", "logLatency"] {
        performance.ignored(key, .boolean)
      }
      performance.ignored("slowThresholdMs", .integer(1...900_000))
      performance.ignoredList("latencyPercentiles", of: .decimal(1...100_000))
    }
    return LoggingSettings(
      level: effective.value, rulesLevel: effective.value, format: format.value,
      rotatesAtMidnight: rotation.0, rotatedFilesKept: rotation.1)
  }

  func monitoring(_ section: Section) -> MonitoringSettings {
    let enabled = section.value("enabled", .boolean, default: true)
    let metrics = section.section("metrics") { metrics in
      metrics.ignored("retention", .integer(1...31_536_000))
      metrics.ignoredList("collect", of: .text("the name of a metric"))
      return (
        metrics.value("enabled", .boolean, default: true).value,
        metrics.value(
          "interval", .milliseconds(1_000...3_600_000), default: .seconds(60)
        ).value
      )
    }
    section.section("health") { health in
      health.ignored("interval", .integer(1...3_600_000))
      health.ignored(
        "endpoint", .text("a path"),
        because: "the health is on the page of the metrics; see monitoring.endpoint in "
          + "monitoring.yaml")
    }
    section.section("alerts") { alerts in
      alerts.ignored("enabled", .boolean)
      alerts.ignored("webhookUrl", .text("a URL"))
    }
    return MonitoringSettings(
      isEnabled: enabled.value, recordsMetrics: metrics.0, metricsInterval: metrics.1)
  }

  func performance(_ section: Section) -> Int64 {
    section.section("eventProcessing") { part in
      for key in ["batchSize", "batchTimeout", "maxConcurrency"] {
        part.ignored(key, .integer(1...1_000_000), because: "every event is handled at once")
      }
    }
    section.section("threading") { part in
      for key in ["eventProcessorThreads", "ioThreads", "maxThreadPoolSize"] {
        part.ignored(key, .integer(1...1_000), because: "a worker has one thread for its work")
      }
    }
    return section.section("memory") { part in
      part.ignored("cacheEvictionPolicy", .text("a policy"))
      part.ignored("gcInterval", .integer(1...86_400_000))
      let standard: Int64 = 16 * 1_024 * 1_024
      return part.value(
        "maxCacheSize", .integer(1...1_073_741_824, unit: "bytes"), default: standard
      ).value
    }
  }
}
