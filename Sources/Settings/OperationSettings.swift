package import AlertRules
package import RiskModel

/// How orders and closes of riskd's own are followed.
package struct OrderSettings: Equatable, Sendable, Codable {
  /// Whether a person is told of what is not proven in time.
  package var verifies: Bool
  /// How long a request may stay without proof of what it did.
  package var verificationTimeout: TimeSpan
  /// The first pause between two looks, and how many of them may fail before a person is told;
  /// `nil` leaves it to enforcement.
  package var verificationInterval: TimeSpan?
  package var verificationRetries: Int64?
  /// How long the name of an ended target is remembered, so that a message that comes twice does
  /// not revive it.
  package var idempotencyLifetime: TimeSpan
  /// Whether a close that was filled in part has a time of its own.
  package var tracksPartialFills: Bool
  /// How long after its last fill a close that was filled in part may be incomplete.
  package var partialFillTimeout: TimeSpan
  /// How long a request may stay without an answer; `nil` leaves it to enforcement.
  package var timeouts = Timeouts()

  package struct Timeouts: Equatable, Sendable, Codable {
    package var placement: TimeSpan?
    package var cancellation: TimeSpan?
    package var modification: TimeSpan?

    package init(
      placement: TimeSpan? = nil, cancellation: TimeSpan? = nil, modification: TimeSpan? = nil
    ) {
      self.placement = placement
      self.cancellation = cancellation
      self.modification = modification
    }
  }

  package init(
    verifies: Bool, verificationTimeout: TimeSpan, idempotencyLifetime: TimeSpan,
    tracksPartialFills: Bool, partialFillTimeout: TimeSpan
  ) {
    self.verifies = verifies
    self.verificationTimeout = verificationTimeout
    self.idempotencyLifetime = idempotencyLifetime
    self.tracksPartialFills = tracksPartialFills
    self.partialFillTimeout = partialFillTimeout
  }
}

/// The crash limits and waits of the supervisor.
package struct SupervisionThresholds: Equatable, Sendable, Codable {
  /// More unintentional deaths of one worker than this within `crashWindow` are a crash loop.
  package var crashDeaths: Int64
  /// The same, of all critical workers together.
  package var crashDeathsAll: Int64
  package var crashWindow: TimeSpan
  /// The wait before each restart of a worker; the last one repeats.
  package var backoff: [TimeSpan]
  /// A release that ran this long without a crash loop is good.
  package var markGoodAfter: TimeSpan

  package init(
    crashDeaths: Int64, crashDeathsAll: Int64, crashWindow: TimeSpan, backoff: [TimeSpan],
    markGoodAfter: TimeSpan
  ) {
    self.crashDeaths = crashDeaths
    self.crashDeathsAll = crashDeathsAll
    self.crashWindow = crashWindow
    self.backoff = backoff
    self.markGoodAfter = markGoodAfter
  }
}

package struct DatabaseSettings: Equatable, Sendable, Codable {
  package var path: String
  package var busyTimeout: TimeSpan
  package var synchronous: Synchronous
  package var retention: Retention
  package var backup: Backup

  package init(
    path: String, busyTimeout: TimeSpan, synchronous: Synchronous, retention: Retention,
    backup: Backup
  ) {
    self.path = path
    self.busyTimeout = busyTimeout
    self.synchronous = synchronous
    self.retention = retention
    self.backup = backup
  }

  /// SQLite's `synchronous`; the journal mode is always WAL.
  package enum Synchronous: String, Sendable, Codable, CaseIterable {
    case normal = "NORMAL"
    case full = "FULL"
  }

  /// How many days of each kind of record are kept.
  package struct Retention: Equatable, Sendable, Codable {
    package var dailyUnrealizedPnlDays: Int64
    package var enforcementLogDays: Int64
    package var orderHistoryDays: Int64
    package var tradeHistoryDays: Int64
    /// Never the current trading day nor what an open lockout rests on.
    package var journalDays: Int64

    package init(
      dailyUnrealizedPnlDays: Int64, enforcementLogDays: Int64, orderHistoryDays: Int64,
      tradeHistoryDays: Int64, journalDays: Int64
    ) {
      self.dailyUnrealizedPnlDays = dailyUnrealizedPnlDays
      self.enforcementLogDays = enforcementLogDays
      self.orderHistoryDays = orderHistoryDays
      self.tradeHistoryDays = tradeHistoryDays
      self.journalDays = journalDays
    }
  }

  package struct Backup: Equatable, Sendable, Codable {
    package var isEnabled: Bool
    package var interval: TimeSpan
    package var directory: String
    package var keepCount: Int64

    package init(isEnabled: Bool, interval: TimeSpan, directory: String, keepCount: Int64) {
      self.isEnabled = isEnabled
      self.interval = interval
      self.directory = directory
      self.keepCount = keepCount
    }
  }
}

