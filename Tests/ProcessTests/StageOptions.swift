import ProcessControl
import RiskModel
import SimulatedVenue

/// What a stage is set up with.
struct StageOptions {
  /// Added to the demonstration's config.yaml.
  var mainLines = ""
  /// What is replaced in the demonstration's config.yaml.
  var mainChanges: [(old: String, new: String)] = []
  /// Replaces the demonstration's accounts.yaml.
  var accounts: String?
  /// What is replaced in the demonstration's risk_config.yaml.
  var ruleChanges: [(old: String, new: String)] = []
  /// Further files of the root, by name.
  var files: [String: String] = [:]
  var venue = SimulatedVenueConfiguration()
  /// Options of a file system in memory that is mounted at data/, for root only.
  var dataMount: String?
  /// Whether what is in data/ may be forgotten; see `PowerCut`.
  var losesPower = false
  /// How far riskd's time of day and the venue's are ahead of this machine's; see `TestClock`.
  var clockLead: TimeSpan? {
    didSet { venue.clockOffset = clockLead ?? .zero }
  }
  /// What is in config/holidays.yaml, which the demonstration does not have.
  var holidays: String?
  /// Whether the processes can be made to use more memory; see `MemoryLoad`.
  var usesMemory = false
  /// Their files live as long as they do; see `encrypts`.
  private var authorities: [TestAuthority] = []
  /// Whether riskd has to come up before the test begins.
  var awaitsProtection = true

  init() {
    venue.accounts = StageOptions.accounts
    venue.clockOffset = StageOptions.clockOffset
  }

  static let accounts = [1001, 1002, 1003].map {
    TradingAccount(id: AccountID($0), name: "SIM-50K-\($0)")
  }

  /// A daily reset in the middle of a test would end its lockouts; riskd unlocks only when the
  /// venue's time has reached it too.
  private static var clockOffset: TimeSpan {
    let margin = TimeSpan.seconds(600)
    let now = StageClock.now()
    return TradingDayRule.standard.nextReset(after: now) - now < margin ? .zero - margin : .zero
  }

  /// riskd and the venue both go by this clock.
  mutating func goes(by pace: ClockPace) {
    venue.clockOffset = .zero
    venue.clockPace = pace
    mainChanges.append(
      (
        "    useMockApi: true ",
        """
            clock:
              anchor: \(pace.anchor.nanosSinceEpoch / 1_000_000)
              offset: \(pace.offset.milliseconds)
              rate: \(pace.rate / 1_000)
            useMockApi: true\u{20}
        """
      ))
  }

  /// Deaths of workers that are killed on purpose are no crash loop, and restarts do not pause.
  mutating func toleratesDeaths() {
    mainLines += """
      supervision:
        crashDeaths: 1000
        crashDeathsAll: 1000
        crashWindowSeconds: 600
        backoff: [0]

      """
  }

  /// Two accounts that may lose much, and one that is soon locked.
  ///
  /// - Parameter pause: How long nothing may be added to the second account after a trade that lost
  ///   100 dollars; without it there is no such pause.
  mutating func protectsThreeAccounts(pause: TimeSpan? = nil) {
    let cooldown =
      pause.map {
        "cooldown_after_loss: {enabled: true, loss_threshold: 100.00, "
          + "cooldown_seconds: \($0.milliseconds / 1_000)}"
      } ?? "cooldown_after_loss: {enabled: false}"
    accounts = """
      accounts:
        - account_id: 1001
          name: "SIM-50K-1001"
          rules:
            daily_realized_loss:
              loss_limit: 100000.00
        - account_id: 1002
          name: "SIM-50K-1002"
          rules:
            daily_realized_loss:
              loss_limit: 100000.00
            \(cooldown)
        - account_id: 1003
          name: "SIM-50K-1003"

      """
  }

  /// The gateway asks a venue that failed again after two seconds, not after a minute.
  mutating func forgivesSoon() {
    mainLines += """
      errorHandling:
        circuitBreaker:
          timeout: 2000

      """
  }

  /// Restarts read the accounts again; many of them in a minute go beyond the venue's limit, which
  /// the simulated venue does not have here.
  mutating func ignoresRequestLimit() {
    mainLines += """
      errorHandling:
        rateLimit:
          enabled: false

      """
  }

  /// The venue is served over TLS, and riskd trusts the authority of its certificate or another one.
  mutating func encrypts(isTrusted: Bool = true) throws {
    let authority = try TestAuthority()
    let trusted = isTrusted ? authority : try TestAuthority()
    authorities = [authority, trusted]
    venue.tls = try authority.certificate()
    mainChanges.append(("api:\n", "api:\n  caFile: \"\(trusted.authorityFile)\"\n"))
  }

  /// Of `hurriesHubs`.
  static let hurriedSilence = TimeSpan.seconds(2)
  static let hurriedDelays = [0, 100, 200].map { TimeSpan.milliseconds($0) }

  /// Silent hubs are given up after two seconds, and lost ones are connected again at once.
  mutating func hurriesHubs() {
    venue.hub.keepAlive = .milliseconds(500)
    mainChanges.append(
      (
        "  reconnection:\n    delays: [0, 250, 1000, 2000] ",
        """
          health:
            pingInterval: 1000
            pingTimeout: 500
            serverTimeout: \(Self.hurriedSilence.milliseconds)
          reconnection:
            stableAfter: 100
            jitter: 0
            delays: \(Self.hurriedDelays.map(\.milliseconds))
        """
      ))
  }
}
