import AlertRules
import Enforcement
import GatewayRole
import HubProtocol
import LogFiles
import MonitorRole
import PeerProtocol
import ProcessControl
import RequestWindow
import RiskModel
import Settings
import Store
import Supervision
import Testing

@testable import Workers

/// What is written reaches the part that goes by it; the tests of the parts show what it does.
@Suite struct KeyReachTests {
  /// Tests/keys.tsv names what is in the table, and nothing else.
  @Test func `the table is that of the list`() {
    #expect(EvidenceList.keys(of: "KeyReachTests") == Set(Self.reaches.map(\.entry)))
    #expect(
      EvidenceList.keys(of: "RuleEffectTests") == Set(RuleEffectTests.effects.map(\.entry)))
  }

  static let reaches =
    venue + streams + errors + orders + supervision + data + system + monitoring + logging
    + accounts

  @Test(arguments: reaches)
  func `what is written reaches the part that goes by it`(_ reach: KeyReach) throws {
    #expect(reach.view(try Consumers(reach.file, [])) != reach.seen, "the shipped value")
    let written = try Consumers(reach.file, reach.with + [(reach.path, reach.value)])
    #expect(reach.view(written) == reach.seen)
  }

  private static let venue: [KeyReach] = [
    KeyReach("api.timeout", "3000", "3000") { "\($0.gateway.requests.timeout.milliseconds)" },
    KeyReach("authentication.tokenRefresh.bufferSeconds", "600", "600000") {
      "\($0.gateway.token.lead.milliseconds)"
    },
    KeyReach("authentication.tokenRefresh.maxRetries", "1", "1") {
      "\($0.gateway.token.retryDelays.count)"
    },
    KeyReach("authentication.tokenRefresh.retryDelays", "[7, 9]", "[7, 9, 9]") {
      "\($0.gateway.token.retryDelays.map(\.milliseconds))"
    },
  ]

  private static let streams: [KeyReach] = [
    KeyReach("signalr.userHub.url", "\"http://127.0.0.1:9/u\"", "/u") { $0.path(of: .user) },
    KeyReach("signalr.marketHub.url", "\"http://127.0.0.1:9/m\"", "/m") { $0.path(of: .market) },
    KeyReach("signalr.userHub.enabled", "false", "false") { "\($0.gateway.isUserHubEnabled)" },
    KeyReach("signalr.marketHub.enabled", "false", "false") {
      "\($0.gateway.isMarketHubEnabled)"
    },
    KeyReach("signalr.reconnection.enabled", "false", "false") {
      "\($0.gateway.isReconnectionEnabled)"
    },
    KeyReach("signalr.reconnection.maxAttempts", "3", "3") {
      "\($0.gateway.reconnection.maxAttempts)"
    },
    KeyReach("signalr.reconnection.delays", "[5, 6]", "[5, 6]") {
      "\($0.gateway.reconnection.delays.map(\.milliseconds))"
    },
    KeyReach("signalr.reconnection.jitter", "0.5", "500") {
      "\($0.gateway.reconnection.jitterPermille)"
    },
    KeyReach("signalr.reconnection.stableAfter", "900", "900") {
      "\($0.gateway.reconnection.stableAfter.milliseconds)"
    },
    KeyReach("signalr.health.enabled", "false", "false nil") {
      "\($0.gateway.watchesSilence) \($0.hub.probeInterval.map { "\($0)" } ?? "nil")"
    },
    KeyReach("signalr.health.pingInterval", "6000", "6000") {
      "\($0.hub.pingInterval.milliseconds)"
    },
    KeyReach("signalr.health.pingTimeout", "700", "700") { "\($0.hub.probeTimeout.milliseconds)" },
    KeyReach("signalr.health.probeInterval", "800", "800") {
      "\($0.hub.probeInterval?.milliseconds ?? 0)"
    },
    KeyReach("signalr.health.staleThreshold", "60000", "60000") {
      "\($0.gateway.silence.threshold.milliseconds)"
    },
    KeyReach("signalr.health.serverTimeout", "50000", "50000") {
      "\($0.hub.serverTimeout.milliseconds)"
    },
  ]

  private static let errors: [KeyReach] = [
    KeyReach("errorHandling.retries.enabled", "false", "1 [60000]") {
      "\($0.gateway.reads.attemptsToAlarm) \($0.gateway.reads.retryDelays.map(\.milliseconds))"
    },
    KeyReach("errorHandling.retries.maxAttempts", "7", "7") {
      "\($0.gateway.reads.attemptsToAlarm)"
    },
    KeyReach("errorHandling.retries.backoffBase", "300", "300") {
      "\($0.gateway.reads.retryDelays.first?.milliseconds ?? 0)"
    },
    KeyReach("errorHandling.retries.maxBackoffMs", "9000", "9000") {
      "\($0.gateway.reads.retryDelays.last?.milliseconds ?? 0)"
    },
    KeyReach("errorHandling.retries.backoffMultiplier", "3", "3000") {
      "\($0.gateway.reads.retryDelays.dropFirst().first?.milliseconds ?? 0)"
    },
    KeyReach("errorHandling.retries.jitter", "0.4", "400") { "\($0.gateway.reads.jitter)" },
    KeyReach("errorHandling.rateLimit.history.requests", "20", "18") {
      "\($0.window.history.requests)"
    },
    KeyReach("errorHandling.rateLimit.history.windowSeconds", "45", "45000") {
      "\($0.window.history.length.milliseconds)"
    },
    KeyReach("errorHandling.rateLimit.general.requests", "90", "81") {
      "\($0.window.general.requests)"
    },
    KeyReach("errorHandling.rateLimit.general.windowSeconds", "90", "90000") {
      "\($0.window.general.length.milliseconds)"
    },
    KeyReach("errorHandling.rateLimit.general.queueSize", "99", "99") {
      "\($0.gateway.requests.queueLimit)"
    },
    KeyReach("errorHandling.rateLimit.backpressure.maxQueueWaitMs", "4000", "4000") {
      "\($0.gateway.requests.longestWait?.milliseconds ?? 0)"
    },
    KeyReach("errorHandling.circuitBreaker.enabled", "false", "false") {
      "\($0.gateway.breaker.isEnabled)"
    },
    KeyReach("errorHandling.circuitBreaker.failureThreshold", "8", "8") {
      "\($0.gateway.breaker.failureThreshold)"
    },
    KeyReach("errorHandling.circuitBreaker.timeout", "7000", "7000") {
      "\($0.gateway.breaker.openFor.milliseconds)"
    },
    KeyReach("errorHandling.circuitBreaker.halfOpenRequests", "6", "6") {
      "\($0.gateway.breaker.halfOpenRequests)"
    },
    KeyReach("errorHandling.circuitBreaker.successThreshold", "3", "3") {
      "\($0.gateway.breaker.successThreshold)"
    },
    KeyReach("stateReconciliation.enabled", "false", "false") { "\($0.gateway.reads.isPeriodic)" },
    KeyReach("stateReconciliation.onReconnect", "false", "false") {
      "\($0.gateway.readsAfterReconnection)"
    },
    KeyReach("stateReconciliation.periodicEnabled", "false", "false") {
      "\($0.gateway.reads.isPeriodic)"
    },
    KeyReach("stateReconciliation.minInterval", "900", "900") {
      "\($0.gateway.reads.minInterval.milliseconds)"
    },
    KeyReach("stateReconciliation.maxInterval", "90000", "90000") {
      "\($0.gateway.reads.fullInterval.milliseconds)"
    },
  ]

  private static let orders: [KeyReach] = [
    KeyReach("orderManagement.verification.enabled", "false", "false") {
      "\($0.enforcement.tellsUnverified)"
    },
    KeyReach("orderManagement.verification.timeout", "9000", "9000") {
      "\($0.enforcement.verification.milliseconds)"
    },
    KeyReach("orderManagement.verification.pollInterval", "300", "300") {
      "\($0.enforcement.passPause.milliseconds)"
    },
    KeyReach("orderManagement.verification.maxRetries", "6", "6") {
      "\($0.enforcement.failedPassesBeforeAlert)"
    },
    KeyReach("orderManagement.idempotency.cacheTTL", "60", "60000") {
      "\($0.enforcement.endedMemory.milliseconds)"
    },
    KeyReach("orderManagement.partialFills.enabled", "false", "false") {
      "\($0.enforcement.followsPartialFills)"
    },
    KeyReach("orderManagement.partialFills.trackingTimeout", "8000", "8000") {
      "\($0.enforcement.completion.milliseconds)"
    },
    KeyReach("orderManagement.timeouts.placement", "8000", "8000") {
      "\($0.enforcement.placementDeadline.milliseconds)"
    },
    KeyReach("orderManagement.timeouts.cancellation", "3000", "3000") {
      "\($0.enforcement.cancelDeadline.milliseconds)"
    },
    KeyReach("orderManagement.timeouts.modification", "4000", "4000") {
      "\($0.enforcement.modifyDeadline.milliseconds)"
    },
  ]

  private static let supervision: [KeyReach] = [
    KeyReach("supervision.crashDeaths", "5", "5") { "\($0.supervision.crashDeaths)" },
    KeyReach("supervision.crashDeathsAll", "9", "9") { "\($0.supervision.crashDeathsAll)" },
    KeyReach("supervision.crashWindowSeconds", "60", "60000") {
      "\($0.supervision.crashWindow.milliseconds)"
    },
    KeyReach("supervision.markGoodAfterSeconds", "60", "60000") {
      "\($0.supervision.markGoodAfter.milliseconds)"
    },
    KeyReach("supervision.backoff", "[3, 4]", "[3, 4]") {
      "\($0.supervision.backoff.map(\.milliseconds))"
    },
    KeyReach("system.shutdown.gracePeriod", "7000", "7000") {
      "\($0.supervision.drainDeadline.milliseconds)"
    },
    KeyReach("system.shutdown.forceKillAfter", "21000", "21000") {
      "\($0.supervision.forceKillAfter.milliseconds)"
    },
    KeyReach("system.startup.connectTimeout", "9000", "9000 9000") {
      "\($0.supervision.readyTimeout.milliseconds) \($0.gateway.startupTimeout.milliseconds)"
    },
  ]

  private static let data: [KeyReach] = [
    KeyReach("database.retention.dailyUnrealizedPnl", "3", "2026-11-15") {
      "\($0.limits.openResults)"
    },
    KeyReach("database.retention.enforcementLogs", "3", "259200000") { "\($0.age(\.enforcement))" },
    KeyReach("database.retention.orderHistory", "3", "259200000") { "\($0.age(\.orders))" },
    KeyReach("database.retention.tradeHistory", "3", "259200000") { "\($0.age(\.trades))" },
    KeyReach("database.retention.journal", "3", "259200000") { "\($0.age(\.journal))" },
  ]

  private static let system: [KeyReach] = [
    KeyReach("development.testing.clock.offset", "3600000", "3600000") {
      "\($0.pace.offset.milliseconds)"
    },
    KeyReach("development.testing.clock.rate", "2", "2000") { "\($0.pace.rate)" },
    KeyReach(
      "development.testing.clock.anchor", "1800000000000", "1800000000",
      with: [("development.testing.clock.rate", "2")]
    ) { "\($0.pace.anchor.nanosSinceEpoch / 1_000_000_000)" },
    KeyReach("logging.level", "ERROR", "ERROR INFO") { $0.levels },
    KeyReach("development.debugLogging", "true", "DEBUG DEBUG") { $0.levels },
    KeyReach("global.logging_level", "WARNING", "INFO WARNING", in: "risk_config.yaml") {
      $0.levels
    },
    KeyReach("logging.level", "ERROR", "ERROR INFO", in: "logging.yaml") { $0.levels },
    KeyReach("performance.memory.maxCacheSize", "1048576", "1048576") {
      "\($0.settings.cacheBytes)"
    },
    KeyReach("system.timezone", "America/New_York", "America/New_York") {
      "\($0.settings.system.zone.identifier)"
    },
    KeyReach("development.saveRawEvents", "true", "true") { "\($0.gateway.logsRawEvents)" },
  ]

  private static let file = "monitoring.yaml"

  private static let monitoring: [KeyReach] = [
    KeyReach("monitoring.enabled", "false", "0 0 0") { $0.watched },
    KeyReach("monitoring.metrics.enabled", "false", "0") { "\($0.monitor.metrics.count)" },
    KeyReach("monitoring.metrics.interval", "5000", "5000") {
      "\($0.monitor.metricsInterval.milliseconds)"
    },
    KeyReach("monitoring.enabled", "false", "0 0 0", in: file) { $0.watched },
    KeyReach("monitoring.health.enabled", "false", "0", in: file) { "\($0.monitor.checks.count)" },
    KeyReach("monitoring.health.interval", "5000", "5000", in: file) {
      "\($0.monitor.healthInterval.milliseconds)"
    },
    KeyReach("monitoring.health.checks", "[disk_space]", "[disk_space]", in: file) {
      "[\($0.monitor.checks.map(\.rawValue).joined(separator: " "))]"
    },
    KeyReach("monitoring.metrics.enabled", "false", "0", in: file) {
      "\($0.monitor.metrics.count)"
    },
    KeyReach("monitoring.metrics.interval", "5000", "5000", in: file) {
      "\($0.monitor.metricsInterval.milliseconds)"
    },
    KeyReach("monitoring.metrics.collect", "[memory_usage_mb]", "memory_usage_mb", in: file) {
      $0.monitor.metrics.map(\.rawValue).joined(separator: " ")
    },
    KeyReach("monitoring.metrics.retentionDays", "9", "777600000", in: file) {
      "\($0.monitor.metricsKept.milliseconds)"
    },
    KeyReach("monitoring.alerts.enabled", "false", "0", in: file) {
      "\($0.monitor.alertRules.count)"
    },
    KeyReach("monitoring.alerts.repeatAfterSeconds", "70", "70000", in: file) {
      "\($0.monitor.repeatAfter.milliseconds)"
    },
    KeyReach("monitoring.alerts.rules[].name", alert, "Much", in: file) {
      $0.monitor.alertRules[0].name
    },
    KeyReach("monitoring.alerts.rules[].condition", alert, "memory_usage_mb > 7", in: file) {
      "\($0.monitor.alertRules[0].condition)"
    },
    KeyReach("monitoring.alerts.rules[].severity", alert, "info", in: file) {
      $0.monitor.alertRules[0].severity.rawValue
    },
    KeyReach("monitoring.alerts.rules[].message", alert, "Too much", in: file) {
      $0.monitor.alertRules[0].message
    },
  ]

  private static let alert =
    "[{name: Much, condition: \"memory_usage_mb > 7\", severity: info, message: Too much}]"

  private static let accounts: [KeyReach] = {
    let two =
      "[{account_id: 7, name: Seven, nickname: First}, {account_id: 8, name: Eight, enabled: false}]"
    return [
      KeyReach("accounts[].account_id", two, "[7]", in: "accounts.yaml") {
        "\($0.gateway.accounts.map(\.id))"
      },
      KeyReach("accounts[].name", two, "[\"Seven\"]", in: "accounts.yaml") {
        "\($0.gateway.accounts.map(\.platformName))"
      },
      KeyReach("accounts[].enabled", two, "1", in: "accounts.yaml") {
        "\($0.gateway.accounts.count)"
      },
      KeyReach("accounts[].nickname", two, "First", in: "accounts.yaml") {
        TraderDesk.nicknames($0.settings).values.joined()
      },
    ]
  }()

  private static let logging: [KeyReach] = {
    var reaches = [
      KeyReach("logging.format", "text", "true") { "\($0.monitor.logs.isText)" },
      KeyReach("logging.rotation.enabled", "false", "false") {
        "\($0.log(.daemon)?.startsDaily ?? true)"
      },
      KeyReach("logging.rotation.backupCount", "11", "11") { "\($0.log(.daemon)?.days ?? 0)" },
      KeyReach("logging.format", "json", "false", in: "logging.yaml") {
        "\($0.monitor.logs.isText)"
      },
      KeyReach("logging.rotation.enabled", "false", "false", in: "logging.yaml") {
        "\($0.log(.daemon)?.startsDaily ?? true)"
      },
      KeyReach("logging.rotation.backupCount", "11", "11", in: "logging.yaml") {
        "\($0.log(.daemon)?.days ?? 0)"
      },
    ]
    for file in LogFile.allCases {
      let section = "logging.files.\(file.rawValue)"
      reaches += [
        KeyReach("\(section).path", "elsewhere/a.log", "/r/elsewhere/a.log", in: "logging.yaml") {
          $0.log(file)?.path ?? ""
        },
        KeyReach("\(section).maxSize", "5000", "5000", in: "logging.yaml") {
          "\($0.log(file)?.mostBytes ?? 0)"
        },
        KeyReach("\(section).backupCount", "3", "3", in: "logging.yaml") {
          "\($0.log(file)?.kept ?? 0)"
        },
      ]
      // Every alert is written.
      if file != .alerts {
        reaches.append(
          KeyReach("\(section).level", "DEBUG", "DEBUG", in: "logging.yaml") {
            $0.monitor.logs.levels[file]?.rawValue ?? ""
          })
      }
    }
    return reaches
  }()
}
