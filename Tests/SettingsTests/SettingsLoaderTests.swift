import FoundationEssentials
import RiskModel
import RiskRules
import Testing

@testable import Settings

/// What a whole configuration becomes.
struct SettingsLoaderTests {
  @Test func everySectionArrives() throws {
    let root = try ConfigurationRoot()
    try root.write(Self.everything, to: "config/config.yaml")
    let settings = try root.accepted().settings
    #expect(settings.venue.requestTimeout == .milliseconds(12_345))
    #expect(settings.venue.caFilePath == "\(root.path)/tls/ca.pem")
    #expect(
      settings.venue.token
        == TokenSettings(
          refreshLead: .seconds(60), quickRetries: 1, retryDelays: [.milliseconds(5)],
          storePath: "/var/lib/riskd/tokens.enc"))
    #expect(
      settings.venue.reconnection
        == ReconnectionSettings(
          isEnabled: false, maxAttempts: 2, delays: [.zero, .milliseconds(7)],
          jitter: PerMille(250), stableAfter: .milliseconds(400)))
    #expect(
      settings.venue.health
        == HubHealthSettings(
          isEnabled: false, pingInterval: .seconds(2), pingTimeout: .seconds(1),
          serverTimeout: .seconds(3), staleThreshold: .seconds(4), probeInterval: .seconds(2)))
    #expect(
      settings.venue.retries
        == RetrySettings(
          isEnabled: false, maxAttempts: 4, backoffBase: .milliseconds(10),
          backoffMultiplier: PerMille(1_500), longestBackoff: .seconds(60),
          jitter: PerMille(100)))
    let window = RequestLimitSettings.Window.self
    #expect(
      settings.venue.requestLimits
        == RequestLimitSettings(
          isEnabled: false, history: window.init(requests: 20, length: .seconds(40)),
          general: window.init(requests: 100, length: .seconds(60))))
    #expect(
      settings.venue.circuitBreaker
        == CircuitBreakerSettings(
          isEnabled: false, failureThreshold: 8, openFor: .seconds(9), halfOpenRequests: 3,
          successThreshold: 2))
    #expect(
      settings.venue.reconciliation
        == ReconciliationSettings(
          isEnabled: false, onReconnect: false, minInterval: .zero, isPeriodic: false,
          maxInterval: .seconds(20)))
    #expect(
      settings.orders
        == OrderSettings(
          verifies: false, verificationTimeout: .seconds(1), idempotencyLifetime: .seconds(2),
          tracksPartialFills: false,
          partialFillTimeout: .seconds(3)))
    #expect(
      settings.supervision
        == SupervisionThresholds(
          crashDeaths: 10, crashDeathsAll: 20, crashWindow: .seconds(30),
          backoff: [.milliseconds(1)], markGoodAfter: .seconds(5)))
    #expect(settings.monitoring.metricsInterval == .seconds(2))
    #expect(!settings.monitoring.isEnabled)
    #expect(settings.cacheBytes == 1_024)
  }

  @Test func theRestArrives() throws {
    let root = try ConfigurationRoot()
    try root.write(Self.everything, to: "config/config.yaml")
    let settings = try root.accepted().settings
    #expect(
      settings.database
        == DatabaseSettings(
          path: "\(root.path)/data/other.db", busyTimeout: .milliseconds(1),
          synchronous: .full,
          retention: DatabaseSettings.Retention(
            dailyUnrealizedPnlDays: 1, enforcementLogDays: 2, orderHistoryDays: 3,
            tradeHistoryDays: 4, journalDays: 5),
          backup: DatabaseSettings.Backup(
            isEnabled: false, interval: .seconds(60), directory: "\(root.path)/copies",
            keepCount: 1)))
    #expect(
      settings.logging
        == LoggingSettings(
          level: .debug, rulesLevel: .info, format: .text, rotatesAtMidnight: false,
          rotatedFilesKept: 0))
    let newYork = try #require(TimeZoneRule.named("America/New_York"))
    let utc = try #require(TimeZoneRule.named("UTC"))
    let reset = TradingDayRule(resetTime: TimeOfDay(hour: 18, minute: 30), zone: newYork)
    #expect(
      settings.system
        == SystemSettings(
          zone: utc, tradingDay: reset, shutdownGrace: .seconds(1), forceKillAfter: .seconds(2),
          connectTimeout: .seconds(3)))
    #expect(
      settings.development
        == DevelopmentSettings(
          devMode: true, debugLogging: true, savesRawEvents: true, profiles: true,
          usesMockVenue: true,
          testClock: DevelopmentSettings.TestClock(
            offset: .seconds(-3_600), rate: PerMille(60_000))))
    let rules = try #require(settings.accounts.first?.rules)
    #expect(rules.tradingDay == reset)
    #expect(rules.staleThreshold == .seconds(4))
    #expect(rules.failClosed == .flatten)
  }

  /// A key by its other name is the same key.
  @Test func otherNamesArrive() throws {
    let root = try ConfigurationRoot()
    try root.write(Self.everything, to: "config/config.yaml")
    let settings = try root.accepted().settings
    try root.write(
      Self.everything.replacing("retryDelays", with: "retryDelayMs"), to: "config/config.yaml")
    let (other, _, notices) = try root.accepted()
    #expect(other == settings)
    #expect(
      notices.contains("authentication.tokenRefresh.retryDelayMs: is read as retryDelays\n"))
  }

  @Test func settingsSurviveTheirEncoding() throws {
    let root = try ConfigurationRoot()
    let (settings, credentials, _) = try root.accepted()
    let copy = try JSONDecoder().decode(
      RiskdSettings.self, from: JSONEncoder().encode(settings))
    #expect(copy == settings)
    let secrets = try JSONDecoder().decode(
      VenueCredentials.self, from: JSONEncoder().encode(credentials.forVenueSession))
    #expect(secrets.apiKey == credentials.apiKey)
    #expect(secrets.tokenEncryptionKey.revealed.count == 32)
    #expect(secrets.adminPasswordHash == nil)
  }

  @Test func keysWithoutEffectAreNotices() throws {
    let root = try ConfigurationRoot()
    try root.replace(
      "api:\n",
      with: """
        performance: {eventProcessing: {batchSize: 10}, threading: {ioThreads: 8}}
        logging: {components: {riskRules: DEBUG}}
        errorHandling: {retries: {retryableHttpCodes: [408, 429]}}
        api:

        """, in: "config/config.yaml")
    let notices = try root.accepted().notices
    let main = "config/config.yaml"
    let none = "is accepted and has no effect"
    for line in [
      "\(main):1: performance.eventProcessing.batchSize: \(none): every event is handled at once",
      "\(main):1: performance.threading.ioThreads: \(none): a worker has one thread for its work",
      "\(main):2: logging.components.riskRules: \(none)",
      "\(main):3: errorHandling.retries.retryableHttpCodes: \(none)",
      "\(main):14: development.testing.useMockApi: is on, which it never is in production",
    ] { #expect(notices.contains(line + "\n")) }
  }

  @Test func problemsOfAllFilesComeAtOnce() throws {
    let root = try ConfigurationRoot()
    try root.replace("api:\n", with: "api:\n  timeout: 0\n", in: "config/config.yaml")
    try root.replace("500.00", with: "zero", in: "config/risk_config.yaml")
    try root.replace("1001\n", with: "0\n", in: "config/accounts.yaml")
    try root.replace("made-up-key", with: "", in: ".env")
    guard case .rejected(let problems) = root.load() else {
      Issue.record("The configuration was accepted.")
      return
    }
    #expect(
      problems.map(\.file) == [
        ".env", "config/accounts.yaml", "config/config.yaml", "config/risk_config.yaml",
      ])
    #expect(problems.map(\.line) == [1, 2, 2, 4])
    let report = ConfigurationReport.text(problems: problems)
    #expect(report.hasSuffix("The configuration is not usable: 4 problems.\n"))
    #expect(ConfigurationReport.text(problems: []).isEmpty)
    #expect(ConfigurationReport.text(problems: [problems[0]]).hasSuffix("usable: 1 problem.\n"))
  }

  @Test func missingFilesAreNamed() throws {
    let root = try ConfigurationRoot()
    for name in ["config/config.yaml", "config/risk_config.yaml", "config/accounts.yaml", ".env"] {
      root.remove(name)
    }
    let report = root.problems()
    let install = "install the file of the same name that comes with riskd"
    for line in [
      ".env: does not exist; write it after config/env.example, and run chmod 600 .env",
      "config/accounts.yaml: does not exist; write it after config/accounts.yaml.example",
      "config/config.yaml: does not exist; \(install)",
      "config/risk_config.yaml: does not exist; \(install)",
    ] { #expect(report.contains(line + "\n")) }
  }

  private static let everything = """
    api: {baseUrl: "http://127.0.0.1:8080", timeout: 12345, caFile: tls/ca.pem}
    authentication:
      tokenRefresh: {bufferSeconds: 60, maxRetries: 1, retryDelays: [5]}
      storage: {type: encrypted, storePath: /var/lib/riskd/tokens.enc}
      security: {requireHttps: true}
    signalr:
      userHub: {url: "ws://127.0.0.1:8080/hubs/user", enabled: true}
      marketHub: {url: "ws://127.0.0.1:8080/hubs/market"}
      reconnection: {enabled: false, maxAttempts: 2, delays: [0, 7], jitter: 0.25, stableAfter: 400}
      health: {enabled: false, pingInterval: 2000, pingTimeout: 1000, staleThreshold: 4000}
    errorHandling:
      retries: {enabled: false, maxAttempts: 4, backoffBase: 10, backoffMultiplier: 1.5}
      rateLimit:
        enabled: false
        history: {requests: 20, windowSeconds: 40}
        general: {requests: 100}
      circuitBreaker: {enabled: false, failureThreshold: 8, timeout: 9000}
    orderManagement:
      verification: {enabled: false, timeout: 1000}
      idempotency: {enabled: true, cacheTTL: 2}
      partialFills: {enabled: false, trackingTimeout: 3000}
    stateReconciliation:
      {enabled: false, onReconnect: false, minInterval: 0, maxInterval: 20000,
      periodicEnabled: false}
    database:
      path: data/other.db
      connection: {timeout: 1, journal_mode: WAL, synchronous: FULL}
      retention:
        {dailyUnrealizedPnl: 1, enforcementLogs: 2, orderHistory: 3, tradeHistory: 4, journal: 5}
      backup: {enabled: false, interval: 60, path: copies, keepCount: 1}
    logging:
      level: DEBUG
      format: text
      rotation: {enabled: false, when: midnight, backupCount: 0}
    monitoring: {enabled: false, metrics: {enabled: false, interval: 2000}}
    performance: {memory: {maxCacheSize: 1024}}
    supervision:
      {crashDeaths: 10, crashDeathsAll: 20, crashWindowSeconds: 30, backoff: [1],
      markGoodAfterSeconds: 5}
    system:
      timezone: UTC
      dailyReset: {enabled: true, time: 18:30, timezone: America/New_York}
      shutdown: {gracePeriod: 1000, forceKillAfter: 2000}
      startup: {connectTimeout: 3000}
      failClosed: flatten
    development:
      devMode: true
      debugLogging: true
      saveRawEvents: true
      testing: {useMockApi: true, clock: {offset: -3600000, rate: 60}}
      profiling: {enabled: true}

    """
}
