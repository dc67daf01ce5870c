import RiskModel
@testable import Supervision
import Testing

@Suite struct StatusTests {
  @Test func theReportTellsOfEveryWorker() {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(61_500)
    world.die(.gateway, .code(1))
    world.pass(2_500)
    let report = world.plan.report(at: world.moment)
    #expect(report.state == .running)
    #expect(report.version == "1.2.3")
    #expect(report.since == "2025-11-21T14:31:01.500Z")
    #expect(report.time == "2025-11-21T14:31:04.000Z")
    #expect(report.isReady)
    #expect(report.workers.map(\.name) == [.enforcer, .evaluator, .gateway])
    #expect(report.deathsInWindow == 1)
    #expect(report.windowSeconds == 600)
    #expect(report.problem == nil)
    let gateway = report.workers[2]
    #expect(gateway.state == .ready)
    #expect(gateway.pid == 104)
    #expect(gateway.life == 2)
    #expect(gateway.since == "2025-11-21T14:31:01.500Z")
    #expect(gateway.uptimeSeconds == 2)
    #expect(gateway.lastCause == "exit 1")
    #expect(gateway.lastDeath == "2025-11-21T14:31:01.500Z")
    #expect(gateway.links.map(\.name) == [.feed])
    #expect(report.workers[0].lastCause == nil)
  }

  @Test func theStateChangesAtTheMomentOfItsCause() {
    var world = SupervisedWorld()
    world.startReady()
    world.pass(1_000)
    world.tell(.gateway, .degraded("no market hub"))
    world.pass(5_000)
    #expect(world.plan.report(at: world.moment).state == .degraded)
    #expect(world.plan.report(at: world.moment).since == "2025-11-21T14:30:01.000Z")
  }

  @Test func everyStageHasAName() {
    var world = SupervisedWorld()
    world.start()
    #expect(world.status(.gateway)?.state == .waiting)
    #expect(world.status(.enforcer)?.state == .starting)
    world.stubborn = [.enforcer]
    world.stop()
    #expect(world.status(.enforcer)?.state == .stopping)
    #expect(world.status(.gateway)?.state == .stopped)
  }

