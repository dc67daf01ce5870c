import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules

/// What an evaluator that starts goes on from.
struct Recovered {
  var engine: RiskEngine
  var feed: StreamPosition?
  var verdict: StreamPosition?
}

struct JournalUnreadable: Error {}

/// The disk of the machine, with the evaluator's journal on it.
protocol WorldDisk: AnyObject {
  /// Nothing can be written.
  var isFull: Bool { get set }
  func commit(_ batch: JournalBatch) throws(JournalError)
  /// Begins to put on the disk what is committed.
  func synchronise()
  /// `nil` when it cannot be read now.
  func recover() -> Recovered?
  func openTargets() throws -> [Target]
  /// Every input that is recorded, with its decisions.
  var entries: [JournalEntry] { get }
  var lastOrdinal: Int64 { get }
  func processEnded()
  /// What was not synchronised may be gone.
  func cutPower()
  func close()
}
