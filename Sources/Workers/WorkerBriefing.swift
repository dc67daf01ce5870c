import FoundationEssentials
package import Settings
package import Supervision

/// What the supervisor gives a worker at its start: the accepted configuration, and secrets only to
/// those that talk to the venue.
///
/// A worker never reads configuration files: it runs with what was accepted when riskd started,
/// also if somebody has edited the files since.
package struct WorkerBriefing: Equatable, Sendable, Codable {
  /// The folder that holds config, data, logs and run.
  package var root: String
  package var settings: RiskdSettings
  package var credentials: VenueCredentials?
  /// For the monitor, where alerts go by mail.
  package var mail: MailCredentials?

  package init(
    root: String, settings: RiskdSettings, credentials: VenueCredentials?,
    mail: MailCredentials? = nil
  ) {
    self.mail = mail
    self.root = root
    self.settings = settings
    self.credentials = credentials
  }

  /// The briefing of one worker out of the whole configuration.
  package init(
    for worker: WorkerName, root: String, settings: RiskdSettings, credentials: VenueCredentials
  ) {
    let needsVenue = worker == .gateway || worker == .enforcer
    var settings = settings
    // Whoever knows the URL may post to it.
    if worker != .monitor { settings.monitoring.alerts.webhook = nil }
    self.init(
      root: root, settings: settings,
      credentials: needsVenue ? credentials.forVenueSession : nil,
      mail: worker == .monitor ? credentials.mail : nil)
  }

  /// JSON text, as the control channel carries it.
  package func encoded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  package static func decode(_ text: String) throws -> WorkerBriefing {
    try JSONDecoder().decode(WorkerBriefing.self, from: Data(text.utf8))
  }

  /// A path of the settings, relative ones counted from the root.
  package func path(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(root)/\(path)"
  }
}
