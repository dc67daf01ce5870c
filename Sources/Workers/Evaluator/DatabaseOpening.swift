import AuditLog
import Glibc
import Logging
import PeerProtocol
import ProcessControl
import RiskModel
import RiskRules
import Store

/// Opens the evaluator's database, and puts another in its place when it is lost.
///
/// A file that is damaged, foreign or gone is set aside and the newest backup that is whole takes
/// its place; without one the evaluator starts with nothing, but never in the place of a foreign file. Either way it says so until the venue
/// was read again, and starts behind every ordinal that may have been used: nothing that a peer or
/// the log knows by its number gets another meaning.
struct DatabaseOpening {
  enum Outcome {
    /// `lossOfRecord` says what happened when what is recorded may be out of date.
    case open(Store, EngineRecovery, lossOfRecord: String?)
    /// Not now: the disk, a lock, a permission. Tried again later.
    case unavailable(StoreError)
  }

  /// The name in `meta` under which a loss stands until the venue was read again.
  static let lossName = "lossOfRecord"
  /// The name in `meta` under which an operator's restore waits for the next start.
  static let restoredName = "restored"
  private static let inspectedName = "inspectedFor"

  let path: String
  let backups: BackupFolder
  let busyTimeout: TimeSpan
  var syncsEveryCommit = false
  var cacheBytes = Store.standardCacheBytes
  let clock: any Clock
  let logger: Logger

  /// - Throws: What no other file would change: a newer or older schema, or a record that this
  ///   release cannot read.
  func open() throws -> Outcome {
    do {
      if let problem = lossOfFile() { return try replace(because: problem) }
      return try openAsIs()
    } catch let error as StoreError {
      switch error {
      case .unwritable, .unreadable: return .unavailable(error)
      default: throw error
      }
    }
  }

  private func openAsIs() throws -> Outcome {
    do {
      let store = try Store.open(
        path: path, inspection: .none, busyTimeout: busyTimeout,
        syncsEveryCommit: syncsEveryCommit, cacheBytes: cacheBytes, now: clock.now())
      try inspect(store)
      var recovery = try EngineRecovery(store, logger: logger)
      try recovery.settle(in: store, logger: logger)
      if let restore = try store.meta(Self.restoredName), !restore.isEmpty {
        try resume(store, &recovery, because: restore)
      } else if let inputs = recovery.unrecorded {
        let loss = "inputs \(inputs.lowerBound)...\(inputs.upperBound) cannot be read"
        logger.critical("The record is not whole", metadata: ["problem": "\(loss)"])
        try resume(store, &recovery, because: loss)
      }
      let loss = try store.meta(Self.lossName) ?? ""
      return .open(store, recovery, lossOfRecord: loss.isEmpty ? nil : loss)
    } catch let error as StoreError {
      switch error {
      case .corrupt: return try replace(because: error.description)
      // Somebody's file, or one of ours that this release does not know: lockouts may be in it.
      case .foreign where backups.files.isEmpty: return .unavailable(error)
      case .foreign: return try replace(because: error.description)
      default: throw error
      }
    } catch let error as RecoveryError {
      return try replace(because: error.description)
    }
  }

  /// Looks the whole file through once a start of riskd, and whenever a commit found it damaged: a
  /// restart of the worker alone must not wait for it.
  private func inspect(_ store: Store) throws {
    let boot = (try? SystemClock.bootIdentity()) ?? ""
    let start = "\(boot) \(getppid())"
    let isSuspect = access(Self.suspicion(path), F_OK) == 0
    guard try isSuspect || store.meta(Self.inspectedName) != start else { return }
    try store.inspect()
    try store.setMeta([Self.inspectedName: start])
    unlink(Self.suspicion(path))
  }

  private static func suspicion(_ path: String) -> String { path + ".suspect" }

  /// Has the next start look through the file.
  static func noteSuspicion(of path: String) {
    let file = Glibc.open(suspicion(path), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    if file >= 0 { close(file) }
  }

  /// The first start has no file; a later one without a file has lost it.
  private func lossOfFile() -> String? {
    var status = stat()
    guard stat(path, &status) != 0 || status.st_size == 0 else { return nil }
    let traces: [String] = [path + ".ballast", path + "-wal"]
    let hasLived = traces.contains { access($0, F_OK) == 0 } || !backups.files.isEmpty
    guard hasLived else { return nil }
    return "\(path) is gone"
  }

  private func replace(because problem: String) throws -> Outcome {
    // Backups that cannot be seen are not the same as none: no start without lockouts for that.
    guard !backups.isUnreadable else {
      return .unavailable(
        .unreadable(
          file: backups.path, code: EACCES, problem: "its backups cannot be listed; \(problem)"))
    }
    logger.critical("The database is lost", metadata: ["problem": "\(problem)"])
    var aside: String?
    if access(path, F_OK) == 0 {
      aside = try DatabaseFile.setAside(path, as: "damaged", at: clock.now())
    }
    for file in backups.files {
      do {
        return try begin(from: file, because: problem, aside)
      } catch let error as StoreError {
        if case .unwritable = error { throw error }
        skip(file, error)
      } catch {
        skip(file, error)
      }
    }
    return try begin(from: nil, because: problem, aside)
  }

  private func skip(_ file: String, _ error: any Error) {
    logger.critical(
      "A backup is of no use", metadata: ["backup": "\(file)", "problem": "\(error)"])
  }

  private func begin(
    from backup: String?, because problem: String, _ aside: String?
  ) throws -> Outcome {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    if let backup { try DatabaseFile.copy(from: backup, to: path) }
    let store = try Store.open(
      path: path, inspection: .none, busyTimeout: busyTimeout,
      syncsEveryCommit: syncsEveryCommit, cacheBytes: cacheBytes, now: clock.now())
    var recovery = try EngineRecovery(store, logger: logger)
    try recovery.settle(in: store, logger: logger)
    let source = backup.map { "its place is taken by \($0)" } ?? "there is no backup"
    let loss = "\(problem); \(source)"
    try resume(store, &recovery, because: loss)
    logger.critical(
      "The state was restored without what came after the backup; the venue is read again",
      metadata: [
        "backup": "\(backup ?? "none")", "setAside": "\(aside ?? "nothing")",
        "targets": "\(recovery.engine.state.targets.count)",
      ])
    return .open(store, recovery, lossOfRecord: loss)
  }

  /// Goes on behind every ordinal that may have been used, without a memory of the peers.
  private func resume(
    _ store: Store, _ recovery: inout EngineRecovery, because loss: String
  ) throws {
    var state = recovery.engine.state
    // Milliseconds since 1970: more inputs than these no life of riskd has seen.
    let now = clock.now()
    state.ordinal = max(
      state.ordinal + 1, store.nextOrdinal, now.nanosSinceEpoch / 1_000_000)
    recovery.engine = RiskEngine(state: state)
    recovery.feed = nil
    recovery.verdict = nil
    try store.resume(
      at: StoredCheckpoint(
        ordinal: state.ordinal, at: now, state: try MessageCoder().encode(state)),
      reason: loss, meta: [Self.lossName: loss, Self.restoredName: ""])
    try store.flushToDisk()
  }
}
