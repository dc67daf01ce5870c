import RiskModel
import RiskRules
import Settings
import Supervision

/// What is different between two configurations, by whom it concerns.
struct ConfigurationChange {
  var old: RunningSettings
  var new: RunningSettings

  /// The workers that have to be started anew to notice.
  var affected: Set<WorkerName> {
    Set(WorkerName.allCases.filter(concerns))
  }

  /// Keys whose change nothing but a restart of riskd brings into force.
  ///
  /// The database is one of them: an evaluator that came back with an empty one would not know the
  /// lockouts.
  var needsRestart: [String] {
    let (old, new) = (old.settings, new.settings)
    var keys: [String] = []
    if old.database.path != new.database.path { keys.append("database.path") }
    if self.old.credentials.owner(at: old.venue) != self.new.credentials.owner(at: new.venue) {
      keys.append("the venue's user (another riskd may act for the new one)")
    }
    if old.supervision != new.supervision { keys.append("supervision") }
    if old.system.connectTimeout != new.system.connectTimeout {
      keys.append("system.startup.connectTimeout")
    }
    if old.system.shutdownGrace != new.system.shutdownGrace
      || old.system.forceKillAfter != new.system.forceKillAfter
    {
      keys.append("system.shutdown")
    }
    if old.logging != new.logging { keys.append("logging (of the supervisor)") }
    if old.development.testClock != new.development.testClock {
      keys.append("development.testing.clock")
    }
    return keys
  }

  private func concerns(_ worker: WorkerName) -> Bool {
    let (before, after) = (old.settings, new.settings)
    if before.logging != after.logging || before.development != after.development { return true }
    switch worker {
    case .gateway:
      return isVenueDifferent || before.system != after.system
        || !before.enabledAccounts.elementsEqual(after.enabledAccounts, by: isSameAccount)
        || before.accounts.first?.rules.marketHours != after.accounts.first?.rules.marketHours
    case .enforcer:
      return isVenueDifferent || before.orders != after.orders
        || !before.enabledAccounts.elementsEqual(after.enabledAccounts) {
          isSameAccount($0, $1) && $0.rules.failClosed == $1.rules.failClosed
        }
    case .monitor:
      return before.monitoring != after.monitoring || before.system.zone != after.system.zone
        || old.credentials.mail != new.credentials.mail
    case .evaluator:
      var database = after.database
      database.path = before.database.path
      return before.database != database || before.cacheBytes != after.cacheBytes
        || rules(of: before) != rules(of: after)
    }
  }

  private var isVenueDifferent: Bool {
    old.settings.venue != new.settings.venue
      || old.credentials.forVenueSession != new.credentials.forVenueSession
  }

  private func isSameAccount(_ first: AccountSettings, _ second: AccountSettings) -> Bool {
    first.id == second.id && first.platformName == second.platformName
  }

  private func rules(of settings: RiskdSettings) -> [AccountID: RiskConfiguration] {
    let enabled = settings.enabledAccounts.map { ($0.id, $0.rules) }
    return Dictionary(enabled, uniquingKeysWith: { first, _ in first })
  }
}

/// Settings and secrets that workers run with.
struct RunningSettings: Equatable {
  var settings: RiskdSettings
  var credentials: VenueCredentials

  func briefings(root: String) throws -> [WorkerName: String] {
    var briefings: [WorkerName: String] = [:]
    for worker in WorkerName.allCases {
      briefings[worker] = try WorkerBriefing(
        for: worker, root: root, settings: settings, credentials: credentials
      ).encoded()
    }
    return briefings
  }
}
