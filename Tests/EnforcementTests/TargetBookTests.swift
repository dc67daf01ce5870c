import RiskModel
import Testing

@testable import Enforcement

/// Targets come from the evaluator: as a whole set first, then one by one, each with a revision.
@Suite struct TargetBookTests {
  @Test func nothingIsDoneBeforeTheFirstWholeSet() {
    var bench = Bench()
    bench.link(isUp: true)
    bench.protect([account])
    bench.shows(mnq, 5)
    bench.adopt(.flatAccount, end: .permanent)
    bench.advance(.seconds(20))
    #expect(bench.sent().isEmpty)
    #expect(bench.takeReports().isEmpty)
    #expect(bench.alerts == [.targetsMissing(TargetID(inputOrdinal: 1_001, index: 0))])
  }

  @Test func theWholeSetIsAdoptedAndSaidSo() {
    var bench = Bench()
    bench.link(isUp: true)
    bench.protect([account])
    bench.setTargets([bench.target(1, .flatAccount, end: .permanent)], revision: 17)
    #expect(bench.takeReports() == [.adopted(revision: 17)])
    #expect(bench.controller.openTargets == 1)
    #expect(bench.controller.adoptedRevision == 17)
    #expect(bench.sent() == [.readAccounts])
  }

  @Test func oldRevisionsAreIgnoredButAnswered() {
    var bench = Bench.ready()
    bench.setTargets([], revision: 20)
    _ = bench.takeReports()
    bench.adopt(bench.target(2, .flatAccount, end: .permanent), revision: 12)
    bench.adopt(bench.target(2, .flatAccount, end: .permanent), revision: 19)
    #expect(bench.controller.openTargets == 0)
    #expect(bench.takeReports() == Array(repeating: .adopted(revision: 20), count: 2))
    bench.adopt(bench.target(3, .flatAccount, end: .permanent), revision: 21)
    bench.end(TargetID(inputOrdinal: 3, index: 0), revision: 20)
    #expect(bench.controller.openTargets == 1)
  }

  @Test func theWholeSetCountsWhateverItsRevision() {
    var bench = Bench.ready()
    bench.setTargets([], revision: 20)
    _ = bench.takeReports()
    bench.setTargets([bench.target(1, .flatAccount, end: .permanent)], revision: 7)
    #expect(bench.controller.openTargets == 1)
    #expect(bench.takeReports() == [.adopted(revision: 7)])
    bench.adopt(bench.target(2, .flatAccount, end: .permanent), revision: 8)
    #expect(bench.controller.openTargets == 2)
  }

  @Test(arguments: [10, 3_600] as [Int64])
  func anEndedTargetIsRememberedForItsTime(seconds: Int64) {
    var limits = EnforcementLimits.standard
    limits.endedMemory = .seconds(seconds)
    var bench = Bench.ready(limits: limits)
    let target = bench.target(3, .flatAccount, end: .permanent)
    bench.adopt(target, revision: 20)
    bench.end(target.id, revision: 21)
    bench.advance(.seconds(9))
    bench.adopt(target, revision: 22)
    #expect(bench.controller.openTargets == 0)
    bench.advance(.seconds(2))
    bench.adopt(target, revision: 23)
    #expect(bench.controller.openTargets == (seconds == 10 ? 1 : 0))
  }

  @Test func severalTargetsOfOneRevisionAreAdopted() {
    var bench = Bench.ready()
    bench.adopt(bench.target(1, .flat(mnq)), revision: 30)
    bench.adopt(bench.target(2, .flat(mes)), revision: 30)
    #expect(bench.controller.openTargets == 2)
  }

  @Test func aTargetThatEndedIsNotRevivedByItsRepeatedAdoption() {
    var bench = Bench.ready(positions: [mnq: 2])
    let target = bench.target(1, .flat(mnq))
    bench.adopt(target, revision: 30)
    bench.answer(.close(account, mnq), .refused(.orderRejected))
    bench.end(target.id, revision: 30)
    bench.adopt(target, revision: 30)
    #expect(bench.controller.openTargets == 0)
  }

