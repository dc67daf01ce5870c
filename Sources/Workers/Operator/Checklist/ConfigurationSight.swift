import Checklist
import Settings

extension SettingsLoader.Outcome {
  var settings: RiskdSettings? {
    if case .accepted(let settings, _, _) = self { settings } else { nil }
  }

  var credentials: VenueCredentials? {
    if case .accepted(_, let credentials, _) = self { credentials } else { nil }
  }
}

/// The configuration as the checks want it.
enum ConfigurationSight {
  static func facts(_ loaded: SettingsLoader.Outcome, root: String) -> ConfigurationFacts {
    var facts = ConfigurationFacts()
    switch loaded {
    case .rejected(let problems):
      facts.problems = problems.map { "\($0)" }
      facts.secretProblems = problems.filter(isAboutSecrets).map { "\($0)" }
    case .accepted(let settings, let credentials, _):
      facts.settings = self.settings(settings, credentials, root)
    }
    return facts
  }

  private static func isAboutSecrets(_ problem: ConfigurationProblem) -> Bool {
    [".env", "environment"].contains(problem.file) || problem.file.hasSuffix("riskd.env")
  }

  private static func settings(
    _ settings: RiskdSettings, _ credentials: VenueCredentials, _ root: String
  ) -> ConfigurationFacts.Settings {
    var facts = ConfigurationFacts.Settings()
    facts.accounts = settings.enabledAccounts.count
    let development = settings.development
    facts.developmentSwitches = [
      ("development.devMode", development.devMode),
      ("development.debugLogging", development.debugLogging),
      ("development.saveRawEvents", development.savesRawEvents),
      ("development.testing.useMockApi", development.usesMockVenue),
      ("development.testing.clock", development.testClock != nil),
      ("development.profiling.enabled", development.profiles),
    ].filter(\.1).map(\.0)
    let venue = settings.venue
    facts.plainAddresses = [venue.base, venue.userHub.endpoint, venue.marketHub.endpoint]
      .filter { $0.scheme == .http || $0.scheme == .ws }.map(\.description)
    facts.hasAdministratorPassword = credentials.adminPasswordHash != nil
    facts.refreshLead = venue.token.refreshLead
    facts.tradingDay = settings.system.tradingDay
    let monitoring = settings.monitoring
    facts.checksHealth = monitoring.isEnabled && monitoring.checksHealth
    facts.healthInterval = monitoring.healthInterval
    facts.healthChecks = monitoring.healthChecks.count
    facts.metrics = monitoring.isEnabled && monitoring.recordsMetrics ? monitoring.metrics.count : 0
    facts.metricsInterval = monitoring.metricsInterval
    facts.alertRules = monitoring.alerts.isEnabled ? monitoring.alerts.rules.count : 0
    facts.zone = settings.system.zone
    facts.rotatesAtMidnight = settings.logging.rotatesAtMidnight
    facts.midnightsKept = settings.logging.rotatedFilesKept
    facts.databaseName = relative(settings.database.path, root)
    facts.tokenFile = relative(settings.venue.token.storePath, root)
    facts.keepsBackups = settings.database.backup.isEnabled
    return facts
  }

  private static func relative(_ path: String, _ root: String) -> String {
    path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
  }
}
