import RiskModel
import RiskRules

/// What config.yaml says, the overriding variables included.
struct MainFile {
  static let standardName = "config/config.yaml"

  var venue: VenueSettings
  var orders: OrderSettings
  var supervision: SupervisionThresholds
  var database: DatabaseSettings
  var logging: LoggingSettings
  var monitoring: MonitoringSettings
  var system: SystemSettings
  var failClosed: FailClosedAction
  var development: DevelopmentSettings
  var cacheBytes: Int64
  /// Whether the market hub is on, with its place, for the check against the rules.
  var marketHub: Reading<Bool>

  init(
    _ top: Section, variables: EnvironmentVariables, files: ConfigurationFile
  ) {
    development = top.section("development") { DevelopmentReader(variables: variables).read($0) }
    let venueReader = VenueReader(
      variables: variables, files: files, development: development)
    (venue, marketHub) = venueReader.read(top)
    let operation = OperationReader(variables: variables, files: files)
    orders = top.section("orderManagement") { operation.orders($0) }
    supervision = top.section("supervision") { operation.supervision($0) }
    database = top.section("database") { operation.database($0) }
    logging = top.section("logging") { operation.logging($0) }
    monitoring = top.section("monitoring") { operation.monitoring($0) }
    (system, failClosed) = top.section("system") { operation.system($0) }
    cacheBytes = top.section("performance") { operation.performance($0) }
    top.refused("mark_price", "write global.mark_price in risk_config.yaml")
    top.refused("include_fees", "write include_fees in daily_realized_loss in risk_config.yaml")
    top.refused("symbol_aliases", "write either name; ES = EP and NQ = ENQ are known")
    top.refused("rules", "write rules in risk_config.yaml")
    top.refused("accounts", "write accounts in accounts.yaml")
    top.finish()
  }
}
