import Enforcement
import GatewayRole
import HubProtocol
import LogFiles
import MonitorRole
import PeerProtocol
import ProcessControl
import RequestWindow
import RiskModel
import RiskTestKit
import Settings
import Store
import Supervision
import Testing
import VenueREST

@testable import Workers

/// What the parts of riskd go by, out of a configuration that was written and read.
struct Consumers {
  let settings: RiskdSettings
  let briefing: WorkerBriefing
  let gateway: GatewaySettings

  init(_ file: String, _ values: [(String, String)]) throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    // Without rules no key has to be there for another one's sake.
    try root.write(
      "config/risk_config.yaml",
      "rules:\n" + RuleEffect.rules.map { "  \($0): {enabled: false}\n" }.joined())
    if file == "risk_config.yaml" {
      try root.write(
        "config/\(file)",
        values.reduce(try root.text("config/\(file)")) { text, value in
          text + value.0.replacing(".", with: ": {") + ": \(value.1)}\n"
        })
    } else if file == "config.yaml" {
      try root.write("config/config.yaml", Self.text(Self.base + values))
    } else if !values.isEmpty {
      try root.write("config/\(file)", Self.text(values))
    }
    let (settings, credentials) = try root.settings()
    self.settings = settings
    briefing = WorkerBriefing(root: "/r", settings: settings, credentials: credentials)
    gateway = GatewaySettings(settings, credentials)
  }

  var supervision: SupervisionSettings { SupervisionSettings(settings) }
  var monitor: MonitorSettings { MonitorSettings(settings) }
  var hub: HubLimits { HubLimits(settings.venue.health) }
  var enforcement: EnforcementLimits { EnforcementLimits(settings.orders) }
  var window: RequestLimits { RequestLimits(settings.venue.requestLimits) }
  var pace: ClockPace { ClockPace(settings.development, startedAt: SystemClock()) }
  var limits: RetentionLimits {
    RetentionLimits(settings.database.retention, at: Sample.morning)
  }
  func path(of hub: Hub) -> String { (try? settings.venue.hubAddresses()[hub]?.path) ?? "" }
  /// Of the gateway and of the evaluator, whose records the rules' are.
  var levels: String {
    ["gateway", "evaluator"].map {
      settings.logging.level(of: $0, isDebugging: settings.development.debugLogging).rawValue
    }.joined(separator: " ")
  }
  var watched: String {
    "\(monitor.checks.count) \(monitor.metrics.count) \(monitor.alertRules.count)"
  }
  func age(_ limit: KeyPath<RetentionLimits, Instant>) -> Int64 {
    (Sample.morning - limits[keyPath: limit]).milliseconds
  }
  func log(_ file: LogFile) -> LogFileRule? { LogFileRule.rules(briefing)[file] }

  /// A venue on this machine.
  private static let base = [
    ("api.baseUrl", "\"http://127.0.0.1:8080\""),
    ("signalr.userHub.url", "\"http://127.0.0.1:8080/hubs/user\""),
    ("signalr.marketHub.url", "\"http://127.0.0.1:8080/hubs/market\""),
    ("development.devMode", "true"), ("development.testing.useMockApi", "true"),
  ]

  /// Values by their paths as a document; of two with the same path the last one counts.
  private static func text(_ values: [(path: String, value: String)]) -> String {
    var names: [String] = []
    for (path, _) in values {
      let name = String(path.prefix { $0 != "." })
      if !names.contains(name) { names.append(name) }
    }
    let members = names.map { name in
      if let whole = values.last(where: { $0.path == name }) { return "\(name): \(whole.value)" }
      let below = values.filter { $0.path.hasPrefix(name + ".") }
        .map { (path: String($0.path.dropFirst(name.count + 1)), value: $0.value) }
      return "\(name): \(text(below).trimmingSuffix("\n"))"
    }
    return "{\(members.joined(separator: ", "))}\n"
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

/// A key with a value that is not the shipped one, and what the part that goes by it makes of it.
struct KeyReach: Sendable, CustomTestStringConvertible {
  var file: String
  var key: String
  var value: String
  var seen: String
  var view: @Sendable (Consumers) -> String
  var with: [(String, String)]

  init(
    _ key: String, _ value: String, _ seen: String, in file: String = "config.yaml",
    with: [(String, String)] = [], _ view: @escaping @Sendable (Consumers) -> String
  ) {
    self.file = file
    self.key = key
    self.value = value
    self.seen = seen
    self.with = with
    self.view = view
  }

  /// Of a key in the elements of a list the list is written.
  var path: String { key.firstRange(of: "[]").map { String(key[..<$0.lowerBound]) } ?? key }

  var testDescription: String { "\(file) \(key)" }
  var entry: String { "\(file) \(key)" }
}
