package import RiskModel

/// A decision of the engine. The journal keeps the effects of an input beside it; replaying the
/// journal must give the same ones.
package enum Effect: Equatable, Sendable, Codable {
  case adopt(Target)
  /// A standing target became stricter, or one of the positions that it is about is over; its id is
  /// the same.
  case amend(Target)
  case end(TargetID, TargetEnding)
  /// A rule fired; `target` names what it led to.
  case breach(Breach)
  /// A locked account took on exposure again; `count` since the lock was adopted.
  case reentry(AccountID, TargetID, contract: ContractID, count: Int)
  case query(QueryID, Query)
  /// The contracts whose quotes are wanted, all of them.
  case watch([ContractID])
  case dailyReset(AccountID, ended: CivilDate, realized: Money)
  case notice(Notice)
}

/// A rule, the numbers it fired on and the target it led to.
package struct Breach: Equatable, Sendable, Codable {
  package var account: AccountID
  package var rule: RuleID
  package var reason: BreachReason
  package var target: TargetID
  package var at: Instant

  package init(
    account: AccountID, rule: RuleID, reason: BreachReason, target: TargetID, at: Instant
  ) {
    self.account = account
    self.rule = rule
    self.reason = reason
    self.target = target
    self.at = at
  }
}

/// Something that people should see and that changes nothing by itself.
package enum Notice: Equatable, Sendable, Codable {
  case accountUnprotectable(AccountID, reason: String)
  /// The money rules of a position cannot be evaluated: its contract is not known.
  case contractUnknown(AccountID, ContractID)
  /// The contract of a position stays unknown for longer than the stale threshold, in an open market.
  case contractMissing(AccountID, ContractID)
  /// No price for a held contract for longer than the stale threshold, in an open market.
  case markStale(AccountID, ContractID)
  case markBack(AccountID, ContractID)
  /// The venue did not say whether the account can trade.
  case canTradeUnknown(AccountID)
  /// A price far from the last one waits for a second opinion.
  case printHeld(ContractID, Price)
  /// A read of the account showed changes that no event had told.
  case accountDiffered(AccountID, cause: ReadCause, count: Int)
  /// A rule came nearer to firing and reached another grade.
  case approaching(AccountID, Distance)
  /// The venue does not tell the working orders; a position without a known stop waits for them.
  case stopsUnconfirmed(AccountID, problem: String, failures: Int)
  /// A locked account is entered again and again: `count` times within ten minutes.
  case reentriesRepeated(AccountID, TargetID, count: Int)
}
