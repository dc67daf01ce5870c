import Logging
import PeerProtocol
import RiskModel
import VenueAPI

// Three sources say what an account holds and earned: the stream, the venue's lists, and our own
// trades. Where they disagree the account is in doubt: it is compared, then read as a whole, and
// when that does not end it in time, a person is told and the venue's list is followed.
extension GatewayRole {
  /// Begins or ends the doubt about an account, by what is known now.
  func reviewDoubt(_ account: AccountID) {
    guard let desk = desks[account], desk.isKnown else { return }
    let differences =
      desk.book.ledgerDifferences
      + desk.book.unlisted(for: settings.reads.doubtDeadline, at: now)
    if differences.isEmpty, desk.balanceDrift == nil, desk.doubt?.isRead != true {
      doubtEnds(account)
    } else {
      doubtBegins(account)
    }
  }

  /// A comparison showed a difference, which only a read of everything settles.
  func comparisonFailed(_ account: AccountID) {
    doubtBegins(account)
    desks[account]?.doubt?.isRead = true
    wantRead(account, .full, userHub.isDelivering ? .difference : .hubDown)
  }

  private func doubtBegins(_ account: AccountID) {
    guard desks[account]?.doubt == nil else { return }
    counts.doubts += 1
    desks[account]?.doubt = Doubt(since: now, deadline: now + settings.reads.doubtDeadline)
    armDoubt(account)
  }

  /// The deadline, and one more read half-way.
  private func armDoubt(_ account: AccountID) {
    guard let doubt = desks[account]?.doubt else { return }
    let half = TimeSpan(nanos: settings.reads.doubtDeadline.nanos / 2)
    let moment = doubt.isAlarmed ? doubt.deadline : min(doubt.deadline, now + half)
    moments.set(.doubt(account), at: moment)
  }

  private func doubtEnds(_ account: AccountID) {
    moments.clear(.doubt(account))
    guard let doubt = desks[account]?.doubt else { return }
    desks[account]?.doubt = nil
    let length = (now - doubt.since).milliseconds
    counts.longestDoubtMilliseconds = max(counts.longestDoubtMilliseconds, length)
    if doubt.isRead {
      logger.notice("State Reconciler: the sources about account \(account) agree again")
    }
  }

  func doubtOverdue(_ account: AccountID) {
    guard let desk = desks[account], let doubt = desk.doubt else { return }
    if userHub.isDelivering { wantRead(account, .full, .difference) }
    if now >= doubt.deadline {
      if !doubt.isAlarmed { doubtLasts(account, desk) }
      desks[account]?.doubt?.deadline = now + settings.reads.fullInterval
      reviewDoubt(account)
    }
    armDoubt(account)
  }

  /// A person is told. From here on our own sum starts from what is held by stream and list; a
  /// difference that only a read can settle stays.
  private func doubtLasts(_ account: AccountID, _ desk: AccountDesk) {
    let differences = desk.book.ledgerDifferences + desk.book.unlisted(for: .zero, at: now)
    // What one read showed alone may be a fill between its answers.
    let isShown = desk.driftReads > 1
    let drift = isShown ? desk.balanceDrift?.description : nil
    if desk.balanceDrift != nil, !isShown, differences.isEmpty, desk.doubt?.isRead == false {
      desks[account]?.balanceDrift = nil
      return
    }
    counts.doubtsAlarmed += 1
    desks[account]?.doubt?.isAlarmed = true
    desks[account]?.book.forgetUnlisted()
    desks[account]?.book.ledger.anchor(desk.book.heldSizes)
    // Payouts and resets exist: the balance as it is now is where the sums begin again.
    if let sums = desk.driftedSums, drift != nil { desks[account]?.balanceSums = sums }
    desks[account]?.balanceDrift = nil
    raise(
      .sourcesDisagree(
        account,
        first: differences.first?.description ?? drift ?? "the venue's lists cannot be read",
        count: max(1, differences.count + (drift == nil ? 0 : 1))))
  }

