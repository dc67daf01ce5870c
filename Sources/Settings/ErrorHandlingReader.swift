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
    let base = section.value("backoffBase", .milliseconds(1...60_000), default: .seconds(1))
    let longest = section.value(
      "maxBackoffMs", .milliseconds(1...600_000), default: .seconds(60))
    section.expect(base, longest, <=, "is above maxBackoffMs", "write a shorter time")
    let settings = RetrySettings(
      isEnabled: section.value("enabled", .boolean, default: true).value,
      maxAttempts: section.value("maxAttempts", .integer(1...100), default: 5).value,
      backoffBase: base.value,
      backoffMultiplier: section.value(
        "backoffMultiplier", .decimal(1_000...10_000), default: PerMille(2_000)
      ).value,
      longestBackoff: longest.value,
      jitter: section.value("jitter", .decimal(0...1_000), default: PerMille(100)).value)
    section.ignoredList("retryableHttpCodes", of: .integer(100...599))
    section.ignoredList("permanentHttpCodes", of: .integer(100...599))
    return settings
  }

  private func limits(_ section: Section) -> RequestLimitSettings {
    let enabled = section.value("enabled", .boolean, default: true)
    if !enabled.value {
      section.findings.notice(enabled.place, "is false: the venue may refuse requests with 429")
    }
    let history = section.section("history") { part in
      part.ignored(
        "queueSize", .integer(1...1_000_000), because: "riskd's workers ask for no bars")
      return window(part, Self.historyLimit)
    }
    let general = section.section("general") { part in
      (
        window: window(part, Self.generalLimit),
        queue: part.optional("queueSize", .integer(16...1_000_000)).value
      )
    }
    let wait = section.section("backpressure") { backpressure in
      backpressure.ignored("enabled", .boolean, because: "riskd never sends beyond the window")
      backpressure.ignored(
        "throwOnTimeout", .boolean, because: "a read that waited too long has failed")
      return backpressure.optional("maxQueueWaitMs", .milliseconds(1_000...600_000)).value
    }
    return RequestLimitSettings(
      isEnabled: enabled.value, history: history, general: general.window,
      queueSize: general.queue, longestQueueWait: wait)
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
    section.ignored("dropOldest", .boolean, because: "riskd drops no request")
    return window
  }

  private func breaker(_ section: Section) -> CircuitBreakerSettings {
    let probes = section.value("halfOpenRequests", .integer(1...100), default: 3)
    let successes = section.value("successThreshold", .integer(1...100), default: 2)
    section.expect(
      successes, probes, <=, "is above halfOpenRequests", "write a smaller number")
    let settings = CircuitBreakerSettings(
      isEnabled: section.value("enabled", .boolean, default: true).value,
      failureThreshold: section.value("failureThreshold", .integer(1...1_000), default: 5).value,
      openFor: section.value("timeout", .milliseconds(1...900_000), default: .seconds(60)).value,
      halfOpenRequests: probes.value, successThreshold: successes.value)
    section.ignored("perEndpoint", .boolean)
    section.ignoredList("endpoints", of: .text("a path of the venue"))
    return settings
  }
}
