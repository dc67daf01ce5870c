/// The keys of config.yaml.
enum MainKeys {
  private static func block(_ section: String, with: String...) -> KeyBlock {
    KeyBlock(file: .main, section: section, with: with)
  }

  private static let wait: ClosedRange<Int64> = 1...900_000
  private static let levels = "DEBUG"

  static let samples = venue + errors + orders + data + operation

  private static let venue: [KeySample] =
    block("api").value("baseUrl", "http://127.0.0.1:8080", not: "venue", "ftp://127.0.0.1")
    + block("api").whole("timeout", wait, 30_000) + block("api").text("caFile", "ca.pem")
    + block("api").text("userAgent", "riskd")
    + block("authentication.tokenRefresh").whole("bufferSeconds", 1...86_399, 7_200)
    + block("authentication.tokenRefresh").whole("maxRetries", 0...100, 3)
    + block("authentication.tokenRefresh").list(
      "retryDelays", "1000, 5000", not: "soon", "600001", "0")
    + block("authentication.tokenRefresh").list(
      "retryDelayMs", "1000, 5000", not: "soon", "600001", "0")
    + block("authentication.tokenRefresh").flags("fallbackToReauth")
    + block("authentication.storage").only("type", "encrypted")
    + block("authentication.storage").only("encryption", "AES-256")
    + block("authentication.storage").only("keySource", "environment")
    + block("authentication.storage").text("storePath", "data/tokens.enc")
    + block("authentication.security").fixed("requireHttps", true)
    + block("authentication.security").fixed("validateCertificates", true)
    + block("authentication.security").whole("tokenRotationDays", 1...3_650, 30)
    + block("signalr.userHub").value("url", "http://127.0.0.1:8080/hubs/user", not: "hub")
    + block("signalr.userHub").flags("enabled")
    + block("signalr.marketHub").value("url", "http://127.0.0.1:8080/hubs/market", not: "hub")
    + block("signalr.marketHub").flags("enabled")
    + block("signalr.reconnection").flags("enabled", "resetOnSuccess")
    + block("signalr.reconnection").whole("maxAttempts", 1...1_000, 10)
    + block("signalr.reconnection").list("delays", "0, 2000", not: "soon", "600001", "1")
    + block("signalr.reconnection").decimal("jitter", "0.1", outside: "1.001", "-0.1")
    + block("signalr.reconnection").whole("stableAfter", wait, 30_000)
    + block("signalr.reconnection").whole("maxDelayMs", 0...600_000, 60_000)
    + block("signalr.health").flags("enabled", "reconnectOnStale")
    + block("signalr.health").whole("pingInterval", wait, 30_000)
    + block("signalr.health").whole("pingTimeout", wait, 5_000)
    + block("signalr.health").whole("probeInterval", 100...900_000, 2_000)
    + block("signalr.health").whole("staleThreshold", wait, 120_000)
    + block("signalr.health").whole("serverTimeout", wait, 35_000)
    + block("signalr.subscriptions").flags("autoResubscribe")
    + block("signalr.subscriptions").whole("resubscribeDelay", 0...900_000, 1_000)
    + block("signalr.subscriptions").whole("subscribeTimeout", wait, 10_000)
    + block("signalr.subscriptions").list("requiredSubscriptions", "positions", not: "[a]")
    + block("signalr.buffer").whole("maxSize", 1...1_000_000, 1_000)
    + block("signalr.buffer").flags("dropOldest")

