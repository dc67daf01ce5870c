import Foundation
import RiskModel

/// The audit log as it grows while something is played, read independently of what writes it.
///
/// Supervisor, evaluator and riskctl write in their own time; the order is known for each of them.
struct AuditTrail {
  enum Writer: Hashable {
    case supervisor
    case evaluator
    case riskctl

    init(_ who: String) {
      self =
        switch who {
        case "evaluator": .evaluator
        case _ where who.hasPrefix("riskctl "): .riskctl
        default: .supervisor
        }
    }
  }

  struct Record: Decodable {
    var sequence: Int
    var time: String
    var who: String
    var what: String
    var detail: [String: String]
  }

  struct Expected {
    var writer: Writer
    var what: String
    /// How it begins, where more is known than the writer.
    var who: String?
    /// Texts that are known as a whole.
    var detail: [String: String]
    /// What one of the texts has to have in it.
    var saying: [String]

    static func by(
      _ writer: Writer, _ what: String, who: String? = nil, _ detail: [String: String] = [:],
      saying: [String] = []
    ) -> Expected {
      Expected(writer: writer, what: what, who: who, detail: detail, saying: saying)
    }

    func fits(_ record: Record) -> Bool {
      Writer(record.who) == writer && record.what == what
        && who.map { record.who.hasPrefix($0) } ?? true
        && detail.allSatisfy { record.detail[$0.key] == $0.value }
        && saying.allSatisfy { text in record.detail.values.contains { $0.contains(text) } }
    }
  }

  /// What was seen and expected.
  private(set) var records: [Record] = []

  static func read(_ stage: RiskdStage) throws -> [Record] {
    let lines = stage.root.text("data/audit.log").split(separator: "\n")
    return try lines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
  }

  /// Waits for the records of a scene: these, each once and in the order of its writer, and no others.
  mutating func expect(_ stage: RiskdStage, line: Int = #line, _ expected: [Expected]) throws {
    let known = records.count
    var all = records
    _ = try StageClock.poll(atMost: .seconds(20)) {
      all = try Self.read(stage)
      return all.count >= known + expected.count
    }
    let new = all.dropFirst(known)
    records = all
    stage.check(
      new.map(\.sequence) == Array(known + 1..<known + 1 + expected.count),
      "\(new.count) records instead of \(expected.count): \(new)", line: line)
    for writer in [Writer.supervisor, .evaluator, .riskctl] {
      let wanted = expected.filter { $0.writer == writer }
      let written = new.filter { Writer($0.who) == writer }
      stage.check(
        written.count == wanted.count && zip(wanted, written).allSatisfy { $0.fits($1) },
        "the \(writer) had to write \(wanted), wrote \(written)", line: line)
    }
  }
}
