import Logging
import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// A read of an account is wanted, as soon as the spacing of reads allows it.
  func wantRead(_ account: AccountID, _ scope: AccountRead.Scope) {
    guard desks[account]?.isWatched == true else { return }
    desks[account]?.want(scope)
    armRead(account)
  }

  private func armRead(_ account: AccountID) {
    guard let desk = desks[account], desk.read == nil, desk.wanted != nil, hasReader else {
      return
    }
    let now = self.now
    let spaced = desk.lastReadAt.map { $0 + settings.reads.spacing } ?? now
    moments.set(.read(account), at: max(now, spaced, desk.retryAt ?? now))
  }

  func startRead(_ account: AccountID) {
    guard var desk = desks[account], desk.isWatched, desk.read == nil, let scope = desk.wanted
    else { return }
    lastReadNumber += 1
    let wallTime = ports.clock.now()
    let read = AccountRead(
      number: lastReadNumber, scope: scope, configured: desk.configured, startedAt: wallTime)
    desk.read = read
    desk.wanted = nil
    desk.retryAt = nil
    desk.lastReadAt = now
    desks[account] = desk
    let day = settings.tradingDay.tradingDate(at: wallTime)
    for (part, request) in read.firstRequests(tradesSince: settings.tradingDay.start(of: day)) {
      let isTaken = lane.add(.read(account, number: read.number, part), request)
      if !isTaken {
        readFailed(account, .transport(.notSent(reason: "too many requests are waiting")))
        return
      }
    }
  }

  func readAnswered(
    _ account: AccountID, _ number: Int64, _ part: AccountRead.Part, _ answer: VenueAnswer
  ) {
    guard let step = desks[account]?.read(number, answered: part, with: answer) else { return }
    switch step {
    case .wait:
      return
    case .request(let request):
      guard lane.add(.read(account, number: number, part), request) else {
        readFailed(account, .transport(.notSent(reason: "too many requests are waiting")))
        return
      }
    case .complete:
      completeRead(account)
    case .failed(let error):
      readFailed(account, error)
    case .unprotectable(let reason):
      markUnprotectable(account, reason)
    }
  }

  func withdrawRequests(of account: AccountID) {
    lane.withdraw { purpose in
      if case .read(account, _, _) = purpose { return true }
      return false
    }
  }

  private func readFailed(_ account: AccountID, _ error: VenueError) {
    counts.failedReads += 1
    withdrawRequests(of: account)
    desks[account]?.readFailed(at: now, delays: settings.reads.retryDelays)
    logger.warning("State Reconciler: account \(account) cannot be read: \(error)")
    if !userHub.isDelivering { desks[account]?.owesSnapshot = true }
    if desks[account]?.owesSnapshot == true {
      tellUnknown(account, "the venue's queries fail: \(error)")
      stopBuffering(account)
    }
    if desks[account]?.isRecording == false { desks[account]?.recorded = [] }
    armRead(account)
  }

  /// All parts are here. A snapshot may still wait for the data of a contract.
  func completeRead(_ account: AccountID) {
    guard let desk = desks[account], let read = desk.read, read.isComplete else { return }
    guard let snapshot = read.snapshot else {
      completeCheck(account, read)
      return
    }
    let needed = Set(
      snapshot.positions.map(\.contract) + snapshot.workingOrders.map(\.contract)
        + snapshot.trades.map(\.contract))
    let awaited = needed.sorted().filter { !tellContract($0) }
    guard awaited.isEmpty else { return }
    desks[account]?.read = nil
    desks[account]?.failures = 0
    if read.isSpoiled {
      desks[account]?.want(.full)
    } else if desk.owesSnapshot || !desk.book.agrees(snapshot) {
      tell(snapshot, isExpected: desk.owesSnapshot)
    }
    if desks[account]?.isRecording == false { desks[account]?.recorded = [] }
    armRead(account)
    noteInitialRead()
  }

  private func completeCheck(_ account: AccountID, _ read: AccountRead) {
    guard let desk = desks[account] else { return }
    desks[account]?.read = nil
    desks[account]?.failures = 0
    if !desk.isBuffering { desks[account]?.recorded = [] }
    if !desk.book.agrees(positions: read.positions ?? [], orders: read.orders ?? []) {
      logger.notice("State Reconciler: account \(account) differs from the stream; read again")
      desks[account]?.want(.full)
    }
    armRead(account)
  }

  private func tell(_ snapshot: AccountSnapshot, isExpected: Bool) {
    let account = snapshot.account.id
    if !isExpected {
      counts.differences += 1
      logger.warning("State Reconciler: account \(account) had changes that no event told")
    }
    counts.snapshots += 1
    // What waits for a contract is older than the snapshot, or recorded and told again below.
    forgetHeldEvents(of: account)
    say(.snapshot(snapshot, receivedAt: ports.clock.now()))
    for position in snapshot.positions { logPosition(position) }
    for item in desks[account]?.snapshotTold(snapshot) ?? [] { deliver(item) }
    updateQuoteWishes()
  }

  func forgetHeldEvents(of account: AccountID) {
    heldEvents = heldEvents.mapValues { $0.filter { $0.event.account != account } }
  }

  private func noteInitialRead() {
    guard !isInitialReadComplete else { return }
    let watched = desks.values.filter(\.isWatched)
    guard !watched.isEmpty, watched.allSatisfy(\.isKnown),
      !desks.values.contains(where: { $0.standing == .unverified })
    else { return }
    isInitialReadComplete = true
    logger.info("State Reconciler: Initial reconciliation complete")
  }

  /// The state of the account is not known until its next snapshot.
  func tellUnknown(_ account: AccountID, _ reason: String) {
    desks[account]?.owesSnapshot = true
    guard desks[account]?.isToldUnknown == false else { return }
    desks[account]?.isToldUnknown = true
    say(.unknown(account, reason: reason, receivedAt: ports.clock.now()))
  }

  /// Events must not wait for a snapshot that does not come.
  func stopBuffering(_ account: AccountID) {
    guard let desk = desks[account], desk.isBuffering, hasReader else { return }
    desks[account]?.isBuffering = false
    if desk.read == nil { desks[account]?.recorded = [] }
    for item in desk.recorded { deliver(item) }
  }
}

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
      wantRead(account, .full)
    }
    moments.set(.poll, at: now + pollInterval)
  }

  func poll() {
    let unheard = unheardAccounts
    for account in unheard { wantRead(account, .full) }
    guard !unheard.isEmpty || !userHub.isDelivering else { return }
    moments.set(.poll, at: now + pollInterval)
  }

  func check() {
    moments.set(.check, at: now + settings.reads.checkInterval)
    updateQuoteWishes()
    guard userHub.isDelivering else { return }
    for account in accounts where desks[account]?.isKnown == true { wantRead(account, .check) }
  }

  func readEverything() {
    moments.set(.full, at: now + settings.reads.fullInterval)
    for account in accounts where desks[account]?.isWatched == true {
      desks[account]?.owesSnapshot = true
      wantRead(account, .full)
    }
    let isAnyUnwatched = desks.values.contains { !$0.isWatched && !$0.isContradictory }
    if isAnyUnwatched { checkAccounts() }
  }
}
