import FoundationEssentials
import GRDB
import RiskModel

/// The end of the journal, as far as the next row depends on it.
struct JournalTail {
  /// The last row, if it takes further marks.
  struct OpenBlock {
    var ordinal: Int64
    var at: Instant
    var block: MarkBlock
    var effects: [UInt8]?
    var isInserted: Bool
    var isDirty: Bool
  }

  /// The lowest ordinal that the next input may have.
  var nextOrdinal: Int64
  var openBlock: OpenBlock?
  var contracts: ContractNumbers

  init(_ db: Database) throws {
    contracts = try ContractNumbers(db)
    let checkpoint = try Int64.fetchOne(db, sql: "SELECT max(ordinal) FROM checkpoints") ?? 0
    nextOrdinal = checkpoint + 1
    guard
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT ordinal, kind, at, payload, effects FROM journal ORDER BY ordinal DESC LIMIT 1
          """)
    else { return }
    let last = StoredRow(row)
    guard last.kind == JournalRow.marksKind else {
      nextOrdinal = max(nextOrdinal, last.ordinal + 1)
      return
    }
    let block = try last.block()
    let end = last.ordinal + Int64(block.entries.count)
    if end >= nextOrdinal, last.effects == nil, !block.isFull {
      openBlock = OpenBlock(
        ordinal: last.ordinal, at: last.at, block: block, isInserted: true, isDirty: false)
    }
    nextOrdinal = max(nextOrdinal, end)
  }
}

/// A row of the journal as it is stored.
struct StoredRow {
  var ordinal: Int64
  var kind: String
  var at: Instant
  var payload: [UInt8]
  var effects: [UInt8]?

  /// Takes `ordinal, kind, at, payload, effects`.
  init(_ row: Row) {
    ordinal = row[0]
    kind = row[1]
    at = Instant(nanosSinceEpoch: row[2])
    payload = [UInt8](row[3] as Data)
    effects = (row[4] as Data?).map { [UInt8]($0) }
  }

  func block() throws -> MarkBlock {
    do throws(MarkBlock.Fault) {
      return try MarkBlock(payload, at: at)
    } catch {
      throw StoreError.undecodable(
        table: "journal", row: "\(ordinal)", problem: error.description)
    }
  }

  /// The inputs that the row stands for.
  func inputs(_ contracts: ContractNumbers) throws -> [JournalRow] {
    guard kind == JournalRow.marksKind else {
      return [
        JournalRow(ordinal: ordinal, at: at, kind: kind, payload: payload, effects: effects)
      ]
    }
    let entries = try block().entries
    return try entries.enumerated().map { index, entry in
      guard let contract = contracts[entry.contractNumber] else {
        throw StoreError.undecodable(
          table: "journal", row: "\(ordinal)",
          problem: "no contract has the number \(entry.contractNumber)")
      }
      return JournalRow(
        ordinal: ordinal + Int64(index),
        mark: JournalMark(
          contract: contract, field: entry.field, price: entry.price, at: entry.at),
        effects: index == entries.count - 1 ? effects : nil)
    }
  }
}

/// The numbers that stand for contracts in blocks of marks.
struct ContractNumbers {
  private var numbers: [ContractID: Int] = [:]
  private var contracts: [Int: ContractID] = [:]

  init(_ db: Database) throws {
    for row in try Row.fetchAll(db, sql: "SELECT number, contract FROM mark_contracts") {
      add(ContractID(row[1]), row[0])
    }
  }

  subscript(number: Int) -> ContractID? { contracts[number] }

  /// The number of the contract; a new one is recorded.
  mutating func number(of contract: ContractID, in db: Database) throws -> Int {
    if let number = numbers[contract] { return number }
    let number = (contracts.keys.max() ?? -1) + 1
    try db.cachedStatement(sql: "INSERT INTO mark_contracts (number, contract) VALUES (?, ?)")
      .execute(arguments: [number, contract.text])
    add(contract, number)
    return number
  }

  private mutating func add(_ contract: ContractID, _ number: Int) {
    numbers[contract] = number
    contracts[number] = contract
  }
}
