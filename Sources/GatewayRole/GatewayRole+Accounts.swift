import Logging
import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// Compares the configured accounts with the venue's list.
  func checkAccounts() {
    guard !isAccountCheckOut else { return }
    moments.clear(.accountCheck)
    isAccountCheckOut = lane.add(.accountCheck, .accountSearch(onlyActive: false))
    if !isAccountCheckOut { moments.set(.accountCheck, at: now + .seconds(5)) }
  }

  func accountsListed(_ result: Result<[Account], VenueError>) {
    isAccountCheckOut = false
    switch result {
    case .failure(let error):
      logger.warning("the venue's list of accounts cannot be read: \(error)")
      moments.set(.accountCheck, at: now + .seconds(5))
    case .success(let listing):
      for account in accounts {
        guard let desk = desks[account], !desk.isContradictory, !desk.isWatched else { continue }
        switch AccountVerdict(desk.configured, in: listing) {
        case .matches(let found): accountMatches(account, found)
        case .unprotectable(let reason): markUnprotectable(account, reason)
        }
      }
      deliverIfSettled(.user)
    }
  }

  private func accountMatches(_ account: AccountID, _ found: Account) {
    logger.info("account \(account) is watched")
    desks[account]?.standing = .watched
    desks[account]?.owesSnapshot = true
    desks[account]?.isBuffering = true
    desks[account]?.book.apply(.account(found))
    for subscription in GatewayRole.subscriptions(of: account) {
      userHub.board.want(subscription)
    }
    if !moments.contains(.poll) { moments.set(.poll, at: now + pollInterval) }
  }

  func markUnprotectable(_ account: AccountID, _ reason: String) {
    guard desks[account]?.standing != .unprotectable(reason) else { return }
    desks[account]?.standing = .unprotectable(reason)
    // One list without the account may be the venue's mistake: the next one is asked for soon.
    if desks[account]?.isContradictory == false {
      moments.set(.accountCheck, at: now + .seconds(5))
    }
    desks[account]?.read = nil
    desks[account]?.wanted = nil
    desks[account]?.recorded = []
    desks[account]?.book = AccountBook()
    moments.clear(.read(account))
    withdrawRequests(of: account)
    forgetHeldEvents(of: account)
    for subscription in GatewayRole.subscriptions(of: account) {
      _ = userHub.board.forget(subscription)
    }
    raise(.unprotectable(account, reason: reason))
    sayUnprotectable(account)
  }

  /// Told to the reader with everything else when its link opens.
  func alarmIfContradictory(_ account: AccountID) {
    guard let desk = desks[account], desk.isContradictory,
      case .unprotectable(let reason) = desk.standing
    else { return }
    raise(.unprotectable(account, reason: reason))
  }

  func sayUnprotectable(_ account: AccountID) {
    guard case .unprotectable(let reason) = desks[account]?.standing else { return }
    say(.unprotectable(account, reason: reason, receivedAt: ports.clock.now()))
  }
}
