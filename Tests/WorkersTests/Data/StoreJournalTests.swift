import EvaluatorRole
import Logging
import ProcessControl
import RiskModel
import RiskRules
import RiskTestKit
import Store
import Testing

@testable import Workers

@Suite struct StoreJournalTests {
  private let folder = TemporaryFolder("journal")

  private func state(after ordinal: Int64) -> EngineState {
    var state = EngineState()
    state.ordinal = ordinal
    return state
  }

  private func batch(_ ordinal: Int64, mayWait: Bool) -> JournalBatch {
    var batch = JournalBatch()
    batch.entries = [
      JournalEntry(
        ordinal: ordinal, at: Sample.morning, input: .journal(isWritable: true), effects: [])
    ]
    batch.checkpoint = state(after: ordinal)
    batch.mayCheckpointWait = mayWait
    return batch
  }

  @Test func aCheckpointThatMayWaitIsRecordedBehindItsBatch() throws {
    let store = try Store.open(path: folder.file("risk_manager.db"), now: Sample.morning)
    let reactor = try Reactor()
    let journal = StoreJournal(
      store, ballast: DiskBallast(path: folder.file("ballast"), size: 4_096),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, inbox: reactor.inbox)
    try journal.commit(batch(1, mayWait: false))
    #expect(try store.checkpoints().map(\.ordinal) == [1])
    try journal.commit(batch(2, mayWait: true))
    #expect(store.nextOrdinal == 3)
    #expect(try store.checkpoints().map(\.ordinal) == [1])
    // A second one does not queue up behind it.
    try journal.commit(batch(3, mayWait: true))
    try journal.commit(batch(4, mayWait: false))
    func look() {
      let found = (try? store.checkpoints().map(\.ordinal)) ?? []
      if found == [4, 2] { return reactor.stop() }
      reactor.schedule(after: .milliseconds(1)) { look() }
    }
    reactor.schedule(after: .seconds(30)) { reactor.stop() }
    look()
    reactor.run()
    #expect(try store.checkpoints().map(\.ordinal) == [4, 2])
    #expect(store.nextOrdinal == 5)
    try store.close()
  }

  @Test(arguments: [true, false])
  func theDisksWordComesBackToTheLoop(hasLoop: Bool) throws {
    let store = try Store.open(path: folder.file("risk_manager.db"), now: Sample.morning)
    let reactor = try Reactor()
    let journal = StoreJournal(
      store, ballast: DiskBallast(path: folder.file("ballast"), size: 4_096),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      inbox: hasLoop ? reactor.inbox : nil)
    try journal.commit(batch(1, mayWait: false))
    var answers: [Bool] = []
    journal.makeDurable { isDone in
      answers.append(isDone)
      reactor.stop()
    }
    #expect(answers == (hasLoop ? [] : [true]))
    if hasLoop {
      reactor.schedule(after: .seconds(30)) { reactor.stop() }
      reactor.run()
    }
    #expect(answers == [true])
    try store.close()
  }
}
