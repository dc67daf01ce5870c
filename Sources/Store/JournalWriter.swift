import FoundationEssentials
import GRDB
import RiskModel

/// Writes journal rows inside one transaction. Marks that follow each other share a row.
struct JournalWriter {
  private let db: Database
  /// The tail once the transaction is committed.
  private(set) var tail: JournalTail

  init(_ db: Database, tail: JournalTail) {
    self.db = db
    self.tail = tail
  }

  mutating func append(_ row: JournalRow) throws {
    guard row.ordinal >= tail.nextOrdinal else {
      throw StoreError.ordinal(expectedAtLeast: tail.nextOrdinal, found: row.ordinal)
    }
    switch row.content {
    case .input(let kind, let payload):
      try closeBlock()
      try insert(row.ordinal, kind, row.at, payload, row.effects)
    case .mark(let mark):
      try append(mark, ordinal: row.ordinal, effects: row.effects)
    }
    tail.nextOrdinal = row.ordinal + 1
  }

  private mutating func append(_ mark: JournalMark, ordinal: Int64, effects: [UInt8]?) throws {
    if ordinal != tail.nextOrdinal { try closeBlock() }
    var open =
      tail.openBlock
      ?? JournalTail.OpenBlock(
        ordinal: ordinal, at: mark.at, block: MarkBlock(), isInserted: false, isDirty: true)
    open.block.append(
      MarkBlock.Entry(
        contractNumber: try tail.contracts.number(of: mark.contract, in: db), field: mark.field,
        price: mark.price, at: mark.at))
    open.effects = effects
    open.isDirty = true
    tail.openBlock = open
    if effects != nil || open.block.isFull { try closeBlock() }
  }

  private mutating func closeBlock() throws {
    try writeBlock()
    tail.openBlock = nil
  }

  /// Writes what the open block has taken on. It stays open.
  mutating func writeBlock() throws {
    guard var open = tail.openBlock, open.isDirty else { return }
    let payload = open.block.encoded(at: open.at)
    if open.isInserted {
      try db.cachedStatement(sql: "UPDATE journal SET payload = ?, effects = ? WHERE ordinal = ?")
        .execute(arguments: [Data(payload), open.effects.map { Data($0) }, open.ordinal])
    } else {
      try insert(open.ordinal, JournalRow.marksKind, open.at, payload, open.effects)
    }
    open.isInserted = true
    open.isDirty = false
    tail.openBlock = open
  }

  private func insert(
    _ ordinal: Int64, _ kind: String, _ at: Instant, _ payload: [UInt8], _ effects: [UInt8]?
  ) throws {
    try db.cachedStatement(
      sql: "INSERT INTO journal (ordinal, kind, at, payload, effects) VALUES (?, ?, ?, ?, ?)"
    ).execute(
      arguments: [
        ordinal, kind, at.nanosSinceEpoch, Data(payload), effects.map { Data($0) },
      ])
  }
}