  private static let errors: [KeySample] =
    block("errorHandling.retries").flags("enabled")
    + block("errorHandling.retries").whole("maxAttempts", 1...100, 5)
    + block("errorHandling.retries").whole("backoffBase", 1...60_000, 1_000)
    + block("errorHandling.retries").whole("maxBackoffMs", 1...600_000, 60_000)
    + block("errorHandling.retries").decimal("backoffMultiplier", "2", outside: "0.9", "10.1")
    + block("errorHandling.retries").decimal("jitter", "0.1", outside: "1.1")
    + block("errorHandling.retries").list("retryableHttpCodes", "429, 503", not: "99", "600")
    + block("errorHandling.retries").list("permanentHttpCodes", "400, 404", not: "99", "soon")
    + block("errorHandling.rateLimit").flags("enabled")
    + block("errorHandling.rateLimit.history").whole("requests", 1...50, 50)
    + block("errorHandling.rateLimit.history").whole("windowSeconds", 30...3_600, 30)
    + block("errorHandling.rateLimit.history").whole("queueSize", 1...1_000_000, 100)
    + block("errorHandling.rateLimit.history").flags("dropOldest")
    + block("errorHandling.rateLimit.general").whole("requests", 1...200, 200)
    + block("errorHandling.rateLimit.general").whole("windowSeconds", 60...3_600, 60)
    + block("errorHandling.rateLimit.general").whole("queueSize", 16...1_000_000, 1_000)
    + block("errorHandling.rateLimit.general").flags("dropOldest")
    + block("errorHandling.rateLimit.backpressure").flags("enabled", "throwOnTimeout")
    + block("errorHandling.rateLimit.backpressure").whole("maxQueueWaitMs", 1_000...600_000, 30_000)
    + block("errorHandling.circuitBreaker").flags("enabled", "perEndpoint")
    + block("errorHandling.circuitBreaker").whole("failureThreshold", 1...1_000, 5)
    + block("errorHandling.circuitBreaker").whole("timeout", wait, 60_000)
    + block("errorHandling.circuitBreaker").whole("halfOpenRequests", 1...100, 3)
    + block("errorHandling.circuitBreaker").whole("successThreshold", 1...100, 2)
    + block("errorHandling.circuitBreaker").list("endpoints", "/api/Order/place", not: "[a]")
    + block("errorHandling.logging").flags(
      "logAllErrors", "logRetries", "logRateLimiting", "logCircuitBreaker", "includeStackTrace")

  private static let orders: [KeySample] =
    block("orderManagement.verification").flags("enabled")
    + block("orderManagement.verification").whole("timeout", wait, 5_000)
    + block("orderManagement.verification").whole("pollInterval", 100...5_000, 500)
    + block("orderManagement.verification").whole("maxRetries", 0...100, 3)
    + block("orderManagement.idempotency").fixed("enabled", true)
    + block("orderManagement.idempotency").flags("useOrderTimestamp")
    + block("orderManagement.idempotency").whole("cacheTTL", 1...604_800, 3_600)
    + block("orderManagement.idempotency").whole("cacheSize", 1...1_000_000, 1_000)
    + block("orderManagement.partialFills").flags("enabled", "notifyOnPartial")
    + block("orderManagement.partialFills").whole("trackingTimeout", wait, 60_000)
    + block("orderManagement.partialFills").whole("requeryInterval", 1...60_000, 2_000)
    + block("orderManagement.timeouts").whole("placement", 500...60_000, 10_000)
    + block("orderManagement.timeouts").whole("cancellation", 500...60_000, 5_000)
    + block("orderManagement.timeouts").whole("modification", 500...60_000, 5_000)
    + block("stateReconciliation").flags(
      "enabled", "onReconnect", "periodicEnabled", "comparePositions", "compareOrders",
      "compareAccount", "compareTrades", "logDiscrepancies", "alertOnDiscrepancies", "autoCorrect")
    + block("stateReconciliation").whole("minInterval", 0...900_000, 5_000)
    + block("stateReconciliation").whole("maxInterval", 1_000...86_400_000, 300_000)
    + block("supervision").whole("crashDeaths", 1...1_000, 3)
    + block("supervision").whole("crashDeathsAll", 1...1_000, 6)
    + block("supervision").whole("crashWindowSeconds", 1...86_400, 600)
    + block("supervision").whole("markGoodAfterSeconds", 1...604_800, 600)
    + block("supervision").list("backoff", "0, 250", not: "soon", "600001", "100")

