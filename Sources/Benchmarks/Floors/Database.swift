import GRDBSQLite

/// SQLite without anything around it: for the floor, and to look into riskd's own database.
final class Database {
  private let handle: OpaquePointer
  private var prepared: [OpaquePointer] = []

  enum Purpose {
    case reading
    case writing
  }

  init(path: String, _ purpose: Purpose) throws(BenchmarkError) {
    var opened: OpaquePointer?
    let flags =
      switch purpose {
      case .reading: SQLITE_OPEN_READONLY
      case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw .database("\(path): \(String(cString: sqlite3_errstr(code)))")
    }
    handle = opened
    sqlite3_busy_timeout(handle, 5_000)
  }

  deinit {
    for statement in prepared { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  func execute(_ sql: String) throws(BenchmarkError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
  }

  /// A statement to be run many times; it lives as long as the database.
  func prepare(_ sql: String) throws(BenchmarkError) -> Statement {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw failure
    }
    prepared.append(statement)
    return Statement(database: self, handle: statement)
  }

  fileprivate var failure: BenchmarkError { .database(String(cString: sqlite3_errmsg(handle))) }

  struct Statement {
    fileprivate unowned let database: Database
    fileprivate let handle: OpaquePointer

    func bind(_ number: Int64, at place: Int32) {
      sqlite3_bind_int64(handle, place, number)
    }

    /// The bytes are copied.
    func bind(_ bytes: [UInt8], at place: Int32) {
      let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), copy)
    }

    /// Runs it to its end and hands on every row.
    func run(_ row: (Row) throws(BenchmarkError) -> Void = { _ in }) throws(BenchmarkError) {
      defer { sqlite3_reset(handle) }
      while true {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: try row(Row(handle: handle))
        case SQLITE_DONE: return
        default: throw database.failure
        }
      }
    }
  }

  /// Columns count from zero.
  struct Row {
    fileprivate let handle: OpaquePointer

    func integer(_ column: Int32) -> Int64? {
      sqlite3_column_type(handle, column) == SQLITE_NULL
        ? nil : sqlite3_column_int64(handle, column)
    }

    func text(_ column: Int32) -> String {
      sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
    }

    func bytes(_ column: Int32) -> [UInt8] {
      guard let start = sqlite3_column_blob(handle, column) else { return [] }
      return Array(
        UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
  }
}
