import Enforcement
import PeerProtocol
import RiskModel
import Testing

@testable import EnforcerRole

/// The evaluator does not come up: the targets are read from the database.
@Suite struct FallbackTests {
  private func open(_ bench: RoleBench) -> OpenTargets {
    OpenTargets(revision: 12, accounts: [account], targets: [bench.target(.flatAccount)])
  }

  @Test func afterTwoSecondsTheDatabaseIsRead() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    reader.result = open(bench)
    bench.role.start()
    bench.elapse(.milliseconds(1_999))
    #expect(reader.calls == 0)
    bench.elapse(.milliseconds(1))
    #expect(reader.calls == 1)
    bench.answerReads(holding: 2)
    #expect(bench.changes == [.close(account, mnq)])
    #expect(bench.link.reports.isEmpty)
    bench.elapse(.seconds(60))
    #expect(reader.calls == 1)
  }

  @Test func aDatabaseThatCannotBeReadIsTriedAgain() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    bench.role.start()
    bench.elapse(.milliseconds(2_000 + 1_000 + 2_000 + 4_000))
    #expect(reader.calls == 4)
    reader.result = open(bench)
    bench.elapse(.seconds(8))
    #expect(reader.calls == 5)
    #expect(bench.role.figures["open_targets"] == 1)
  }

  @Test func theEvaluatorComesFirst() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    reader.result = open(bench)
    bench.role.start()
    bench.role.linkChanged(isUp: true)
    bench.role.received(.targets(revision: 1, []))
    bench.elapse(.seconds(10))
    #expect(reader.calls == 0)
    #expect(bench.role.figures["open_targets"] == 0)
  }

  @Test func theEvaluatorsSetReplacesTheDatabases() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    reader.result = open(bench)
    bench.role.start()
    bench.elapse(.seconds(2))
    #expect(bench.role.figures["open_targets"] == 1)
    bench.role.linkChanged(isUp: true)
    bench.role.received(.targets(revision: 3, []))
    #expect(bench.role.figures["open_targets"] == 0)
    #expect(bench.link.reports == [.adopted(revision: 3)])
  }

  @Test func whatAMissingMessageMayHaveSaidIsLookedFor() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    bench.role.start()
    bench.role.linkChanged(isUp: true)
    bench.role.received(.accounts([account]))
    bench.role.received(.targets(revision: 1, []))
    bench.role.missed()
    #expect(reader.calls == 1)
    #expect(bench.role.figures["open_targets"] == 0)
    reader.result = open(bench)
    bench.elapse(.seconds(1))
    #expect(reader.calls == 2)
    #expect(bench.role.figures["open_targets"] == 1)
    bench.answerReads(holding: 2)
    #expect(bench.changes == [.close(account, mnq)])
    bench.elapse(.seconds(60))
    #expect(reader.calls == 2)
    bench.role.received(.accounts([account]))
    bench.role.received(.targets(revision: 13, []))
    #expect(bench.role.figures["open_targets"] == 0)
  }

  @Test func whatStandsAlreadyAndIsNotInTheDatabaseStays() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    bench.role.start()
    bench.role.linkChanged(isUp: true)
    bench.role.received(.targets(revision: 1, [bench.target(.flatAccount)]))
    reader.result = OpenTargets(revision: 12, accounts: [account], targets: [])
    bench.role.missed()
    #expect(reader.calls == 1)
    #expect(bench.role.figures["open_targets"] == 1)
  }

  @Test func nothingIsReadWhileStopping() {
    let reader = FakeReader()
    let bench = RoleBench(reader: reader)
    bench.role.start()
    bench.role.stop()
    bench.elapse(.seconds(10))
    #expect(reader.calls == 0)
  }
}