  /// Whether the positions of a read may be older or newer than its executions.
  func isPositionInDoubt(
    _ desk: AccountDesk, _ read: AccountRead, _ snapshot: AccountSnapshot
  ) -> Bool {
    let held = snapshot.heldSizes
    guard !read.isOvertaken, desk.lastHeardSizes.allSatisfy({ held[$0] ?? 0 == $1 }) else {
      return true
    }
    // Stream and trades agree and this list alone says something else: it may be late.
    guard userHub.isDelivering, desk.isKnown, desk.book.ledgerDifferences.isEmpty else {
      return false
    }
    var ledger = desk.book.ledger
    for trade in snapshot.trades { _ = ledger.record(trade) }
    return !ledger.differences(from: held).isEmpty
      && !ledger.explains(held, since: dayStart(at: snapshot.startedAt))
  }

  /// After a read of everything: our own sum begins with it, or goes on and is compared with it.
  func settle(_ account: AccountID, _ snapshot: AccountSnapshot, after read: AccountRead) {
    guard let desk = desks[account] else { return }
    let ledger = desk.book.ledger
    let dayStart = self.dayStart(at: snapshot.startedAt)
    let held = desk.book.heldSizes
    if !ledger.isAnchored || ledger.explains(held, since: dayStart) {
      desks[account]?.book.ledger.anchor(held)
    }
    desks[account]?.book.ledger.forget(before: dayStart)
    // An event during the read may belong to one of its answers and not to another.
    if !read.isOvertaken, read.repeats == 0 {
      balanceRead(
        account,
        BalanceSums(
          balance: snapshot.account.balance, dayStart: dayStart,
          earnings: ledger.earnings(since: dayStart)))
    }
    desks[account]?.doubt?.isRead = false
    reviewDoubt(account)
  }

  /// Tells what a read of everything showed, and why it was read; a person is told where that does
  /// not explain it.
  func report(_ differences: AccountDifferences) {
    guard let first = differences.listed.first else { return }
    let account = differences.account
    let cause = differences.cause
    for difference in differences.listed {
      logger.log(
        level: cause.explainsDifferences ? .notice : .warning,
        "State Reconciler: account \(account): \(difference)",
        metadata: ["cause": "\(cause.rawValue)"])
    }
    say(.differences(differences, receivedAt: ports.clock.now()))
    guard !cause.explainsDifferences else { return }
    counts.differences += 1
    logger.warning("State Reconciler: account \(account) had changes that no event told")
    raise(
      .eventsMissed(
        account, cause: cause.rawValue, first: "\(first)", count: differences.count))
  }

  /// Compares the balance with what our own trades add up to since the last time that both agreed,
  /// or that a person was told. What moves a balance otherwise (a payout, a reset of the account) is
  /// a doubt like any other: read again at once, and told where it lasts.
  private func balanceRead(_ account: AccountID, _ sums: BalanceSums) {
    guard let desk = desks[account] else { return }
    guard let before = desk.balanceSums, let drift = sums.drift(since: before) else {
      desks[account]?.balanceDrift = nil
      if desk.balanceSums?.dayStart != sums.dayStart { desks[account]?.balanceSums = sums }
      return
    }
    desks[account]?.balanceDrift = drift
    desks[account]?.driftedSums = sums
    desks[account]?.driftReads = desk.balanceDrift == nil ? 1 : desk.driftReads + 1
    guard desk.balanceDrift == nil else { return }
    counts.balanceDrifts += 1
    logger.notice("State Reconciler: account \(account): \(drift); read again")
    wantRead(account, .full, userHub.isDelivering ? .difference : .hubDown)
  }
}

extension AccountSnapshot {
  var heldSizes: [ContractID: Int64] {
    Dictionary(
      positions.filter { !$0.isFlat }.map { ($0.contract, $0.signedSize) }, uniquingKeysWith: +)
  }
}

extension AccountDesk {
  /// What the hub told of positions during the read under way.
  var lastHeardSizes: [ContractID: Int64] {
    recorded.reduce(into: [:]) { sizes, item in
      if case .position(let position) = item.event {
        sizes[position.contract] = position.signedSize
      }
    }
  }

  /// Whether an event may have moved a position or money: the sources are compared after it.
  func isNews(_ event: VenueEvent) -> Bool {
    switch event {
    case .account(let account):
      return book.account?.balance != account.balance
    case .position(let position):
      return book.positions[position.contract]?.signedSize ?? 0 != position.signedSize
    case .order(let order):
      return order.status == .filled
        || order.filledSize > (book.latest(order.id)?.filledSize ?? 0)
    case .trade(let trade):
      return !book.knows(.trade(trade))
    case .quote, .contract:
      return false
    }
  }
}
