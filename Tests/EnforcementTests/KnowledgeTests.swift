import RiskModel
import Testing

@testable import Enforcement

/// What is believed when events, snapshots, reads and replies say different things.
@Suite struct KnowledgeTests {
  private let make = Bench()

  private func at(_ ordinal: Ordinal, _ origin: Evidence.Origin = .event) -> Evidence {
    Evidence(
      origin: origin, ordinal: ordinal, moment: MonotonicInstant(nanos: ordinal * 1_000_000_000),
      learned: ordinal)
  }

  private func read(sentAs ordinal: Ordinal, learned: Ordinal) -> Evidence {
    var evidence = at(ordinal, .read(askedAt: Instant(secondsSinceEpoch: ordinal)))
    evidence.learned = learned
    return evidence
  }

  private func positions() -> PositionKnowledge {
    PositionKnowledge(limit: 4, patience: .seconds(2))
  }

  private func orders(limit: Int = 4) -> OrderKnowledge {
    OrderKnowledge(limit: limit, finishedLimit: 2, patience: .seconds(2))
  }

  @Test func unknownIsNotFlat() {
    var knowledge = positions()
    #expect(knowledge.signedSize(of: mnq) == nil)
    _ = knowledge.replace(with: [], watching: [], evidence: read(sentAs: 1, learned: 2))
    #expect(knowledge.signedSize(of: mnq) == 0)
  }

  @Test func anEventAfterTheQueryWasSentOutlivesItsAnswer() {
    var knowledge = positions()
    _ = knowledge.learn(make.position(mnq, 2), evidence: at(5))
    _ = knowledge.replace(
      with: [make.position(mnq, 7)], watching: [], evidence: read(sentAs: 4, learned: 6))
    #expect(knowledge.signedSize(of: mnq) == 2)
    _ = knowledge.replace(
      with: [make.position(mnq, 7)], watching: [], evidence: read(sentAs: 5, learned: 7))
    #expect(knowledge.signedSize(of: mnq) == 7)
    _ = knowledge.learn(make.position(mnq, 3), evidence: at(8))
    #expect(knowledge.signedSize(of: mnq) == 3)
  }

  @Test func aSnapshotYieldsToALaterReadOfOurOwn() {
    var knowledge = positions()
    _ = knowledge.replace(
      with: [make.position(mnq, 7)], watching: [], evidence: read(sentAs: 50, learned: 51))
    let older = at(52, .snapshot(startedAt: Instant(secondsSinceEpoch: 49)))
    _ = knowledge.replace(with: [], watching: [], evidence: older)
    #expect(knowledge.signedSize(of: mnq) == 7)
    let newer = at(53, .snapshot(startedAt: Instant(secondsSinceEpoch: 51)))
    _ = knowledge.replace(with: [], watching: [], evidence: newer)
    #expect(knowledge.signedSize(of: mnq) == 0)
  }

  @Test func severalRowsOfOneContractAddUp() {
    let rows = PositionKnowledge.rows([make.position(mnq, 2), make.position(mnq, -5, row: 2)])
    #expect(rows[mnq]?.signedSize == -3)
  }

  @Test func flatRowsMakeRoom() {
    var knowledge = positions()
    for number in 0..<10 {
      _ = knowledge.learn(
        make.position(ContractID("C\(number)"), number == 9 ? 1 : 0), evidence: at(Int64(number)))
    }
    #expect(knowledge.sights.count == 4)
    #expect(knowledge.openSize == 1)
  }

  @Test func aDifferenceIsASurpriseOnlyWhenItLasts() {
    var knowledge = positions()
    _ = knowledge.learn(make.position(mnq, 2), evidence: at(1))
    func surprising(_ size: Int64, _ ordinal: Ordinal) -> Bool {
      let changes = knowledge.replace(
        with: [make.position(mnq, size)], watching: [],
        evidence: read(sentAs: ordinal, learned: ordinal))
      return changes.contains(where: \.isSurprising)
    }
    #expect(!surprising(3, 2))
    #expect(!surprising(2, 3))
    #expect(!surprising(3, 4))
    #expect(!surprising(3, 5))
    #expect(surprising(3, 6))
    #expect(!surprising(3, 9))
  }

