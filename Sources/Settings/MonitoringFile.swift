import AlertRules
import RiskModel

/// What config/monitoring.yaml says; its values count instead of those of `monitoring` in
/// config.yaml.
struct MonitoringFile {
  static let name = "config/monitoring.yaml"

  var isEnabled: Reading<Bool>
  var recordsMetrics: Reading<Bool>
  var metricsInterval: Reading<TimeSpan>
  var checksHealth: Bool
  var healthInterval: TimeSpan
  var healthChecks: [String]
  var metrics: [MetricName]
  var retentionDays: Int64
  var endpointPort: Int64?
  var alerts: AlertSettings

  init(_ top: Section) {
    self = top.section("monitoring") { MonitoringFile(reading: $0) }
    top.finish()
  }

  private init(reading section: Section) {
    isEnabled = section.value("enabled", .boolean, default: true)
    let health = section.section("health") { part in
      (
        part.value("enabled", .boolean, default: true).value,
        part.value("interval", .milliseconds(1_000...3_600_000), default: .seconds(30)).value,
        part.list("checks", of: Self.check, default: MonitoringSettings.allChecks).value
      )
    }
    checksHealth = health.0
    healthInterval = health.1
    healthChecks = health.2
    let metrics = section.section("metrics") { part in
      (
        part.value("enabled", .boolean, default: true),
        part.value("interval", .milliseconds(1_000...3_600_000), default: .seconds(60)),
        part.list("collect", of: Self.metric, default: MetricName.collectable).value,
        part.value("retentionDays", .integer(8...3_650, unit: "days"), default: 30).value
      )
    }
    recordsMetrics = metrics.0
    metricsInterval = metrics.1
    self.metrics = metrics.2
    retentionDays = metrics.3
    endpointPort = section.section("endpoint") { part in
      let enabled = part.value("enabled", .boolean, default: false)
      let port = part.value("port", .integer(1_024...65_535), default: 9_464)
      return enabled.value ? port.value : nil
    }
    alerts = section.section("alerts") { AlertsReader().read($0) }
  }

  private static var check: ValueForm<String> {
    ValueForm(
      right: alternatives(MonitoringSettings.allChecks),
      read: { MonitoringSettings.allChecks.contains($0.text) ? $0.text : nil })
  }

  private static var metric: ValueForm<MetricName> {
    ValueForm(
      right: "a metric such as \(MetricName.eventLatencyP95.rawValue)",
      read: { scalar in
        MetricName(rawValue: scalar.text).flatMap { MetricName.collectable.contains($0) ? $0 : nil }
      })
  }

  /// The settings of config.yaml with what this file says instead.
  func applied(to main: MonitoringSettings, _ findings: Findings) -> MonitoringSettings {
    var result = main
    func take<Value: Equatable>(_ reading: Reading<Value>, _ key: String, _ into: inout Value) {
      if reading.isPresent, reading.value != into {
        findings.notice(
          reading.place, "counts instead of monitoring.\(key) in config.yaml, which differs")
      }
      if reading.isPresent { into = reading.value }
    }
    take(isEnabled, "enabled", &result.isEnabled)
    take(recordsMetrics, "metrics.enabled", &result.recordsMetrics)
    take(metricsInterval, "metrics.interval", &result.metricsInterval)
    result.checksHealth = checksHealth
    result.healthInterval = healthInterval
    result.healthChecks = healthChecks
    result.metrics = metrics
    result.retentionDays = retentionDays
    result.endpointPort = endpointPort
    result.alerts = alerts
    return result
  }
}

/// Reads `monitoring.alerts`.
struct AlertsReader {
  private enum Kind: String, CaseIterable {
    case log
    case email
    case webhook
  }

  func read(_ section: Section) -> AlertSettings {
    var settings = AlertSettings()
    settings.isEnabled = section.value("enabled", .boolean, default: true).value
    settings.repeatAfter =
      section.value("repeatAfterSeconds", .seconds(60...86_400), default: .seconds(900)).value
    for channel in section.sections("channels") {
      read(channel, &settings)
      channel.finish()
    }
    if section.entry("rules") != nil {
      settings.rules = rules(section.sections("rules"))
    }
    return settings
  }

