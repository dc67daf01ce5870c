import RiskModel

/// Reads `api`, `authentication`, `signalr`, `errorHandling` and `stateReconciliation`.
struct VenueReader {
  let variables: EnvironmentVariables
  let files: ConfigurationFile
  let development: DevelopmentSettings

  static let standardBase = VenueEndpoint(
    scheme: .https, host: "api.topstepx.com", port: 443, path: "")
  static let standardHub = VenueEndpoint(
    scheme: .https, host: "rtc.topstepx.com", port: 443, path: "/hubs")

  /// A quarter of an hour bounds every wait of the venue connection.
  static let wait: ClosedRange<Int64> = 1...900_000

  func read(_ top: Section) -> (VenueSettings, marketHub: Reading<Bool>) {
    let api = top.section("api") { self.api($0) }
    let token = top.section("authentication") { authentication($0) }
    let streams = top.section("signalr") { signalr($0) }
    let errors = top.section("errorHandling") { ErrorHandlingReader().read($0) }
    let reconciliation = top.section("stateReconciliation") { self.reconciliation($0) }
    let venue = VenueSettings(
      base: api.base, requestTimeout: api.timeout, caFilePath: api.caFilePath, token: token,
      userHub: streams.user,
      marketHub: HubSettings(
        endpoint: streams.market.endpoint, isEnabled: streams.market.isEnabled),
      reconnection: streams.reconnection, health: streams.health, retries: errors.retries,
      requestLimits: errors.limits, circuitBreaker: errors.breaker,
      reconciliation: reconciliation)
    return (venue, streams.marketSwitch)
  }

  private func api(
    _ section: Section
  ) -> (base: VenueEndpoint, timeout: TimeSpan, caFilePath: String?) {
    let base = url(
      section, "baseUrl", [.https, .http], default: VenueReader.standardBase,
      variable: "RISKD_VENUE_BASE_URL")
    let timeout = section.value(
      "timeout", .milliseconds(VenueReader.wait), default: .seconds(30))
    let caFile = section.optional("caFile", .text("the path of a PEM file"))
    section.ignored("userAgent", .text("a name"), because: "riskd names itself and its version")
    return (base, timeout.value, caFile.value.map(files.path))
  }

  private func authentication(_ section: Section) -> TokenSettings {
    let refresh = section.section("tokenRefresh") { refresh in
      let lead = refresh.value("bufferSeconds", .seconds(1...86_399), default: .seconds(7_200))
      let retries = refresh.value("maxRetries", .integer(0...100), default: 3)
      let delays = refresh.list(
        refresh.spelling("retryDelays", or: "retryDelayMs"), of: .milliseconds(0...600_000),
        default: [.seconds(1), .seconds(5), .seconds(15)])
      refresh.checkAscending(delays)
      refresh.ignored("fallbackToReauth", .boolean, because: "riskd always logs in again")
      return (
        lead: variables.override(
          lead, by: "TOKEN_REFRESH_BUFFER_SECONDS", .seconds(1...86_399)
        ).value, retries: retries.value, delays: delays.value
      )
    }
    let path = section.section("storage") { storage in
      _ = storage.optional("type", .word("encrypted"))
      _ = storage.optional("encryption", .word("AES-256"))
      _ = storage.optional("keySource", .word("environment"))
      return storage.value("storePath", .text("a path"), default: "data/tokens.enc").value
    }
    section.section("security") { security in
      security.fixed("requireHttps", true, because: "riskd sends no key in the clear")
      security.fixed("validateCertificates", true, because: "riskd always checks certificates")
      security.ignored("tokenRotationDays", .integer(1...3_650))
    }
    return TokenSettings(
      refreshLead: refresh.lead, quickRetries: refresh.retries, retryDelays: refresh.delays,
      storePath: files.path(path))
  }

  private func signalr(_ section: Section) -> Streams {
    let user = section.section("userHub") { hub($0, "user", "RISKD_USER_HUB_URL") }
    let market = section.section("marketHub") { hub($0, "market", "RISKD_MARKET_HUB_URL") }
    if !user.isEnabled.value, !development.devMode {
      section.findings.problem(
        user.isEnabled.place, "is false, and without this stream nothing is watched",
        "write true")
    } else if !user.isEnabled.value {
      section.findings.notice(
        user.isEnabled.place, "is false: the accounts are polled, and a breach is seen late")
    }
    let reconnection = section.section("reconnection") { self.reconnection($0) }
    let health = section.section("health") { self.health($0) }
    section.section("subscriptions") { subscriptions in
      subscriptions.ignored("autoResubscribe", .boolean, because: "riskd always does")
      subscriptions.ignored("resubscribeDelay", .integer(0...900_000))
      subscriptions.ignored("subscribeTimeout", .integer(VenueReader.wait))
      subscriptions.ignoredList("requiredSubscriptions", of: .text("the name of a stream"))
    }
    section.section("buffer") { buffer in
      buffer.ignored("maxSize", .integer(1...1_000_000))
      buffer.ignored("dropOldest", .boolean, because: "riskd never drops account events")
    }
    return Streams(
      user: HubSettings(endpoint: user.endpoint, isEnabled: user.isEnabled.value),
      market: HubSettings(endpoint: market.endpoint, isEnabled: market.isEnabled.value),
      marketSwitch: market.isEnabled, reconnection: reconnection, health: health)
  }

