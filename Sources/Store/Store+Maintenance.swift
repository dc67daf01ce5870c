import GRDB
import RiskModel

extension Store {
  /// Puts what is committed on the disk, so that it survives a power cut. Takes as long as the
  /// disk does, some milliseconds.
  ///
  /// - Throws: `StoreError.unwritable`.
  package func flushToDisk() throws(StoreError) {
    try log?.sync()
  }

  /// The same without holding up the caller. `completion` is called on another thread.
  package func flushToDiskInBackground(
    _ completion: @escaping @Sendable (StoreError?) -> Void = { _ in }
  ) {
    log?.syncInBackground(completion)
  }

  /// Moves the log into the database file and synchronises both, as far as readers allow. For idle
  /// moments: a log that is never moved grows to 32 MiB, and then a commit waits for the move.
  ///
  /// - Returns: The pages of the log that remain to be moved.
  /// - Throws: `StoreError.unwritable`.
  @discardableResult
  package func moveLogIntoDatabase() throws(StoreError) -> Int {
    do {
      guard let log else { return 0 }
      let size = log.size
      return try queue.inDatabase { try log.move($0, size: size) }
    } catch {
      throw StoreError(error, file: path, access: .writing)
    }
  }

  /// The same without holding up the caller. `completion` is called on another thread.
  package func moveLogInBackground(
    _ completion: @escaping @Sendable (StoreError?) -> Void = { _ in }
  ) {
    log?.moveInBackground(completion)
  }

  /// The size of the log in bytes. It does not shrink: what is moved is written over.
  package var logBytes: Int64 { log?.size ?? 0 }

  /// The part of the log that is not known to be moved, in bytes: what the last move left, and what
  /// the file has grown by since; all of it before the first and after one that failed.
  package var logBytesInUse: Int64 { log?.bytesInUse ?? 0 }

  /// Deletes journal rows whose inputs are all older than `ordinal`, and the segments before the
  /// one that they begin in. At most `limit` rows, so that nothing waits long.
  ///
  /// What the older of the two checkpoints needs is kept whatever is asked for; without a
  /// checkpoint everything is.
  ///
  /// - Returns: The rows deleted; fewer than `limit` means that none are left to delete.
  /// - Throws: `StoreError.unwritable`.
  package func trim(keepingFrom ordinal: Int64, limit: Int = 500) throws(StoreError) -> Int {
    try writing { db in
      guard let oldest = try Int64.fetchOne(db, sql: "SELECT min(ordinal) FROM checkpoints") else {
        return 0
      }
      try db.cachedStatement(
        sql: """
          DELETE FROM journal WHERE ordinal IN (
            SELECT ordinal FROM journal
            WHERE ordinal < (SELECT max(ordinal) FROM journal WHERE ordinal <= ?)
            ORDER BY ordinal LIMIT ?)
          """
      ).execute(arguments: [min(ordinal, oldest + 1), limit])
      let deleted = db.changesCount
      try db.cachedStatement(
        sql: """
          DELETE FROM segments WHERE first_ordinal < (
            SELECT max(first_ordinal) FROM segments
            WHERE first_ordinal <= (SELECT min(ordinal) FROM journal))
          """
      ).execute()
      return deleted
    }
  }
}

extension Store {
  /// SQLite's quick_check of the whole file.
  ///
  /// - Throws: `StoreError.corrupt` or `.unreadable`.
  package func inspect() throws(StoreError) {
    try reading { db in try Store.inspect(db, file: path) }
  }

  /// Sets single values.
  ///
  /// - Throws: `StoreError.unwritable`.
  package func setMeta(_ values: [String: String]) throws(StoreError) {
    try writing { db in
      for (name, value) in values { try record(name, value, db) }
    }
  }

  /// Goes on where a database was lost: with a state behind everything that was ever recorded, and
  /// without a memory of what the peers were told.
  ///
  /// - Throws: `StoreError`; nothing is recorded then.
  package func resume(
    at checkpoint: StoredCheckpoint, reason: String, meta: [String: String]
  ) throws(StoreError) {
    let last = tail.nextOrdinal - 1
    guard checkpoint.ordinal > last else {
      throw .ordinal(expectedAtLeast: last + 1, found: checkpoint.ordinal)
    }
    try writing { db in
      try db.execute(sql: "DELETE FROM link_progress")
      try db.execute(
        sql: "INSERT INTO gaps (at, after_ordinal, resumed_after, reason) VALUES (?, ?, ?, ?)",
        arguments: [checkpoint.at.nanosSinceEpoch, last, checkpoint.ordinal, reason])
      try record(checkpoint, db)
      for (name, value) in meta { try record(name, value, db) }
    }
    tail.nextOrdinal = checkpoint.ordinal + 1
    tail.openBlock = nil
  }

  /// The gaps that the journal has because a database was lost, oldest first.
  package func gaps() throws(StoreError) -> [(after: Int64, resumedAfter: Int64, reason: String)] {
    try reading { db in
      try Row.fetchAll(
        db, sql: "SELECT after_ordinal, resumed_after, reason FROM gaps ORDER BY id"
      ).map { ($0[0], $0[1], $0[2]) }
    }
  }
}