  private static let data: [KeySample] =
    block("database").text("path", "data/risk_manager.db")
    + block("database").only("schemaVersion", "2", not: "1", "3")
    + block("database.connection").whole("timeout", wait, 30_000)
    + block("database.connection").only("journal_mode", "WAL")
    + block("database.connection").word("synchronous", "NORMAL")
    + block("database.connection").flags("checkSameThread")
    + [
      "dailyUnrealizedPnl", "enforcementLogs", "orderHistory", "tradeHistory", "journal",
      "quotesHistory",
    ].flatMap { block("database.retention").whole($0, 1...36_500, 30) }
    + block("database.backup").flags("enabled", "compress")
    + block("database.backup").whole("interval", 60...2_592_000, 86_400)
    + block("database.backup").text("path", "backups/")
    + block("database.backup").whole("keepCount", 1...10_000, 7)
    + block("database.performance").whole("batchInsertSize", 1...1_000_000, 100)
    + block("database.performance").whole("cacheSize", 1...1_000_000, 10_000)
    + block("database.performance").flags("vacuumOnStartup")
    + block("database.performance").word("vacuumSchedule", "weekly")

  private static let operation: [KeySample] =
    block("logging").word("level", levels) + block("logging").word("format", "json")
    + block("logging.rotation").flags("enabled")
    + block("logging.rotation").only("when", "midnight")
    + block("logging.rotation").whole("backupCount", 0...10_000, 30)
    + block("logging.rotation").whole("interval", 1...1_000, 1)
    + [
      "tokenManager", "signalrManager", "errorHandler", "rateLimiter", "circuitBreaker",
      "stateReconciler", "orderManager", "riskRules",
    ].flatMap { block("logging.components").word($0, levels) }
    + block("logging.performance").flags("enabled", "logSlowOperations", "logLatency")
    + block("logging.performance").whole("slowThresholdMs", wait, 1_000)
    + block("logging.performance").list("latencyPercentiles", "50, 95", not: "soon", "100.1")
    + block("monitoring").flags("enabled") + block("monitoring.metrics").flags("enabled")
    + block("monitoring.metrics").whole("interval", 1_000...3_600_000, 60_000)
    + block("monitoring.metrics").whole("retention", 1...31_536_000, 691_200)
    + block("monitoring.metrics").list("collect", "error_counts", not: "[a]")
    + block("monitoring.health").whole("interval", 1...3_600_000, 30_000)
    + block("monitoring.health").text("endpoint", "/health")
    + block("monitoring.alerts").flags("enabled")
    + block("monitoring.alerts").text("webhookUrl", "none")
    + ["batchSize", "batchTimeout", "maxConcurrency"].flatMap {
      block("performance.eventProcessing").whole($0, 1...1_000_000, 10)
    }
    + ["eventProcessorThreads", "ioThreads", "maxThreadPoolSize"].flatMap {
      block("performance.threading").whole($0, 1...1_000, 4)
    }
    + block("performance.memory").whole("maxCacheSize", 1...1_073_741_824, 16_777_216)
    + block("performance.memory").text("cacheEvictionPolicy", "LRU")
    + block("performance.memory").whole("gcInterval", 1...86_400_000, 300_000)
    + block("system").value("timezone", "America/Chicago", not: "Europe/Paris")
    + block("system").word("failClosed", "no_new_exposure")
    + block("system.dailyReset").fixed("enabled", true)
    + block("system.dailyReset").value("time", "\"17:00\"", not: "25:00", "soon")
    + block("system.dailyReset").value("timezone", "America/Chicago", not: "Chicago")
    + block("system.shutdown").whole("gracePeriod", 100...600_000, 10_000)
    + block("system.shutdown").whole("forceKillAfter", 200...900_000, 30_000)
    + block("system.startup").whole("connectTimeout", 1_000...900_000, 30_000)
    + block("system.startup").flags("retryOnFailure")
    + block("system.startup").whole("maxStartupRetries", 0...1_000, 3)
    + block("development").flags("devMode") + block("development").flags("debugLogging", be: false)
    + block("development").flags("saveRawEvents", be: false)
    + block("development.testing").flags("useMockApi")
    + block("development.testing").text("mockDataPath", "mock/")
    + block("development.testing").text("replayPath", "events.json")
    + block("development.testing").fixed("replayEvents", false)
    + block("development.testing.clock").whole(
      "offset", -315_360_000_000...315_360_000_000, 0)
    + block("development.testing.clock").whole(
      "anchor", 946_684_800_000...4_102_444_800_000, 1_800_000_000_000)
    + block("development.testing.clock").decimal("rate", "2", outside: "0", "1001")
    + block("development.profiling").flags("enabled", "profileMemory", "profileCpu", be: false)
    + block("development.profiling").text("outputPath", "profiling/")
}
