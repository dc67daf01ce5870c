import GRDB
import Glibc
import RiskModel

/// Whether a database is what the schema says.
package struct DatabaseVerification: Equatable, Sendable {
  /// The version that the file says it has.
  package var version: Int
  /// What is missing, damaged or different; empty when all is as it should be.
  package var problems: [String] = []

  /// Looks through the whole file: pages, tables, views, columns and indexes. riskd may be running.
  ///
  /// - Throws: `StoreError.missing`, `.corrupt`, `.foreign`, `.newerSchema` or `.unreadable`.
  package init(_ path: String) throws(StoreError) {
    guard access(path, F_OK) == 0 else { throw .missing(file: path) }
    do {
      let right = try Self.rightSchema()
      let queue = try DatabaseQueue(
        path: path, configuration: DatabaseFile.plain(readOnly: true))
      defer { try? queue.close() }
      (version, problems) = try queue.inDatabase { db in
        let damages = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
          .filter { $0 != "ok" }.map { "damaged: \($0)" }
        return (try Self.version(db, path), damages + (try Self.differences(db, right)))
      }
    } catch {
      throw StoreError(error, file: path, access: .reading)
    }
  }

  /// What the command prints: exactly the specification's sentence when all is well.
  package var text: String {
    guard !problems.isEmpty else { return "Schema v\(version), all tables present\n" }
    return "Schema v\(version), \(problems.count) problem\(problems.count == 1 ? "" : "s"):\n"
      + problems.map { "  \($0)\n" }.joined()
  }

  private static func version(_ db: Database, _ path: String) throws -> Int {
    // Without a table the check says foreign; here the missing table is the answer.
    guard try db.tableExists("schema_version") else {
      guard case .version(let version) = try Schema.check(db, file: path) else {
        throw StoreError.foreign(file: path)
      }
      return version
    }
    let found = try Int.fetchOne(db, sql: "SELECT max(version) FROM schema_version") ?? 0
    guard found <= Schema.version else {
      throw StoreError.newerSchema(file: path, found: found, supported: Schema.version)
    }
    return found
  }

  private struct Item: Hashable {
    var kind: String
    var name: String
    var table: String
  }

  private struct Column: Equatable {
    var name: String
    var type: String
    var key: Int
  }

  private typealias Items = [Item: [Column]]

  private static func rightSchema() throws -> Items {
    let queue = try DatabaseQueue()
    return try queue.inDatabase { db in
      try Schema.create(db, at: .init(nanosSinceEpoch: 0))
      return try items(db)
    }
  }

  private static func items(_ db: Database) throws -> Items {
    var items: Items = [:]
    let rows = try Row.fetchAll(
      db, sql: "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    for row in rows {
      let item = Item(kind: row[0], name: row[1], table: row[2])
      let source =
        item.kind == "index"
        ? "SELECT name, '' AS type, 0 AS pk FROM pragma_index_info(?) ORDER BY seqno"
        : "SELECT name, type, pk FROM pragma_table_info(?)"
      items[item] = try Row.fetchAll(db, sql: source, arguments: [item.name]).map {
        Column(name: $0["name"] ?? "", type: $0["type"] ?? "", key: $0["pk"] ?? 0)
      }
    }
    return items
  }

  private static func differences(_ db: Database, _ right: Items) throws -> [String] {
    let found = try items(db)
    var problems: [String] = []
    for (item, columns) in right.sorted(by: {
      ($0.key.kind, $0.key.name) < ($1.key.kind, $1.key.name)
    }) {
      guard let present = found[item] else {
        problems.append("\(item.kind) \(item.name) is missing")
        continue
      }
      for column in columns where !present.contains(column) {
        problems.append(
          present.contains { $0.name == column.name }
            ? "\(item.kind) \(item.name): column \(column.name) is not as it should be"
            : "\(item.kind) \(item.name): column \(column.name) is missing")
      }
    }
    return problems
  }
}
