package import RiskModel
package import Supervision

/// Something that was looked for: what was found, or why it could not be looked at. What could not be
/// looked at is never taken for good.
package enum Sighting<Value: Sendable>: Sendable {
  case seen(Value)
  case hidden(String)

  package var value: Value? {
    switch self {
    case .seen(let value): value
    case .hidden: nil
    }
  }

  /// Judges what was found; without it the check has failed.
  func judged(_ judge: (Value) -> Finding) -> Finding {
    switch self {
    case .seen(let value): judge(value)
    case .hidden(let reason): .fail("cannot be seen: \(reason)")
    }
  }
}

/// Everything that the checks look at, gathered at one moment.
package struct ChecklistFacts: Sendable {
  package var now: Instant
  /// What passes in a second of the machine; a clock for tests may hurry.
  package var civilSecond = TimeSpan.seconds(1)
  package var machine = MachineFacts()
  package var configuration = Sighting<ConfigurationFacts>.hidden("not read")
  /// Names relative to the root, with their modes; what is not there is left out.
  package var modes: [String: UInt32] = [:]
  /// Files that contain a secret in the clear.
  package var exposedSecrets = Sighting<[String]>.hidden("not searched")
  package var unit = Sighting<UnitFacts>.hidden("systemd does not run here")
  package var status = Sighting<StatusReport>.hidden("not asked")
  package var history = Sighting<HistoryFacts>.hidden("not asked")
  package var trader = Sighting<TraderFacts>.hidden("not asked")
  package var daemonLog = Sighting<LogTally>.hidden("not read")
  package var errorLog = Sighting<LogTally>.hidden("not read")
  /// The five log files as they are now.
  package var logFiles = Sighting<[LogFileFacts]>.hidden("not looked at")
  /// Log files that were put aside, such as daemon.log.1, each log's latest first.
  package var archivedLogs = Sighting<[LogArchiveFacts]>.hidden("not listed")
  package var metrics = Sighting<MetricFacts>.hidden("not read")
  package var database = Sighting<DatabaseFacts>.hidden("not read")
  package var backups = Sighting<BackupFacts>.hidden("not listed")
  package var audit = Sighting<AuditFacts>.hidden("not read")
  /// What the venue said; `nil` where nobody asked it.
  package var venue: VenueFacts?
  /// How the journal compares with the venue's lists; `nil` where nobody asked.
  package var state: Sighting<StateFacts>?
  package var firewall = Sighting<FirewallFacts>.hidden("not looked at")
  /// The newest that `ops/security-report` wrote.
  package var securityReport = Sighting<SecurityReportFacts>.hidden("not looked for")
  /// The release that `ops/rollback` goes back to.
  package var previousRelease = Sighting<String>.hidden("not read")

  package init(now: Instant) {
    self.now = now
  }

  /// Whether a clock for tests goes faster than the machine's.
  var hurries: Bool { civilSecond > .seconds(1) }

  /// When this riskd started.
  package var startedAt: Instant? {
    history.value?.startedAt ?? daemonLog.value?[.supervisorStarted].last
  }
}

package struct MachineFacts: Equatable, Sendable {
  package var memoryMegabytes: Int64?
  /// Where the data is.
  package var freeMegabytes: Int64?

  package init(memoryMegabytes: Int64? = nil, freeMegabytes: Int64? = nil) {
    self.memoryMegabytes = memoryMegabytes
    self.freeMegabytes = freeMegabytes
  }
}

/// What the configuration says; without its settings where it is not usable.
package struct ConfigurationFacts: Equatable, Sendable {
  /// Everything that is wrong, and of that what concerns the secrets.
  package var problems: [String] = []
  package var secretProblems: [String] = []
  package var settings: Settings?

  package init() {}

  package struct Settings: Equatable, Sendable {
    package var accounts = 0
    /// Switches of development that are on.
    package var developmentSwitches: [String] = []
    /// Addresses of the venue that are not encrypted.
    package var plainAddresses: [String] = []
    package var hasAdministratorPassword = false
    package var refreshLead = TimeSpan.zero
    package var tradingDay = TradingDayRule.standard
    package var checksHealth = false
    package var healthInterval = TimeSpan.seconds(30)
    package var healthChecks = 0
    package var metrics = 0
    package var metricsInterval = TimeSpan.seconds(60)
    package var alertRules = 0
    package var rotatesAtMidnight = false
    /// Whose midnight it is.
    package var zone = TimeZoneRule.chicago
    /// How many midnights are kept.
    package var midnightsKept: Int64 = 0
    package var databaseName = "data/risk_manager.db"
    package var tokenFile = "data/tokens.enc"
    package var keepsBackups = false

    package init() {}
  }
}

/// What systemd says of riskd.service.
package struct UnitFacts: Equatable, Sendable {
  package var activeState: String
  package var subState: String
  package var user: String
  package var unitFileState: String
  package var restarts: Int64

  package init(
    activeState: String, subState: String, user: String, unitFileState: String, restarts: Int64
  ) {
    self.activeState = activeState
    self.subState = subState
    self.user = user
    self.unitFileState = unitFileState
    self.restarts = restarts
  }
}

