import Logging
import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// Compares the configured accounts with the venue's list.
  func checkAccounts() {
    guard !accountLists.values.contains(where: { $0.contains(.check) }) else { return }
    moments.clear(.accountCheck)
    if !askForAccounts(.check, priority: .accounts) {
      moments.set(.accountCheck, at: now + .seconds(5))
    }
  }

  /// Asks for the venue's list of accounts. One list serves all who want one before it is asked
  /// for. False when too many requests are waiting.
  func askForAccounts(_ reader: AccountListReader, priority: RequestPriority) -> Bool {
    for number in accountLists.keys.sorted()
    where lane.isWaiting(.accountList(number: number), atLeast: priority) {
      accountLists[number]?.append(reader)
      return true
    }
    lastAccountListNumber += 1
    let purpose = Purpose.accountList(number: lastAccountListNumber)
    guard lane.add(purpose, .accountSearch(onlyActive: false), priority: priority) else {
      return false
    }
    accountLists[lastAccountListNumber] = [reader]
    return true
  }

  func accountListAnswered(_ number: Int64, _ answer: VenueAnswer) {
    let listing = answer.decodeAccounts().map(AccountListing.init)
    for reader in accountLists.removeValue(forKey: number) ?? [] {
      switch reader {
      case .check: accountsListed(listing)
      case .read(let account, let number): readListed(account, number, listing)
      }
    }
  }

  /// Nobody reads this account any more.
  func withdrawFromLists(_ account: AccountID) {
    for (number, readers) in accountLists {
      let others = readers.filter { $0.account != account }
      accountLists[number] = others.isEmpty ? nil : others
      if others.isEmpty { lane.withdraw { $0 == .accountList(number: number) } }
    }
  }

  private func accountsListed(_ result: Result<AccountListing, VenueError>) {
    switch result {
    case .failure(let error):
      logger.warning("the venue's list of accounts cannot be read: \(error)")
      moments.set(.accountCheck, at: now + retryDelay(after: accountListFailures))
      accountListFailures += 1
    case .success(let listing):
      accountListFailures = 0
      for account in accounts {
        guard let desk = desks[account], !desk.isContradictory, !desk.isWatched else { continue }
        switch AccountVerdict(desk.configured, in: listing) {
        case .matches(let found): accountMatches(account, found)
        case .unprotectable(let reason) where isDoubtConfirmed(account, reason):
          markUnprotectable(account, reason)
        case .unprotectable: moments.set(.accountCheck, at: now + settings.reads.doubtInterval)
        }
      }
      deliverIfSettled(.user)
    }
  }

  /// One list that does not fit may be the venue's mistake, and an account is not left alone for
  /// one: it takes two in a row.
  func isDoubtConfirmed(_ account: AccountID, _ reason: String) -> Bool {
    if case .unprotectable = desks[account]?.standing { return true }
    guard desks[account]?.isDoubted == false else { return true }
    desks[account]?.isDoubted = true
    logger.warning("account \(account) is in doubt and looked up again: \(reason)")
    return false
  }

  private func accountMatches(_ account: AccountID, _ found: Account) {
    desks[account]?.book.apply(.account(found))
    noteVerified(account)
    watch(account)
  }

  func watch(_ account: AccountID) {
    logger.info("account \(account) is watched", metadata: ["account": "\(account)"])
    desks[account]?.standing = .watched
    desks[account]?.isDoubted = false
    desks[account]?.owesSnapshot = true
    desks[account]?.isBuffering = true
    for subscription in GatewayRole.subscriptions(of: account) {
      userHub.want(subscription)
    }
    if !moments.contains(.poll) { moments.set(.poll, at: now + pollInterval) }
    if hasReader { beginLife(account) }
  }

  func markUnprotectable(_ account: AccountID, _ reason: String) {
    guard desks[account]?.standing != .unprotectable(reason) else { return }
    if memory.forget(account) { isMemoryChanged = true }
    readLine.leave(account)
    desks[account]?.standing = .unprotectable(reason)
    if desks[account]?.isContradictory == false {
      moments.set(.accountCheck, at: now + .seconds(5))
    }
    desks[account]?.read = nil
    desks[account]?.wanted = nil
    desks[account]?.recorded = []
    desks[account]?.book = AccountBook()
    desks[account]?.doubt = nil
    desks[account]?.balanceSums = nil
    desks[account]?.balanceDrift = nil
    for moment in [Moment.read(account), .readAgain(account), .doubt(account)] {
      moments.clear(moment)
    }
    withdrawRequests(of: account)
    forgetHeldEvents(of: account)
    for subscription in GatewayRole.subscriptions(of: account) {
      _ = userHub.forget(subscription)
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

/// Who waits for a list of the venue's accounts.
enum AccountListReader: Equatable {
  /// The comparison with the configuration.
  case check
  case read(AccountID, number: Int64)

  var account: AccountID? {
    switch self {
    case .check: nil
    case .read(let account, _): account
    }
  }
}
