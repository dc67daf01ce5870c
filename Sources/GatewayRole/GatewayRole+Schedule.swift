import PeerProtocol
import RiskModel

// When accounts are read without a cause.
extension GatewayRole {
  /// Polling stretches with the number of accounts, so that it leaves room in the request window.
  var pollInterval: TimeSpan {
    let requestsPerPoll = Int64(accounts.count) * 4
    let stretched = TimeSpan.seconds(60) * requestsPerPoll
    let most = settings.reads.pollRequestsPerMinute
    return max(settings.reads.pollInterval, TimeSpan(nanos: stretched.nanos / max(1, most)))
  }

  /// The accounts that the user hub does not tell about.
  private var unheardAccounts: [AccountID] {
    accounts.filter { account in
      desks[account]?.isWatched == true && !(userHub.isDelivering && isSubscribed(account))
    }
  }

  func pollAtOnce() {
    for account in unheardAccounts {
      desks[account]?.owesSnapshot = true
      wantRead(account, .full, .hubDown)
    }
    moments.set(.poll, at: now + pollInterval)
  }

  func poll() {
    let unheard = unheardAccounts
    for account in unheard { wantRead(account, .full, .hubDown) }
    guard !unheard.isEmpty || !userHub.isDelivering else { return }
    moments.set(.poll, at: now + pollInterval)
  }

  func check() {
    moments.set(.check, at: now + settings.reads.checkInterval)
    updateQuoteWishes()
    guard userHub.isDelivering, settings.reads.isPeriodic else { return }
    for account in accounts where desks[account]?.isKnown == true {
      wantRead(account, .check, .periodic)
    }
  }

  func readEverything() {
    moments.set(.full, at: now + settings.reads.fullInterval)
    for account in accounts where desks[account]?.isWatched == true {
      if desks[account]?.owesSnapshot == false {
        desks[account]?.owesSnapshot = true
        desks[account]?.isOwedRegularly = true
      }
      wantRead(account, .full, .periodic)
    }
    let isAnyUnwatched = desks.values.contains { !$0.isWatched && !$0.isContradictory }
    if isAnyUnwatched { checkAccounts() }
  }
}
