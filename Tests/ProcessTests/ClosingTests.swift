import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// What goes wrong between a decision and a flat account.
  @Suite struct ClosingTests {
    private let account = RiskdStage.account

    @Test func `sees its own closing order while locked and lets it be`() throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        try stage.venue.perform { exchange in
          _ = try exchange.place(
            OrderTicket(
              account: RiskdStage.account, contract: Sample.mnq, type: .market, side: .buy,
              size: 1),
            from: .platform)
          exchange.behaviour.acceptanceDelay = .milliseconds(700)
        }
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        try stage.wait(for: "the proof") { !stage.logLines("Target proven at the venue").isEmpty }
        let audit = stage.audit(account)
        let cancelled = stage.venue.requests(.cancelOrder).compactMap { $0.body["orderId"] }
        stage.check(
          audit.closings.allSatisfy { closing in
            !cancelled.contains { $0.jsonText == "\(closing.order)" }
          }, "riskd cancelled its own closing order: \(cancelled)")
        stage.check(audit.closed(Sample.mnq) == 1, "closed \(audit)")
        stage.checkConduct()
      }
    }

    @Test func `a trader who exits by hand while locked is not in its way`() throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        stage.venue.addFault(.request(.closeContract, .marketClosed, count: nil))
        try stage.buy(account, Sample.mnq, 1)
        try stage.wait(for: "a close that is refused") {
          !stage.venue.requests(.closeContract).isEmpty
        }
        let exit = try stage.venue.trader.place(account, Sample.mnq, .sell, size: 1)
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        stage.venue.clearFaults()
        stage.check(stage.venue.order(exit)?.status == .filled, "the exit did not fill")
        try stage.stays("flat", during: .seconds(4)) { stage.isFlat(account) }
        stage.check(stage.audit(account).closings.isEmpty, "riskd closed what was closed")
        stage.checkConduct()
      }
    }

    @Test(arguments: LostReply.allCases.filter { $0.applies(to: .closeContract) })
    func `a close whose answer is lost takes effect once`(loss: LostReply) throws {
      try RiskdStage.play { stage in
        for operation in [GatewayOperation.closeContract, .partialCloseContract] {
          stage.venue.addFault(.request(operation, loss.effect(on: operation)))
        }
        try stage.buy(account, Sample.rty, 2)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        try stage.buy(account, Sample.mnq, 3)
        try stage.wait(for: "two MNQ") { stage.venue.signedSize(account, Sample.mnq) == 2 }
        try stage.stays("two MNQ and no RTY", during: .seconds(4)) {
          stage.venue.signedSize(account, Sample.mnq) == 2
            && stage.venue.signedSize(account, Sample.rty) == 0
        }
        let audit = stage.audit(account)
        stage.check(audit.closed(Sample.rty) == 2, "RTY: \(audit.closings)")
        stage.check(audit.closed(Sample.mnq) == 1, "MNQ: \(audit.closings)")
        stage.check(audit.closings.count == 2, "orders: \(audit.closings)")
        stage.check(stage.venue.counters.faultsStruck == 2, "not every reply was lost")
        stage.checkConduct()
      }
    }

    @Test(arguments: [1, 2])
    func `a close that is refused is said again until it works`(refusals: Int) throws {
      try RiskdStage.play { stage in
        stage.venue.addFault(
          .request(
            .closeContract,
            .envelope(success: false, code: 6, message: "Order rejected", applied: false),
            count: refusals))
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
        let closes = stage.changes(account).filter {
          $0.path == GatewayOperation.closeContract.path
        }
        stage.check(closes.count == refusals + 1, "\(closes.count) closes were sent")
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    @Test func `an account that the venue has locked is closed as soon as it can be`() throws {
      try RiskdStage.play { stage in
        stage.venue.setBehaviour { $0.lockedAccountAllowsClose = false }
        try stage.venue.perform { exchange in
          _ = try exchange.place(
            OrderTicket(
              account: RiskdStage.account, contract: Sample.rty, type: .market, side: .buy,
              size: 1),
            from: .platform)
          try exchange.change(RiskdStage.account, canTrade: false)
        }
        try stage.wait(for: "closes that the lock refuses") {
          stage.venue.requests(.closeContract).count >= 2
        }
        stage.check(stage.venue.signedSize(account, Sample.rty) == 1, "the lock did not hold")
        try stage.venue.changeAccount(AccountChange(id: account, canTrade: true))
        try stage.wait(for: "no RTY", atMost: .seconds(60)) {
          stage.venue.signedSize(account, Sample.rty) == 0
        }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    @Test func `the stop of a position that is closed goes with it`() throws {
      try RiskdStage.play { stage in
        try stage.sell(account, Sample.mnq, 2)
        try stage.venue.trader.place(
          account, Sample.mnq, .buy, size: 2, type: .stop, stop: .at("21100"))
        // 2 contracts × 76 points × 2 dollars.
        try stage.move(Sample.mnq, to: .at("21076"), steps: 20)
        // The market goes on quoting; the first quotes may come before their subscription.
        var isUp = false
        try stage.wait(for: "a flat account without the stop") {
          isUp.toggle()
          try stage.venue.setPrice(Sample.mnq, last: .at(isUp ? "21076.25" : "21076"))
          return stage.isFlat(account)
        }
        try stage.move(Sample.mnq, to: .at("21110"), steps: 5)
        try stage.stays("flat", during: .seconds(3)) { stage.isFlat(account) }
        let audit = stage.audit(account)
        stage.check(audit.closed(Sample.mnq) == 2, "closed: \(audit.closings)")
        stage.check(stage.venue.trades(account).count == 2, "something was reopened")
        stage.checkConduct()
      }
    }
  }
}
