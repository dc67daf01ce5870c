import PeerProtocol
import ProcessControl
package import RiskModel
import RiskRules
import Store

/// How fast a journal goes through the engine.
package enum ReplayRate {
  /// Inputs applied and the time that took.
  package struct Result: Equatable, Sendable {
    package var inputs: Int
    package var duration: TimeSpan

    package init(inputs: Int, duration: TimeSpan) {
      self.inputs = inputs
      self.duration = duration
    }

    package var perSecond: Double {
      Double(inputs) / Double(max(1, duration.nanos)) * Double(Instant.nanosPerSecond)
    }
  }

  /// Rows that are committed in one transaction.
  private static let batchRows = 500

  /// The engine alone, the inputs in memory.
  ///
  /// - Throws: `BenchmarkError` when an input led to a breach: then something else was measured.
  package static func inMemory(
    inputs count: Int, marksPerEvent: Int
  ) throws(BenchmarkError) -> Result {
    let inputs = Array(TradingDayInputs(marksPerEvent: marksPerEvent).prefix(count))
    let clock = SystemClock()
    var engine = RiskEngine()
    let start = clock.monotonicNow()
    for timed in inputs { _ = engine.apply(timed.input, at: timed.at) }
    let duration = clock.monotonicNow() - start
    try requireQuiet(engine, count)
    return Result(inputs: count, duration: duration)
  }

  /// The same out of a database, which is made for it and removed: read, decoded, applied.
  package static func throughStore(
    inputs count: Int, marksPerEvent: Int, path: String
  ) throws(BenchmarkError) -> Result {
    defer { SystemFile.remove([path, path + "-wal", path + "-shm"]) }
    do {
      try write(TradingDayInputs(marksPerEvent: marksPerEvent).prefix(count), to: path)
      let clock = SystemClock()
      let store = try Store.open(
        path: path, readOnly: true, inspection: .none, now: clock.now())
      let coder = MessageCoder()
      var engine = RiskEngine()
      let start = clock.monotonicNow()
      var cursor = store.readJournal(from: 0)
      while let row = try cursor.next() {
        _ = engine.apply(try input(of: row, coder), at: row.at)
      }
      let duration = clock.monotonicNow() - start
      try store.close()
      try requireQuiet(engine, count)
      return Result(inputs: count, duration: duration)
    } catch let error as BenchmarkError {
      throw error
    } catch {
      throw .database("\(error)")
    }
  }

  private static func write(
    _ inputs: some Sequence<TradingDayInputs.Timed>, to path: String
  ) throws {
    let store = try Store.open(path: path, now: SystemClock().now())
    let coder = MessageCoder()
    var batch = CommitBatch()
    for (index, timed) in inputs.enumerated() {
      batch.rows.append(try row(Int64(index + 1), timed, coder))
      if batch.rows.count == batchRows {
        try store.commit(batch)
        batch = CommitBatch()
      }
    }
    try store.commit(batch)
    try store.close()
  }

  private static func row(
    _ ordinal: Int64, _ timed: TradingDayInputs.Timed, _ coder: MessageCoder
  ) throws -> JournalRow {
    if case .mark(let mark) = timed.input {
      return JournalRow(
        ordinal: ordinal,
        mark: JournalMark(
          contract: mark.contract, field: mark.field.rawValue, price: mark.price, at: timed.at))
    }
    return JournalRow(
      ordinal: ordinal, at: timed.at, kind: "input", payload: try coder.encode(timed.input))
  }

  private static func input(of row: JournalRow, _ coder: MessageCoder) throws -> EngineInput {
    switch row.content {
    case .input(_, let payload):
      return try coder.decode(EngineInput.self, from: payload)
    case .mark(let mark):
      guard let field = Mark.Field(rawValue: mark.field) else {
        throw BenchmarkError.database("a mark has no field \(mark.field)")
      }
      return .mark(Mark(contract: mark.contract, field: field, price: mark.price))
    }
  }

  private static func requireQuiet(
    _ engine: RiskEngine, _ count: Int
  ) throws(BenchmarkError) {
    guard engine.state.targets.isEmpty, engine.state.ordinal == count else {
      throw .processFailed("the engine did not take the inputs as it should")
    }
  }
}
