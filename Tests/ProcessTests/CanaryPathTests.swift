import RiskModel
import Supervision
import Testing

extension ProcessTests {
  /// The messages that measure the way from the gateway to the enforcer.
  @Suite struct CanaryPathTests {
    @Test func `a canary goes the whole way and is shown`() throws {
      try RiskdStage.play { stage in
        try stage.wait(for: "a canary", atMost: .seconds(40)) {
          stage.status()?.canary?.total ?? 0 > 0
        }
        let status = stage.status()
        let canary = status?.canary
        stage.check(canary?.isLost == false, "it counts as lost")
        stage.check(canary?.latencyMicroseconds ?? 0 > 0, "it took no time")
        stage.check(
          status?.line.contains("; canary ") == true, "the line: \(status?.line ?? "none")")
        let sighting = status?.workers.first { $0.name == .enforcer }?.progress?.canary
        stage.check(sighting?.number ?? 0 > 0, "the enforcer has seen none")
        stage.checkConduct()
      }
    }
  }
}
