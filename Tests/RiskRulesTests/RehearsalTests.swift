import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Other rules over a day that was recorded.
@Suite struct RehearsalTests {
  private func position(_ size: Int64, opened: Instant = Sample.morning) -> EngineInput {
    .event(
      .position(
        Position(
          id: 7, account: Sample.account, contract: Sample.mnq, openedAt: opened,
          signedSize: size, averagePrice: .at("20000"))))
  }

  private func rehearsed(
    _ configuration: RiskConfiguration, _ steps: [(EngineInput, Int64)], until end: Int64 = 0
  ) -> [Rehearsal.Moment] {
    var rehearsal = Rehearsal(
      [Sample.account: configuration], from: nil, at: Sample.morning)
    var moments = rehearsal.take(
      .tick(venueTime: Sample.morning), at: Sample.morning, decisions: [])
    for contract in Sample.contracts {
      moments += rehearsal.take(.event(.contract(contract)), at: Sample.morning, decisions: [])
    }
    for (input, seconds) in steps {
      moments += rehearsal.take(input, at: Sample.morning + .seconds(seconds), decisions: [])
    }
    return moments + rehearsal.passTime(until: Sample.morning + .seconds(end))
  }

  @Test func `each time that a limit is passed counts, as if it had been enforced`() {
    let moments = rehearsed(
      RiskConfiguration(maxContractsPerInstrument: .init(limits: [SymbolRoot("MNQ"): 2])),
      [(position(3), 10), (position(2), 20), (position(3), 30), (position(0), 40)])
    let breaches = moments.filter { !$0.effects.reasons.isEmpty }
    #expect(breaches.map(\.at) == [10, 30].map { Sample.morning + .seconds($0) })
    #expect(breaches.flatMap(\.effects.goals).count == 2)
  }

  @Test func `time passes between the inputs, to the second`() {
    let moments = rehearsed(
      RiskConfiguration(noStopLossGrace: .init(grace: .seconds(30))),
      [(position(1), 10)], until: 600)
    // What is asked when the grace is over is answered by the record.
    #expect(moments.flatMap(\.effects.queries) == [.workingOrders(Sample.account)])
    let breach = moments.first { !$0.effects.reasons.isEmpty }
    #expect(breach?.at == Sample.morning + .seconds(40))
    #expect(breach?.effects.goals == [.flat(Sample.mnq)])
  }

  @Test func `locks stand to their ends and what is done against them is counted`() {
    let loss = EngineInput.event(
      .trade(
        Trade(
          id: TradeID(1), account: Sample.account, contract: Sample.mnq,
          executedAt: Sample.morning, price: .at("20000"), profit: .of("-150"), fees: .zero,
          side: .sell, size: 1, order: OrderID(1))))
    let moments = rehearsed(
      RiskConfiguration(
        cooldownAfterLoss: .init(steps: [.init(loss: .of("100"), cooldown: .seconds(300))])),
      [(loss, 0), (position(1), 60)], until: 1_000)
    let reentries = moments.flatMap(\.effects).filter {
      if case .reentry = $0 { true } else { false }
    }
    #expect(reentries.count == 1)
    let end = moments.first { $0.effects.endings.contains(.expired) }
    #expect(end?.at == Sample.morning + .seconds(300))
  }

  @Test func `decisions, proofs and locks of the record are not taken over`() {
    var scene = EngineScene(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("100"))))
    scene.hold(Sample.mnq, 2)
    scene.trade("-150")
    #expect(scene.standingTargets.count == 1)
    let other = RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("200")))
    var rehearsal = Rehearsal([Sample.account: other], from: scene.engine.state, at: scene.now)
    #expect(rehearsal.engine.state.targets.isEmpty)
    // The loss and the position are the venue's word and stay.
    #expect(rehearsal.engine.state.accounts[Sample.account]?.ledger.realized == .of("-150"))
    #expect(rehearsal.engine.state.accounts[Sample.account]?.positions.count == 1)
    let id = scene.standingTargets[0].id
    for input in [
      EngineInput.proven(id), .journal(isWritable: false),
      .configuration([Sample.account: RiskConfiguration()]),
      .administrator(.endLockout(id, by: "uid 0")),
    ] {
      #expect(rehearsal.take(input, at: scene.now, decisions: []).isEmpty)
    }
    let last = EngineInput.event(
      .trade(
        Trade(
          id: TradeID(99), account: Sample.account, contract: Sample.mnq, executedAt: scene.now,
          price: .at("20000"), profit: .of("-60"), fees: .zero, side: .sell, size: 1,
          order: OrderID(99))))
    let moments = rehearsal.take(last, at: scene.now, decisions: [])
    #expect(moments.flatMap(\.effects.reasons).map(\.code) == ["DAILY_LOSS_REACHED"])
  }

  @Test func `answers of the record reach the question that these rules asked`() {
    let question = QueryID(inputOrdinal: 77, index: 0)
    var rehearsal = Rehearsal(
      [Sample.account: RiskConfiguration(noStopLossGrace: .init(grace: .seconds(30)))],
      from: nil, at: Sample.morning)
    _ = rehearsal.take(
      .tick(venueTime: Sample.morning), at: Sample.morning,
      decisions: [.query(question, .contract(Sample.mnq))])
    _ = rehearsal.take(position(1), at: Sample.morning, decisions: [])
    #expect(rehearsal.engine.state.questions.values.contains(.contract(Sample.mnq)))
    guard let specification = Sample.contracts.first(where: { $0.id == Sample.mnq }) else { return }
    _ = rehearsal.take(
      .answer(question, .contract(specification)), at: Sample.morning, decisions: [])
    #expect(rehearsal.engine.state.questions.isEmpty)
    #expect(rehearsal.engine.state.contracts[Sample.mnq] == specification)
  }
}
