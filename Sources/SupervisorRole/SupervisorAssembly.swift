import ControlPlane
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
  private var exitCode: Int32?

  package init(
    root: String, executable: String, settings: [WorkerName: String],
    supervision: SupervisionSettings, controlGroup: UInt32? = nil,
    notifier: any ServiceNotifier, log: Logger,
    judge: @escaping (CrashLoop) -> CrashLoopVerdict = { _ in .safeMode }, on reactor: Reactor
  ) throws {
    self.reactor = reactor
    let clock = MachineClock()
    let records = KeptRecords(directory: root + "/data")
    let deaths = Self.load(records, at: clock.moment(), supervision, log)
    let processes = ProcessTable(executable: executable, settings: settings, on: reactor)
    let alarm = ReactorAlarm(on: reactor)
    let desk = ControlDesk()
    let loop = SupervisorLoop(
      plan: SupervisionPlan(settings: supervision, release: RiskdVersion.release, deaths: deaths),
      ports: SupervisorPorts(
        processes: processes, clock: clock, alarm: alarm, notifier: notifier, records: records,
        operators: desk, random: { UInt64.random(in: .min ... .max) }),
      log: log, judge: judge)
    self.loop = loop
    self.processes = processes
    server = try ControlServer(
      path: root + "/run/control.sock", group: controlGroup, on: reactor
    ) { [unowned loop] request, peer, client in
      loop.asked(request, by: peer, client: client)
    }
    desk.server = server
    alarm.onRing = { [unowned loop] in loop.timePassed() }
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

/// The operators, behind the control socket.
final class ControlDesk: OperatorDesk {
  weak var server: ControlServer?

  func reply(_ reply: ControlReply, to client: ControlClientID) {
    server?.reply(reply, to: client)
  }
}
