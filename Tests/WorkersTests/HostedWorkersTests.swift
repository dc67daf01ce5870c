import ControlPlane
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Synchronization
import Testing

@testable import Workers

/// The roles with their real shells against the simulated venue, in one process.
@Suite(.serialized, .timeLimit(.minutes(3))) struct HostedWorkersTests {
  private func contracts(_ hosted: HostedWorkers, _ size: Int64, _ contract: ContractID) -> Bool {
    HostedWorkers.poll {
      hosted.venue.signedSize(Sample.account, contract) == size ? true : nil
    } ?? false
  }

  private func price(_ hosted: HostedWorkers, _ last: Price) throws {
    try hosted.venue.setPrice(Sample.mnq, last: last, bid: last - .at("0.25"), ask: last)
  }

  @Test func `a position above its limit is reduced by the excess and the target is proven`() throws
  {
    let hosted = try HostedWorkers()
    defer { hosted.end() }
    try hosted.startAll()
    try hosted.venue.trader.place(Sample.account, Sample.mnq, .buy, size: 3)
    #expect(contracts(hosted, 2, Sample.mnq))
    let proofs = HostedWorkers.poll { () -> Int64? in
      let proofs = hosted.progress(of: .evaluator)?.figures["proofs"] ?? 0
      return proofs > 0 ? proofs : nil
    }
    #expect(proofs == 1)
    #expect(hosted.venue.requests(.partialCloseContract).count == 1)
    #expect((hosted.progress(of: .enforcer)?.figures["reductions"] ?? 0) == 1)
    #expect((hosted.progress(of: .gateway)?.inputs ?? 0) > 0)
  }

  @Test func `a lockout survives every worker's restart and keeps the account flat`() throws {
    let hosted = try HostedWorkers()
    defer { hosted.end() }
    try hosted.startAll()
    // Two losers of a bit more than 300 dollars, each closed by the open loss limit.
    for (entry, exit) in [("21000", "20924"), ("20924", "20848")] {
      try price(hosted, .at(entry))
      try hosted.venue.trader.place(Sample.account, Sample.mnq, .buy, size: 2)
      #expect(contracts(hosted, 2, Sample.mnq))
      // The market goes on quoting; the first quote may come before its subscription.
      var step = Price.at("0")
      let isClosed = HostedWorkers.waits {
        try? price(hosted, .at(exit) - step)
        step = step + .at("0.25")
        return hosted.venue.signedSize(Sample.account, Sample.mnq) == 0
      }
      #expect(isClosed)
    }
    let locked = HostedWorkers.waits {
      (hosted.progress(of: .evaluator)?.figures["openTargets"] ?? 0) > 0
    }
    try #require(locked)

    for worker in [WorkerName.enforcer, .evaluator, .gateway] {
      try hosted.stop(worker)
      try hosted.start(worker)
      if worker != .gateway { hosted.link(.verdict) }
      if worker != .enforcer { hosted.link(.feed) }
      try #require(HostedWorkers.waits { hosted.isReady(worker) })
      try hosted.venue.trader.place(Sample.account, Sample.mes, .buy, size: 1)
      #expect(contracts(hosted, 0, Sample.mes), "after a restart of \(worker)")
    }
    #expect(hosted.venue.workingOrders(Sample.account).isEmpty)

    let root = hosted.folder.path
    let replay = JournalReplay.verify(root: root, asJSON: false)
    #expect(replay.code == .yes, "\(replay.output)\(replay.complaint)")
    #expect(replay.output.contains("same decisions, digest "))
    #expect(JournalReplay.verify(root: root, asJSON: true).output.contains("\"digest\":\""))
  }

  @Test func `what is opened while the hub is cut is found`() throws {
    let hosted = try HostedWorkers()
    defer { hosted.end() }
    try hosted.startAll()
    try #require(HostedWorkers.waits { hosted.venue.liveConnections(.user) == 1 })
    _ = hosted.venue.addFault(.hub(.user, .reset))
    try hosted.venue.trader.place(Sample.account, Sample.rty, .buy, size: 1)
    #expect(contracts(hosted, 0, Sample.rty))
  }

  @Test func `workers whose supervisor is gone leave`() throws {
    let hosted = try HostedWorkers()
    defer { hosted.end() }
    try hosted.startAll()
    for worker in WorkerName.allCases { hosted.abandon(worker) }
    for worker in WorkerName.allCases {
      let outcome = HostedWorkers.poll { hosted.shared.withLock { $0.outcomes[worker]?.last } }
      #expect(outcome == .orphaned, "\(worker)")
    }
    hosted.shared.withLock { $0.ready = [] }
  }

  @Test func `an operator's checks say what is wrong`() {
    let nowhere = JournalReplay.verify(root: "/nowhere", asJSON: false)
    #expect(nowhere.code == .environment && nowhere.complaint.hasPrefix("riskctl: "))
    let folder = TemporaryFolder()
    defer { folder.remove() }
    #expect(ConfigurationCheck.run(root: folder.path).code == .no)
  }
}
