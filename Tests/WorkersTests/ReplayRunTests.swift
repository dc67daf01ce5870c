import ControlPlane
import EvaluatorRole
import Foundation
import Logging
import RiskModel
import RiskRules
import RiskTestKit
import Store
import Testing

@testable import Workers

/// `riskctl replay run` on a recorded day, with the rules of a folder.
@Suite struct ReplayRunTests {
  private let root: WorkerRoot
  private let day = CivilDate(year: 2026, month: 11, day: 18)

  init() throws {
    root = try WorkerRoot()
  }

  /// A day of two breaches of three contracts and 180 dollars lost, recorded under rules that allow
  /// all of it.
  private func recordDay() throws {
    let store = try Store.open(path: root.folder.file("data/risk_manager.db"), now: Sample.morning)
    let journal = StoreJournal(
      store, ballast: DiskBallast(path: root.folder.file("data/ballast")),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    var engine = RiskEngine()
    var batch = JournalBatch()
    func take(_ input: EngineInput, _ seconds: Int64) {
      let at = Sample.morning + .seconds(seconds)
      let effects = engine.apply(input, at: at)
      batch.entries.append(
        JournalEntry(ordinal: engine.state.ordinal, at: at, input: input, effects: effects))
    }
    take(.configuration([Sample.account: RiskConfiguration()]), 0)
    take(.tick(venueTime: Sample.morning), 0)
    for contract in Sample.contracts { take(.event(.contract(contract)), 0) }
    for (size, seconds) in [(3, 60), (2, 90), (3, 120), (0, 150)] as [(Int64, Int64)] {
      take(
        .event(
          .position(
            Position(
              id: 7, account: Sample.account, contract: Sample.mnq,
              openedAt: Sample.morning + .seconds(60), signedSize: size,
              averagePrice: .at("20000")))), seconds)
    }
    take(
      .event(
        .trade(
          Trade(
            id: TradeID(1), account: Sample.account, contract: Sample.mnq,
            executedAt: Sample.morning + .seconds(150), price: .at("20000"), profit: .of("-180"),
            fees: .zero, side: .sell, size: 3, order: OrderID(1)))), 151)
    try journal.commit(batch)
    try store.close()
  }

  private func trial(_ rules: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: root.folder.file("trial"), withIntermediateDirectories: true)
    try root.write("trial/risk_config.yaml", rules)
    return root.folder.file("trial")
  }

  private func run(_ folder: String, json: Bool = false) -> CommandOutcome {
    ReplayRun(root: root.path, folder: folder, from: day, through: day).outcome(asJSON: json)
  }

  private var stricter: String {
    get throws {
      try root.text("config/risk_config.yaml")
        .replacing("loss_limit: 500.00", with: "loss_limit: 150.00")
    }
  }

  @Test func `a table says what the rules would have done, and nothing is written`() throws {
    try recordDay()
    let before = try Data(contentsOf: URL(filePath: root.folder.file("data/risk_manager.db")))
    let outcome = run(try trial(try stricter))
    #expect(outcome.code == .yes, "\(outcome)")
    let text = outcome.output
    #expect(text.contains("recorded then: 0 breaches"))
    #expect(text.contains("2026-11-18 account 1001, realized -180.00"))
    #expect(text.contains("max_contracts_per_instrument: You hold 3 MNQ; the limit for MNQ is 2."))
    #expect(text.contains("reduce \(Sample.mnq) to 2, until it is done"))
    #expect(text.components(separatedBy: "You hold 3 MNQ").count == 3)
    #expect(text.contains("daily_realized_loss: Today's result is -180.00 realized"))
    #expect(text.contains("close everything and cancel all orders, until the daily reset of"))
    let after = try Data(contentsOf: URL(filePath: root.folder.file("data/risk_manager.db")))
    #expect(after == before)
  }

  @Test func `the JSON form has the documented keys`() throws {
    try recordDay()
    let outcome = run(try trial(try stricter), json: true)
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let report = try #require(object as? [String: Any])
    #expect(report["inputs"] as? Int == 14)
    #expect(report["recordedBreaches"] as? Int == 0)
    let days = try #require(report["days"] as? [[String: Any]])
    #expect(days.compactMap { $0["account"] as? Int } == [1001, 1002])
    let decisions = try #require(days.first?["decisions"] as? [[String: Any]])
    #expect(
      decisions.compactMap { $0["code"] as? String } == [
        "CONTRACTS_ABOVE_INSTRUMENT_LIMIT", "CONTRACTS_ABOVE_INSTRUMENT_LIMIT",
        "DAILY_LOSS_REACHED",
      ])
    #expect(decisions.first?["at"] as? String == "2026-11-18T16:01:00.000Z")
  }

  @Test func `rules that are wrong, days that are missing and no journal are said so`() throws {
    let folder = try trial("rules: 5\n")
    #expect(run(folder).code == .environment)
    try recordDay()
    let wrong = run(folder)
    #expect(wrong.code == .environment)
    #expect(wrong.complaint.contains("risk_config.yaml"))
    let right = try trial(try stricter)
    let later = ReplayRun(
      root: root.path, folder: right, from: day.adding(days: 3), through: day.adding(days: 4)
    ).outcome(asJSON: false)
    #expect(later.code == .environment)
    #expect(later.complaint.contains("the journal has nothing of 2026-11-21 to 2026-11-22"))
    let backwards = ReplayRun(
      root: root.path, folder: right, from: day, through: day.adding(days: -1)
    ).outcome(asJSON: false)
    #expect(backwards.code == .environment)
  }
}
