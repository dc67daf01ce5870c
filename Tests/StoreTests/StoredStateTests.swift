import FoundationEssentials
import GRDB
import PeerProtocol
import RiskModel
import Testing

@testable import Store

@Suite struct StoredStateTests {
  private let folder = Folder()

  private struct Unreadable: Error {}

  private func checkpoint(_ ordinal: Int64) -> StoredCheckpoint {
    StoredCheckpoint(ordinal: ordinal, at: .sample, state: Array("state \(ordinal)".utf8))
  }

  private func segment(_ first: Int64) -> StoredSegment {
    StoredSegment(
      firstOrdinal: first, startedAt: .sample + .seconds(first),
      configuration: Array("{\"from\":\(first)}".utf8), engineVersion: 1,
      stateDigest: [1, 2, UInt8(truncatingIfNeeded: first)])
  }

  private func text(_ state: [UInt8]) -> String { String(decoding: state, as: UTF8.self) }

  @Test func anEmptyStoreStartsAtTheBeginning() throws {
    let store = try Store.writer(folder.database)
    var state = try store.load { text($0) }
    #expect(state.checkpoint == nil)
    #expect(state.undecodableCheckpoints.isEmpty)
    #expect(state.segment == nil)
    #expect(state.progress.isEmpty)
    #expect(state.openTargets.isEmpty)
    #expect(state.nextOrdinal == 1)
    #expect(try state.rows.next() == nil)
  }

  @Test func everythingOfABatchIsThereAfterARestart() throws {
    var store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.segment = segment(1)
    batch.rows = [Sample.input(1), Sample.mark(2), Sample.input(3, effects: "[1]")]
    batch.standing = [Sample.target(3), Sample.target(3, index: 1)]
    batch.progress = [
      "feed": StreamPosition(producerEpoch: 7, sequence: 3),
      "verdict": StreamPosition(producerEpoch: 8, sequence: 1),
    ]
    batch.checkpoint = checkpoint(2)
    batch.meta = ["tradingDate": "2026-08-21"]
    #expect(!batch.isEmpty)
    #expect(CommitBatch().isEmpty)
    try store.commit(batch)
    try store.close()

    store = try Store.writer(folder.database)
    var state = try store.load { text($0) }
    #expect(state.checkpoint?.ordinal == 2)
    #expect(state.checkpoint?.state == "state 2")
    #expect(state.segment == segment(1))
    #expect(state.progress == batch.progress)
    #expect(state.openTargets == batch.standing)
    #expect(state.nextOrdinal == 4)
    #expect(try state.rows.next() == Sample.input(3, effects: "[1]"))
    #expect(try state.rows.next() == nil)
    #expect(try store.meta("tradingDate") == "2026-08-21")
    #expect(try store.meta("nothing") == nil)
  }

  @Test func theNewestTwoCheckpointsAreKept() throws {
    let store = try Store.writer(folder.database)
    for ordinal in Int64(1)...5 {
      var batch = CommitBatch()
      batch.rows = [Sample.input(ordinal)]
      batch.checkpoint = checkpoint(ordinal)
      try store.commit(batch)
    }
    #expect(try store.checkpoints() == [checkpoint(5), checkpoint(4)])
  }

  @Test func aCheckpointThatCannotBeDecodedGivesWayToTheOlderOne() throws {
    let store = try Store.writer(folder.database)
    for ordinal in Int64(1)...5 {
      var batch = CommitBatch()
      batch.rows = [Sample.input(ordinal)]
      if ordinal >= 3 { batch.checkpoint = checkpoint(ordinal) }
      try store.commit(batch)
    }
    var state = try store.load { bytes in
      guard text(bytes) != "state 5" else { throw Unreadable() }
      return text(bytes)
    }
    #expect(state.checkpoint?.ordinal == 4)
    #expect(state.undecodableCheckpoints.map(\.ordinal) == [5])
    #expect(try state.rows.next() == Sample.input(5))

    var bare = try store.load { _ -> String in throw Unreadable() }
    #expect(bare.checkpoint == nil)
    #expect(bare.undecodableCheckpoints.map(\.ordinal) == [5, 4])
    #expect(try bare.rows.next() == Sample.input(1))
  }

