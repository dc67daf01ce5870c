import GRDB
import Glibc
import RiskModel
import RiskTestKit

@testable import Store

extension Instant {
  static let sample = Instant(nanosSinceEpoch: 1_758_000_000_000_000_000)
}

extension Store {
  static func writer(_ path: String) throws -> Store {
    try open(path: path, now: .sample)
  }

  static func reader(_ path: String) throws -> Store {
    try open(path: path, readOnly: true, now: .sample)
  }

  /// Every input with these ordinals.
  func rows(from first: Int64 = 0, through last: Int64 = .max) throws -> [JournalRow] {
    var cursor = readJournal(from: first, through: last)
    var rows: [JournalRow] = []
    while let row = try cursor.next() { rows.append(row) }
    return rows
  }

  func commit(_ rows: [JournalRow]) throws {
    var batch = CommitBatch()
    batch.rows = rows
    try commit(batch)
  }

  /// The number of rows that a query counts.
  func count(_ sql: String) throws -> Int {
    try reading { try Int.fetchOne($0, sql: sql) } ?? -1
  }
}

enum Sample {
  static func input(_ ordinal: Int64, effects: String? = nil) -> JournalRow {
    JournalRow(
      ordinal: ordinal, at: .sample + .seconds(ordinal), kind: "event",
      payload: Array("{\"n\":\(ordinal)}".utf8), effects: effects.map { Array($0.utf8) })
  }

  static func mark(
    _ ordinal: Int64, _ contract: String = "MNQ", effects: String? = nil
  ) -> JournalRow {
    JournalRow(
      ordinal: ordinal,
      mark: JournalMark(
        contract: ContractID("CON.F.US.\(contract).Z25"), field: 0,
        price: Price(nanos: 21_000_000_000_000 + (ordinal % 7) * 250_000_000),
        at: .sample + .milliseconds(ordinal * 130)),
      effects: effects.map { Array($0.utf8) })
  }

  static func target(
    _ ordinal: Int64, index: Int = 0, end: TargetEnd = .permanent, held: Int64 = 6
  ) -> Target {
    Target(
      id: TargetID(inputOrdinal: ordinal, index: index), account: AccountID(7),
      goal: .flatAccount,
      cause: Cause(rule: .maxContracts, reason: .contractsAboveLimit(held: held, limit: 5)),
      end: end, adoptedAt: .sample)
  }
}

/// A folder that goes with the test.
final class Folder {
  private let folder = TemporaryFolder("store")

  var database: String { folder.file("risk_manager.db") }

  func file(_ name: String) -> String { folder.file(name) }

  deinit {
    folder.remove()
  }
}

/// The permission bits of a file.
func mode(of path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_mode & 0o777) : -1
}

/// The bytes of a file.
func bytes(of path: String) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { return [] }
  defer { close(descriptor) }
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return all }
    all += buffer.prefix(count)
  }
}

/// Writes a file anew.
func write(_ bytes: some Collection<UInt8>, to path: String) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0, "a test can write \(path)")
  defer { close(descriptor) }
  let all = Array(bytes)
  var written = 0
  while written < all.count {
    let count = all[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    precondition(count > 0, "a test can write \(path)")
    written += count
  }
}
