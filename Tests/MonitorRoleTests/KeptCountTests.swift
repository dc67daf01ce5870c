import AlertRules
import RiskModel
import Testing

@testable import MonitorRole

/// Windows of alerts go on where the monitor before ended.
@Suite struct KeptCountTests {
  private static let lockouts = "lockout_counts > 5 in 1h"

  @Test func `what a monitor counted counts in the window of the next`() throws {
    let first = try MonitorWorld([Self.lockouts])
    first.pass(20)
    first.evaluator["lockouts", default: 0] += 4
    first.pass(15)
    #expect(first.news.isEmpty)
    let second = try MonitorWorld([Self.lockouts], after: first)
    second.pass(10)
    #expect(second.news.isEmpty)
    second.evaluator["lockouts", default: 0] += 2
    second.pass(1)
    #expect(second.news == [.fired])
    // A third one: the steps of both before it.
    second.pass(1_800)
    let third = try MonitorWorld([Self.lockouts], after: second)
    third.pass(10)
    #expect(third.news == [.fired])
    third.pass(1_800)
    #expect(third.news.last == .resolved)
  }

  @Test func `counts are kept as soon as they change, and not without a change`() throws {
    let world = try MonitorWorld([Self.lockouts]) { $0.metrics = [] }
    world.pass(20)
    let before = world.ports.samples.count
    world.pass(20)
    #expect(world.ports.samples.count == before)
    world.evaluator["lockouts", default: 0] += 1
    world.pass(1)
    #expect(world.ports.samples.count == before + 1)
    #expect(world.ports.samples.last?.map(\.metric) == [.lockouts])
  }

  @Test func `breaches are kept by rule, and a value of the future says nothing`() throws {
    let condition = "rule_breach_counts_by_rule > 2 in 1h"
    let first = try MonitorWorld([condition])
    first.pass(10)
    first.evaluator["breaches.a"] = 1
    first.evaluator["breaches.b"] = 1
    first.pass(2)
    first.evaluator["breaches.a"] = 2
    first.pass(2)
    let second = try MonitorWorld([condition], after: first)
    second.pass(10)
    #expect(second.news == [.fired])
    let future = second.ports.clock.now() + .seconds(60)
    first.ports.kept += [1, 9].map {
      KeptCount(at: future, metric: .ruleBreaches, label: "a", value: MetricNumber($0))
    }
    first.ports.kept.removeAll { $0.at < future }
    let third = try MonitorWorld([condition], after: first)
    third.pass(10)
    #expect(third.news.isEmpty)
  }

  @Test func `a hurried clock hurries windows and not the wait for processes`() throws {
    let world = try MonitorWorld(["circuit_breaker_state == 'OPEN'"]) { $0.clockRate = 10_000 }
    world.gateway["openBreakers"] = 1
    world.pass(49)
    #expect(world.news.isEmpty)
    world.pass(2)
    #expect(world.news == [.fired])
    world.isGatewaySilent = true
    world.pass(149)
    #expect(world.problem(.breaker) == "a circuit breaker is open")
    world.pass(2)
    #expect(world.problem(.breaker) == "the gateway tells nothing")
  }
}
