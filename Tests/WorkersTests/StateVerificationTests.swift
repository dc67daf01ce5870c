import ControlPlane
import EvaluatorRole
import Foundation
import Logging
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Settings
import SimulatedVenue
import Store
import Testing
import TokenStore
import VenueAPI

@testable import Workers

/// `riskctl state verify` against a venue whose positions and orders a journal knows, or not.
@Suite struct StateVerificationTests {
  private let root: WorkerRoot
  private let venue: SimulatedVenueServer
  private let account = AccountID(1001)
  private let contract: ContractID

  init() throws {
    root = try WorkerRoot()
    let configuration = SimulatedVenueConfiguration()
    venue = try SimulatedVenueServer.start(configuration)
    contract = try #require(configuration.contracts.first).id
    try root.replace(
      "http://127.0.0.1:8080\"", with: venue.baseURL + "\"", in: "config/config.yaml")
  }

  /// Records what the venue lists now, after `change`.
  private func record(_ change: (inout AccountSnapshot) -> Void = { _ in }) throws {
    let store = try Store.open(path: root.folder.file("data/risk_manager.db"), now: Sample.morning)
    let journal = StoreJournal(
      store, ballast: DiskBallast(path: root.folder.file("data/ballast")),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    var engine = RiskEngine()
    var batch = JournalBatch()
    func take(_ input: EngineInput) {
      let effects = engine.apply(input, at: Sample.morning)
      batch.entries.append(
        JournalEntry(
          ordinal: engine.state.ordinal, at: Sample.morning, input: input, effects: effects))
    }
    let accounts = [account, AccountID(1002)]
    take(.configuration(Dictionary(uniqueKeysWithValues: accounts.map { ($0, .init()) })))
    for id in accounts {
      var snapshot = AccountSnapshot(
        account: Account(id: id, name: "SIM", balance: .zero, canTrade: true),
        positions: venue.positions(id), workingOrders: venue.workingOrders(id), trades: [],
        startedAt: Sample.morning)
      if id == account { change(&snapshot) }
      take(.snapshot(snapshot))
    }
    try journal.commit(batch)
    try store.close()
  }

  private func verify(json: Bool = false) -> ControlPlane.CommandOutcome {
    StateVerification(root: root.path, pause: .milliseconds(1)).outcome(asJSON: json)
  }

  private func trade() throws -> OrderID {
    try venue.trader.place(account, contract, .buy, size: 2)
    return try venue.trader.place(
      account, contract, .sell, size: 2, type: .limit, limit: Price(nanos: 90_000_000_000_000))
  }

  @Test func `what is the same on both sides passes`() throws {
    defer { venue.stop() }
    _ = try trade()
    try record()
    let outcome = verify()
    #expect(
      outcome
        == ControlPlane.CommandOutcome(
          .yes,
          output: """
            ✅ Account 1001: 1 positions and 1 working orders at the venue, 1 and 1 in the journal
            ✅ Account 1002: 0 positions and 0 working orders at the venue, 0 and 0 in the journal
            all positions/orders present, up to input 3

            """))
    #expect(venue.requests(.login).count == 1)
    #expect(!venue.requests().contains { $0.path.contains("close") || $0.path.contains("place") })
  }

  @Test func `every difference has a line, and the check fails`() throws {
    defer { venue.stop() }
    let order = try trade()
    try record { snapshot in
      snapshot.positions[0].signedSize = 1
      snapshot.workingOrders[0].id = OrderID(77)
    }
    let outcome = verify()
    #expect(outcome.code == .no)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.contains("   position \(contract): 1 in the journal, 2 at the venue"))
    #expect(
      lines.contains { $0.hasPrefix("   order 77: sell 2 ") && $0.hasSuffix("none at the venue") })
    #expect(lines.contains { $0.hasPrefix("   order \(order): none in the journal, sell 2 ") })
    #expect(lines.last == "3 differences, up to input 3")
    let json = verify(json: true)
    let report = try MessageCoder().decode(
      StateReport.self, from: Array(json.output.utf8.dropLast()))
    #expect(!report.isSame)
    #expect(
      report.accounts[0].differences.map(\.kind) == [.position, .orderEnded, .orderMissing])
  }

  @Test func `a stored session is used, and an ended one is replaced`() throws {
    defer { venue.stop() }
    try record()
    let (settings, credentials) = try root.settings()
    let inquiry = try VenueInquiry(root: root.path, settings: settings, credentials: credentials)
    defer { inquiry.close() }
    guard case .token(let token) = inquiry.signIn() else {
      Issue.record("no token")
      return
    }
    _ = TokenPlace.prepare(settings, root: root.path)
    let store = credentials.store(settings, root: root.path)
    try store.save(token)
    #expect(verify().code == .yes)
    #expect(venue.requests(.login).count == 1)
    venue.endTokens()
    #expect(verify().code == .yes)
    #expect(venue.requests(.login).count == 2)
  }

  @Test func `an account that riskd never read is a difference`() throws {
    defer { venue.stop() }
    let store = try Store.open(path: root.folder.file("data/risk_manager.db"), now: Sample.morning)
    try store.close()
    let outcome = verify()
    #expect(outcome.code == .no)
    #expect(
      outcome.output.contains("account 1001: never read in the journal, listed at the venue"))
  }

  @Test func `nothing to compare with is no difference`() throws {
    defer { venue.stop() }
    #expect(verify().code == .environment, "there is no database")
    try record()
    try root.replace("demo-key", with: "another-key", in: ".env")
    let refused = verify()
    #expect(refused.code == .environment)
    #expect(refused.complaint.contains("the venue refuses user or key"))
    try root.write(".env", "")
    #expect(verify().complaint.contains("see riskctl config validate"))
  }
}
