/// What SQLite takes at least for a transaction of one small row, set up like the journal of the
/// evaluator: a write-ahead log that is not flushed at every commit.
package enum DatabaseFloor {
  /// The file is made and removed.
  package static func measure(
    _ rounds: Rounds, path: String, payload: Int = 256
  ) throws(BenchmarkError) -> Percentiles {
    let database = try Database(path: path, .writing)
    defer { SystemFile.remove([path, path + "-wal", path + "-shm"]) }
    try database.execute("PRAGMA journal_mode = WAL")
    try database.execute("PRAGMA synchronous = NORMAL")
    try database.execute("PRAGMA wal_autocheckpoint = 8192")
    try database.execute(
      """
      CREATE TABLE journal (
        ordinal INTEGER PRIMARY KEY, at INTEGER NOT NULL, payload BLOB NOT NULL
      )
      """)
    let begin = try database.prepare("BEGIN IMMEDIATE")
    let insert = try database.prepare("INSERT INTO journal VALUES (?, ?, ?)")
    let commit = try database.prepare("COMMIT")
    let bytes = [UInt8](repeating: 0x61, count: payload)
    var ordinal: Int64 = 0
    return try rounds.measure { () throws(BenchmarkError) in
      ordinal += 1
      try begin.run()
      insert.bind(ordinal, at: 1)
      insert.bind(ordinal, at: 2)
      insert.bind(bytes, at: 3)
      try insert.run()
      try commit.run()
    }
  }
}