  private func read(_ channel: Section, _ settings: inout AlertSettings) {
    let kind = channel.required("type", .oneOf(Kind.self))
    let isOn = channel.value("enabled", .boolean, default: kind.value == .log)
    switch kind.value {
    case .log?:
      channel.ignored(
        "path", .text("a path"),
        because: "alerts are always written to the file of alerts in logging.yaml")
      if !isOn.value {
        channel.findings.problem(
          isOn.place, "is false, but alerts are always logged", "write true")
      }
    case .email?:
      let mail = mail(channel, isOn: isOn.value)
      if isOn.value { settings.mail = mail }
    case .webhook?:
      let url = channel.required("url", Self.webhookURL, if: isOn.value)
      if isOn.value, let url = url.value { settings.webhook = WebhookSettings(url: Secret(url)) }
    case nil:
      break
    }
  }

  private func mail(_ channel: Section, isOn: Bool) -> MailSettings? {
    let host = channel.required("smtp_host", .text("a host name"), if: isOn)
    let port = channel.value("smtp_port", .integer(1...65_535), default: 587)
    let from = channel.required("from_email", Self.address, if: isOn)
    let to = channel.list("to_emails", of: Self.address, default: [])
    let tls = channel.value("starttls", .boolean, default: true)
    if isOn, to.isSound, to.value.isEmpty {
      channel.findings.problem(to.place, "names nobody", "list one address at least")
    }
    if !tls.value, let name = host.value, !["localhost", "127.0.0.1", "::1"].contains(name) {
      channel.findings.problem(
        tls.place, "is false, and \(quoted(name)) is not this machine", "write true")
    }
    guard let host = host.value, let from = from.value, !to.value.isEmpty else { return nil }
    return MailSettings(
      host: host, port: port.value, from: from, to: to.value, usesTLS: tls.value)
  }

  private func rules(_ sections: [Section]) -> [AlertRuleSettings] {
    var names: Set<String> = []
    return sections.compactMap { section in
      defer { section.finish() }
      let name = section.required("name", .text("a name", most: 100))
      let condition = section.required("condition", .text("a condition", most: 200))
      let severity = section.required("severity", .oneOf(AlertSeverity.self))
      let message = section.required("message", .text("a sentence", most: 200))
      if let text = condition.value { check(text, condition.place, section.findings) }
      if let text = name.value, !names.insert(text).inserted {
        section.findings.problem(name.place, "is the name of another rule too", "choose another")
      }
      guard let name = name.value, let condition = condition.value, let severity = severity.value,
        let message = message.value
      else { return nil }
      return AlertRuleSettings(name, condition, severity, message)
    }
  }

  private func check(_ text: String, _ place: Place, _ findings: Findings) {
    do {
      _ = try AlertCondition(text)
    } catch {
      var right = "write a condition such as token_expiry_in_seconds < 1800"
      if case .unknownMetric(let name) = error.problem,
        let nearest = NearestKey.of(name, among: MetricName.allCases.map(\.rawValue))
      {
        right = "did you mean \(nearest)?"
      }
      findings.problem(place, "cannot be read \(error)", right)
    }
  }

  private static var address: ValueForm<String> {
    ValueForm(
      right: "an address such as \"admin@example.com\"",
      read: { scalar in
        let parts = scalar.text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = scalar.text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        let isSafe = !scalar.text.contains(where: { "<>\",;:()[]\\".contains($0) })
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain, isSafe,
          scalar.text.utf8.count <= 254
        else { return nil }
        return scalar.text
      })
  }

  /// No less strict than the client that posts to it: an address that it refuses is found before the
  /// start, not when the first alert has nowhere to go.
  private static var webhookURL: ValueForm<String> {
    ValueForm(
      right: "a URL that begins with https:// (http:// to this machine alone), without user and "
        + "fragment",
      read: { scalar in
        let text = scalar.text
        guard text.utf8.count <= 1_024,
          text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }),
          let scheme = text.firstRange(of: "://")
        else { return nil }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" }
        guard let server = VenueEndpoint("\(text[..<scheme.upperBound])\(authority)"),
          server.host.utf8.count <= 253
        else { return nil }
        switch server.scheme {
        case .https: return text
        case .http: return server.isLoopback ? text : nil
        case .wss, .ws: return nil
        }
      }, isPrivate: true)
  }
}