package struct LoggingSettings: Equatable, Sendable, Codable {
  package var level: Level
  /// The level of the rules' records, `global.logging_level`; LOG_LEVEL sets both.
  package var rulesLevel: Level
  package var format: Format
  /// Log files start anew at midnight of `system.timezone`.
  package var rotatesAtMidnight: Bool
  /// How many of the files that midnight put aside are kept, beside those that were full.
  package var rotatedFilesKept: Int64
  package var files: [LogFileName: LogFileSettings]

  package init(
    level: Level, rulesLevel: Level, format: Format, rotatesAtMidnight: Bool,
    rotatedFilesKept: Int64, files: [LogFileName: LogFileSettings] = LogFileSettings.standard
  ) {
    self.files = files
    self.level = level
    self.rulesLevel = rulesLevel
    self.format = format
    self.rotatesAtMidnight = rotatesAtMidnight
    self.rotatedFilesKept = rotatedFilesKept
  }

  /// The least level of a process. The rules are the evaluator's; `development.debugLogging` asks
  /// for everything of everybody.
  package func level(of process: String, isDebugging: Bool) -> Level {
    if isDebugging { return .debug }
    return process == "evaluator" ? rulesLevel : level
  }

  package enum Level: String, Sendable, Codable, CaseIterable {
    case debug = "DEBUG"
    case info = "INFO"
    case warning = "WARNING"
    case error = "ERROR"
  }

  package enum Format: String, Sendable, Codable, CaseIterable {
    case json
    case text
  }
}

package struct MonitoringSettings: Equatable, Sendable, Codable {
  package var isEnabled: Bool
  package var recordsMetrics: Bool
  package var metricsInterval: TimeSpan
  package var checksHealth = true
  package var healthInterval = TimeSpan.seconds(30)
  package var healthChecks = MonitoringSettings.allChecks
  /// What is recorded.
  package var metrics = MetricName.collectable
  package var retentionDays: Int64 = 30
  /// Of the endpoint for Prometheus on this machine; `nil` while it is switched off.
  package var endpointPort: Int64?
  package var alerts = AlertSettings()

  /// The checks of the specification.
  package static let allChecks = [
    "signalr_connection", "token_validity", "database_connection", "circuit_breaker_state",
    "memory_usage", "disk_space",
  ]

  package init(isEnabled: Bool, recordsMetrics: Bool, metricsInterval: TimeSpan) {
    self.isEnabled = isEnabled
    self.recordsMetrics = recordsMetrics
    self.metricsInterval = metricsInterval
  }
}

package struct SystemSettings: Equatable, Sendable, Codable {
  /// The zone of screens and log rotation.
  package var zone: TimeZoneRule
  package var tradingDay: TradingDayRule
  /// How long each worker may finish what is in flight when it is asked to stop.
  package var shutdownGrace: TimeSpan
  /// After this long since riskd was asked to stop whatever is left of it is killed.
  package var forceKillAfter: TimeSpan
  /// riskd reports ready, degraded, when the venue has not been reached for this long.
  package var connectTimeout: TimeSpan

  package init(
    zone: TimeZoneRule, tradingDay: TradingDayRule, shutdownGrace: TimeSpan,
    forceKillAfter: TimeSpan, connectTimeout: TimeSpan
  ) {
    self.zone = zone
    self.tradingDay = tradingDay
    self.shutdownGrace = shutdownGrace
    self.forceKillAfter = forceKillAfter
    self.connectTimeout = connectTimeout
  }
}

/// What never is on in production.
package struct DevelopmentSettings: Equatable, Sendable, Codable {
  package var devMode: Bool
  package var debugLogging: Bool
  package var savesRawEvents: Bool
  package var profiles: Bool
  /// The venue is a simulator on this machine; plain http and ws are allowed.
  package var usesMockVenue: Bool
  /// Only together with `usesMockVenue`.
  package var testClock: TestClock?

  package init(
    devMode: Bool, debugLogging: Bool, savesRawEvents: Bool, profiles: Bool, usesMockVenue: Bool,
    testClock: TestClock? = nil
  ) {
    self.devMode = devMode
    self.debugLogging = debugLogging
    self.savesRawEvents = savesRawEvents
    self.profiles = profiles
    self.usesMockVenue = usesMockVenue
    self.testClock = testClock
  }

  /// A clock that is ahead of the machine's at the anchor and may go faster or slower from there.
  package struct TestClock: Equatable, Sendable, Codable {
    /// By the machine's clock; `nil` is the start of riskd.
    package var anchor: Instant?
    package var offset: TimeSpan
    package var rate: PerMille

    package init(anchor: Instant? = nil, offset: TimeSpan, rate: PerMille) {
      self.anchor = anchor
      self.offset = offset
      self.rate = rate
    }
  }
}
