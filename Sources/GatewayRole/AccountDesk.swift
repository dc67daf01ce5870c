import PeerProtocol
import RiskModel
import VenueAPI

/// The gateway's state of one configured account.
struct AccountDesk {
  enum Standing: Equatable {
    /// Not yet compared with the venue's list. Can transition to: watched, unprotectable.
    case unverified
    /// Can transition to: unprotectable.
    case watched
    /// Can transition to: watched, when the venue's list matches at last.
    case unprotectable(String)
  }

  let configured: ConfiguredAccount
  /// The configuration names the account twice, with different names: it never is watched.
  let isContradictory: Bool
  var standing = Standing.unverified
  /// The venue's last list did not fit the configuration; a second one decides.
  var isDoubted = false
  var book = AccountBook()
  var read: AccountRead?
  /// A read that is wanted after the present one.
  var wanted: ReadWish?
  var lastReadAt: MonotonicInstant?
  /// The last read of everything, and the last one for a cause that may come again and again.
  var lastFullAt: MonotonicInstant?
  var lastSpacedAt: MonotonicInstant?
  /// The three sources disagree.
  var doubt: Doubt?
  /// From where the balance and the trades are added up, how they differ since then, and what they
  /// were at the read that showed it.
  var balanceSums: BalanceSums?
  var balanceDrift: BalanceDrift?
  var driftedSums: BalanceSums?
  /// How many reads that no event overtook have shown it.
  var driftReads = 0
  /// Consecutive failed reads, and the earliest moment of the next one.
  var failures = 0
  /// The same, also where the waits began anew.
  private(set) var failedAttempts = 0
  var retryAt: MonotonicInstant?
  /// The evaluator waits for a snapshot, also when it equals what was told before.
  var owesSnapshot = true {
    didSet { isOwedRegularly = false }
  }
  /// Nothing but a regular reading is the reason.
  var isOwedRegularly = false
  /// Events wait for the first snapshot of this link; otherwise they are told at once.
  var isBuffering = true
  /// The evaluator was told that the state is not known.
  var isToldUnknown = false
  /// A snapshot was told at least once.
  var isKnown = false
  /// Events since the buffering or the read began, in order of arrival.
  var recorded: [RecordedEvent] = []

  init(_ configured: ConfiguredAccount, isContradictory: Bool = false) {
    self.configured = configured
    self.isContradictory = isContradictory
    if isContradictory { standing = .unprotectable("it is configured with two different names") }
  }

  var isWatched: Bool { standing == .watched }

  /// The evaluator knows what it has to know of it.
  var isProtected: Bool { isWatched && isKnown && !isToldUnknown }

  /// It was read, or never is.
  var isRead: Bool {
    switch standing {
    case .unverified: false
    case .watched: isKnown
    case .unprotectable: true
    }
  }

  /// Nothing that can be done for it is outstanding.
  var isDealtWith: Bool {
    switch standing {
    case .unverified: false
    case .watched: isKnown && !isToldUnknown
    case .unprotectable: true
    }
  }

  /// Something is held or works, or was heard of and not yet read.
  var isExposed: Bool { !recorded.isEmpty || book.isHolding }

  /// Events have to be kept for a merge.
  var isRecording: Bool { isBuffering || read != nil }

  /// The answer to one part of the read with this number; `nil` when that read is over.
  mutating func read(
    _ number: Int64, answered part: AccountRead.Part, with answer: VenueAnswer
  ) -> AccountRead.Step? {
    guard read?.number == number else { return nil }
    return read?.answered(part, answer)
  }

  /// The same for the venue's list of accounts.
  mutating func read(
    _ number: Int64, listed listing: Result<AccountListing, VenueError>
  ) -> AccountRead.Step? {
    guard read?.number == number else { return nil }
    return read?.listed(listing)
  }

  /// The orders of which events told since the read under way asked for them.
  var heardOrders: Set<OrderID> {
    guard let read else { return [] }
    return Set(
      recorded.dropFirst(read.recordedAtStart).compactMap { item in
        if case .order(let order) = item.event { order.id } else { nil }
      })
  }

  mutating func want(_ wish: ReadWish) {
    wanted = wanted?.joined(by: wish) ?? wish
  }

  /// A snapshot is told; the events that have to be told again after it.
  mutating func snapshotTold(
    _ snapshot: AccountSnapshot, after read: AccountRead
  ) -> [RecordedEvent] {
    let newer = SnapshotMerge.newer(
      recorded, than: snapshot, positionsAfter: read.recordedBefore,
      ordersAfter: read.recordedAtStart)
    book.replace(by: snapshot)
    for item in newer { book.apply(item.event) }
    recorded = []
    isDoubted = false
    // What was asked for during this read is owed a snapshot that began after the asking.
    owesSnapshot = wanted?.scope == .full
    isOwedRegularly = owesSnapshot && wanted?.cause == .periodic
    isBuffering = false
    isToldUnknown = false
    isKnown = true
    return newer
  }

  mutating func readSucceeded() {
    read = nil
    failures = 0
    failedAttempts = 0
  }

  /// The next read is not before this, and the waits begin anew.
  mutating func waits(until moment: MonotonicInstant) {
    retryAt = moment
    failures = 0
  }

  /// The next read is after the wait.
  mutating func readFailed(at now: MonotonicInstant, wait: TimeSpan) {
    let cause = read?.cause ?? .periodic
    read = nil
    failures += 1
    failedAttempts += 1
    retryAt = now + wait
    want(ReadWish(scope: .full, cause: cause, notBefore: now))
  }
}

/// The stream, the venue's queries and our own trades disagree about an account.
struct Doubt: Equatable {
  var since: MonotonicInstant
  /// When a person is told, if it lasts.
  var deadline: MonotonicInstant
  /// A read showed it, and no read has settled it yet.
  var isRead = false
  var isAlarmed = false
}