  @Test func theLineForSystemdIsOneLineAndShort() {
    var world = SupervisedWorld()
    world.startReady()
    #expect(
      world.plan.report(at: world.moment).line
        == "running: enforcer ready, evaluator ready, gateway ready; 0 deaths in 600 s; 1.2.3")
    let text = String(repeating: "ü\n", count: 150)
    for worker in WorkerName.critical { world.tell(worker, .degraded(text)) }
    let line = world.plan.report(at: world.moment).line
    #expect(line.utf8.count <= 400)
    #expect(line.hasPrefix("DEGRADED: enforcer ready (ü ü "))
    #expect(line.hasSuffix("..."))
    #expect(!line.contains("\n"))
  }

  @Test func theLineSaysWhySystemdIsCalled() {
    var world = SupervisedWorld()
    world.startReady()
    world.spawnProblem = "EAGAIN"
    world.die(.enforcer)
    world.pass(31_000)
    let report = world.plan.report(at: world.moment)
    #expect(report.problem == "enforcer down for 31 s: signal 9 (SIGKILL)")
    #expect(report.line.contains("DEGRADED: enforcer down for 31 s"))
  }

  @Test func healthIsAskedOfWorkersThatHaveATurn() {
    var settings = SupervisionSettings()
    settings.successorAfter = .seconds(100)
    settings.hungAtStartAfter = .seconds(100)
    var world = SupervisedWorld(settings)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.silent = [.enforcer]
    world.start()
    world.pass(30_000)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.pass(1)
    #expect(world.plan.health(at: world.moment.monotonic) == .unhealthy("enforcer down for 30 s"))
    world.stubborn = [.enforcer]
    world.stop()
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
  }

  @Test(arguments: [(Int32(75), true), (78, true), (1, false)])
  func aWorkerThatSaysWhyItCannotWorkIsNoReasonToStartEverythingAnew(
    code: Int32, isHealthy: Bool
  ) {
    var settings = SupervisionSettings()
    settings.crashDeaths = 100
    settings.crashDeathsAll = 100
    settings.retryInterval = .seconds(4)
    var world = SupervisedWorld(settings)
    world.startReady()
    world.eager = []
    world.silent = [.gateway]
    for _ in 0..<12 {
      world.die(.gateway, .code(code))
      world.pass(5_000)
    }
    #expect((world.plan.health(at: world.moment.monotonic) == .healthy) == isHealthy)
  }

  /// The channel of a process that exits ends first: until the exit is known it is no news.
  @Test func aWorkerThatRefusesItsConfigurationAgainAndAgainStaysExcused() {
    var settings = SupervisionSettings()
    settings.retryInterval = .seconds(4)
    var world = SupervisedWorld(settings)
    world.startReady()
    world.eager = []
    world.silent = [.gateway]
    for _ in 0..<12 {
      world.closeChannel(.gateway)
      #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
      world.die(.gateway, .code(78))
      #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
      world.pass(5_000)
    }
    #expect(world.events(.badConfiguration).count == 12)
    #expect(world.events(.signalSent) == [])
  }

  @Test func anEarlierExcuseDoesNotCoverAProcessThatHangs() {
    var world = SupervisedWorld()
    world.startReady()
    world.die(.gateway, .code(75))
    world.silent = [.gateway]
    world.stubborn = [.gateway]
    world.unkillable = [.gateway]
    world.pass(45_000)
    #expect(
      world.plan.health(at: world.moment.monotonic)
        == .unhealthy("gateway down for 40 s: hang (no answer for 5000 ms)"))
  }

  @Test func aStallUsesUpNoBudget() {
    var world = SupervisedWorld()
    world.startReady()
    world.spawnProblem = "EAGAIN"
    world.die(.gateway)
    world.pass(20_000)
    world.stall(60_000)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
    world.pass(11_000)
    #expect(world.plan.health(at: world.moment.monotonic) != .healthy)
  }

  @Test func readyEndsTheTimeThatAWorkerIsDown() {
    var settings = SupervisionSettings()
    settings.hungAfter[.gateway] = .seconds(100)
    var world = SupervisedWorld(settings)
    world.startReady()
    world.eager = []
    world.silent = [.gateway]
    world.die(.gateway)
    world.pass(25_000)
    world.ready(.gateway)
    world.pass(20_000)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
  }

  @Test func aLegitimateRestartIsWithinItsBudget() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.evaluator]
    #expect(world.restart(.evaluator) == .accepted(after: 1))
    world.pass(10_900)
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy)
  }

  @Test func aProcessThatCannotBeKilledExhaustsTheBudget() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.evaluator]
    world.unkillable = [.evaluator]
    _ = world.restart(.evaluator)
    world.pass(30_001)
    #expect(
      world.plan.health(at: world.moment.monotonic)
        == .unhealthy("evaluator down for 30 s: restart asked for (because)"))
    #expect(world.events(.unkillable).count == 1)
    #expect(world.lives[.evaluator] == 1)
  }

  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (1_763_735_400_050_999_999, "2025-11-21T14:30:00.050Z"),
  ])
  func timestamps(nanos: Int64, text: String) {
    #expect(Instant(nanosSinceEpoch: nanos).timestamp == text)
  }

  @Test(arguments: [
    (CauseOfDeath.exit(code: 0), "exit 0 (nobody had asked)"), (.exit(code: 3), "exit 3"),
    (.exit(code: 75), "exit 75 (venue down)"),
    (.exit(code: 76), "exit 76 (what it had read has changed)"),
    (.exit(code: 78), "exit 78 (bad configuration)"),
    (.signal(6), "signal 6 (SIGABRT)"), (.signal(40), "signal 40"), (.shutdown, "stopped"),
  ])
  func causesInWords(cause: CauseOfDeath, text: String) {
    #expect("\(cause)" == text)
  }

  @Test(arguments: [
    ("plain", 10, "plain"), ("a\u{1b}[31mb\u{9b}c", 40, "a [31mb c"),
    ("0123456789", 10, "0123456789"), ("0123456789x", 10, "0123456..."),
    ("üüüüü", 9, "üüü..."),
  ])
  func foreignTextsFitOneLine(text: String, limit: Int, expected: String) {
    #expect(printable(text, limit: limit) == expected)
  }

  @Test func theCrashLoopInWords() {
    var world = SupervisedWorld()
    world.startReady()
    for _ in 0..<4 { world.die(.gateway, .code(3)); world.pass(5_000) }
    #expect(
      world.events(.crashLoop).map(\.text) == [
        "crash loop: 4 deaths of gateway in 600 s (allowed: 3): "
          + "gateway exit 3, gateway exit 3, gateway exit 3, gateway exit 3"
      ])
  }

  @Test func severities() {
    let world = SupervisedWorld()
    func severity(_ event: HistoryEntry.Event, _ isCounted: Bool? = nil) -> HistoryEntry.Severity {
      HistoryEntry(at: world.moment, event, isCounted: isCounted, text: "").severity
    }
    #expect(severity(.death, true) == .warning)
    #expect(severity(.death, false) == .notice)
    #expect(severity(.workerStarted) == .notice)
    #expect(severity(.linkBroken) == .warning)
  }
}