  private struct Streams {
    var user: HubSettings
    var market: HubSettings
    var marketSwitch: Reading<Bool>
    var reconnection: ReconnectionSettings
    var health: HubHealthSettings
  }

  private func hub(
    _ section: Section, _ name: String, _ variable: String
  ) -> (endpoint: VenueEndpoint, isEnabled: Reading<Bool>) {
    var standard = VenueReader.standardHub
    standard.path += "/\(name)"
    let endpoint = url(
      section, "url", [.https, .wss, .http, .ws], default: standard, variable: variable)
    return (endpoint, section.value("enabled", .boolean, default: true))
  }

  private func reconnection(_ section: Section) -> ReconnectionSettings {
    let enabled = section.value("enabled", .boolean, default: true)
    let attempts = section.value("maxAttempts", .integer(1...1_000), default: 10)
    let delays = section.list(
      "delays", of: .milliseconds(0...600_000),
      default: [.zero, .seconds(2), .seconds(10), .seconds(30), .seconds(60)])
    section.checkAscending(delays)
    let jitter = section.value("jitter", .decimal(0...1_000), default: PerMille(100))
    let stable = section.value(
      "stableAfter", .milliseconds(VenueReader.wait), default: .seconds(30))
    section.ignored("maxDelayMs", .integer(0...600_000), because: "the last of delays repeats")
    section.ignored("resetOnSuccess", .boolean, because: "stableAfter decides")
    if !enabled.value {
      section.findings.notice(enabled.place, "is false: a lost stream stays lost, with an alert")
    }
    return ReconnectionSettings(
      isEnabled: enabled.value, maxAttempts: attempts.value, delays: delays.value,
      jitter: jitter.value, stableAfter: stable.value)
  }

  private func health(_ section: Section) -> HubHealthSettings {
    let enabled = section.value("enabled", .boolean, default: true)
    if !enabled.value {
      section.findings.notice(
        enabled.place, "is false: a silent connection is given up after serverTimeout, not sooner")
    }
    let interval = section.value(
      "pingInterval", .milliseconds(VenueReader.wait), default: .seconds(30))
    let timeout = section.value(
      "pingTimeout", .milliseconds(VenueReader.wait), default: .seconds(5))
    let stale = section.value(
      "staleThreshold", .milliseconds(VenueReader.wait), default: .seconds(120))
    let server = section.value(
      "serverTimeout", .milliseconds(VenueReader.wait), default: interval.value + timeout.value)
    let probe = section.value(
      "probeInterval", .milliseconds(100...900_000), default: .seconds(2))
    section.ignored("reconnectOnStale", .boolean, because: "a silent stream is asked, then dropped")
    section.expect(interval, stale, <, "is not below staleThreshold", "write a shorter time")
    section.expect(timeout, interval, <, "is not below pingInterval", "write a shorter time")
    return HubHealthSettings(
      isEnabled: enabled.value, pingInterval: interval.value, pingTimeout: timeout.value,
      serverTimeout: server.value, staleThreshold: stale.value, probeInterval: probe.value)
  }

  private func reconciliation(_ section: Section) -> ReconciliationSettings {
    let enabled = section.value("enabled", .boolean, default: true)
    let onReconnect = section.value("onReconnect", .boolean, default: true)
    let least = section.value("minInterval", .milliseconds(0...900_000), default: .seconds(5))
    let most = section.value(
      "maxInterval", .milliseconds(1_000...86_400_000), default: .seconds(300))
    let periodic = section.value("periodicEnabled", .boolean, default: true)
    section.expect(least, most, <=, "is above maxInterval", "write a shorter time")
    for key in [enabled, periodic] where !key.value {
      section.findings.notice(
        key.place, "is false: accounts are compared after events and reconnections only")
    }
    if !onReconnect.value {
      section.findings.notice(
        onReconnect.place,
        "is false: after a reconnection accounts are compared, and read where they differ")
    }
    for key in [
      "comparePositions", "compareOrders", "compareAccount", "compareTrades", "logDiscrepancies",
      "alertOnDiscrepancies", "autoCorrect",
    ] {
      section.ignored(key, .boolean, because: "a snapshot always replaces what was known")
    }
    return ReconciliationSettings(
      isEnabled: enabled.value, onReconnect: onReconnect.value, minInterval: least.value,
      isPeriodic: periodic.value, maxInterval: most.value)
  }
}

extension Section {
  /// Checks that the times of a list never fall and that there is one.
  func checkAscending(_ times: Reading<[TimeSpan]>) {
    guard times.isSound else { return }
    if times.value.isEmpty {
      findings.problem(times.place, "is an empty list", "write at least one time")
    }
    if zip(times.value, times.value.dropFirst()).contains(where: >) {
      findings.problem(
        times.place, "falls from one time to the next", "write them in ascending order")
    }
  }
}
