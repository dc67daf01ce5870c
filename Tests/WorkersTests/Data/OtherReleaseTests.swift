import RiskModel
import RiskRules
import RiskTestKit
import Testing

@testable import Store
@testable import Workers

/// A journal that was written by a release which decides otherwise, and that was not ended in order.
@Suite struct OtherReleaseTests {
  private let scene = DatabaseScene()
  private let loss = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("500")))
  private let lossForGood = RiskConfiguration(
    dailyRealizedLoss: .init(lossLimit: .of("500"), lockoutEnd: .permanent))
  private let sizes = RiskConfiguration(maxContracts: .init(limit: 2))

  private func former(
    _ rules: RiskConfiguration, shift: Int = 0, alter: @escaping ([Effect]) -> [Effect] = { $0 }
  ) throws -> ReleaseScene {
    let release = ReleaseScene(try scene.store(), scene)
    try release.begin(rules)
    release.shift = shift
    release.alter = alter
    return release
  }

  /// The present release takes over.
  private func takeOver(
    _ former: ReleaseScene, _ expected: RecordComparison.Differences? = nil
  ) throws -> ReleaseScene {
    try former.store.close()
    let opened = try scene.open()
    #expect(opened.loss == nil)
    #expect(opened.recovery.owed == nil)
    if let expected { #expect(opened.recovery.differences == expected) }
    let release = ReleaseScene(
      opened.store, scene, engine: opened.recovery.engine, at: former.now)
    #expect(try release.recorded == release.targets)
    return release
  }

  /// The journal takes further inputs, and the next start finds what was left.
  private func goOn(_ release: ReleaseScene) throws -> ReleaseScene {
    try release.lose("-1", id: 99)
    #expect(try release.recorded == release.targets)
    #expect(release.disagreements.isEmpty)
    let again = try takeOver(release, .init())
    #expect(again.engine.state == release.engine.state)
    return again
  }

  private func id(_ ordinal: Int64, _ index: Int) -> TargetID {
    TargetID(inputOrdinal: ordinal, index: index)
  }

  @Test(arguments: [0, 1, 2])
  func `a lockout under another name stands once, under its recorded one`(shift: Int) throws {
    let old = try former(loss, shift: shift)
    try old.lose("-600")
    let name = id(10, shift)
    var new = try takeOver(old, .init(adjusted: shift == 0 ? [] : [name]))
    #expect(new.standing == [name])
    new = try goOn(new)
    #expect(try new.beginNextDay().endings == [.dailyReset])
    #expect(try new.recorded.isEmpty)
    _ = try goOn(new)
  }

  @Test func `a lockout that only the present release decides is recorded and ends`() throws {
    let old = try former(loss) { $0.filter { !$0.isAboutTargets } }
    try old.lose("-600")
    #expect(try old.recorded.isEmpty)
    var new = try takeOver(old, .init(adopted: [id(10, 0)]))
    #expect(try new.recorded.map(\.cause.rule) == [.dailyRealizedLoss])
    new = try goOn(new)
    #expect(try new.beginNextDay().endings == [.dailyReset])
    _ = try goOn(new)
  }

  @Test func `a lockout that only the former release decided stands again and ends`() throws {
    let old = try former(loss)
    try old.lose("-600")
    var lockout = try #require(try old.recorded.first)
    lockout.id = id(11, 4)
    lockout.cause.rule = .tradeFrequencyLimit
    old.alter = { $0 + [.adopt(lockout)] }
    try old.lose("-1", id: 2)
    var new = try takeOver(old, .init(restored: [lockout.id]))
    #expect(new.standing == [id(10, 0), lockout.id])
    new = try goOn(new)
    #expect(try new.beginNextDay().endings == [.dailyReset, .dailyReset])
    _ = try goOn(new)
  }

  @Test func `what an administrator ended under another name stays ended`() throws {
    let old = try former(lossForGood, shift: 1)
    try old.lose("-600")
    let lockout = try #require(try old.recorded.first)
    try old.beginNextDay()
    try old.send(.administrator(.endLockout(lockout.id, by: "uid 0")))
    #expect(try old.recorded.isEmpty)
    var new = try takeOver(old, .init(ended: [id(10, 0)]))
    new = try goOn(new)
    #expect(new.standing.isEmpty)
  }

  @Test(arguments: [TargetEnding.expired, .configuration, .tradingRestored, .evaluationRestored])
  func `a lockout that a condition ended too early stands under a new name`(
    ending: TargetEnding
  ) throws {
    let old = try former(loss)
    try old.lose("-600")
    let early = id(10, 0)
    old.alter = { $0 + [.end(early, ending)] }
    try old.lose("-1", id: 2)
    #expect(try old.recorded.isEmpty)
    var new = try takeOver(old, .init(adopted: [id(10, 1)]))
    #expect(try new.store.ends(since: .init(nanosSinceEpoch: 0), ofInputs: []).map(\.id) == [early])
    new = try goOn(new)
    #expect(try new.beginNextDay().endings == [.dailyReset])
    _ = try goOn(new)
  }

  @Test(arguments: [TargetEnding.dailyReset, .superseded, .administrator])
  func `a lockout whose end was decided stays ended`(ending: TargetEnding) throws {
    let old = try former(loss)
    try old.lose("-600")
    let ended = id(10, 0)
    old.alter = { $0 + [.end(ended, ending)] }
    try old.lose("-1", id: 2)
    var new = try takeOver(old, .init(ended: [ended]))
    #expect(new.standing.isEmpty)
    new = try goOn(new)
    #expect(try new.store.ends(since: .init(nanosSinceEpoch: 0), ofInputs: []).first?.id == ended)
  }

  @Test func `a close that was proven is not played again on a new position`() throws {
    let old = try former(sizes, shift: 1)
    try old.hold(Sample.mnq, 3)
    let close = try #require(try old.recorded.first)
    #expect(close.end == .episode)
    old.now = old.now + .seconds(1)
    try old.send(.proven(close.id))
    #expect(try old.recorded.isEmpty)
    var new = try takeOver(old, .init(ended: [id(close.id.inputOrdinal, close.id.index - 1)]))
    #expect(new.engine.state.accounts[Sample.account]?.provenFlat.count == 1)
    new = try goOn(new)
    #expect(new.standing.isEmpty)
    // The venue speaks of the close, and a permitted position is opened.
    #expect(try !new.hold(Sample.mnq, 0).contains(where: \.isAboutTargets))
    #expect(try !new.hold(Sample.mnq, 1, id: 2).contains(where: \.isAboutTargets))
    _ = try goOn(new)
  }

  @Test func `a close that the former release had not decided is made good and ends`() throws {
    let old = try former(sizes) { $0.filter { !$0.isAboutTargets } }
    try old.hold(Sample.mnq, 3)
    var new = try takeOver(old)
    let close = try #require(new.standing.first)
    new = try goOn(new)
    #expect(try new.send(.proven(close)).endings == [.proven])
    _ = try goOn(new)
  }

  @Test func `a name that means something else on both sides keeps its recorded meaning`() throws {
    let both = RiskConfiguration(
      maxContracts: .init(limit: 2), maxContractsPerInstrument: .init(limits: [Sample.mnq.root: 1]))
    let plain = ReleaseScene(
      try Store.open(path: scene.folder.file("plain"), now: .init(nanosSinceEpoch: 0)), scene)
    try plain.begin(both)
    try plain.hold(Sample.mnq, 3)
    #expect(plain.standing.count == 2)
    let distance = plain.standing[1].index - plain.standing[0].index

    let old = try former(both, shift: distance)
    try old.hold(Sample.mnq, 3)
    let recorded = try old.recorded
    #expect(recorded[0].id == plain.standing[1])
    let new = try takeOver(old, .init(adjusted: recorded.map(\.id)))
    #expect(try new.recorded == recorded)
    #expect(new.targets == recorded)
    _ = try goOn(new)
  }

  @Test func `of two bounds under one name the stricter stands and is recorded`() throws {
    let old = try former(
      RiskConfiguration(
        maxContracts: .init(limit: 9),
        tradeFrequencyLimit: .init(windows: [.init(limit: 1, span: .seconds(3_600))])))
    try old.hold(Sample.mnq, 3)
    old.alter = { effects in
      effects.map { effect in
        guard case .adopt(var target) = effect else { return effect }
        target.goal = .noNewExposure([Baseline(contract: Sample.mnq, signedSize: 1)])
        return .adopt(target)
      }
    }
    try old.lose("-1", id: 1)
    try old.lose("-1", id: 2)
    let name = try #require(try old.recorded.first?.id)
    var new = try takeOver(old, .init(adjusted: [name]))
    let stricter = Goal.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 1)])
    #expect(new.targets.map(\.goal) == [stricter])
    new = try goOn(new)
    #expect(new.targets.map(\.goal) == [stricter])
  }

  @Test func `what is owed to the record goes ahead of the first batch that can be written`() throws
  {
    let old = try former(loss) { $0.filter { !$0.isAboutTargets } }
    try old.lose("-600")
    var recovery = try EngineRecovery(old.store, logger: scene.logger)
    let other = try Store.open(
      path: scene.path, inspection: .none, busyTimeout: .milliseconds(1), now: old.now)
    try old.store.writing { _ in
      try recovery.settle(in: other, logger: scene.logger)
    }
    #expect(recovery.owed?.standing.map(\.id) == [id(10, 0)])
    #expect(try other.openTargets().isEmpty)
    try old.store.close()

    let new = ReleaseScene(other, scene, engine: recovery.engine, owed: recovery.owed)
    _ = try goOn(new)
  }

  @Test func `inputs behind a checkpoint that cannot be read are missed, not written over`() throws
  {
    let old = try former(loss)
    try old.lose("-600")
    let last = old.store.nextOrdinal - 1
    var batch = CommitBatch()
    batch.checkpoint = StoredCheckpoint(
      ordinal: last + 5, at: old.now, state: Array("of a newer release".utf8))
    try old.store.commit(batch)
    try old.store.close()

    let opened = try scene.open()
    #expect(opened.loss == "inputs \(last + 1)...\(last + 5) cannot be read")
    #expect(opened.recovery.feed == nil)
    #expect(opened.recovery.engine.state.ordinal > last + 5)
    let new = ReleaseScene(opened.store, scene, engine: opened.recovery.engine, at: old.now)
    #expect(new.standing == [id(10, 0)])
    #expect(try new.beginNextDay().endings == [.dailyReset])
    #expect(try new.recorded.isEmpty)
  }
}