  @Test func anOrderThatEndedIsNotRevivedByALateEvent() {
    var knowledge = orders()
    let order = make.order(1, mnq, .buy, 1)
    knowledge.learn(order, evidence: at(1))
    var ended = order
    ended.status = .cancelled
    knowledge.learn(ended, evidence: at(2))
    knowledge.learn(order, evidence: at(3))
    #expect(knowledge.working.isEmpty)
    _ = knowledge.replace(
      with: [order], evidence: at(4, .snapshot(startedAt: Instant(secondsSinceEpoch: 9))))
    #expect(knowledge.working.isEmpty)
  }

  @Test func aReadThatWasSentLaterRevivesIt() {
    var knowledge = orders()
    let order = make.order(1, mnq, .buy, 1)
    knowledge.learnGone(order.id, evidence: read(sentAs: 2, learned: 3))
    _ = knowledge.replace(with: [order], evidence: read(sentAs: 2, learned: 4))
    #expect(knowledge.working.isEmpty)
    _ = knowledge.replace(with: [order], evidence: read(sentAs: 5, learned: 6))
    #expect(knowledge.working.count == 1)
  }

  @Test func anOlderEventDoesNotUndoANewerOne() {
    var knowledge = orders()
    var order = make.order(1, mnq, .buy, 3)
    order.updatedAt = Instant(secondsSinceEpoch: 20)
    order.size = 2
    knowledge.learn(order, evidence: at(1))
    order.updatedAt = Instant(secondsSinceEpoch: 10)
    order.size = 3
    knowledge.learn(order, evidence: at(2))
    #expect(knowledge.working[OrderID(1)]?.order.size == 2)
  }

  @Test func ordersThatAreMissingInACompleteReadAreGone() {
    var knowledge = orders()
    knowledge.learn(make.order(1, mnq, .buy, 1), evidence: at(1))
    knowledge.learn(make.order(2, mnq, .buy, 1), evidence: at(5))
    _ = knowledge.replace(with: [], evidence: read(sentAs: 3, learned: 6))
    #expect(knowledge.working.keys == [OrderID(2)])
    knowledge.learnGone(OrderID(2), evidence: read(sentAs: 4, learned: 7))
    #expect(knowledge.working.keys == [OrderID(2)])
  }

  /// Pending, open, suspended and pending cancellation can still trade; the others are over, and
  /// what comes late of them changes nothing.
  @Test(arguments: 1...8)
  func anOrderLivesUntilAStatusThatIsTheEnd(status: Int) {
    var knowledge = orders()
    knowledge.learn(
      make.order(1, mnq, .buy, 1, status: OrderStatus(rawValue: status)), evidence: at(1))
    #expect(knowledge.working.count == ((2...5).contains(status) ? 0 : 1))
    knowledge.learn(make.order(1, mnq, .buy, 1, status: .filled), evidence: at(2))
    #expect(knowledge.working.count == 0)
    knowledge.learn(
      make.order(1, mnq, .buy, 1, status: OrderStatus(rawValue: status)), evidence: at(3))
    #expect(knowledge.working.count == 0)
  }

  @Test func statusesThatNobodyKnowsCountAsWorking() {
    var knowledge = orders()
    knowledge.learn(
      make.order(1, mnq, .buy, 1, status: OrderStatus(rawValue: 42)), evidence: at(1))
    #expect(knowledge.working.count == 1)
  }

  @Test func moreOrdersThanAreKeptAreSaidSoAndReadAgain() {
    var limits = EnforcementLimits.standard
    limits.workingOrders = 2
    let entries = (1...3).map { make.order($0, mnq, .buy, 1, price: 100) }
    var bench = Bench.ready(limits: limits)
    bench.adopt(.flatAccount, end: .permanent)
    _ = bench.sent()
    bench.answerReads(orders: entries)
    #expect(bench.alerts == [.limitReached("working orders", limit: 2)])
    let first = bench.changes()
    #expect(first == [.cancel(account, OrderID(1)), .cancel(account, OrderID(2))])
    bench.answerAll(.accepted)
    for entry in entries.prefix(2) { bench.shows(entry, status: .cancelled) }
    bench.answerReads(orders: [entries[2]])
    bench.advance(.milliseconds(500))
    bench.answerReads(orders: [entries[2]])
    #expect(bench.changes() == [.cancel(account, OrderID(3))])
    #expect(bench.provenTargets.isEmpty)
  }

