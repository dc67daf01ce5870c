import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// An enforcer that stood still in the middle of a flatten, and is told to go on.
  @Suite struct OldEnforcerTests {
    private let account = RiskdStage.account
    private let size: Int64 = 6

    @Test func `one that was replaced sends nothing more`() throws {
      try RiskdStage.play { stage in
        let old = try stopEnforcer(of: stage)
        try stage.wait(for: "another enforcer") {
          stage.pid(of: .enforcer).map { $0 != old } ?? false
        }
        try settle(stage)
        let requests = stage.changes(account).count
        stage.check(kill(old, SIGCONT) != 0, "the old enforcer is still there")
        try stage.stays("without another request", during: .seconds(3)) {
          stage.changes(account).count == requests
        }
        print("old enforcer, replaced: \(requests) requests")
        try finish(stage)
      }
    }

    /// The kernel wakes what stands still when nobody is left who could: it finds itself an orphan.
    @Test func `one that outlived its supervisor sends nothing more`() throws {
      try RiskdStage.play { stage in
        let others = stage.pids
        let old = try stopEnforcer(of: stage)
        defer { kill(old, SIGKILL) }
        let requests = stage.changes(account).count
        try #require(kill(stage.riskd.pid, SIGKILL) == 0)
        _ = try stage.riskd.end(within: .seconds(5))
        kill(old, SIGCONT)
        try stage.wait(for: "the end of everything") {
          others.values.allSatisfy { kill($0, 0) != 0 }
        }
        let sent = stage.changes(account).count - requests
        stage.check(sent == 0, "the old enforcer sent \(sent) requests")
        print("old enforcer, orphaned: \(requests) requests before, \(sent) after it went on")
        try stage.startRiskd()
        try settle(stage)
        try finish(stage)
      }
    }

    @Test func `one that goes on before it is missed does its work once`() throws {
      try RiskdStage.play { stage in
        let old = try stopEnforcer(of: stage)
        try stage.wait(for: "its silence is noticed") {
          !stage.logLines("enforcer has not answered").isEmpty
        }
        try #require(kill(old, SIGCONT) == 0)
        try settle(stage)
        stage.check(stage.pid(of: .enforcer) == old, "the enforcer is another one")
        stage.check(stage.status()?.deathsInWindow == 0, "a death was counted")
        try finish(stage)
      }
    }

    /// A slow venue, one contract too many, and the enforcer stands still behind its first requests.
    private func stopEnforcer(of stage: RiskdStage) throws -> Int32 {
      stage.venue.setGateway { $0.requestLatency = .milliseconds(300) }
      stage.venue.setLatency(.milliseconds(300))
      try stage.buy(account, Sample.mnq, 2)
      try stage.buy(account, Sample.mes, 3)
      try stage.wait(for: "the positions in the journal") {
        !stage.logLines("position \(Sample.mes) 3").isEmpty
      }
      try stage.buy(account, Sample.nq, 1)
      // They leave together; what is on its way when the enforcer stands still arrives all the same.
      try stage.wait(for: "a close of each contract") {
        stage.venue.requests(.closeContract).count >= 3
      }
      let enforcer = try #require(stage.pid(of: .enforcer))
      try #require(kill(enforcer, SIGSTOP) == 0)
      return enforcer
    }

    private func settle(_ stage: RiskdStage) throws {
      try stage.wait(for: "a flat account") { stage.isFlat(account) }
      try stage.wait(for: "the end of the target") { try stage.openTargets(account).isEmpty }
      try stage.awaitProtection()
    }

    /// Everything was closed once, and what is allowed stays untouched.
    private func finish(_ stage: RiskdStage) throws {
      let closed = stage.audit(account).closings.map(\.size).reduce(0, +)
      stage.check(closed == size, "\(closed) contracts were closed")
      try stage.buy(account, Sample.mnq, 1)
      try stage.stays("an open position", during: .seconds(1)) {
        stage.venue.signedSize(account, Sample.mnq) == 1
      }
      try stage.buy(account, Sample.rty, 1)
      try stage.wait(for: "no RTY") { stage.venue.signedSize(account, Sample.rty) == 0 }
      stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
      stage.check(stage.venue.signedSize(account, Sample.mnq) == 1, "what is allowed was touched")
      stage.checkConduct()
    }
  }
}
