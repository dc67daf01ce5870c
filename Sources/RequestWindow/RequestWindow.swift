import Glibc
package import RiskModel

/// The one sliding window of requests that every process with a venue session shares.
///
/// The venue counts the requests of a user, whoever sends them, and refuses what is too much with
/// HTTP 429. So every process asks here before it sends. Enforcement may use the whole window, its
/// reads and an account that is entered again and again not quite; the others never its last third.
/// The window is a small mapped file: it survives restarts of
/// processes, and whoever dies with its lock leaves it to the next.
///
/// One thread of a process uses it. Asking takes some microseconds, and at most `lockPatience` when
/// a process that holds the lock does not run.
package final class RequestWindow {
  /// The longest wait for the lock. Enforcement sends without it then; the others wait.
  package static let lockPatience = TimeSpan.milliseconds(5)
  /// When the others ask again that did not get the lock.
  static let lockRetry = TimeSpan.milliseconds(50)
  private static let lockPoll: UInt32 = 200

  private let path: String
  package let limits: RequestLimits
  private let clock: BootClock
  private var page: SharedPage
  /// Whether the file was looked at under the lock since it was opened.
  private var isChecked = true
  /// Requests of enforcement that left while the lock could not be had.
  private var uncounted: [RequestBudget] = []
  /// Why the window is this process's own, `nil` while it is shared.
  package private(set) var problem: RequestWindowError?
  /// How often the file was found unusable and made anew, the first time included.
  package private(set) var renewals = 0
  /// How often the lock could not be had.
  package private(set) var lockMisses = 0

  package init(path: String, limits: RequestLimits, clock: BootClock = .system) {
    self.path = path
    self.limits = limits
    self.clock = clock
    page = SharedPage.unshared()
    RequestRing(memory: page.memory).clear(boot: clock.boot)
    open()
    if lock() { page.unlock() }
  }

  /// Counts a request that leaves now, or says when to ask again. A busy account is one of which
  /// `RequestLimits.isBusy` says so; it leaves places to enforcement on other accounts.
  package func admit(
    _ budget: RequestBudget = .general, for party: RequestParty,
    ofBusyAccount isBusy: Bool = false
  ) -> RequestAdmission {
    guard lock() else {
      guard party == .enforcement || party == .look else { return .wait(RequestWindow.lockRetry) }
      // Never more than the ring holds: older ones could not matter any more.
      if uncounted.count < RequestRing.slots(.general) { uncounted.append(budget) }
      return .granted
    }
    defer { page.unlock() }
    let ring = RequestRing(memory: page.memory)
    let now = clock.now()
    for missed in uncounted { ring.add(missed, at: now) }
    uncounted = []
    let most = limits.most(
      budget, for: party, ofBusyAccount: isBusy, isPenalized: ring.isPenalized(now: now))
    guard
      let wait = ring.wait(budget, most: most, length: limits[budget].length, now: now)
    else {
      renew(ring)
      ring.add(budget, at: now)
      return .granted
    }
    guard wait == .zero else { return .wait(wait) }
    ring.add(budget, at: now)
    return .granted
  }

  /// How many general requests a busy account may still send at once; none when the lock cannot be
  /// had.
  package func freePlaces(ofBusyAccount party: RequestParty) -> Int {
    guard lock() else { return 0 }
    defer { page.unlock() }
    let ring = RequestRing(memory: page.memory)
    let now = clock.now()
    let most = limits.most(
      .general, for: party, ofBusyAccount: true, isPenalized: ring.isPenalized(now: now))
    return max(0, most - ring.taken(.general, length: limits.general.length, now: now))
  }

  /// The venue refused a request with HTTP 429: somebody else uses up the budget too. For a while
  /// the others take half of their share.
  package func refusedByVenue() {
    guard lock() else { return }
    defer { page.unlock() }
    RequestRing(memory: page.memory).penalize(until: clock.now() + RequestLimits.penalty.nanos)
  }

  /// Whether a refusal of the last minute makes the others take half.
  package var isPenalized: Bool {
    guard lock() else { return false }
    defer { page.unlock() }
    return RequestRing(memory: page.memory).isPenalized(now: clock.now())
  }

  /// Takes the lock, on the file that has the name now.
  private func lock() -> Bool {
    if problem != nil || !page.isCurrent { open() }
    var waited: Int64 = 0
    while !page.tryLock() {
      guard waited < RequestWindow.lockPatience.nanos else {
        lockMisses += 1
        return false
      }
      usleep(RequestWindow.lockPoll)
      waited += Int64(RequestWindow.lockPoll) * 1_000
    }
    guard !isChecked else { return true }
    isChecked = true
    let ring = RequestRing(memory: page.memory)
    if !ring.isSound(boot: clock.boot, now: clock.now()) { renew(ring) }
    return true
  }

  private func open() {
    do throws(RequestWindowError) {
      page = try SharedPage.open(path)
      problem = nil
      isChecked = false
    } catch {
      guard problem == nil else { return }
      problem = error
      page = SharedPage.unshared()
      renew(RequestRing(memory: page.memory))
      isChecked = true
    }
  }

  private func renew(_ ring: RequestRing) {
    renewals += 1
    ring.clear(boot: clock.boot)
  }
}
