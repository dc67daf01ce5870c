import RiskModel

/// Reads `errorHandling`.
struct ErrorHandlingReader {
  /// What the venue documents: 50 requests for bars in 30 s, 200 others in 60 s.
  static let historyLimit = RequestLimitSettings.Window(requests: 50, length: .seconds(30))
  static let generalLimit = RequestLimitSettings.Window(requests: 200, length: .seconds(60))

  func read(
    _ section: Section
  ) -> (retries: RetrySettings, limits: RequestLimitSettings, breaker: CircuitBreakerSettings) {
    let retries = section.section("retries") { self.retries($0) }
    let limits = section.section("rateLimit") { self.limits($0) }
    let breaker = section.section("circuitBreaker") { self.breaker($0) }
    section.section("logging") { logging in
      for key in [
        "logAllErrors", "logRetries", "logRateLimiting", "logCircuitBreaker", "includeStackTrace",
      ] { logging.ignored(key, .boolean) }
    }
    return (retries, limits, breaker)
  }

  private func retries(_ section: Section) -> RetrySettings {
    let settings = RetrySettings(
      isEnabled: section.value("enabled", .boolean, default: true).value,
      maxAttempts: section.value("maxAttempts", .integer(1...100), default: 5).value,
      backoffBase: section.value(
        "backoffBase", .milliseconds(1...60_000), default: .seconds(1)
      ).value,
      backoffMultiplier: section.value(
        "backoffMultiplier", .decimal(1_000...10_000), default: PerMille(2_000)
      ).value)
    section.ignored("maxBackoffMs", .integer(1...600_000))
    section.ignored("jitter", .decimal(0...1_000))
    section.ignoredList("retryableHttpCodes", of: .integer(100...599))
    section.ignoredList("permanentHttpCodes", of: .integer(100...599))
    return settings
  }

  private func limits(_ section: Section) -> RequestLimitSettings {
    let enabled = section.value("enabled", .boolean, default: true)
    if !enabled.value {
      section.findings.notice(enabled.place, "is false: the venue may refuse requests with 429")
    }
    let settings = RequestLimitSettings(
      isEnabled: enabled.value,
      history: section.section("history") { window($0, Self.historyLimit) },
      general: section.section("general") { window($0, Self.generalLimit) })
    section.section("backpressure") { backpressure in
      backpressure.ignored("enabled", .boolean)
      backpressure.ignored("maxQueueWaitMs", .integer(1...600_000))
      backpressure.ignored("throwOnTimeout", .boolean)
    }
    return settings
  }

  /// Fewer requests, or the same in a longer window, are the only ways to differ from the venue.
  private func window(
    _ section: Section, _ venue: RequestLimitSettings.Window
  ) -> RequestLimitSettings.Window {
    let least = venue.length.milliseconds / 1_000
    let window = RequestLimitSettings.Window(
      requests: section.value(
        "requests", .integer(1...venue.requests), default: venue.requests
      ).value,
      length: section.value("windowSeconds", .seconds(least...3_600), default: venue.length).value)
    section.ignored("queueSize", .integer(1...1_000_000))
    section.ignored("dropOldest", .boolean, because: "riskd drops no request")
    return window
  }

  private func breaker(_ section: Section) -> CircuitBreakerSettings {
    let settings = CircuitBreakerSettings(
      isEnabled: section.value("enabled", .boolean, default: true).value,
      failureThreshold: section.value("failureThreshold", .integer(1...1_000), default: 5).value,
      openFor: section.value("timeout", .milliseconds(1...900_000), default: .seconds(60)).value)
    section.ignored("halfOpenRequests", .integer(1...100))
    section.ignored("successThreshold", .integer(1...100))
    section.ignored("perEndpoint", .boolean)
    section.ignoredList("endpoints", of: .text("a path of the venue"))
    return settings
  }
}
