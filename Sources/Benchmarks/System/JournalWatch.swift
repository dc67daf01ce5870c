import PeerProtocol
import ProcessControl
package import RiskModel
import RiskRules
import Store

/// Reads the journal of a riskd that runs, to see what has arrived.
package final class JournalWatch {
  /// A trade is followed by a position and an account, each perhaps by marks.
  private static let tailRows = 16

  private let store: Store
  private let database: Database
  private let coder = MessageCoder()
  private let tail: Database.Statement
  private var nextOrdinal: Int64 = 0
  /// The executions that the journal holds, in events and in snapshots.
  package private(set) var trades: Set<TradeID> = []
  /// Marks of last prices.
  package private(set) var lastPriceMarks = 0
  package private(set) var lastMark: [ContractID: Price] = [:]

  init(path: String) throws(BenchmarkError) {
    do {
      store = try Store.open(
        path: path, readOnly: true, inspection: .none, now: SystemClock().now())
    } catch {
      throw .database("\(error)")
    }
    database = try Database(path: path, .reading)
    tail = try database.prepare(
      "SELECT payload FROM journal WHERE kind = 'input' ORDER BY ordinal DESC LIMIT ?")
  }

  /// Whether the execution is among the last inputs. Cheap beside `advance`.
  package func ends(with trade: TradeID) throws(BenchmarkError) -> Bool {
    var found = false
    tail.bind(Int64(Self.tailRows), at: 1)
    try tail.run { row throws(BenchmarkError) in
      if trades(in: try decode(row.bytes(0))).contains(trade) { found = true }
    }
    return found
  }

  /// Takes on everything that was recorded since the last time.
  package func advance() throws(BenchmarkError) {
    do {
      var cursor = store.readJournal(from: nextOrdinal)
      while let row = try cursor.next() {
        nextOrdinal = row.ordinal + 1
        switch row.content {
        case .input(_, let payload): trades.formUnion(trades(in: try decode(payload)))
        case .mark(let mark) where mark.field == Mark.Field.last.rawValue:
          lastPriceMarks += 1
          lastMark[mark.contract] = mark.price
        case .mark:
          continue
        }
      }
    } catch let error as BenchmarkError {
      throw error
    } catch {
      throw .database("\(error)")
    }
  }

  private func decode(_ payload: [UInt8]) throws(BenchmarkError) -> EngineInput {
    do {
      return try coder.decode(EngineInput.self, from: payload)
    } catch {
      throw .database("an input of the journal: \(error)")
    }
  }

  private func trades(in input: EngineInput) -> [TradeID] {
    switch input {
    case .event(.trade(let trade)): [trade.id]
    case .snapshot(let snapshot): snapshot.trades.map(\.id)
    default: []
    }
  }
}
