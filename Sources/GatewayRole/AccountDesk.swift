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
  var book = AccountBook()
  var read: AccountRead?
  /// A read that is wanted after the present one; wishes are coalesced and never dropped.
  var wanted: AccountRead.Scope?
  var lastReadAt: MonotonicInstant?
  /// Consecutive failed reads, and the earliest moment of the next one.
  var failures = 0
  var retryAt: MonotonicInstant?
  /// The evaluator waits for a snapshot, also when it equals what was told before.
  var owesSnapshot = true
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

  /// Events have to be kept for a merge.
  var isRecording: Bool { isBuffering || read != nil }

  /// The answer to one part of the read with this number; `nil` when that read is over.
  mutating func read(
    _ number: Int64, answered part: AccountRead.Part, with answer: VenueAnswer
  ) -> AccountRead.Step? {
    guard read?.number == number else { return nil }
    return read?.answered(part, answer)
  }

  mutating func want(_ scope: AccountRead.Scope) {
    wanted = max(wanted ?? scope, scope)
  }

  /// A snapshot is told; the events that have to be told again after it.
  mutating func snapshotTold(_ snapshot: AccountSnapshot) -> [RecordedEvent] {
    let newer = SnapshotMerge.newer(recorded, than: snapshot)
    book.replace(by: snapshot)
    for item in newer { book.apply(item.event) }
    recorded = []
    // What was asked for during this read is owed a snapshot that began after the asking.
    owesSnapshot = wanted == .full
    isBuffering = false
    isToldUnknown = false
    isKnown = true
    return newer
  }

  mutating func readFailed(at now: MonotonicInstant, delays: [TimeSpan]) {
    read = nil
    let delay = delays[min(failures, delays.count - 1)]
    failures += 1
    retryAt = now + delay
    want(.full)
  }
}
