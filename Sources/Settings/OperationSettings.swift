package import RiskModel

/// How orders and closes of riskd's own are followed.
package struct OrderSettings: Equatable, Sendable, Codable {
  package var verifies: Bool
  package var verificationTimeout: TimeSpan
  package var isIdempotent: Bool
  /// How long an intent is remembered.
  package var idempotencyLifetime: TimeSpan
  package var tracksPartialFills: Bool
  package var partialFillTimeout: TimeSpan

  package init(
    verifies: Bool, verificationTimeout: TimeSpan, isIdempotent: Bool,
    idempotencyLifetime: TimeSpan, tracksPartialFills: Bool, partialFillTimeout: TimeSpan
  ) {
    self.verifies = verifies
    self.verificationTimeout = verificationTimeout
    self.isIdempotent = isIdempotent
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
  package var rotatedFilesKept: Int64

  package init(
    level: Level, rulesLevel: Level, format: Format, rotatesAtMidnight: Bool,
    rotatedFilesKept: Int64
  ) {
    self.level = level
    self.rulesLevel = rulesLevel
    self.format = format
    self.rotatesAtMidnight = rotatesAtMidnight
    self.rotatedFilesKept = rotatedFilesKept
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
  /// How long a worker may finish what is in flight when it is asked to stop.
  package var shutdownGrace: TimeSpan
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

  /// A clock that is ahead of the machine's and may run faster or slower.
  package struct TestClock: Equatable, Sendable, Codable {
    package var offset: TimeSpan
    package var rate: PerMille

    package init(offset: TimeSpan, rate: PerMille) {
      self.offset = offset
      self.rate = rate
    }
  }
}
