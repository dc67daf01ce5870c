import PeerProtocol
import RiskModel
import VenueAPI

// Reads of many accounts, one after the other.
extension GatewayRole {
  /// A read that is due begins when there is room for its requests.
  func standInLine(_ account: AccountID) {
    guard let desk = desks[account], let wish = desk.wanted else { return }
    let isExposed = desk.isExposed || exposedAccounts.contains(account)
    readLine.stand(
      account,
      ReadLine.Rank(
        priority: priority(of: wish.scope, wish.cause, account), isExposed: isExposed),
      at: now)
  }

  /// The evaluator says which accounts cannot wait.
  func noteExposed(_ accounts: [AccountID]) {
    exposedAccounts = Set(accounts)
    for account in accounts where readLine.contains(account) { standInLine(account) }
  }

  /// True when a read began or was left out, so that there may be another.
  func startNextRead() -> Bool {
    if let closure = windowClosure, closure.holds(isRoutine: true, at: now) { return false }
    let most = ReadLine.requestsAhead(queueLimit: settings.requests.queueLimit)
    let next = readLine.first { priority in
      // Comparisons come again and again: they let a regular reading go ahead that waits.
      lane.waitingCount(priority) < most
        && !(priority == .comparison && lane.hasWaiting(.survey))
    }
    guard let next else { return false }
    readLine.leave(next)
    beginRead(next)
    return true
  }

  /// A read found no place in the window of requests for so long that its parts would not belong
  /// together. It stands in line again; nothing of the venue has failed.
  func postponeRead(_ account: AccountID) {
    guard let read = desks[account]?.read else { return }
    withdrawRequests(of: account)
    desks[account]?.read = nil
    desks[account]?.want(ReadWish(scope: read.scope, cause: read.cause, notBefore: now))
    if desks[account]?.isRecording == false { desks[account]?.recorded = [] }
    readIsLate(account)
    standInLine(account)
  }

  /// Of an account that waits for too long nothing is known: unless only the regular reading waits, and
  /// the hub tells of it meanwhile.
  func tellLateReads() {
    let longest = RequestPriority.state.longestWait
    let patience = min(longest, settings.requests.longestWait ?? longest)
    for account in readLine.waiting(since: MonotonicInstant(nanos: now.nanos - patience.nanos)) {
      readIsLate(account)
    }
  }

  private func readIsLate(_ account: AccountID) {
    guard let desk = desks[account],
      !desk.isKnown || !(userHub.isDelivering && isSubscribed(account))
        || (desk.owesSnapshot && !desk.isOwedRegularly)
    else { return }
    tellUnknown(account, "the window of requests has no place for its read")
    stopBuffering(account)
  }
}
