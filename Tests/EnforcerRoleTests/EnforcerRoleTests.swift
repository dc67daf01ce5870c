import Enforcement
import Logging
import PeerProtocol
import RiskModel
import Testing

@testable import EnforcerRole

/// What the role sends, tells and writes for what happens to it.
@Suite struct EnforcerRoleTests {
  @Test func aBreachBecomesARequestAStepARecordAndAProof() throws {
    let bench = RoleBench()
    bench.begin(holding: 3)
    let readAt = bench.clock.monotonic
    bench.clock.advance(.microseconds(200))
    bench.role.received(
      .adopt(revision: 2, bench.target(.flatAccount), readAt: readAt))
    let close = try #require(bench.take(.close(account, mnq)))
    #expect(close.deadline == bench.clock.monotonic + .seconds(5))
    let sentAt = bench.clock.civil
    bench.answer(close, .accepted, bytesHandedAt: readAt + .microseconds(350))
    let step = try #require(bench.steps.first)
    #expect(
      step
        == EnforcementStep(
          target: TargetID(inputOrdinal: 184, index: 0), account: account, action: .close(mnq),
          outcome: .accepted, sentAt: sentAt, duration: .milliseconds(150),
          reaction: .microseconds(350)))
    let record = try #require(bench.stepRecords.first)
    #expect(record.message == "Enforcement close CON.F.US.MNQ.Z25 on account 101: accepted")
    #expect(record.level == .notice)
    #expect(
      record.metadata == [
        "rule_id": "RULE-003", "account_id": "101", "action": "close",
        "contract": "CON.F.US.MNQ.Z25", "contracts": "3", "held": "3", "result": "accepted",
        "reason_code": "DAILY_LOSS_REACHED",
        "reason": "Today's result is -510.00 realized; the daily loss limit is 500.00.",
        "target": "184-0", "execution_time_ms": "150", "reaction_us": "350",
        "message_id": "\(MessageID.enforcementStep.rawValue)",
      ])
    bench.role.received(.venue(.position(bench.position(0))))
    bench.answerReads()
    guard case .proven(let target, let summary, _)? = bench.link.reports.last else {
      Issue.record("no proof in \(bench.link.reports)")
      return
    }
    #expect(target == TargetID(inputOrdinal: 184, index: 0))
    #expect(summary.requests == 1)
    #expect(bench.log.records.last?.message.contains("184-0") == true)
  }

  @Test func everyStepIsOneRecordAndNothingElseHasTheWord() {
    let bench = RoleBench()
    let entry = Order(
      id: OrderID(9), account: account, contract: mnq, createdAt: bench.clock.civil,
      status: .open, type: .limit, side: .buy, size: 1)
    bench.begin(holding: 3)
    bench.role.received(.venue(.order(entry)))
    bench.role.received(.adopt(revision: 2, bench.target(.flatAccount), readAt: nil))
    bench.answer(.close(account, mnq), .refused(.accountRejected))
    bench.answer(.cancel(account, OrderID(9)), .gone)
    for _ in 0..<100 {
      bench.answerReads(holding: 3)
      bench.answer(.close(account, mnq), .unknown("timeout"))
      bench.elapse(.milliseconds(200))
    }
    #expect(bench.steps.count > 4)
    #expect(bench.stepRecords.count == bench.steps.count)
    let others = bench.log.records.filter { !$0.message.hasPrefix("Enforcement") }
    #expect(!others.isEmpty)
    for record in others {
      #expect(!record.message.contains("Enforcement"))
      #expect(!record.metadata.values.contains { $0.contains("Enforcement") })
    }
    #expect(bench.log.records.contains { $0.level == .critical })
    #expect(bench.role.degradation == "target 184-0 is not reached")
    #expect(
      bench.link.reports.contains { if case .failing = $0 { true } else { false } })
  }

  @Test func allKindsOfStepsAreTranslated() throws {
    let bench = RoleBench()
    let stop = Order(
      id: OrderID(9), account: account, contract: mnq, createdAt: bench.clock.civil,
      status: .open, type: .stop, side: .sell, size: 4, stopPrice: Price(points: 10))
    bench.begin(holding: 4)
    bench.role.received(.venue(.order(stop)))
    bench.role.received(
      .adopt(revision: 2, bench.target(.atMost(mnq, size: 3), end: .episode), readAt: nil))
    bench.answer(.partialClose(account, mnq, size: 1), .accepted)
    bench.role.received(.venue(.position(bench.position(3))))
    for _ in 0..<4 {
      bench.answerReads(holding: 3, orders: [stop])
      bench.elapse(.milliseconds(300))
    }
    bench.answer(.modifySize(account, OrderID(9), size: 3), .unknown("reset"))
    bench.role.received(.adopt(revision: 3, bench.target(.flat(mnq), id: 200), readAt: nil))
    bench.answer(.close(account, mnq), .accepted)
    bench.answer(.cancel(account, OrderID(9)), .gone)
    #expect(
      bench.steps.map(\.action) == [
        .reduce(mnq, by: 1), .shrinkOrder(OrderID(9), to: 3), .close(mnq), .cancel(OrderID(9)),
      ])
    #expect(
      bench.steps.map(\.outcome) == [
        .accepted, .unknown("reset"), .accepted, .refused("gone"),
      ])
    #expect(
      bench.stepRecords.map { $0.metadata["action"] } == [
        "reduce", "resize order", "close", "cancel",
      ])
    #expect(bench.stepRecords[1].metadata["result"] == "unknown (reset)")
    #expect(bench.stepRecords[1].level == .warning)
    #expect(bench.stepRecords[3].metadata["order_id"] == "9")
  }

  @Test func stopsAreTranslated() throws {
    let bench = RoleBench()
    bench.begin(holding: 4)
    let first = ProtectiveStop(side: .sell, price: Price(points: 10))
    let placing = EnforcementRequest.placeStop(
      account, mnq, .sell, size: 4, price: Price(points: 10), tag: "riskd-stop-184-0")
    let moving = EnforcementRequest.modifyStop(account, OrderID(9), price: Price(points: 11))
    var target = bench.target(.protected(mnq, first), end: .episode)
    bench.role.received(.adopt(revision: 2, target, readAt: nil))
    bench.answerReads(holding: 4)
    bench.answer(placing, .accepted)
    let stop = Order(
      id: OrderID(9), account: account, contract: mnq, createdAt: bench.clock.civil,
      status: .open, type: .stop, side: .sell, size: 4, stopPrice: Price(points: 10),
      customTag: "riskd-stop-184-0")
    for _ in 0..<10 {
      bench.answerReads(holding: 4, orders: [stop])
      bench.elapse(.milliseconds(300))
    }
    target.goal = .protected(mnq, ProtectiveStop(side: .sell, price: Price(points: 11)))
    bench.role.received(.adopt(revision: 3, target, readAt: nil))
    bench.answer(moving, .refused(.orderRejected))
    #expect(
      bench.steps.map(\.action) == [
        .placeStop(mnq, size: 4, at: Price(points: 10)),
        .moveStop(OrderID(9), to: Price(points: 11)),
      ])
    #expect(bench.stepRecords.map { $0.metadata["action"] } == ["place stop", "move stop"])
    #expect(bench.stepRecords.first?.metadata["tag"] == "riskd-stop-184-0")
    #expect(bench.stepRecords.last?.metadata["price"] == "11")
  }

  @Test func anAnswerThatComesWhileSendingWaitsItsTurn() {
    let bench = RoleBench()
    bench.begin(holding: 3)
    bench.venue.onSend = { [role = bench.role, clock = bench.clock] sent in
      guard sent.request.changesTheVenue else { return }
      role.answered(
        VenueAnswer(
          id: sent.id, outcome: .refused(.notSent), sentAt: clock.civil, duration: .zero,
          bytesHandedAt: nil))
    }
    bench.role.received(
      .adopt(revision: 2, bench.target(.flatAccount), readAt: bench.clock.monotonic))
    #expect(bench.steps.map(\.outcome) == [.refused("not sent")])
    #expect(bench.steps.first?.reaction == nil)
  }

  @Test func aStepWithoutAnyAnswerHasItsMoments() {
    let bench = RoleBench()
    bench.begin(holding: 3)
    let sentAt = bench.clock.civil
    bench.role.received(.adopt(revision: 2, bench.target(.flatAccount), readAt: nil))
    bench.elapse(.seconds(6))
    #expect(bench.steps.map(\.outcome) == [.unknown("no answer")])
    #expect(bench.steps.first?.sentAt == sentAt)
    #expect(bench.steps.first?.duration == .seconds(6))
  }

  @Test func messagesAreAnsweredAndCounted() {
    let bench = RoleBench()
    bench.begin()
    #expect(bench.link.reports == [.adopted(revision: 1)])
    bench.role.received(.canary(number: 7, sentAt: MonotonicInstant(nanos: 3)))
    #expect(
      bench.link.reports.last
        == .canary(
          number: 7, sentAt: MonotonicInstant(nanos: 3), enforcerAt: bench.clock.monotonic))
    let snapshot = AccountSnapshot(
      account: Account(id: account, name: "A", balance: .zero, canTrade: true),
      positions: [bench.position(2)], workingOrders: [], trades: [],
      startedAt: bench.clock.civil)
    bench.role.received(.snapshot(snapshot))
    bench.role.received(.adopt(revision: 2, bench.target(.flatAccount), readAt: nil))
    #expect(bench.changes == [.close(account, mnq)])
    bench.role.received(.end(revision: 3, TargetID(inputOrdinal: 184, index: 0), .administrator))
    #expect(bench.link.reports.last == .adopted(revision: 3))
    #expect(bench.role.figures["open_targets"] == 0)
    #expect(bench.role.figures["closes"] == 1)
    #expect(bench.role.inputs > 5)
    #expect(bench.role.outputs > 5)
    #expect(bench.role.degradation == nil)
  }

  @Test func whatIsMissingIsSaid() {
    let bench = RoleBench()
    bench.role.start()
    #expect(bench.role.degradation == "no targets adopted yet")
    bench.role.linkChanged(isUp: true)
    bench.role.received(.targets(revision: 1, [bench.target(.flatAccount)]))
    bench.role.received(.accounts([]))
    bench.answerReads()
    #expect(bench.role.degradation == "account 101 is not ours to act on")
    bench.role.received(.accounts([account]))
    #expect(bench.role.degradation == nil)
    bench.role.linkChanged(isUp: false)
    #expect(bench.role.degradation == "no link to the evaluator")
  }

  @Test func aLastingDifferenceIsReported() {
    let bench = RoleBench()
    bench.begin([], holding: 2)
    let goal = Goal.noNewExposure([Baseline(contract: mnq, signedSize: 2)])
    bench.role.received(.adopt(revision: 2, bench.target(goal), readAt: nil))
    for _ in 0..<150 {
      bench.answerReads(holding: 1)
      bench.elapse(.milliseconds(100))
    }
    #expect(
      bench.link.reports.contains {
        if case .surprised(account, _) = $0 { true } else { false }
      })
  }

  @Test func stoppingFinishesWhatIsInFlightAndSendsNothingNew() throws {
    let bench = RoleBench()
    bench.begin(holding: 3)
    bench.role.received(.adopt(revision: 2, bench.target(.flatAccount), readAt: nil))
    let close = try #require(bench.take(.close(account, mnq)))
    #expect(!bench.role.isDrained)
    bench.role.stop()
    bench.role.stop()
    #expect(bench.role.isStopping)
    #expect(!bench.role.isDrained)
    bench.answerReads(holding: 3)
    bench.answer(close, .refused(.orderRejected))
    #expect(bench.role.isDrained)
    bench.elapse(.seconds(60))
    #expect(bench.venue.sent.isEmpty)
    #expect(bench.steps.count == 1)
  }

  @Test func anOrphanSendsNothingNew() {
    let bench = RoleBench()
    bench.begin(holding: 3)
    bench.role.orphaned()
    bench.role.received(.adopt(revision: 2, bench.target(.flatAccount), readAt: nil))
    bench.elapse(.seconds(30))
    #expect(bench.changes.isEmpty)
    #expect(bench.log.records.contains { $0.level == .critical })
  }

  @Test func theEvaluatorsSilenceIsAlerted() {
    let bench = RoleBench()
    bench.begin(holding: 2)
    bench.role.linkChanged(isUp: false)
    for _ in 0..<320 {
      bench.answerReads(holding: 2)
      bench.elapse(.milliseconds(100))
    }
    #expect(bench.log.records.contains { $0.message == "The evaluator has been gone for 30 s" })
    bench.answerReads(holding: 5)
    bench.elapse(.seconds(2))
    bench.answerReads(holding: 5)
    #expect(bench.changes == [.partialClose(account, mnq, size: 3)])
  }
}
