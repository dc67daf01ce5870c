/// What the supervisor passes on from an operator to the evaluator, because only it knows.
package enum OperatorQuestion: Equatable, Sendable, Codable {
  /// The lockouts that stand.
  case lockouts
  /// End a lockout that nothing else ends. `by` says who asked, for the record.
  case endLockout(String, by: String)
}

/// The evaluator's answer.
package enum OperatorAnswer: Equatable, Sendable, Codable {
  case lockouts([LockoutReport])
  /// It is ended and recorded. A rule that is still broken has locked again; what stands then.
  case lockoutEnded(String, standing: [LockoutReport])
  case refused(String)
}

/// One lockout of one account. As JSON, the keys are an interface: they are only ever added.
package struct LockoutReport: Equatable, Sendable, Codable {
  /// So many are told at the most, the oldest first.
  package static let limit = 200

  /// Its name, `184-0`.
  package var id: String
  package var account: Int64
  package var rule: String
  package var code: String
  /// The reason, for the trader.
  package var reason: String
  /// What it bars.
  package var scope: String
  /// Nothing may be held: otherwise what was held may stay and shrink.
  package var isHard: Bool
  /// Since when, RFC 3339, UTC.
  package var since: String
  /// What ends it, in words.
  package var end: String
  /// When it ends by time: at this moment by the local clock and the venue's own.
  package var until: String?
  /// Only an administrator ends it.
  package var isPermanent: Bool
  /// Times that exposure came back against it.
  package var reentries: Int

  package init(
    id: String, account: Int64, rule: String, code: String, reason: String, scope: String,
    isHard: Bool, since: String, end: String, until: String?, isPermanent: Bool, reentries: Int
  ) {
    self.id = id
    self.account = account
    self.rule = rule
    self.code = code
    self.reason = reason
    self.scope = scope
    self.isHard = isHard
    self.since = since
    self.end = end
    self.until = until
    self.isPermanent = isPermanent
    self.reentries = reentries
  }
}
