import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Testing

extension ProcessTests {
  /// The database cannot be written any more.
  @Suite struct DiskTests {
    private static let smallDisk = "size=6m"

    @Test(.enabled(if: ProcessTests.mayMount, "mounting a small disk needs root"))
    func `a full disk bars new exposure and loses nothing`() throws {
      var options = StageOptions()
      options.dataMount = Self.smallDisk
      try RiskdStage.play(options) { stage in
        var filling: DiskFilling?
        try suffer(on: stage) {
          filling = try stage.fillDisk()
        } relieve: {
          filling?.remove()
        }
      }
    }

    @Test func `a disk that was remounted for reading only bars new exposure and loses nothing`()
      throws
    {
      var options = StageOptions()
      options.losesPower = true
      try RiskdStage.play(options) { stage in
        let disk = PowerCut(stage.root.folder.file("data"))
        try suffer(on: stage) {
          try disk.setReadOnly(true)
        } relieve: {
          try disk.setReadOnly(false)
        }
      }
    }

    /// Enforcement goes on while nothing can be written, and everything is written afterwards.
    private func suffer(
      on stage: RiskdStage, from begin: () throws -> Void, relieve: () throws -> Void
    ) throws {
      let account = RiskdStage.account
      try stage.lockOut(RiskdStage.otherAccount)
      try begin()
      // Every order is an input, and soon none of them can be recorded.
      try stage.wait(for: "the alarm", atMost: .seconds(60)) {
        try stage.buy(account, Sample.mes, 1)
        try stage.sell(account, Sample.mes, 1)
        return !stage.logLines("The journal cannot be written").isEmpty
      }
      try stage.wait(for: "a flat account") { stage.isFlat(account) }
      try stage.buy(account, Sample.mnq, 1)
      try stage.wait(for: "no new exposure") {
        stage.isFlat(account) && stage.audit(account).closed(Sample.mnq) == 1
      }
      try stage.buy(RiskdStage.otherAccount, Sample.mnq, 1)
      try stage.wait(for: "the lockout is kept up") { stage.isFlat(RiskdStage.otherAccount) }
      try relieve()
      try stage.wait(for: "the journal is written again", atMost: .seconds(60)) {
        !stage.logLines("The journal can be written again").isEmpty
      }
      try stage.awaitProtection()
      let traded = Set(stage.venue.trades(account).map(\.id))
      try stage.wait(for: "every trade in the journal") {
        var journal = JournalAudit()
        try stage.reading { try journal.advance($0) }
        return traded.isSubset(of: journal.trades)
      }
      stage.checkConduct()
    }

    @Test(.enabled(if: ProcessTests.mayMount, "mounting a small disk needs root"))
    func `a full disk in a busy market takes new exposure off`() throws {
      var options = StageOptions()
      options.dataMount = Self.smallDisk
      options.protectsThreeAccounts()
      try RiskdStage.play(options) { stage in
        let (account, busyAccount) = (RiskdStage.account, RiskdStage.otherAccount)
        stage.venue.startTraffic(
          TrafficPlan(
            account: busyAccount, contract: Sample.mes, ordersPerSecond: 6, quotesPerSecond: 170))
        let filling = try stage.fillDisk()
        try stage.wait(for: "the alarm", atMost: .seconds(60)) {
          !stage.logLines("The journal cannot be written").isEmpty
        }
        let beganAt = StageClock.now()
        for round in 1...5 {
          for trader in [account, busyAccount] {
            let boughtAt = StageClock.now()
            try stage.buy(trader, Sample.mnq, 1)
            try stage.wait(for: "round \(round): nothing of it is left", atMost: .seconds(30)) {
              stage.venue.positions(trader).allSatisfy { $0.contract != Sample.mnq }
            }
            print(
              "full disk, busy market: \((boughtAt - beganAt).milliseconds) ms in, off after "
                + "\((StageClock.now() - boughtAt).milliseconds) ms")
          }
          usleep(5_000_000)
        }
        stage.venue.stopTraffic()
        filling.remove()
        try stage.wait(for: "the journal is written again", atMost: .seconds(60)) {
          !stage.logLines("The journal can be written again").isEmpty
        }
        try stage.awaitProtection()
      }
    }
  }
}

/// What takes up the rest of a disk until it is removed.
struct DiskFilling {
  let path: String

  func remove() { unlink(path) }
}

extension RiskdStage {
  /// Leaves no block of the disk under data/ free.
  func fillDisk() throws -> DiskFilling {
    let filling = DiskFilling(path: root.folder.file("data/filling"))
    let descriptor = open(filling.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StageFailure("\(filling.path) cannot be written") }
    defer { close(descriptor) }
    let block = [UInt8](repeating: 0, count: 4_096)
    while write(descriptor, block, block.count) > 0 {}
    return filling
  }
}
