import PeerProtocol
import RiskModel
import RiskRules

/// Which accounts a gateway has not read yet in its life.
///
/// A gateway that starts does not know what the one before it told, so it cannot say what happened
/// in between. The evaluator can: the first reading of each account is compared with what was known.
struct Resumption {
  private var life: Int64?
  private var unread: Set<AccountID> = []
  /// What the part of a list that goes ahead of its snapshot showed.
  private var ahead: [AccountID: [SourceDifference]] = [:]
  private var heardAt: Instant
  /// How long nobody had listened when this gateway began.
  private var gap = TimeSpan.zero

  /// What was known before a longer silence does not bound what may be held now.
  static let longestGap = TimeSpan.seconds(30)

  /// `lastHeard` is when the record ends.
  init(lastHeard: Instant) {
    heardAt = lastHeard
  }

  /// A message of the gateway that began with this epoch.
  mutating func heard(
    _ epoch: Int64, of accounts: some Sequence<AccountID>, at now: Instant
  ) {
    defer { heardAt = now }
    guard life != epoch else { return }
    life = epoch
    unread = Set(accounts)
    ahead = [:]
    gap = now - heardAt
  }

  /// A list that is too long for one message goes ahead of the snapshot that it belongs to.
  mutating func listed(_ differences: [SourceDifference], ahead account: AccountID) {
    guard unread.contains(account) else { return }
    ahead[account, default: []] += differences
  }

  /// What went ahead of the snapshot that is here now.
  mutating func takeAhead(_ account: AccountID) -> [SourceDifference] {
    ahead.removeValue(forKey: account) ?? []
  }

  /// Whether what is known of the account is what it held last: this gateway has read it, or nobody
  /// was away for long before it. After a longer time a position may have been opened that is nobody's
  /// fault, and must not pass for a new one.
  func knows(_ account: AccountID) -> Bool {
    !unread.contains(account) || gap <= Self.longestGap
  }

  /// The account is compared now. False when it was before.
  mutating func compares(_ account: AccountID) -> Bool { unread.remove(account) != nil }
}

extension EvaluatorRole {
  /// An execution of a list, told as an event because the list does not fit into its snapshot.
  func recordMissed(_ trade: Trade) {
    guard let known = engine.state.accounts[trade.account], known.account != nil,
      !known.reading.isSetAside
    else { return }
    resumption.listed(known.differences(trades: [trade]), ahead: trade.account)
  }

  /// What happened while no gateway listened goes into the record before the reading that shows it.
  func recordMissed(before snapshot: AccountSnapshot) {
    let id = snapshot.account.id
    let ahead = resumption.takeAhead(id)
    guard resumption.compares(id), let known = engine.state.accounts[id],
      !known.reading.isSetAside
    else { return }
    let differences = AccountDifferences(
      account: id, cause: .start, ahead + known.differences(from: snapshot))
    guard differences.count > 0 else { return }
    apply(.differences(differences))
    for difference in differences.listed { outbox.records.append(.missed(id, difference)) }
  }
}
