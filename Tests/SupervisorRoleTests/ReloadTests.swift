@testable import ControlPlane
import RiskModel
import Supervision
@testable import SupervisorRole
import Testing

@Suite struct ReloadTests {
  /// Answers what it is told to.
  private final class Source: ConfigurationSource {
    var answer = Reconfiguration.rejected([])
    func readAnew() -> Reconfiguration { answer }
  }

  private let source = Source()
  private let ports = RecordingPorts()

  private func ready() -> SupervisorLoop {
    ports.configuration = source
    return ports.readySupervisor()
  }

  private func accept(
    _ affected: Set<WorkerName>, needsRestart: [String] = []
  ) {
    source.answer = .accepted(
      NewConfiguration(
        settings: [.evaluator: "new"], affected: affected, needsRestart: needsRestart,
        notices: ["a notice"]))
  }

  @Test func onlyTheAffectedAreRestartedOneAfterTheOther() {
    _ = ready()
    accept([.gateway, .enforcer], needsRestart: ["supervision"])
    ports.ask(.reload(ReloadRequest(wait: true)), client: 1)
    #expect(ports.take() == ["brief evaluator new", "stop enforcer"])
    ports.die(.enforcer, .code(0))
    #expect(ports.take() == ["spawn enforcer 2", "link verdict 2"])
    #expect(ports.replies.isEmpty)
    ports.ready(.enforcer)
    #expect(ports.take() == ["stop gateway"])
    ports.die(.gateway, .code(0))
    #expect(ports.replies.isEmpty)
    ports.ready(.gateway)
    let report = ReloadReport(
      notices: ["a notice"], restarted: [.enforcer, .gateway], needsRestart: ["supervision"],
      isReady: true)
    #expect(ports.replies.map(\.1) == [.reload(report)])
    #expect(ports.saved == [], "a reload is no death")
    #expect(
      ports.entries.first { $0.event == .reloadAccepted }?.text
        == "the new configuration is accepted, asked for by uid 1000, pid 77; restarting: enforcer "
        + "gateway; a restart of riskd is needed for: supervision")
    #expect(
      ports.entries.filter { $0.event == .restartAsked }.map(\.text) == [
        "restart of enforcer asked for: new configuration",
        "restart of gateway asked for: new configuration",
      ])
  }

  @Test func withoutWaitingTheAnswerNamesWhoIsRestarted() {
    _ = ready()
    accept([.evaluator])
    ports.ask(.reload(ReloadRequest()), client: 1)
    #expect(
      ports.replies.map(\.1) == [
        .reload(ReloadReport(notices: ["a notice"], restarted: [.evaluator]))
      ])
    #expect(ports.take() == ["brief evaluator new", "stop evaluator"])
  }

  @Test func nothingToRestartIsDoneAtOnce() {
    _ = ready()
    accept([])
    ports.ask(.reload(ReloadRequest(wait: true)), client: 1)
    #expect(
      ports.replies.map(\.1) == [.reload(ReloadReport(notices: ["a notice"], isReady: true))])
    #expect(ports.take() == ["brief evaluator new"])
  }

  @Test func aRejectedConfigurationChangesNothing() {
    _ = ready()
    source.answer = .rejected(["a:1: wrong", "b:2: wrong too"])
    ports.ask(.reload(ReloadRequest(wait: true)), client: 1)
    #expect(
      ports.replies.map(\.1) == [
        .reload(ReloadReport(problems: ["a:1: wrong", "b:2: wrong too"]))
      ])
    #expect(ports.take() == [])
    #expect(ports.logged.texts.suffix(2) == ["a:1: wrong", "b:2: wrong too"])
    let entry = ports.entries.last
    #expect(entry?.event == .reloadRefused)
    #expect(entry?.by == "uid 1000, pid 77")
    #expect(
      entry?.text
        == "a new configuration, asked for by uid 1000, pid 77, is refused; nothing changed: "
        + "the configuration is not usable (2 problems, a:1: wrong)")
  }

  @Test func aWorkerThatDoesNotComeBackDoesNotHoldUpTheOthers() {
    _ = ready()
    accept([.enforcer, .gateway])
    ports.ask(.reload(ReloadRequest(wait: true, timeoutSeconds: 20)), client: 1)
    ports.die(.enforcer, .code(0))
    _ = ports.take()
    ports.pass(.milliseconds(9_999))
    #expect(!ports.take().contains("stop gateway"))
    ports.pass(.milliseconds(1))
    #expect(ports.take().contains("stop gateway"))
    ports.die(.gateway, .code(0))
    ports.ready(.gateway)
    ports.pass(.seconds(10))
    #expect(
      ports.replies.map(\.1) == [
        .error(ControlRefusal(.timedOut, "not every worker is ready after 20 s"))
      ])
  }

  @Test func aSecondReloadJoinsTheFirst() {
    _ = ready()
    accept([.enforcer, .gateway])
    ports.ask(.reload(ReloadRequest(wait: true)), client: 1)
    accept([.enforcer])
    ports.ask(.reload(ReloadRequest(wait: true)), client: 2)
    ports.die(.enforcer, .code(0))
    ports.ready(.enforcer)
    _ = ports.take()
    // What it was started with is no longer the latest.
    ports.die(.enforcer, .code(0))
    ports.ready(.enforcer)
    #expect(ports.replies.isEmpty)
    ports.die(.gateway, .code(0))
    ports.ready(.gateway)
    #expect(Set(ports.replies.map(\.0.number)) == [1, 2])
  }

  @Test func theSignalReloadsToo() {
    let loop = ready()
    accept([.gateway])
    loop.reload(by: "SIGHUP")
    #expect(ports.take() == ["brief evaluator new", "stop gateway"])
    #expect(ports.replies.isEmpty)
    let entry = ports.entries.last { $0.event == .reloadAccepted }
    #expect(
      entry?.text
        == "the new configuration is accepted, asked for by SIGHUP; restarting: gateway")
    let line = ports.logged.lines.last { $0.text == entry?.text }
    #expect(line?.metadata["by"].map { "\($0)" } == "SIGHUP")
  }

  @Test func aStopEndsAReload() {
    let loop = ready()
    accept([.gateway])
    ports.ask(.reload(ReloadRequest(wait: true)), client: 1)
    loop.stop()
    ports.ask(.reload(ReloadRequest()), client: 2)
    #expect(ports.replies.map(\.1) == [.error(ControlRefusal(.refused, "riskd is stopping"))])
    #expect(ports.entries.last { $0.event == .reloadRefused }?.by == "uid 1000, pid 77")
    for worker in WorkerName.critical.reversed() { ports.die(worker, .code(0)) }
    #expect(
      ports.replies.map(\.1).last == .error(ControlRefusal(.refused, "riskd has stopped")))
    #expect(ports.exitCodes == [0])
  }

  @Test func aFixedConfigurationIsNotReadAnew() {
    _ = ports.readySupervisor()
    ports.ask(.reload(ReloadRequest()), client: 1)
    #expect(
      ports.replies.map(\.1) == [
        .reload(ReloadReport(problems: ["riskd cannot read its configuration anew now"]))
      ])
  }

  @Test func anAcceptedConfigurationEndsTheEarlierOne() {
    let loop = ready()
    loop.plan.configurationProblem = "the configuration is not usable"
    #expect(loop.report().state == .degraded)
    accept([])
    loop.reload(by: "SIGHUP")
    #expect(loop.report().state == .running)
  }
}
