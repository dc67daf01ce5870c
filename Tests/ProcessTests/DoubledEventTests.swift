import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// What the venue tells is told twice, late, or both, while a breach is put right.
  @Suite struct DoubledEventTests {
    private static let kinds: [HubEventKind] = [.order, .position, .trade]

    @Test(arguments: [HubEffect.duplicate, .delay(.milliseconds(700))])
    func `every breach is closed once`(effect: HubEffect) throws {
      try RiskdStage.play { stage in
        let account = RiskdStage.account
        for kind in Self.kinds {
          stage.venue.addFault(.hub(.user, .event(kind), effect, count: nil))
        }
        for round in 1...3 {
          try stage.buy(account, Sample.mnq, 3)
          try stage.wait(for: "round \(round): what is allowed") {
            stage.venue.signedSize(account, Sample.mnq) == 2
          }
          try stage.wait(for: "round \(round): the proof") {
            try stage.oneShotTargets(account).isEmpty
          }
          try stage.sell(account, Sample.mnq, 2)
          try stage.wait(for: "round \(round): flat") { stage.isFlat(account) }
        }
        try stage.stays("flat", during: .seconds(2)) { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.mnq) == 3, "not closed once each")
        stage.check(
          stage.venue.counters.faultsStruck >= 3 * Self.kinds.count,
          "only \(stage.venue.counters.faultsStruck) events were touched")
        let traded = Set(stage.venue.trades(account).map(\.id))
        try stage.wait(for: "every trade in the journal") {
          var journal = JournalAudit()
          try stage.reading { try journal.advance($0) }
          return traded == journal.trades
        }
        stage.checkConduct()
      }
    }
  }
}
