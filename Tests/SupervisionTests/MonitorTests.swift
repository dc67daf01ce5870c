import RiskModel
import Supervision
import Testing

/// The monitor beside the others: nobody waits for it, and nobody dies of it.
@Suite struct MonitorTests {
  private static func ready() -> SupervisedWorld {
    var world = SupervisedWorld(hasMonitor: true)
    world.eager = Set(WorkerName.allCases)
    world.start()
    _ = world.take()
    return world
  }

  @Test func `starts beside the enforcer, and every process gets a pipe to it`() {
    var world = SupervisedWorld(hasMonitor: true)
    world.start()
    #expect(
      world.take() == [
        "spawn enforcer 1", "spawn monitor 1", "telemetry supervisor", "telemetry enforcer",
      ])
    world.ready(.enforcer)
    #expect(world.take().contains("telemetry evaluator"))
    world.ready(.evaluator)
    #expect(world.take().contains("telemetry gateway"))
  }

  @Test func `readiness does not wait for it, and it is missed afterwards`() {
    var world = SupervisedWorld(hasMonitor: true)
    world.eager = Set(WorkerName.critical)
    world.start()
    #expect(world.take().contains("announce"))
    #expect(world.plan.overallState == .degraded)
    world.ready(.monitor)
    #expect(world.plan.overallState == .running)
  }

  @Test func `its deaths are no crash loop, whatever their number`() {
    var world = Self.ready()
    for _ in 0..<40 {
      world.die(.monitor)
      world.pass(5_000)
    }
    #expect(world.saved.isEmpty)
    #expect(world.events(.crashLoop).isEmpty)
    #expect(world.plan.report(at: world.moment).deathsInWindow == 0)
    #expect(world.events(.death).allSatisfy { $0.isCounted == false })
    #expect(world.status(.monitor)?.state == .ready)
    // The others' budget is untouched.
    for _ in 0..<3 {
      world.die(.evaluator)
      world.pass(5_000)
    }
    #expect(world.events(.crashLoop).isEmpty)
    world.die(.evaluator)
    #expect(world.events(.crashLoop).count == 1)
  }

  @Test func `while it is away systemd is told that all is well`() {
    var world = Self.ready()
    world.eager.remove(.monitor)
    world.die(.monitor)
    world.pass(600_000)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    #expect(world.plan.overallState == .degraded)
  }

  @Test func `a fresh pipe for every process after its own restart and after theirs`() {
    var world = Self.ready()
    world.die(.monitor)
    world.pass(1_000)
    let pipes = world.take().filter { $0.hasPrefix("telemetry") }
    #expect(
      pipes == [
        "telemetry supervisor", "telemetry enforcer", "telemetry evaluator", "telemetry gateway",
      ])
    world.die(.evaluator)
    world.pass(1_000)
    #expect(world.take().filter { $0.hasPrefix("telemetry") } == ["telemetry evaluator"])
  }

  @Test func `a pipe that cannot be made is tried again`() {
    var world = Self.ready()
    world.telemetryProblem = "EMFILE"
    world.die(.gateway)
    world.pass(500)
    #expect(world.take().filter { $0.hasPrefix("telemetry") } == ["telemetry gateway"])
    world.telemetryProblem = nil
    world.pass(600)
    #expect(world.take().filter { $0.hasPrefix("telemetry") } == ["telemetry gateway"])
    world.pass(60_000)
    #expect(world.take().filter { $0.hasPrefix("telemetry") }.isEmpty)
    #expect(world.events(.linkFailed).map(\.text) == ["telemetry of gateway: EMFILE"])
  }

  @Test func `without a monitor no pipe is made`() {
    var world = Self.ready()
    world.spawnProblem = "ENOMEM"
    world.die(.monitor)
    world.spawnProblem = nil
    _ = world.take()
    world.die(.gateway)
    #expect(world.take().filter { $0.hasPrefix("telemetry") }.isEmpty)
  }

  @Test func `stops last`() {
    var world = Self.ready()
    world.stop()
    #expect(
      world.take() == [
        "stop gateway", "stop evaluator", "stop enforcer", "stop monitor", "finished",
      ])
  }

  @Test func `safe mode neither waits for it nor slows it down`() {
    var world = Self.ready()
    for _ in 0..<4 {
      world.die(.evaluator)
      world.pass(5_000)
    }
    world.stay(because: "no releases here")
    #expect(world.plan.overallState == .safeMode)
    world.pass(60_000)
    world.die(.monitor)
    world.pass(5_000)
    #expect(world.status(.monitor)?.state == .ready)
    world.eager.remove(.monitor)
    world.die(.monitor)
    world.pass(1_200_000)
    #expect(world.events(.safeModeEnded).count == 1)
  }

  @Test func `a hung monitor is ended and started again`() {
    var world = Self.ready()
    world.silent = [.monitor]
    world.pass(25_000)
    #expect(world.events(.signalSent).contains { $0.worker == .monitor })
    world.silent = []
    world.pass(5_000)
    #expect(world.status(.monitor)?.state == .ready)
  }

  @Test func `names of processes and of what they tell agree`() {
    for worker in WorkerName.allCases { #expect(TelemetrySource(worker).worker == worker) }
    #expect(TelemetrySource.supervisor.worker == nil)
    #expect(Set(TelemetrySource.connected + [.monitor]) == Set(TelemetrySource.allCases))
  }
}
