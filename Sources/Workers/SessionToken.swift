import Logging
import Settings
import TokenStore
import VenueAPI

extension TokenStore {
  /// The store of a worker with a venue session.
  init(_ briefing: WorkerBriefing, _ credentials: VenueCredentials) {
    self = credentials.store(briefing.settings, root: briefing.root)
  }
}

extension VenueCredentials {
  /// Where the session token of a root is kept.
  func store(_ settings: RiskdSettings, root: String) -> TokenStore {
    TokenStore(
      path: TokenPlace.file(settings, root: root), key: tokenEncryptionKey.revealed,
      owner: owner(at: settings.venue))
  }

  /// Names the user of a venue, for what must not be mixed up with another's. The venue does not
  /// tell apart the case of user names (documented).
  func owner(at venue: VenueSettings) -> String {
    "\(venue.base) \(userName.revealed.lowercased())"
  }
}

/// The token store as a worker uses it: what is wrong with the file is said once and never in the
/// way, because there is always the way to sign in.
final class SessionToken {
  private let store: TokenStore
  private let logger: Logger
  private var lock: RefreshLock?
  private var lastProblem: TokenStoreError?

  init(_ store: TokenStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  var holdsLock: Bool { lock != nil }

  func load() -> VenueToken? {
    do throws(TokenStoreError) {
      let token = try store.load()
      lastProblem = nil
      return token
    } catch {
      report(error, "The stored session token is not used")
      return nil
    }
  }

  func save(_ token: VenueToken) {
    do throws(TokenStoreError) {
      try store.save(token)
      lastProblem = nil
    } catch {
      report(error, "The session token cannot be stored")
    }
  }

  /// Asks for the right to sign in for all. True when this process has it.
  func tryLock() -> Bool {
    guard lock == nil else { return true }
    do throws(TokenStoreError) {
      lock = try store.tryLock()
      return lock != nil
    } catch {
      // Where nothing can be locked, nothing can be stored either: everyone signs in for itself.
      report(error, "The session token cannot be locked")
      return true
    }
  }

  func unlock() {
    lock?.release()
    lock = nil
  }

  private func report(_ problem: TokenStoreError, _ what: String) {
    guard problem != lastProblem else { return }
    lastProblem = problem
    logger.error("\(what)", metadata: ["problem": "\(problem)"])
  }
}
