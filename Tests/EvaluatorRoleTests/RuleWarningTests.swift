import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// What the rules tell and ask, on its way through the evaluator.
@Suite struct RuleWarningTests {
  private let position = Position(
    id: 1, account: Sample.account, contract: Sample.mnq, openedAt: Sample.morning, signedSize: 1,
    averagePrice: .at("20000"))

  @Test func `the grace of a position leads to a question, and the answer to a close`() throws {
    let stage = EvaluatorStage(RiskConfiguration(noStopLossGrace: .init(grace: .seconds(30))))
    stage.feed(.position(position))
    #expect(stage.role.nextDeadline == stage.clock.instant + .seconds(21))
    stage.clock.instant = stage.clock.instant + .seconds(30)
    stage.role.tick()
    stage.role.turn()
    let question = try #require(
      stage.gateway.sent.compactMap { request -> QueryID? in
        if case .query(let id, .workingOrders(Sample.account)) = request { id } else { nil }
      }.first)
    stage.feed(.answer(question, .workingOrders([]), receivedAt: stage.clock.instant))
    #expect(
      stage.enforcer.sent.contains {
        if case .adopt(_, let target, _) = $0 { target.goal == .flat(Sample.mnq) } else { false }
      })
  }

  @Test func `each warning of a limit is in the journal, and counted for alerts`() {
    let stage = EvaluatorStage(RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("100"))))
    for (number, profit) in ["-69", "-1", "-20", "5", "-5"].enumerated() {
      stage.trade(profit, id: Int64(number))
    }
    let told = stage.journal.entries.flatMap(\.effects).compactMap { effect -> Int64? in
      if case .notice(.approaching(Sample.account, let distance)) = effect {
        distance.percent
      } else {
        nil
      }
    }
    #expect(told == [70, 90])
    #expect(stage.role.figures.limitWarnings == 2)
  }

  @Test func `a request of the enforcer's is an input, a refused one is not`() {
    let stage = EvaluatorStage(
      RiskConfiguration(dailyRealizedLoss: .init(lossLimit: .of("100"))))
    func report(
      _ action: EnforcementStep.Action, _ outcome: EnforcementStep.Outcome
    ) -> VerdictReport {
      .step(
        EnforcementStep(
          target: TargetID(inputOrdinal: 1, index: 0), account: Sample.account, action: action,
          outcome: outcome, sentAt: stage.clock.instant, duration: .milliseconds(50)))
    }
    let position = StreamPosition(producerEpoch: 1, sequence: 1)
    stage.role.received(report(.close(Sample.mnq), .refused("market closed")), at: position)
    stage.role.received(report(.cancel(OrderID(1)), .accepted), at: position)
    stage.role.received(report(.reduce(Sample.mnq, by: 2), .unknown("timeout")), at: position)
    stage.role.turn()
    let closes = stage.journal.entries.compactMap { entry -> OwnClose? in
      if case .ownClose(let close) = entry.input { close } else { nil }
    }
    #expect(
      closes == [
        OwnClose(
          account: Sample.account, contract: Sample.mnq, size: 2, sentAt: stage.clock.instant,
          repliedAt: stage.clock.instant + .milliseconds(50))
      ])
    #expect(stage.role.distances(Sample.account).map(\.left) == [100_000_000])
  }
}
