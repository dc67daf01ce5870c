import Logging
import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// A read of an account is wanted, as soon as the spacing of reads allows it.
  func wantRead(_ account: AccountID, _ scope: AccountRead.Scope, _ cause: ReadCause) {
    guard let desk = desks[account], desk.isWatched else { return }
    var notBefore = now
    if cause == .news { notBefore = notBefore + settings.reads.newsDelay }
    if cause == .start, !userHub.isDelivering { notBefore = notBefore + settings.reads.hubPatience }
    if cause.isSpaced, let last = desk.lastSpacedAt {
      notBefore = max(notBefore, last + settings.reads.minInterval)
    }
    desks[account]?.want(ReadWish(scope: scope, cause: cause, notBefore: notBefore))
    guard readLine.contains(account) else { return armRead(account) }
    // What is wanted now may have to wait for longer than what stood in line.
    if let due = readMoment(account), due > now {
      readLine.leave(account)
      armRead(account)
    } else {
      standInLine(account)
    }
  }

  func armRead(_ account: AccountID) {
    guard desks[account]?.read == nil, hasReader, let moment = readMoment(account) else { return }
    moments.set(.read(account), at: moment)
  }

  /// When the read that is wanted may begin, as far as its account goes.
  private func readMoment(_ account: AccountID) -> MonotonicInstant? {
    guard let desk = desks[account], let wish = desk.wanted else { return nil }
    let spaced =
      switch wish.scope {
      case .full: desk.lastFullAt.map { $0 + settings.reads.spacing }
      case .check: desk.lastReadAt.map { $0 + settings.reads.newsSpacing }
      }
    return max(now, wish.notBefore, spaced ?? now, desk.retryAt ?? now)
  }

  func startRead(_ account: AccountID) {
    guard let desk = desks[account], desk.isWatched, desk.read == nil, let wish = desk.wanted
    else { return }
    // Comparisons come one after the other for every account that trades, and leave before what is
    // less urgent: a regular reading that waits for the window is let through first.
    if wish.scope == .check, lane.hasWaiting(.survey) {
      moments.set(.read(account), at: now + settings.reads.newsDelay)
      return
    }
    standInLine(account)
  }

  func beginRead(_ account: AccountID) {
    guard var desk = desks[account], desk.isWatched, desk.read == nil, let wish = desk.wanted
    else { return }
    moments.clear(.readAgain(account))
    lastReadNumber += 1
    let wallTime = ports.clock.now()
    let read = AccountRead(
      number: lastReadNumber, scope: wish.scope, cause: wish.cause, configured: desk.configured,
      startedAt: wallTime, recorded: desk.recorded.count)
    desk.wanted = nil
    desk.retryAt = nil
    desk.lastReadAt = now
    if wish.scope == .full { desk.lastFullAt = now }
    if wish.cause.isSpaced { desk.lastSpacedAt = now }
    desk.read = read
    let requests = read.firstRequests(tradesSince: tradesStart(desk, wish.scope, at: wallTime))
    desks[account] = desk
    send(requests, account, read)
  }

  /// A snapshot lists the executions of the whole trading day: one that the venue voids keeps its
  /// time, so a shorter list would not show it. A comparison looks at the latest ones only.
  private func tradesStart(
    _ desk: AccountDesk, _ scope: AccountRead.Scope, at wallTime: Instant
  ) -> Instant {
    let dayStart = self.dayStart(at: wallTime)
    guard scope == .check, let last = desk.book.ledger.lastExecution else { return dayStart }
    return max(dayStart, last - settings.reads.tradeOverlap)
  }

  func dayStart(at wallTime: Instant) -> Instant {
    settings.tradingDay.start(of: settings.tradingDay.tradingDate(at: wallTime))
  }

  private func send(
    _ requests: [(AccountRead.Part, VenueRequest)], _ account: AccountID, _ read: AccountRead
  ) {
    let priority = self.priority(of: read, account)
    for (part, request) in requests {
      let isTaken =
        part == .account
        ? askForAccounts(.read(account, number: read.number), priority: priority)
        : lane.add(.read(account, number: read.number, part), request, priority: priority)
      if !isTaken {
        readFailed(account, .transport(.notSent(reason: "too many requests are waiting")))
        return
      }
    }
  }

  /// A state that the evaluator has to be told goes before comparisons and regular readings.
  private func priority(of read: AccountRead, _ account: AccountID) -> RequestPriority {
    priority(of: read.scope, read.cause, account)
  }

  func priority(
    of scope: AccountRead.Scope, _ cause: ReadCause, _ account: AccountID
  ) -> RequestPriority {
    switch (scope, cause) {
    case (.check, _): .comparison
    case (.full, .periodic) where desks[account]?.isKnown == true: .survey
    case (.full, _): .state
    }
  }

  /// Asks for the positions of the read under way once more.
  func readAgain(_ account: AccountID) {
    guard var desk = desks[account], var read = desk.read else { return }
    let start = dayStart(at: ports.clock.now())
    let requests = read.repeatRequests(tradesSince: start, recorded: desk.recorded.count)
    desk.read = read
    desks[account] = desk
    send(requests, account, read)
  }

  func readAnswered(
    _ account: AccountID, _ number: Int64, _ part: AccountRead.Part, _ answer: VenueAnswer
  ) {
    guard let step = desks[account]?.read(number, answered: part, with: answer) else { return }
    follow(step, account, number, part)
  }

  /// The venue's list of accounts is there, which a read waits for.
  func readListed(
    _ account: AccountID, _ number: Int64, _ listing: Result<AccountListing, VenueError>
  ) {
    guard let step = desks[account]?.read(number, listed: listing) else { return }
    follow(step, account, number, .account)
  }

  private func follow(
    _ step: AccountRead.Step, _ account: AccountID, _ number: Int64, _ part: AccountRead.Part
  ) {
    switch step {
    case .wait:
      return
    case .request(let request):
      let priority = desks[account]?.read.map { self.priority(of: $0, account) }
      guard lane.add(.read(account, number: number, part), request, priority: priority) else {
        readFailed(account, .transport(.notSent(reason: "too many requests are waiting")))
        return
      }
    case .complete:
      completeRead(account)
    case .failed(let error):
      readFailed(account, error)
    case .unprotectable(let reason):
      if isDoubtConfirmed(account, reason) {
        markUnprotectable(account, reason)
      } else {
        readFailed(account, because: reason)
      }
    }
  }

  func withdrawRequests(of account: AccountID) {
    lane.withdraw { purpose in
      if case .read(account, _, _) = purpose { return true }
      return false
    }
    withdrawFromLists(account)
  }

  /// The wait after a read that failed, whatever was read.
  func retryDelay(after failures: Int) -> TimeSpan {
    settings.reads.retryDelay(after: failures, random: ports.random())
  }

  private func readFailed(_ account: AccountID, _ error: VenueError) {
    readFailed(
      account, because: "\(error)",
      tellAfter: error.reaction == .tellPerson ? 1 : settings.reads.attemptsToAlarm)
  }

  private func readFailed(_ account: AccountID, because problem: String) {
    readFailed(account, because: problem, tellAfter: settings.reads.attemptsToAlarm)
  }

  private func readFailed(
    _ account: AccountID, because problem: String, tellAfter attemptsToAlarm: Int
  ) {
    counts.failedReads += 1
    withdrawRequests(of: account)
    let wait = retryDelay(after: desks[account]?.failures ?? 0)
    desks[account]?.readFailed(at: now, wait: wait)
    // Read again as soon as the venue is tried again, and not after a wait that grew meanwhile.
    if let end = breakers[.accounts]?.triesAt { desks[account]?.waits(until: end) }
    logger.warning(
      "State Reconciler: account \(account) cannot be read: \(problem)",
      metadata: ["account": "\(account)"])
    if let attempts = desks[account]?.failedAttempts, attempts == attemptsToAlarm {
      raise(.unreadable(account, attempts: attempts, problem: problem))
    }
    if !userHub.isDelivering { desks[account]?.owesSnapshot = true }
    if desks[account]?.owesSnapshot == true {
      tellUnknown(account, "the venue's queries fail: \(problem)")
      stopBuffering(account)
    }
    if desks[account]?.isRecording == false { desks[account]?.recorded = [] }
    armRead(account)
  }

  /// All parts are here. A snapshot may still wait for the data of a contract.
  func completeRead(_ account: AccountID) {
    guard let desk = desks[account], let read = desk.read, read.isComplete,
      !moments.contains(.readAgain(account))
    else { return }
    guard var snapshot = read.snapshot else {
      completeCheck(account, read)
      return
    }
    let needed = Set(
      snapshot.positions.map(\.contract) + snapshot.workingOrders.map(\.contract)
        + snapshot.trades.map(\.contract))
    let awaited = needed.sorted().filter { !tellContract($0) }
    guard awaited.isEmpty else { return }
    if isPositionInDoubt(desk, read, snapshot), read.repeats < settings.reads.repeatLimit {
      moments.set(.readAgain(account), at: now + settings.reads.repeatPause)
      return
    }
    desks[account]?.readSucceeded()
    if read.isSpoiled {
      wantRead(account, .full, .overflow)
    } else {
      snapshot.workingOrders = desk.book.merged(
        snapshot.workingOrders, heard: desk.heardOrders)
      take(snapshot, read)
    }
    if desks[account]?.isRecording == false { desks[account]?.recorded = [] }
    armRead(account)
    noteInitialRead()
  }

  private func completeCheck(_ account: AccountID, _ read: AccountRead) {
    guard let desk = desks[account], let positions = read.positions, let orders = read.orders,
      let trades = read.trades
    else { return }
    desks[account]?.readSucceeded()
    if !desk.isBuffering { desks[account]?.recorded = [] }
    counts.checks += 1
    let differences =
      desk.book.differences(positions: positions, orders: orders, heard: desk.heardOrders)
      + desk.book.differences(trades: trades)
    desks[account]?.book.markListed(trades)
    reviewDoubt(account)
    if let first = differences.first {
      logger.notice(
        "State Reconciler: account \(account) differs from the stream; read again: \(first)",
        metadata: ["account": "\(account)"])
      comparisonFailed(account)
    } else if desks[account]?.doubt != nil {
      wantRead(account, .full, .difference)
    }
    armRead(account)
  }

  /// What the venue's lists say takes the place of what was known.
  private func take(_ snapshot: AccountSnapshot, _ read: AccountRead) {
    let account = snapshot.account.id
    guard let desk = desks[account] else { return }
    let differences = desk.isKnown ? desk.book.differences(from: snapshot) : []
    if desk.owesSnapshot || !differences.isEmpty {
      report(AccountDifferences(account: account, cause: read.cause, differences))
      tell(snapshot, after: read)
    } else {
      desks[account]?.book.listed(snapshot.trades)
    }
    settle(account, snapshot, after: read)
  }

  private func tell(_ snapshot: AccountSnapshot, after read: AccountRead) {
    let account = snapshot.account.id
    counts.snapshots += 1
    noteVerified(account)
    // What waits for a contract is older than the snapshot, or recorded and told again below.
    forgetHeldEvents(of: account)
    say(.snapshot(snapshot, receivedAt: ports.clock.now()))
    for position in snapshot.positions { logPosition(position) }
    for item in desks[account]?.snapshotTold(snapshot, after: read) ?? [] { deliver(item) }
    needQuotes(of: account)
  }

  func forgetHeldEvents(of account: AccountID) {
    heldEvents = heldEvents.mapValues { $0.filter { $0.event.account != account } }
  }

  private func noteInitialRead() {
    guard !isInitialReadComplete, !isAnyAccountMissing,
      desks.values.contains(where: \.isWatched), desks.values.allSatisfy(\.isRead)
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

  func patienceOver(_ account: AccountID) {
    guard desks[account]?.isBuffering == true else { return }
    tellUnknown(account, "its first read takes long")
    stopBuffering(account)
  }

  /// Events must not wait for a snapshot that does not come.
  func stopBuffering(_ account: AccountID) {
    guard let desk = desks[account], desk.isBuffering, hasReader else { return }
    desks[account]?.isBuffering = false
    if desk.read == nil { desks[account]?.recorded = [] }
    for item in desk.recorded { deliver(item) }
  }
}
