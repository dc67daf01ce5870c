import RiskModel
import Supervision
import Testing

@Suite struct HurryTests {
  @Test func aHurryDoesNotWaitForWhatIsInFlightAndKeepsTheOrder() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = Set(WorkerName.critical)
    world.stop()
    #expect(world.take() == ["stop gateway"])
    world.pass(1_000)
    #expect(world.take() == [])
    world.hurry()
    #expect(world.take() == ["SIGTERM gateway"])
    world.pass(499)
    #expect(world.take() == [])
    world.pass(1)
    #expect(world.take().prefix(2) == ["SIGKILL gateway", "stop evaluator"])
    world.hurry()
    world.pass(1_100)
    #expect(world.take().suffix(2) == ["SIGKILL enforcer", "finished"])
    #expect(world.events(.death).map(\.worker) == [.gateway, .evaluator, .enforcer])
    #expect(world.events(.death).allSatisfy { $0.isCounted == false })
    #expect(world.events(.stopped).count == 1)
  }

  @Test func aHurryAfterSIGTERMShortensTheWaitForSIGKILL() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.stop()
    world.pass(8_000)
    #expect(world.take() == ["stop gateway", "SIGTERM gateway"])
    world.hurry()
    world.pass(500)
    #expect(world.take().prefix(1) == ["SIGKILL gateway"])
    #expect(world.plan.overallState == .stopping)
  }

  @Test func withoutAStopThereIsNoHurry() {
    var world = SupervisedWorld()
    world.startReady()
    world.hurry()
    #expect(world.take() == [])
    #expect(world.plan.overallState == .running)
  }

  @Test func anEarlierConfigurationIsDegradedAndSaysSo() {
    var world = SupervisedWorld()
    world.run(withEarlierConfiguration: "the configuration is not usable")
    world.startReady()
    #expect(world.plan.overallState == .degraded)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    let report = world.plan.report(at: world.moment)
    #expect(report.configuration == "the configuration is not usable")
    #expect(report.line.hasPrefix("DEGRADED: the configuration is not usable; enforcer ready"))
    #expect(world.events(.badConfiguration).map(\.severity) == [.critical])
    world.run(withEarlierConfiguration: nil)
    #expect(world.plan.overallState == .running)
    #expect(world.plan.report(at: world.moment).configuration == nil)
  }
}
