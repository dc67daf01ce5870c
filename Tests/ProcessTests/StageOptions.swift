import RiskModel
import SimulatedVenue

/// What a stage is set up with.
struct StageOptions {
  /// Added to the demonstration's config.yaml.
  var mainLines = ""
  /// Replaces the demonstration's accounts.yaml.
  var accounts: String?
  /// What is replaced in the demonstration's risk_config.yaml.
  var ruleChanges: [(old: String, new: String)] = []
  var venue = SimulatedVenueConfiguration()
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

  /// Restarts read the accounts again; many of them in a minute go beyond the venue's limit, which
  /// the simulated venue does not have here.
  mutating func ignoresRequestLimit() {
    mainLines += """
      errorHandling:
        rateLimit:
          enabled: false

      """
  }
}
