@testable import ControlPlane
import Logging
import RiskModel
import Supervision
import SupervisorRole
import Testing

@Suite struct SupervisorLoopTests {
  @Test func actionsArePerformedInOrder() {
    let ports = RecordingPorts()
    let loop = ports.supervisor()
    loop.start()
    #expect(ports.take() == ["spawn enforcer 1"])
    ports.ready(.enforcer)
    #expect(ports.take() == ["spawn evaluator 1", "link verdict 1"])
    ports.ready(.evaluator)
    ports.ready(.gateway)
    #expect(ports.take() == ["spawn gateway 1", "link feed 1"])
    loop.stop()
    #expect(ports.take() == ["stop gateway"])
    for worker in WorkerName.critical.reversed() { ports.die(worker, .code(0)) }
    #expect(ports.take() == ["stop evaluator", "stop enforcer"])
    #expect(ports.exitCodes == [0])
    #expect(ports.alarm == nil)
  }

  @Test func systemdIsToldInTheRightOrder() {
    let ports = RecordingPorts()
    let loop = ports.supervisor()
    loop.start()
    let starting = "starting: enforcer starting, evaluator waiting, gateway waiting"
    #expect(ports.notifier.take() == [.status("\(starting); 0 deaths in 600 s; 1.2.3")])
    for worker in WorkerName.critical { ports.ready(worker) }
    let running = "running: enforcer ready, evaluator ready, gateway ready"
    let notices = ports.notifier.take()
    #expect(
      notices.suffix(2) == [
        .ready(status: "\(running); 0 deaths in 600 s; 1.2.3"),
        .alive(status: "\(running); 0 deaths in 600 s; 1.2.3"),
      ])
    ports.pass(.milliseconds(2_499))
    #expect(ports.notifier.take() == [])
    ports.pass(.milliseconds(1))
    #expect(ports.notifier.take() == [.alive(status: "\(running); 0 deaths in 600 s; 1.2.3")])
    loop.stop()
    loop.stop()
    let stopping = ports.notifier.take()
    #expect(stopping.count == 2)
    guard case .stopping = stopping[0], case .status = stopping[1] else {
      Issue.record("\(stopping)")
      return
    }
  }

  @Test(arguments: [
    (TimeSpan?.some(.seconds(10)), TimeSpan.milliseconds(2_500)),
    (.some(.seconds(2)), .milliseconds(500)), (nil, .milliseconds(2_500)),
  ])
  func pingsComeFourTimesInAWatchdogPeriod(timeout: TimeSpan?, interval: TimeSpan) {
    let ports = RecordingPorts()
    ports.notifier.watchdogTimeout = timeout
    _ = ports.readySupervisor()
    _ = ports.notifier.take()
    ports.pass(interval * 10)
    let pings = ports.notifier.take().count { notice in
      if case .alive = notice { true } else { false }
    }
    #expect(pings == 10)
  }

  @Test func aWorkerBeyondItsBudgetTriggersTheWatchdogWithAReason() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.spawnFails = true
    ports.die(.enforcer)
    ports.pass(.seconds(29))
    #expect(
      !ports.notifier.take().contains { notice in
        if case .trigger = notice { true } else { false }
      })
    ports.pass(.seconds(5))
    let triggers = ports.notifier.take().filter { notice in
      if case .trigger = notice { true } else { false }
    }
    guard case .trigger(let status)? = triggers.last else {
      Issue.record("no trigger")
      return
    }
    #expect(status.hasPrefix("DEGRADED: enforcer down for 3"))
    #expect(
      ports.logged.texts.contains { $0.hasPrefix("a worker is down beyond its budget: enforcer") })
    ports.spawnFails = false
    ports.pass(.seconds(5))
    ports.ready(.enforcer)
    #expect(ports.logged.texts.contains("all is well again"))
  }

  @Test func everyDeathIsOneLogLineAndOneEntryWithItsCause() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.die(.gateway, .signal(11))
    let lines = ports.logged.lines.filter { $0.metadata["event"] == "death" }
    #expect(lines.map(\.text) == ["gateway stopped: signal 11 (SIGSEGV)"])
    #expect(lines.map(\.level) == [.warning])
    #expect(
      lines.first?.metadata == [
        "event": "death", "worker": "gateway", "worker_pid": "1003", "life": "1",
        "cause": "signal 11 (SIGSEGV)", "counted": "true", "deaths_in_window": "1",
        "message_id": "\(MessageID.death.rawValue)",
      ])
    #expect(ports.entries.filter { $0.event == .death }.count == 1)
    #expect(ports.saved.map(\.deaths.count) == [1])
  }

  @Test func ordinaryOperationNeverSaysTheWordThatOperatorsSearchFor() {
    let ports = RecordingPorts()
    let loop = ports.readySupervisor()
    ports.die(.gateway, .signal(9))
    ports.die(.evaluator, .code(75))
    ports.ask(.restart(RestartRequest(worker: .enforcer)), client: 1)
    ports.die(.enforcer, .code(0))
    ports.pass(.seconds(60))
    loop.stop()
    let words = ports.logged.lines.map { "\($0.text) \($0.metadata)" }
    #expect(words.count > 15)
    #expect(!words.contains { $0.lowercased().contains("crash") })
    #expect(!ports.notifier.take().contains { "\($0)".lowercased().contains("crash") })
  }

  @Test func whatCannotBeDoneIsToldToThePlan() {
    let ports = RecordingPorts()
    ports.spawnFails = true
    let loop = ports.supervisor()
    loop.start()
    #expect(ports.entries.last?.text == "enforcer could not be started: refused")
    ports.spawnFails = false
    ports.linkFails = true
    ports.pass(.seconds(1))
    ports.ready(.enforcer)
    #expect(ports.entries.last?.text == "link verdict 1: refused")
    ports.linkFails = false
    _ = ports.take()
    ports.pass(.seconds(1))
    #expect(ports.take() == ["link verdict 2"])
    ports.signalFails = true
    loop.happened(.misspoke("?"), to: .evaluator, life: 1)
    #expect(ports.take() == ["SIGABRT evaluator"])
    #expect(ports.logged.texts.contains("signal not sent: refused"))
    loop.happened(.closedChannel, to: .enforcer, life: ports.lives[.enforcer] ?? 0)
    ports.pass(.seconds(2))
    #expect(ports.take().contains("SIGTERM enforcer"))
  }

  @Test func aFullDiskIsToldOnce() {
    let ports = RecordingPorts()
    _ = ports.readySupervisor()
    ports.recordsFail = true
    for _ in 0..<3 { ports.die(.gateway); ports.pass(.seconds(1)) }
    #expect(ports.logged.texts.count { $0 == "records are not kept: refused" } == 1)
    ports.recordsFail = false
    ports.ready(.gateway)
    #expect(ports.logged.texts.contains("records are kept again"))
    #expect(ports.lives[.gateway] == 4)
  }

  @Test func aSystemdThatCannotBeReachedIsToldOnce() {
    let ports = RecordingPorts()
    ports.notifier.isReachable = false
    _ = ports.readySupervisor()
    ports.pass(.seconds(30))
    #expect(ports.logged.texts.count { $0 == "systemd cannot be told anything" } == 1)
  }
}
