import GRDB

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
      return try queue.inDatabase { db in
        let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
        guard let row else { return 0 }
        let (pages, moved): (Int, Int) = (row[1], row[2])
        return pages - moved
      }
    } catch {
      throw StoreError(error, file: path, access: .writing)
    }
  }

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