  @Test func anEventBeyondTheLimitLeavesTheListIncomplete() {
    var knowledge = orders(limit: 1)
    _ = knowledge.replace(with: [], evidence: read(sentAs: 1, learned: 1))
    knowledge.learn(make.order(1, mnq, .buy, 1), evidence: at(2))
    #expect(knowledge.isComplete)
    knowledge.learn(make.order(2, mnq, .buy, 1), evidence: at(3))
    #expect(!knowledge.isComplete)
    #expect(knowledge.isOverfull)
    #expect(knowledge.working.count == 1)
  }

  @Test func twoReadsAgreeWhenTheySayTheSameFarEnoughApart() {
    var agreement = Agreement<Int64>()
    #expect(agreement.secondReadAt(since: 0, apart: .seconds(2)) == nil)
    agreement.read(5, evidence: read(sentAs: 1, learned: 1))
    agreement.read(5, evidence: read(sentAs: 2, learned: 2))
    #expect(agreement.value(since: 0, apart: .seconds(2)) == nil)
    agreement.read(5, evidence: read(sentAs: 3, learned: 3))
    #expect(agreement.value(since: 0, apart: .seconds(2)) == 5)
    #expect(agreement.value(since: 2, apart: .seconds(2)) == nil)
    #expect(
      agreement.secondReadAt(since: 2, apart: .seconds(2))
        == MonotonicInstant(nanos: 4_000_000_000))
    agreement.hear(5)
    #expect(agreement.value(since: 1, apart: .seconds(2)) == 5)
    agreement.hear(4)
    #expect(agreement.value(since: 0, apart: .seconds(2)) == nil)
    agreement.read(4, evidence: read(sentAs: 5, learned: 5))
    agreement.read(6, evidence: read(sentAs: 9, learned: 9))
    #expect(agreement.value(since: 0, apart: .seconds(2)) == nil)
    for ordinal in 10..<60 as Range<Int64> {
      agreement.read(6, evidence: read(sentAs: ordinal, learned: ordinal))
    }
    #expect(agreement.value(since: 0, apart: .seconds(15)) == 6)
    #expect(agreement.value(since: 0, apart: .seconds(16)) == nil)
  }

  @Test func aSortedMapIsWalkedInOrder() {
    var map = SortedMap<Int, String>()
    for key in [5, 1, 3, 3] { map[key] = "\(key)" }
    map[2, default: "x"] += "y"
    map[1, default: "x"] += "y"
    #expect(map[9, default: "none"] == "none")
    #expect(map.keys == [1, 2, 3, 5])
    #expect(map.values == ["1y", "xy", "3", "5"])
    map[3] = nil
    map[4] = nil
    let isChanged = map.update(7) { $0.isEmpty }
    #expect(isChanged == nil)
    map.removeAll { key, _ in key == 5 }
    #expect(map.map { $0.0 } == [1, 2])
    #expect(map.contains(2) && !map.contains(5))
  }

  @Test func aRecentMapForgetsTheOldest() {
    var map = RecentMap<Int, String>(limit: 3)
    for key in 1...4 { map.insert(key, "\(key)") }
    map.insert(4, "four")
    #expect((1...4).map { map[$0] } == [nil, "2", "3", "four"])
    map.remove(2)
    map.remove(9)
    map.insert(5, "5")
    map.insert(6, "6")
    #expect((2...6).map { map[$0] } == [nil, nil, "four", "5", "6"])
  }

  @Test func pausesGrowToThirtySeconds() {
    let limits = EnforcementLimits.standard
    #expect(
      (-1...8).map { limits.retryPause(afterFailures: $0).milliseconds / 1_000 }
        == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30])
  }

  @Test func alertsSayWhatTheyKnow() {
    let target = make.target(7, .flatAccount)
    let texts: [(EnforcementAlert, String)] = [
      (.failing(target, passes: 3, problem: "no"), "7-0"), (.accountNotOurs(account), "101"),
      (.accountRefuses(account, .accountRejected), "account rejected"),
      (.marketClosed(account, mnq), "MNQ"), (.reentries(account, count: 5), "5 positions"),
      (.limitReached("targets", limit: 9), "9 targets"), (.evaluatorGone(.seconds(31)), "31 s"),
      (.targetsMissing(target.id), "7-0"),
    ]
    for (alert, part) in texts { #expect("\(alert)".contains(part)) }
  }
}