/// What the supervisor remembers.
package struct HistoryFacts: Equatable, Sendable {
  package var startedAt: Instant?
  /// Of deaths that count towards a roll-back, oldest first.
  package var deaths: [Instant]
  /// Of deaths that do not, though nobody had asked for them: the monitor's.
  package var otherDeaths: [Instant]
  /// Starts of the supervisor that no stop went before, oldest first.
  package var unplannedStarts: [Instant]

  package init(
    startedAt: Instant?, deaths: [Instant], otherDeaths: [Instant] = [],
    unplannedStarts: [Instant] = []
  ) {
    self.otherDeaths = otherDeaths
    self.startedAt = startedAt
    self.deaths = deaths
    self.unplannedStarts = unplannedStarts
  }
}

/// What a trader's screen shows.
package struct TraderFacts: Equatable, Sendable {
  package var accounts: Int
  package var positions: Int
  package var orders: Int

  package init(accounts: Int, positions: Int, orders: Int) {
    self.accounts = accounts
    self.positions = positions
    self.orders = orders
  }
}

/// The courses of a day, oldest first.
package struct MetricFacts: Equatable, Sendable {
  package struct Sample: Equatable, Sendable {
    package var at: Instant
    package var millionths: Int64

    package init(at: Instant, millionths: Int64) {
      self.at = at
      self.millionths = millionths
    }
  }

  package var memory: [Sample]
  package var processor: [Sample]
  package var latency: [Sample]

  package init(memory: [Sample] = [], processor: [Sample] = [], latency: [Sample] = []) {
    self.memory = memory
    self.processor = processor
    self.latency = latency
  }
}

/// One log file, as it is configured and as it is there.
package struct LogFileFacts: Equatable, Sendable {
  /// As in logging.yaml.
  package var name: String
  /// Relative to the root where it lies below it.
  package var path: String
  package var level: String
  /// Whether records that the specification wants are below its level.
  package var isTooQuiet: Bool
  /// `nil` where there is none yet.
  package var mode: UInt32?
  package var isFile = true
  package var changed: Instant?
  /// `nil` where the folder is missing.
  package var folderMode: UInt32?

  package init(
    name: String, path: String, level: String, isTooQuiet: Bool = false, mode: UInt32? = nil,
    changed: Instant? = nil, folderMode: UInt32? = nil
  ) {
    self.name = name
    self.path = path
    self.level = level
    self.isTooQuiet = isTooQuiet
    self.mode = mode
    self.changed = changed
    self.folderMode = folderMode
  }
}

/// A log file that was put aside, or the one that is written now.
package struct LogArchiveFacts: Equatable, Sendable {
  /// Such as daemon.log.1.
  package var name: String
  /// Of the first and of the last record; `nil` without a record.
  package var first: Instant?
  package var last: Instant?
  /// Why it cannot be read.
  package var problem: String?

  package init(
    name: String, first: Instant? = nil, last: Instant? = nil, problem: String? = nil
  ) {
    self.name = name
    self.first = first
    self.last = last
    self.problem = problem
  }
}

package struct DatabaseFacts: Equatable, Sendable {
  package var version: Int
  package var problems: [String]
  /// With its write-ahead log.
  package var bytes: Int64
  /// Positions that are held, by the database.
  package var positions: Int
  /// Rows that retention should have deleted a day ago, by table.
  package var overdue: [String: Int]
  /// Of the last day's recorded executions, oldest first.
  package var executions: [Instant]

  package init(
    version: Int, problems: [String], bytes: Int64, positions: Int, overdue: [String: Int] = [:],
    executions: [Instant] = []
  ) {
    self.executions = executions
    self.overdue = overdue
    self.version = version
    self.problems = problems
    self.bytes = bytes
    self.positions = positions
  }
}

package struct BackupFacts: Equatable, Sendable {
  package var count: Int
  package var newest: Instant?
  /// What is wrong with the newest one.
  package var problem: String?

  package init(count: Int, newest: Instant?, problem: String?) {
    self.count = count
    self.newest = newest
    self.problem = problem
  }
}

package struct AuditFacts: Equatable, Sendable {
  package var records: Int64
  package var findings: [String]
  package var bytes: Int64

  package init(records: Int64, findings: [String], bytes: Int64 = 0) {
    self.bytes = bytes
    self.records = records
    self.findings = findings
  }
}

/// Whether the venue takes the credentials and knows the accounts.
package struct VenueFacts: Equatable, Sendable {
  /// What was looked at, each with its own mark.
  package var lines: [String]
  package var isGood: Bool

  package init(lines: [String], isGood: Bool) {
    self.lines = lines
    self.isGood = isGood
  }
}

/// Positions and orders of the journal beside those of the venue's lists.
package struct StateFacts: Equatable, Sendable {
  package var positions: Int
  package var orders: Int
  package var differences: [String]

  package init(positions: Int, orders: Int, differences: [String]) {
    self.positions = positions
    self.orders = orders
    self.differences = differences
  }
}

/// Where the firewall of this machine lets riskd's user.
package struct FirewallFacts: Equatable, Sendable {
  package var user: String
  /// Why that is not the venue only.
  package var problem: String?

  package init(user: String, problem: String? = nil) {
    self.user = user
    self.problem = problem
  }
}

/// What a report of the security says.
package struct SecurityReportFacts: Equatable, Sendable {
  package var at: Instant
  package var findings: [String]

  package init(at: Instant, findings: [String]) {
    self.at = at
    self.findings = findings
  }
}