  @Test func theWholeSetKeepsWhatStandsAndDropsTheRest() {
    var bench = Bench.ready(positions: [mnq: 2])
    let stays = bench.adopt(.flat(mnq))
    let goes = bench.adopt(.flat(mes))
    _ = bench.sent()
    bench.setTargets([bench.target(1_001, .flat(mnq)), bench.target(9, .atMost(mes, size: 1))])
    #expect(
      bench.controller.targets.keys == [TargetID(inputOrdinal: 9, index: 0), stays])
    #expect(bench.controller.targets[goes] == nil)
    #expect(bench.changes().isEmpty)
  }

  @Test func aProvenOneShotThatIsStillInTheSetIsProvenAgain() {
    var bench = Bench.ready(positions: [mnq: 2])
    let sent = bench.target(1_001, .flat(mnq))
    let target = sent.id
    bench.adopt(sent, revision: 40)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(mnq, 0)
    bench.answerReads()
    #expect(bench.provenTargets == [target])
    bench.advance(.seconds(1))
    bench.link(isUp: false)
    bench.link(isUp: true)
    bench.answerReads()
    #expect(bench.provenTargets == [target, target])
    bench.advance(.seconds(1))
    bench.setTargets([sent])
    bench.answerReads()
    #expect(bench.provenTargets == [target, target, target])
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aSetFromTheDatabaseGivesWayToTheEvaluators() {
    var bench = Bench()
    bench.protect([account])
    bench.setTargets(
      [bench.target(1, .flatAccount, end: .permanent)], revision: 900, from: .database)
    #expect(bench.takeReports().isEmpty)
    bench.answerReads(positions: [mnq: 1])
    #expect(bench.changes() == [.close(account, mnq)])
    bench.link(isUp: true)
    bench.adopt(bench.target(2, .flat(mes)), revision: 901)
    #expect(bench.controller.openTargets == 1)
    bench.setTargets([bench.target(3, .flat(mes))], revision: 40)
    #expect(bench.takeReports().last == .adopted(revision: 40))
    #expect(bench.controller.targets.keys == [TargetID(inputOrdinal: 3, index: 0)])
    bench.setTargets([], revision: 41, from: .database)
    #expect(bench.controller.openTargets == 1)
  }

  @Test func theWeakestTargetGivesWayWhenThereAreTooMany() {
    var limits = EnforcementLimits.standard
    limits.targets = 2
    var bench = Bench.ready(limits: limits)
    bench.adopt(.atMost(mnq, size: 1))
    let strong = bench.adopt(.flatAccount, end: .permanent)
    let other = bench.adopt(.flat(mes))
    #expect(bench.controller.targets.keys == [strong, other])
    #expect(bench.alerts == [.limitReached("targets", limit: 2)])
  }

  @Test func theCauseIsNamedOnTheFirstRequestsOnly() {
    var bench = Bench.ready(positions: [mnq: 2])
    let readAt = bench.now
    bench.adopt(.flatAccount, end: .permanent, readAt: readAt)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(90, mnq, .sell, 2, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.shows(mnq, 1, row: 2)
    bench.answer(.close(account, mnq), .accepted)
    let causes = bench.takeReports().compactMap { report -> MonotonicInstant?? in
      if case .step(let step) = report { step.causeReadAt } else { nil }
    }
    #expect(causes == [readAt, nil])
  }

  @Test func drainingSendsNothingNewButTakesAnswers() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    bench.drain()
    bench.shows(mes, 1)
    bench.answerReads(positions: [mnq: 2])
    bench.advance(.seconds(1))
    #expect(bench.sent().isEmpty)
    bench.answer(.close(account, mnq), .accepted)
    #expect(bench.controller.requestsInFlight == 0)
    let reports = bench.takeReports()
    #expect(reports.contains { if case .step = $0 { true } else { false } })
    bench.advance(.seconds(60))
    #expect(bench.sent().isEmpty)
  }

  @Test func anAmendedTargetIsTakenOver() {
    var bench = Bench.ready(positions: [mnq: 3])
    bench.adopt(bench.target(7, .atMost(mnq, size: 3)), revision: 40)
    bench.answerReads(positions: [mnq: 3])
    #expect(bench.provenTargets.count == 1)
    bench.adopt(bench.target(7, .atMost(mnq, size: 2)), revision: 41)
    #expect(bench.changes() == [.partialClose(account, mnq, size: 1)])
    bench.adopt(bench.target(7, .flat(mnq), end: .permanent), revision: 42)
    bench.answer(.partialClose(account, mnq, size: 1), .accepted)
    bench.shows(bench.order(90, mnq, .sell, 1, type: .market), status: .filled)
    bench.shows(mnq, 2)
    #expect(bench.changes() == [.close(account, mnq)])
    #expect(bench.controller.targets.values.first?.episode == nil)
  }

  @Test func aReusedNameIsAnotherTarget() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(bench.target(7, .flat(mnq)), revision: 40)
    bench.answer(.close(account, mnq), .accepted)
    bench.shows(bench.order(90, mnq, .sell, 2, type: .market), status: .filled)
    bench.shows(mnq, 0)
    bench.answerReads()
    _ = bench.sent()
    bench.advance(.seconds(2))
    bench.shows(mnq, 1, row: 2)
    bench.setTargets([bench.target(7, .flat(mnq))], revision: 9)
    #expect(bench.changes() == [.close(account, mnq)])
  }

  @Test func aNameThatTheWholeSetDroppedMayBeUsedAgain() {
    var bench = Bench.ready(positions: [mnq: 2])
    bench.adopt(bench.target(7, .atMost(mnq, size: 3)), revision: 40)
    bench.setTargets([], revision: 9)
    bench.adopt(bench.target(7, .flat(mnq)), revision: 10)
    #expect(bench.changes() == [.close(account, mnq)])
  }
}
