package import RiskModel
package import RiskRules

/// Everything that config.yaml, risk_config.yaml and accounts.yaml say, checked.
///
/// A value exists only when every file was right. It carries no secret (see `VenueCredentials`),
/// and its encoding is the same for the same configuration, apart from the order of symbol limits.
package struct RiskdSettings: Equatable, Sendable, Codable {
  package var venue: VenueSettings
  /// At least one, in the order of accounts.yaml, disabled ones included.
  package var accounts: [AccountSettings]
  package var orders: OrderSettings
  package var supervision: SupervisionThresholds
  package var database: DatabaseSettings
  package var logging: LoggingSettings
  package var monitoring: MonitoringSettings
  package var system: SystemSettings
  package var development: DevelopmentSettings
  /// `performance.memory.maxCacheSize`: a sixty-fourth of it is the database's.
  package var cacheBytes: Int64

  package init(
    venue: VenueSettings, accounts: [AccountSettings], orders: OrderSettings,
    supervision: SupervisionThresholds, database: DatabaseSettings, logging: LoggingSettings,
    monitoring: MonitoringSettings, system: SystemSettings, development: DevelopmentSettings,
    cacheBytes: Int64
  ) {
    self.venue = venue
    self.accounts = accounts
    self.orders = orders
    self.supervision = supervision
    self.database = database
    self.logging = logging
    self.monitoring = monitoring
    self.system = system
    self.development = development
    self.cacheBytes = cacheBytes
  }

  /// The accounts that riskd watches and acts on.
  package var enabledAccounts: [AccountSettings] { accounts.filter(\.isEnabled) }

  /// The rules of every listed account.
  package var rules: [AccountID: RiskConfiguration] {
    Dictionary(accounts.map { ($0.id, $0.rules) }, uniquingKeysWith: { first, _ in first })
  }
}

/// One account of accounts.yaml.
package struct AccountSettings: Equatable, Sendable, Codable {
  package var id: AccountID
  /// The venue's name of the account. riskd acts only where id and name both match the venue's.
  package var platformName: String
  /// What screens show instead of the platform name.
  package var nickname: String?
  package var isEnabled: Bool
  /// risk_config.yaml with the overrides of this account.
  package var rules: RiskConfiguration

  package init(
    id: AccountID, platformName: String, nickname: String?, isEnabled: Bool,
    rules: RiskConfiguration
  ) {
    self.id = id
    self.platformName = platformName
    self.nickname = nickname
    self.isEnabled = isEnabled
    self.rules = rules
  }
}
