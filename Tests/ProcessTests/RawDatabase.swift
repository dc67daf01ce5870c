import GRDBSQLite

/// A database as somebody changes it who knows nothing of riskd.
enum RawDatabase {
  static func change(_ path: String, _ sql: String) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close_v2(handle) }
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
      throw StageFailure("\(path) cannot be opened")
    }
    sqlite3_busy_timeout(handle, 5_000)
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw StageFailure("\(path): \(String(cString: sqlite3_errmsg(handle)))")
    }
  }

  /// The first column of the first row.
  static func number(_ path: String, _ sql: String) throws -> Int64 {
    var handle: OpaquePointer?
    var statement: OpaquePointer?
    defer {
      sqlite3_finalize(statement)
      sqlite3_close_v2(handle)
    }
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
      sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_ROW
    else { throw StageFailure("\(path): \(String(cString: sqlite3_errmsg(handle)))") }
    return sqlite3_column_int64(statement, 0)
  }

  /// Every row, its columns as texts with | between them.
  static func rows(_ path: String, _ sql: String) throws -> [String] {
    var handle: OpaquePointer?
    var statement: OpaquePointer?
    defer {
      sqlite3_finalize(statement)
      sqlite3_close_v2(handle)
    }
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
      sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK
    else { throw StageFailure("\(path): \(String(cString: sqlite3_errmsg(handle)))") }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      let columns = (0..<sqlite3_column_count(statement)).map { column in
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
      }
      rows.append(columns.joined(separator: "|"))
    }
    return rows
  }
}
