package import RiskModel

/// One rule of an account and how far it is from firing.
package struct RuleReport: Equatable, Sendable, Codable {
  package var rule: RuleID
  package var isEnabled: Bool
  /// What is set, in plain words.
  package var setting: String
  /// One for everything that the rule watches; none where it has no distance.
  package var distances: [DistanceReport] = []
  /// Why a distance is not known; `nil` when all are.
  package var unknown: String?

  package init(rule: RuleID, isEnabled: Bool, setting: String) {
    self.rule = rule
    self.isEnabled = isEnabled
    self.setting = setting
  }
}

/// A value on its way to a limit, in the direction in which the rule fires.
package struct DistanceReport: Equatable, Sendable, Codable {
  package enum Unit: String, Sendable, Codable {
    /// Micro-dollars.
    case money
    case contracts
    case trades
    /// Nanoseconds.
    case time
  }

  /// A contract or a root; `nil` is the account.
  package var subject: String?
  package var unit: Unit
  package var used: Int64
  package var limit: Int64
  /// 0 once the limit is reached.
  package var left: Int64
  /// Of the limit, rounded down; 0 while the value is none.
  package var percent: Int64

  package init(
    subject: String?, unit: Unit, used: Int64, limit: Int64, left: Int64, percent: Int64
  ) {
    self.subject = subject
    self.unit = unit
    self.used = used
    self.limit = limit
    self.left = left
    self.percent = percent
  }
}

/// Something that the trader may not do for a while.
package struct LockoutReport: Equatable, Sendable, Codable {
  /// The target that stands for it.
  package var id: TargetID
  package var rule: RuleID
  package var since: Instant
  /// `nil` when it ends by a condition.
  package var endsAt: Instant?
  /// When it ends, in plain words: `at the daily reset`, `when an administrator ends it`.
  package var ends: String
  /// Why, in plain words.
  package var reason: String
  /// What it means: `no positions and no orders`.
  package var means: String
  /// How often exposure came back while it stood.
  package var reentries: Int
  /// How and when it ended.
  package var endedAt: Instant?
  package var ending: String?

  package init(
    id: TargetID, rule: RuleID, since: Instant, endsAt: Instant?, ends: String, reason: String,
    means: String, reentries: Int = 0
  ) {
    self.id = id
    self.rule = rule
    self.since = since
    self.endsAt = endsAt
    self.ends = ends
    self.reason = reason
    self.means = means
    self.reentries = reentries
  }
}

/// Something that riskd did or saw.
package struct EventReport: Equatable, Sendable, Codable {
  package enum Kind: String, Sendable, Codable {
    /// A rule fired.
    case breach
    /// A request to the venue.
    case action
    /// The venue shows that a target is reached.
    case proven
    /// A lockout began or ended.
    case lockout
    /// Exposure came back against a lockout.
    case reentry
    /// A target is not reached yet.
    case failing
    case dailyReset = "daily_reset"
    case notice
  }

  package var at: Instant
  package var kind: Kind
  package var rule: RuleID?
  /// What was done, in few words.
  package var what: String
  /// Why, in plain words.
  package var why: String

  package init(at: Instant, kind: Kind, rule: RuleID?, what: String, why: String) {
    self.at = at
    self.kind = kind
    self.rule = rule
    self.what = what
    self.why = why
  }
}

/// What riskd did on the trading day, since the evaluator started.
package struct EnforcementTotals: Equatable, Sendable, Codable {
  package var actions: Int64 = 0
  package var closes: Int64 = 0
  package var cancels: Int64 = 0
  package var lockouts: Int64 = 0
  /// From when on it was counted.
  package var since: Instant?

  package init() {}
}
