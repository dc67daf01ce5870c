import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// The venue does what it is asked and the reply is lost, for the requests other than closes (see
  /// ClosingTests): exactly one effect.
  @Suite struct LostReplyTests {
    /// To the client a page of the edge is a status like 503.
    private static let losses = LostReply.allCases.filter { $0 != .page502 }
    private static let lossesOfCancels = losses.filter { $0.applies(to: .cancelOrder) }

    private let account = RiskdStage.account

    private func stops(_ stage: RiskdStage) -> [Order] {
      stage.venue.orders(account).filter { $0.customTag?.hasPrefix("riskd-stop-") == true }
    }

    @Test(arguments: losses)
    func `a stop is placed once, moved once and cancelled`(loss: LostReply) throws {
      try RiskdStage.play(ProtectionTests.options) { stage in
        let operations = [GatewayOperation.placeOrder, .modifyOrder, .cancelOrder]
          .filter(loss.applies)
        for operation in operations {
          stage.venue.addFault(.request(operation, loss.effect(on: operation)))
        }
        try stage.buy(account, Sample.mnq, 2)
        var isUp = false
        try stage.wait(for: "a stop") {
          isUp.toggle()
          try stage.venue.setPrice(Sample.mnq, last: .at(isUp ? "21000.25" : "21000"))
          return stops(stage).contains { $0.status.isWorking }
        }
        try stage.stays("one stop", during: .seconds(5)) { stops(stage).count == 1 }
        guard let entry = stage.venue.positions(account).first?.averagePrice else {
          throw StageFailure("the position is gone")
        }
        try stage.move(Sample.mnq, to: .at("21008"), steps: 8)
        try stage.wait(for: "the stop at the entry") {
          isUp.toggle()
          try stage.venue.setPrice(Sample.mnq, last: .at(isUp ? "21008.25" : "21008"))
          return stops(stage).first?.stopPrice == entry
        }
        try stage.stays("one stop there", during: .seconds(5)) {
          stops(stage).map(\.stopPrice) == [entry]
        }
        try stage.sell(account, Sample.mnq, 2)
        try stage.wait(for: "nothing left") { stage.isFlat(account) }
        try stage.stays("flat", during: .seconds(3)) { stage.isFlat(account) }
        stage.check(stops(stage).count == 1, "stops: \(stops(stage))")
        stage.check(stops(stage).first?.status == .cancelled, "the stop traded")
        stage.check(stage.venue.trades(account).count == 2, "riskd traded")
        stage.check(
          stage.venue.counters.faultsStruck == operations.count, "not every reply was lost")
      }
    }

    @Test(arguments: lossesOfCancels)
    func `an order of a locked account is cancelled`(loss: LostReply) throws {
      try RiskdStage.play { stage in
        try stage.lockOut()
        try stage.wait(for: "a flat account") { stage.isFlat(account) }
        stage.venue.addFault(.request(.cancelOrder, loss.effect(on: .cancelOrder)))
        let order = try stage.venue.trader.place(
          account, Sample.mnq, .buy, size: 1, type: .limit, limit: .at("20000"))
        try stage.wait(for: "no order") { stage.venue.workingOrders(account).isEmpty }
        try stage.stays("no order", during: .seconds(3)) { stage.isFlat(account) }
        stage.check(stage.venue.order(order)?.status == .cancelled, "the order is not cancelled")
        stage.check(stage.venue.counters.faultsStruck == 1, "the reply was not lost")
        stage.checkConduct()
      }
    }
  }
}
