import GRDB

/// Reads inputs in the order of their ordinals, a page at a time, so that a long journal needs
/// little memory. What is committed while it reads is read too.
package struct JournalCursor {
  /// A page ends behind the row with which it holds so many rows or bytes.
  private static let pageRows = 256
  private static let pageBytes = 262_144

  private let store: Store
  private var nextOrdinal: Int64
  private let lastOrdinal: Int64
  private var page: [JournalRow] = []
  private var place = 0

  init(_ store: Store, from first: Int64, through last: Int64) {
    self.store = store
    nextOrdinal = first
    lastOrdinal = last
  }

  /// The next input; `nil` at the end.
  ///
  /// - Throws: `StoreError.unreadable`, `.corrupt` or `.undecodable`.
  package mutating func next() throws(StoreError) -> JournalRow? {
    if place == page.count {
      page = try readPage()
      place = 0
    }
    guard place < page.count else { return nil }
    defer { place += 1 }
    nextOrdinal = page[place].ordinal + 1
    return page[place]
  }

  /// The row in front of the next ordinal may be a block that has taken on marks since.
  private func readPage() throws(StoreError) -> [JournalRow] {
    guard nextOrdinal <= lastOrdinal else { return [] }
    return try store.reading { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT ordinal, kind, at, payload, effects FROM journal
          WHERE ordinal >= coalesce((SELECT max(ordinal) FROM journal WHERE ordinal <= ?), 0)
            AND ordinal <= ?
          ORDER BY ordinal
          """)
      let rows = try Row.fetchCursor(statement, arguments: [nextOrdinal, lastOrdinal])
      var contracts = store.tail.contracts
      if store.isReadOnly { contracts = try ContractNumbers(db) }
      var found: [JournalRow] = []
      var count = 0
      var bytes = 0
      while count < JournalCursor.pageRows, bytes < JournalCursor.pageBytes,
        let row = try rows.next()
      {
        let stored = StoredRow(row)
        found += try stored.inputs(contracts)
          .filter { (nextOrdinal...lastOrdinal).contains($0.ordinal) }
        guard !found.isEmpty else { continue }
        count += 1
        bytes += stored.payload.count + (stored.effects?.count ?? 0)
      }
      return found
    }
  }
}

extension Store {
  /// The inputs with these ordinals, both ends included.
  package func readJournal(from first: Int64, through last: Int64 = .max) -> JournalCursor {
    JournalCursor(self, from: first, through: last)
  }
}
