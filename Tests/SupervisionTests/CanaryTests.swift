import RiskModel
@testable import Supervision
import Testing

@Suite struct CanaryTests {
  @Test func aCanaryIsShown() {
    var world = SupervisedWorld()
    world.startReady()
    #expect(world.plan.report(at: world.moment).canary == nil)
    world.pass(11_000)
    let canary = world.plan.report(at: world.moment).canary
    #expect(canary?.latencyMicroseconds == 850)
    #expect(canary?.total == 1)
    #expect(canary?.ageSeconds == 1)
    #expect(canary?.isLost == false)
    #expect(world.plan.report(at: world.moment).line.contains("; canary 0.9 ms; "))
    #expect(world.plan.overallState == .running)
  }

  @Test func threeThatDoNotComeAreAFault() {
    var world = SupervisedWorld()
    world.startReady()
    world.canariesUntil = 10_000
    world.pass(39_000)
    #expect(world.plan.overallState == .running)
    world.pass(3_000)
    #expect(world.plan.overallState == .degraded)
    #expect(world.plan.report(at: world.moment).line.contains("; no canary; "))
    #expect(
      world.events(.canaryLost).map(\.text) == ["no canary has reached the enforcer for 30 s"])
    #expect(world.events(.canaryLost).map(\.severity) == [.warning])
    world.pass(60_000)
    #expect(world.events(.canaryLost).count == 1)
    world.canariesUntil = nil
    world.pass(2_000)
    #expect(world.plan.overallState == .running)
    #expect(world.events(.canaryBack).count == 1)
    #expect(world.events(.canaryBack).first?.text.hasPrefix("canaries reach") == true)
  }

  @Test func aPathThatNeverWorkedIsAFaultToo() {
    var world = SupervisedWorld()
    world.canariesUntil = 0
    world.startReady()
    world.pass(32_000)
    let canary = world.plan.report(at: world.moment).canary
    #expect(
      canary
        == StatusReport.Canary(
          isLost: true, total: 0, latencyMicroseconds: nil, ageSeconds: nil))
  }

  @Test func aMissingWorkerIsReasonEnough() {
    var world = SupervisedWorld()
    world.startReady()
    world.eager = [.enforcer, .evaluator]
    world.canariesUntil = 0
    world.die(.gateway, .code(75))
    world.pass(60_000)
    #expect(world.events(.canaryLost).isEmpty)
    world.ready(.gateway)
    world.pass(29_000)
    #expect(world.events(.canaryLost).isEmpty)
    world.pass(3_000)
    #expect(world.events(.canaryLost).count == 1)
  }

  @Test func everyLifeOfTheEnforcerCountsAnew() {
    var watch = CanaryWatch()
    func see(_ count: Int64?) {
      let sighting = count.map { CanarySighting(number: $0, microseconds: 1, count: $0) }
      let change = watch.saw(sighting, at: MonotonicInstant(nanos: 0))
      #expect(change == nil)
    }
    see(nil)
    see(3)
    see(3)
    #expect(watch.total == 3)
    watch.enforcerStarted()
    see(2)
    #expect(watch.total == 5)
    #expect(watch.latest?.count == 2)
  }

  @Test func ourOwnStandstillIsNoLoss() {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(15_000)
    world.canariesUntil = 15_000
    world.stall(60_000)
    #expect(world.events(.canaryLost).isEmpty)
    #expect(world.events(.stalled).count == 1)
    var watch = CanaryWatch()
    let start = MonotonicInstant(nanos: 0)
    watch.postpone(by: .seconds(1))
    _ = watch.timePassed(at: start, isPathWhole: true, limit: .seconds(3))
    let loss = watch.timePassed(at: start + .seconds(3), isPathWhole: true, limit: .seconds(3))
    #expect(loss == .lost(after: .seconds(3)))
    watch.postpone(by: .seconds(10))
    let sighting = CanarySighting(number: 1, microseconds: 1, count: 1)
    let change = watch.saw(sighting, at: start + .seconds(14))
    #expect(change == .back(after: .seconds(4)))
  }

  @Test(arguments: [
    (
      StatusReport.Canary(isLost: false, total: 1, latencyMicroseconds: 49, ageSeconds: 0),
      "canary 0.0 ms"
    ),
    (
      .init(isLost: false, total: 1, latencyMicroseconds: 12_345, ageSeconds: 0),
      "canary 12.3 ms"
    ),
    (.init(isLost: false, total: 1, latencyMicroseconds: nil, ageSeconds: 0), "canary awaited"),
    (.init(isLost: true, total: 1, latencyMicroseconds: 1, ageSeconds: 40), "no canary"),
  ])
  func words(canary: StatusReport.Canary, text: String) {
    #expect(canary.text == text)
  }

  @Test func lostMessagesComeIntoTheHistory() {
    var world = SupervisedWorld()
    world.startReady()
    world.tell(
      .gateway,
      .messageLost(
        LostMessage(link: .feed, loss: .quarantined, position: "7/9", reason: "bo\ndy")))
    world.tell(
      .evaluator,
      .messageLost(LostMessage(link: .feed, loss: .skipped, position: "7/9", reason: "body")))
    #expect(
      world.events(.messageQuarantined).map(\.text) == [
        "message 7/9 of gateway broke link feed twice: bo dy"
      ])
    #expect(world.events(.messageQuarantined).first?.worker == .gateway)
    let skipped = world.events(.messageSkipped)
    #expect(skipped.map(\.text) == ["message 7/9 of link feed never came to evaluator: body"])
    #expect(skipped.map(\.cause) == ["body"])
    #expect(skipped.map(\.severity) == [.critical])
  }
}
