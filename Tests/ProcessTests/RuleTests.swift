import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// Every rule to the end: the breach, the request at the venue, and the proof or what is left.
  @Suite struct RuleTests {
    private func account(_ rule: RuleID) -> AccountID { RuleStage.account(rule) }

    @Test func `every rule ends in requests at the venue and their proof`() throws {
      try RiskdStage.play(RuleStage.options) { stage in
        try countingRules(stage)
        try moneyRules(stage)
        try otherRules(stage)
        for (rule, key, _) in RuleStage.own {
          try stage.wait(for: "the proof of \(key)") {
            stage.provenRules(account(rule)).contains(rule.rawValue)
          }
        }
        // No account was touched by the rule of another one.
        for (rule, key, _) in RuleStage.own {
          let others = stage.provenRules(account(rule)).subtracting([rule.rawValue])
          stage.check(others.isEmpty, "\(key): \(others)")
          for violation in stage.audit(account(rule)).violations { stage.check(false, violation) }
          let mayPlace = rule == .tradeManagement
          stage.check(
            stage.asked(.placeOrder, account(rule)) == (mayPlace ? 1 : 0), "\(key) placed orders")
        }
      }
    }

    private func countingRules(_ stage: RiskdStage) throws {
      let all = account(.maxContracts)
      try stage.buy(all, Sample.mes, 3)
      let one = account(.maxContractsPerInstrument)
      try stage.buy(one, Sample.mnq, 3)
      let often = account(.tradeFrequencyLimit)
      for _ in 1...3 { try stage.buy(often, Sample.m2k, 1) }
      let blocked = account(.symbolBlocks)
      try stage.buy(blocked, Sample.rty, 1)
      try stage.wait(for: "nothing in all") { stage.isFlat(all) }
      stage.check(stage.asked(.closeContract, all) == 1, "closes of all: \(stage.changes(all))")
      try stage.wait(for: "two of one") { stage.venue.signedSize(one, Sample.mnq) == 2 }
      stage.check(stage.asked(.partialCloseContract, one) == 1, "reductions of one")
      try stage.wait(for: "no blocked symbol") { stage.isFlat(blocked) }
      try stage.wait(for: "the break") { try !stage.openTargets(often).isEmpty }
      stage.check(stage.changes(often).isEmpty, "the break took away what was held before")
      try stage.buy(often, Sample.m2k, 1)
      try stage.wait(for: "three again") {
        stage.asked(.partialCloseContract, often) == 1
          && stage.venue.signedSize(often, Sample.m2k) == 3
      }
    }

    private func moneyRules(_ stage: RiskdStage) throws {
      let lost = account(.dailyRealizedLoss)
      try stage.realizeLoss(of: 110, contracts: 1, lost)
      let slower = account(.cooldownAfterLoss)
      try stage.realizeLoss(of: 60, contracts: 1, slower)
      let won = account(.dailyRealizedProfit)
      try stage.realizeLoss(of: -110, contracts: 1, won)
      for account in [lost, slower, won] {
        try stage.wait(for: "the lockout of \(account)") {
          try stage.openTargets(account).contains(where: \.isLockout)
        }
        try stage.buy(account, Sample.mes, 1)
      }
      for account in [lost, slower, won] {
        try stage.wait(for: "a flat account \(account)") { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.mes) == 1, "closes of \(account)")
      }
      let losing = account(.dailyUnrealizedLoss)
      let winning = account(.maxUnrealizedProfit)
      let entry = stage.venue.perform { $0.markets[Sample.es]?.last } ?? .at("6000")
      try stage.buy(losing, Sample.es, 1)
      try stage.sell(winning, Sample.es, 1)
      let low = Price(nanos: entry.nanos - 21 * 1_000_000_000)
      try stage.move(Sample.es, to: low, steps: 20)
      var isUp = false
      try stage.wait(for: "neither loser nor winner") {
        // The first quotes may come before their subscription.
        isUp.toggle()
        try stage.venue.setPrice(
          Sample.es, last: Price(nanos: low.nanos - (isUp ? 250_000_000 : 0)))
        return stage.isFlat(losing) && stage.isFlat(winning)
      }
      stage.check(stage.asked(.closeContract, losing) == 1, "closes of the loser")
      stage.check(stage.asked(.closeContract, winning) == 1, "closes of the winner")
    }

    private func otherRules(_ stage: RiskdStage) throws {
      let bare = account(.noStopLossGrace)
      let outside = account(.sessionBlockOutside)
      let barred = account(.authLossGuard)
      let guarded = account(.tradeManagement)
      for account in [bare, outside, barred, guarded] { try stage.buy(account, Sample.mes, 1) }
      try stage.wait(for: "the event of the barred account") {
        stage.logLines("position \(Sample.mes) 1").count >= 4
      }
      try stage.venue.changeAccount(AccountChange(id: barred, canTrade: false))
      for account in [bare, outside, barred] {
        try stage.wait(for: "a flat account \(account)") { stage.isFlat(account) }
        stage.check(stage.asked(.closeContract, account) == 1, "closes of \(account)")
      }
      var isUp = false
      let price = stage.venue.perform { $0.markets[Sample.mes]?.last } ?? .at("6000")
      try stage.wait(for: "a stop") {
        isUp.toggle()
        try stage.venue.setPrice(
          Sample.mes, last: Price(nanos: price.nanos + (isUp ? 250_000_000 : 0)))
        return stage.venue.workingOrders(guarded).contains { $0.type == .stop && $0.side == .sell }
      }
      stage.check(stage.venue.signedSize(guarded, Sample.mes) == 1, "the guarded position went")
      try stage.buy(guarded, Sample.mes, 1)
      try stage.wait(for: "a stop for both") {
        stage.venue.workingOrders(guarded).filter { $0.type == .stop }.map(\.size) == [2]
      }
      try stage.venue.changeAccount(AccountChange(id: barred, canTrade: true))
      try stage.wait(for: "the lockout's end") { try stage.openTargets(barred).isEmpty }
    }
  }
}