  @Test func aCheckpointOfInputsThatAreNotRecordedMovesTheNextOrdinal() throws {
    var store = try Store.writer(folder.database)
    try store.commit([Sample.mark(1)])
    var batch = CommitBatch()
    batch.checkpoint = checkpoint(50)
    try store.commit(batch)
    #expect(store.nextOrdinal == 51)
    try store.close()
    store = try Store.writer(folder.database)
    #expect(store.nextOrdinal == 51)
    try store.commit([Sample.mark(51)])
    #expect(try store.rows() == [Sample.mark(1), Sample.mark(51)])
  }

  @Test func targetsAreAdoptedAmendedAndEnded() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.standing = [
      Sample.target(10), Sample.target(9), Sample.target(9, index: 11, end: .episode),
    ]
    try store.commit(batch)
    #expect(
      try store.openTargets().map(\.id.description) == ["9-0", "9-11", "10-0"])

    batch = CommitBatch()
    batch.standing = [Sample.target(10, held: 8)]
    batch.ended = [EndedTarget(id: Sample.target(9).id, ending: .proven, at: .sample)]
    try store.commit(batch)
    #expect(
      try store.openTargets()
        == [Sample.target(9, index: 11, end: .episode), Sample.target(10, held: 8)])
    #expect(
      try store.count(
        "SELECT ended_at FROM targets WHERE id = '9-0' AND ending = 'proven'")
        == 1_758_000_000_000_000_000)
  }

  @Test func `a batch that the table of targets does not fit is recorded and told`() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.standing = [Sample.target(8), Sample.target(9)]
    #expect(try store.commit(batch).isEmpty)
    batch = CommitBatch()
    let end = EndedTarget(id: Sample.target(9).id, ending: .proven, at: .sample + .seconds(1))
    batch.ended = [end]
    #expect(try store.commit(batch).isEmpty)

    // It had ended; the other one was never adopted.
    let unknown = TargetID(inputOrdinal: 9, index: 7)
    batch = CommitBatch()
    batch.rows = [Sample.input(12)]
    batch.ended = [
      EndedTarget(id: end.id, ending: .dailyReset, at: .sample + .seconds(2)),
      EndedTarget(id: unknown, ending: .expired, at: .sample + .seconds(2)),
    ]
    let found = try store.commit(batch)
    #expect(found == [.notOpen(end.id), .notOpen(unknown)])
    #expect(Set(found.map(\.description)).count == 2)
    #expect(store.nextOrdinal == 13)
    #expect(try store.openTargets() == [Sample.target(8)])
    let recorded = RecordedEnd(
      id: end.id, target: Sample.target(9), ending: .proven, at: .sample + .seconds(1))
    #expect(try store.ends(since: .sample, ofInputs: []) == [recorded])
    #expect(try store.ends(since: .sample + .seconds(2), ofInputs: [8]).isEmpty)
    #expect(try store.ends(since: .sample + .seconds(2), ofInputs: [9]) == [recorded])

    // What stands for the engine stands.
    batch = CommitBatch()
    batch.standing = [Sample.target(9, held: 8)]
    #expect(try store.commit(batch) == [.stoodAgain(end.id)])
    #expect(TargetDisagreement.stoodAgain(end.id).description.contains("9-0"))
    #expect(try store.openTargets() == [Sample.target(8), Sample.target(9, held: 8)])
    #expect(try store.ends(since: .sample, ofInputs: []).isEmpty)
  }

  @Test func `an end that cannot be read is told by its name`() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.standing = [Sample.target(1)]
    batch.ended = [EndedTarget(id: Sample.target(1).id, ending: .proven, at: .sample)]
    try store.commit(batch)
    try store.writing { try $0.execute(sql: "UPDATE targets SET json = '{}', ending = 'new'") }
    #expect(
      try store.ends(since: .sample, ofInputs: [])
        == [RecordedEnd(id: Sample.target(1).id, target: nil, ending: nil, at: .sample)])
  }

  @Test func theViewOfLockoutsIsForPeople() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.standing = [Sample.target(1), Sample.target(2, end: .episode), Sample.target(3)]
    batch.ended = [EndedTarget(id: Sample.target(3).id, ending: .administrator, at: .sample)]
    try store.commit(batch)
    let rows = try store.reading {
      try Row.fetchAll($0, sql: "SELECT * FROM lockout_entries ORDER BY id")
    }
    #expect(rows.map { $0["id"] } == ["1-0", "3-0"])
    #expect(rows.first?["account_id"] == 7)
    #expect(rows.first?["rule_id"] == "RULE-001")
    #expect(rows.first?["expiry_kind"] == "{\"permanent\":{}}")
    #expect(rows.first?["cleared_at"] == (nil as Int64?))
    #expect(rows.last?["cleared_by"] == "administrator")
  }

  @Test func aTargetThatCannotBeDecodedIsAnErrorAndNotLeftOut() throws {
    let store = try Store.writer(folder.database)
    var batch = CommitBatch()
    batch.standing = [Sample.target(1), Sample.target(2)]
    try store.commit(batch)
    try store.writing { try $0.execute(sql: "UPDATE targets SET json = '{}' WHERE id = '2-0'") }
    do {
      _ = try store.openTargets()
      Issue.record("a target was left out")
    } catch {
      guard case .undecodable("targets", "2-0", _) = error else { throw error }
    }
  }

  @Test func breachesAndEnforcementAreRecorded() throws {
    let first = try Store.writer(folder.database)
    let target = Sample.target(1)
    var batch = CommitBatch()
    batch.standing = [target]
    batch.breaches = [
      BreachRecord(ordinal: 1, at: .sample, account: target.account, cause: target.cause)
    ]
    batch.enforcement = [
      .step(
        EnforcementStep(
          target: target.id, account: target.account, action: .close(ContractID("C")),
          outcome: .accepted, sentAt: .sample, duration: .milliseconds(150),
          reaction: .microseconds(300))),
      .proven(
        target.id,
        EnforcementSummary(requests: 2, passes: 1, duration: .milliseconds(700)),
        at: .sample + .seconds(1)),
    ]
    try first.commit(batch)
    // A restarted store reads the cause of the target again; an unknown target has none.
    try first.close()
    let again = try Store.writer(folder.database)
    batch = CommitBatch()
    batch.enforcement = [target.id, TargetID(inputOrdinal: 99, index: 0)].map {
      .step(
        EnforcementStep(
          target: $0, account: AccountID(8), action: .cancel(OrderID(5)),
          outcome: .refused("x"), sentAt: .sample + .seconds(2), duration: .zero))
    }
    try again.commit(batch)
    let later = try again.reading {
      try Row.fetchAll(
        $0, sql: "SELECT rule_id, success FROM enforcement_log WHERE action = 'cancel' ORDER BY id")
    }
    #expect(later.map { $0[0] as String? } == ["RULE-001", nil])
    #expect(later.map { $0[1] as Bool } == [false, false])
    try again.writing { try $0.execute(sql: "DELETE FROM enforcement_log WHERE action = 'cancel'") }
    let store = again
    let (breach, log) = try store.reading { db in
      (
        try Row.fetchAll(db, sql: "SELECT * FROM breaches"),
        try Row.fetchAll(db, sql: "SELECT * FROM enforcement_log ORDER BY id")
      )
    }
    #expect(breach.count == 1)
    #expect(breach.first?["rule"] == "RULE-001")
    #expect(breach.first?["code"] == "CONTRACTS_ABOVE_LIMIT")
    #expect(breach.first?["reason"] == #"{"contractsAboveLimit":{"held":6,"limit":5}}"#)
    #expect(log.count == 2)
    #expect(log.first?["timestamp"] == 1_758_000_000_000_000_000)
    #expect(log.first?["account_id"] == 7)
    #expect(log.first?["rule_id"] == "RULE-001")
    #expect(log.first?["action"] == "close")
    #expect(log.first?["reason"] == "You hold 6 contracts; the limit is 5.")
    #expect(log.first?["success"] == true)
    #expect(
      log.first?["details"] == #"{"action":{"close":{"_0":"C"}},"outcome":{"accepted":{}}}"#)
    #expect(log.first?["execution_time_ms"] == 150)
    #expect(log.first?["reaction"] == 300_000)
    #expect(log.last?["account_id"] == 7)
    #expect(log.last?["target"] == "1-0")
    #expect(log.last?["action"] == "proven")
    #expect(log.last?["execution_time_ms"] == 700)
    #expect(log.last?["reaction"] == (nil as Int64?))
  }
}
