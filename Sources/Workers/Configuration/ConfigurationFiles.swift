import Logging
import ProcessControl
import RiskModel
import Settings
import SupervisorRole

/// The configuration files of a root as the supervisor's source: read at the start, and anew
/// whenever an operator asks for it.
final class ConfigurationFiles: ConfigurationSource {
  /// With what riskd starts.
  enum Start {
    /// `problem` says why it is an earlier configuration; `nil` for the present one.
    case with(RunningSettings, problem: String?, [ConfigurationNotice])
    case impossible([ConfigurationProblem])
  }

  private let root: String
  private let environment: [String: String]
  private let log: Logger
  private let clock: any Clock
  /// In force; the database stays the one of the start.
  private var running: RunningSettings

  init(
    root: String, environment: [String: String], running: RunningSettings, log: Logger,
    clock: any Clock = SystemClock()
  ) {
    self.root = root
    self.environment = environment
    self.running = running
    self.log = log
    self.clock = clock
  }

  /// The present configuration, or the one that was accepted last when the present one is not usable.
  static func start(root: String, environment: [String: String]) -> Start {
    switch SettingsLoader.load(root: root, environment: environment) {
    case .accepted(let settings, let credentials, let notices):
      return .with(
        RunningSettings(settings: settings, credentials: credentials), problem: nil, notices)
    case .rejected(let problems):
      guard let kept = AcceptedConfiguration.load(root: root),
        let credentials = SettingsLoader.credentials(
          root: root, environment: environment, for: kept.settings)
      else { return .impossible(problems) }
      let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
      let first = problems.first.map { ", \($0)" } ?? ""
      let problem =
        "the configuration is not usable (\(count)\(first)); "
        + "the one accepted at \(kept.acceptedAt) is in force"
      return .with(
        RunningSettings(settings: kept.settings, credentials: credentials), problem: problem, [])
    }
  }

  func readAnew() -> Reconfiguration {
    switch SettingsLoader.load(root: root, environment: environment) {
    case .rejected(let problems):
      return .rejected(problems.map(\.description))
    case .accepted(let settings, let credentials, let notices):
      let read = RunningSettings(settings: settings, credentials: credentials)
      let change = ConfigurationChange(old: running, new: read)
      var next = read
      next.settings.database.path = running.settings.database.path
      do {
        let briefings = try next.briefings(root: root)
        keepAccepted(settings)
        running = next
        let unseen = SettingsLoader.unseenSecrets(root: root, environment: environment)
        return .accepted(
          NewConfiguration(
            settings: briefings, affected: change.affected,
            needsRestart: change.needsRestart + unseen.map { "\($0) (systemctl restart riskd)" },
            notices: notices.map(\.description)))
      } catch {
        return .rejected(["the configuration cannot be handed to the workers: \(error)"])
      }
    }
  }

  /// A disk that is full costs the next start its last resort, not this one its configuration.
  func keepAccepted(_ settings: RiskdSettings) {
    do {
      try AcceptedConfiguration(settings, root: root, at: clock.now()).keep()
    } catch {
      log.error("the accepted configuration is not kept: \(error)")
    }
  }
}
