import ControlPlane
import Glibc
package import Logging
package import ProcessControl
import RiskModel
package import Supervision

/// Everything that a supervisor is made of, on one reactor, without what belongs to a process as a
/// whole: the instance lock and the signals.
package final class SupervisorAssembly {
  package let loop: SupervisorLoop
  private let reactor: Reactor
  private let processes: ProcessTable
  private let server: ControlServer
  private let sockets: PassedSockets
  /// The path of the traders' socket, if it was made here.
  private let ownScreens: String?
  /// What happened to the service while no supervisor was there to tell.
  private let missed: [HistoryEntry]
  private var exitCode: Int32?

  package init(
    root: String, executable: String, configuration: SupervisedConfiguration,
    supervision: SupervisionSettings, sockets: PassedSockets = PassedSockets(),
    notifier: any ServiceNotifier, log: Logger,
    schema: Int = 0, onRecord: @escaping (HistoryEntry) -> Void = { _ in },
    onStatus: @escaping (String) -> Void = { _ in },
    onTelemetry: @escaping (Descriptor) -> Void = { $0.close() }, on reactor: Reactor
  ) throws {
    self.reactor = reactor
    let clock = MachineClock(pace: reactor.pace)
    let records = KeptRecords(directory: root + "/data")
    let deaths = Self.load(records, at: clock.moment(), supervision, log)
    let processes = ProcessTable(
      executable: executable, settings: configuration.settings, on: reactor,
      withheld: configuration.withheldVariables, clockArguments: reactor.pace.arguments)
    let releases = ReleaseFiles(root: root, executable: executable, schema: schema, log: log)
    missed = releases.history(after: records.latest(1).last?.time)
    let memory = MemoryGroup()
    let alarm = ReactorAlarm(on: reactor)
    let desk = ControlDesk()
    var plan = SupervisionPlan(
      settings: supervision, version: RiskdVersion.release,
      release: ReleaseStanding(releases.facts()), deaths: deaths, memoryKills: memory.kills())
    plan.configurationProblem = configuration.problem
    plan.testClock = StatusReport.TestClock(reactor.pace)
    let loop = SupervisorLoop(
      plan: plan,
      ports: SupervisorPorts(
        processes: processes, clock: clock, alarm: alarm, notifier: notifier, records: records,
        releases: releases, memory: memory, operators: desk, configuration: configuration.source,
        random: { UInt64.random(in: .min ... .max) }),
      log: log)
    loop.onRecord = onRecord
    loop.onStatus = onStatus
    self.loop = loop
    self.processes = processes
    self.sockets = sockets
    let screens = Self.screens(passed: sockets.trader, path: root + "/run/trader.sock", log)
    ownScreens = sockets.trader == nil && screens != nil ? root + "/run/trader.sock" : nil
    let gate = ControlGate(access: ControlAccess.forOwnUser(), loop: loop, desk: desk, log: log)
    server = try gate.open(path: root + "/run/control.sock", or: sockets.control, on: reactor)
    desk.server = server
    alarm.onRing = { [unowned loop] in loop.timePassed() }
    processes.onTelemetry = onTelemetry
    processes.screens = screens
    processes.onEvent = { [unowned loop] event, worker, life in
      loop.happened(event, to: worker, life: life)
    }
    loop.onFinish = { [unowned self] code in
      self.exitCode = code
      self.reactor.stop()
    }
  }

  /// Runs until every worker has stopped.
  ///
  /// - Returns: the exit code of the process.
  package func run() -> Int32 {
    for entry in missed { loop.record(entry) }
    loop.start()
    while true {
      if let exitCode {
        close()
        return exitCode
      }
      reactor.run()
    }
  }

  /// Lets go of socket and workers without stopping them: what the kernel does when the supervisor
  /// dies.
  package func close() {
    server.close()
    processes.closeAll()
    if let ownScreens { unlink(ownScreens) }
  }

  /// The socket that was passed, or one that is made here. Without one nobody sees anything, and
  /// every account is protected all the same.
  private static func screens(
    passed: Descriptor?, path: String, _ log: Logger
  ) -> Descriptor? {
    if let passed { return passed }
    do throws(ControlError) {
      return try TraderServer.listen(path: path, access: .forOwnUser())
    } catch {
      log.error("there is no socket for traders' screens: \(error)")
      return nil
    }
  }

  /// What the last supervisor kept. A file that cannot be read must not keep the next from
  /// protecting.
  private static func load(
    _ records: KeptRecords, at moment: Moment, _ supervision: SupervisionSettings, _ log: Logger
  ) -> DeathWindow {
    let boot = MachineClock.boot()
    do {
      try records.loadHistory()
    } catch {
      log.error("the history starts anew: \(error)")
    }
    do {
      let kept = try records.loadDeaths() ?? DeathWindow(boot: boot)
      return kept.resumed(boot: boot, at: moment, window: supervision.crashWindow)
    } catch {
      log.error("the window of deaths starts anew: \(error)")
      return DeathWindow(boot: boot)
    }
  }
}

extension StatusReport.TestClock {
  /// `nil` for the machine's clock.
  init?(_ pace: ClockPace) {
    guard !pace.isMachine else { return nil }
    self.init(
      anchor: pace.anchor.timestamp, offsetMilliseconds: pace.offset.milliseconds,
      ratePerMille: pace.rate)
  }
}

/// The alarm of the loop, as a timer of the reactor.
final class ReactorAlarm: WakeAlarm {
  private let reactor: Reactor
  private var timer: TimerToken?
  var onRing: () -> Void = {}

  init(on reactor: Reactor) {
    self.reactor = reactor
  }

  func set(at deadline: MonotonicInstant?) {
    if let timer { reactor.cancel(timer) }
    timer = deadline.map { deadline in
      reactor.schedule(at: deadline) { [unowned self] in self.onRing() }
    }
  }
}
