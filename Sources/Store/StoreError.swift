import GRDB

/// Why the database cannot be used. Every case that is about the file names it.
package enum StoreError: Error, Equatable, Sendable {
  /// There is no such file.
  case missing(file: String)
  /// The file is damaged, or is no database.
  case corrupt(file: String, problem: String)
  /// Written by a newer release.
  case newerSchema(file: String, found: Int, supported: Int)
  /// Written by an older release; `riskctl db migrate` brings it up to date.
  case olderSchema(file: String, found: Int, supported: Int)
  /// A database, but not one of ours.
  case foreign(file: String)
  /// Nothing of the last change is recorded: disk full, read-only, I/O error or locked. The same
  /// change may be tried again on the same store. `code` is SQLite's extended result code, or an
  /// errno where no database was involved.
  case unwritable(file: String, code: Int32, problem: String)
  /// The file cannot be read now.
  case unreadable(file: String, code: Int32, problem: String)
  /// What is stored in a row does not mean anything to this release.
  case undecodable(table: String, row: String, problem: String)
  /// An input is journalled out of order.
  case ordinal(expectedAtLeast: Int64, found: Int64)
  /// The database refuses a statement.
  case refused(file: String, code: Int32, problem: String)
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let file):
      "\(file) does not exist"
    case .corrupt(let file, let problem):
      "\(file) is damaged: \(problem)"
    case .newerSchema(let file, let found, let supported):
      "\(file) has schema version \(found); this release knows versions up to \(supported)"
    case .olderSchema(let file, let found, let supported):
      "\(file) has schema version \(found); run riskctl db migrate --from-version \(found) "
        + "--to-version \(supported)"
    case .foreign(let file):
      "\(file) is not a database of riskd"
    case .unwritable(let file, let code, let problem):
      "\(file) cannot be written: \(problem) (\(code))"
    case .unreadable(let file, let code, let problem):
      "\(file) cannot be read: \(problem) (\(code))"
    case .undecodable(let table, let row, let problem):
      "row \(row) of table \(table) cannot be decoded: \(problem)"
    case .ordinal(let expected, let found):
      "input \(found) is journalled where \(expected) is the lowest possible"
    case .refused(let file, let code, let problem):
      "\(file) refuses a statement: \(problem) (\(code))"
    }
  }
}

extension StoreError {
  enum Access {
    case reading
    case writing
  }

  /// The meaning of what went wrong while `file` was used.
  init(_ error: any Error, file: String, access: Access) {
    switch error {
    case let error as StoreError:
      self = error
    case let error as DatabaseError:
      self.init(database: error, file: file, access: access)
    default:
      self = .refused(file: file, code: 0, problem: "\(error)")
    }
  }

  private init(database error: DatabaseError, file: String, access: Access) {
    let code = error.extendedResultCode.rawValue
    let problem = error.message ?? "no message"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .corrupt(file: file, problem: problem)
    case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_BUSY,
      .SQLITE_LOCKED, .SQLITE_PROTOCOL, .SQLITE_NOMEM, .SQLITE_PERM:
      switch access {
      case .reading: self = .unreadable(file: file, code: code, problem: problem)
      case .writing: self = .unwritable(file: file, code: code, problem: problem)
      }
    default:
      self = .refused(file: file, code: code, problem: problem)
    }
  }
}
