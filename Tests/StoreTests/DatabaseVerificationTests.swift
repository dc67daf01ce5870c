import GRDB
import RiskModel
import Testing

@testable import Store

@Suite struct DatabaseVerificationTests {
  private let folder = Folder()

  @Test func aGoodDatabaseIsCalledSoInTheWordsOfTheSpecification() throws {
    let store = try Store.writer(folder.database)
    let found = try DatabaseVerification(folder.database)
    #expect(found.text == "Schema v2, all tables present\n")
    #expect(found.version == 2)
    try store.close()
  }

  @Test(arguments: [
    ("DROP TABLE orders", "table orders is missing"),
    ("DROP VIEW trades", "view trades is missing"),
    ("DROP INDEX orders_state_account", "index orders_state_account is missing"),
    (
      "ALTER TABLE positions RENAME COLUMN size TO volume",
      "table positions: column size is missing"
    ),
    (
      "DROP TABLE session_state; CREATE TABLE session_state "
        + "(account_id INTEGER PRIMARY KEY, session_start TEXT, updated_at INTEGER)",
      "table session_state: column session_start is not as it should be"
    ),
    (
      "DROP TABLE schema_version; CREATE TABLE schema_version (version INTEGER)",
      "column applied_at"
    ),
  ])
  func whatIsMissingIsNamed(_ sql: String, _ problem: String) throws {
    let store = try Store.writer(folder.database)
    try store.writing { try $0.execute(sql: sql) }
    try store.close()
    let found = try DatabaseVerification(folder.database)
    #expect(found.problems.contains { $0.contains(problem) }, "\(found.problems)")
    #expect(!found.text.contains("all tables present"))
  }

  @Test func moreThanTheSchemaIsNoProblem() throws {
    let store = try Store.writer(folder.database)
    try store.writing { try $0.execute(sql: "CREATE TABLE notes (text TEXT)") }
    try store.close()
    #expect(try DatabaseVerification(folder.database).problems.isEmpty)
  }

  @Test func damageIsNamed() throws {
    let store = try Store.writer(folder.database)
    try store.commit((Int64(1)...2_000).map { Sample.input($0) })
    try store.close()
    var damaged = bytes(of: folder.database)
    let end = damaged.count - 8_192
    for index in end..<(end + 64) { damaged[index] = 0xA5 }
    write(damaged, to: folder.database)
    // SQLite names what it finds, or refuses the file where it cannot go on.
    do throws(StoreError) {
      let found = try DatabaseVerification(folder.database)
      #expect(found.problems.contains { $0.hasPrefix("damaged: ") }, "\(found.problems)")
    } catch {
      guard case .corrupt(folder.database, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func whatIsNoDatabaseIsAnError() throws {
    #expect(throws: StoreError.missing(file: folder.database)) {
      try DatabaseVerification(folder.database)
    }
    let queue = try DatabaseQueue(path: folder.database)
    try queue.write { try $0.execute(sql: "CREATE TABLE other (x)") }
    try queue.close()
    #expect(throws: StoreError.foreign(file: folder.database)) {
      try DatabaseVerification(folder.database)
    }
  }
}
