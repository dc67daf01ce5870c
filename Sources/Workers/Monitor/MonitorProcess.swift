import AlertDelivery
import AlertRules
import ControlPlane
import LogFiles
import Logging
import MonitorRole
import NIOPosix
import PeerProtocol
import ProcessControl
import RiskModel
import Settings
import Supervision
import Telemetry

/// The monitor worker: the role on its reactor, with the pipes of the other processes, the log files
/// and the supervisor.
final class MonitorProcess: WorkerDelegate {
  private static let tickInterval = TimeSpan.seconds(1)
  private static let leastTick = TimeSpan.milliseconds(5)
  /// What the others said last is on its way this long.
  private static let lastWords = TimeSpan.milliseconds(60)
  private static let mostLastBytes = 4 * 1_024 * 1_024

  private let reactor: Reactor
  private let host: WorkerHost
  private let logger: Logger
  private let outlet: TelemetryOutlet?
  private let traders: TraderAccess
  private var role: MonitorRole?
  private var logs: LogFolder?
  private var metrics: MetricsShelf?
  private var post: AlertPost?
  private var endpoint: MetricsEndpoint?
  private var desk: TraderDesk?
  private var readers: [TelemetrySource: TelemetryReader] = [:]

  /// `outlet` is the process's own; its pipe leads back here, so that the monitor's records are
  /// written like those of the others.
  init(
    reactor: Reactor, host: WorkerHost, logger: Logger, outlet: TelemetryOutlet?,
    traders: TraderAccess
  ) {
    self.traders = traders
    self.reactor = reactor
    self.host = host
    self.logger = logger
    self.outlet = outlet
  }

  func start(settings text: String) {
    do {
      try start(WorkerBriefing.decode(text))
    } catch {
      logger.error("The monitor cannot start", metadata: ["problem": "\(error)"])
      host.leave(.configurationUnusable)
    }
  }

  private func start(_ briefing: WorkerBriefing) throws {
    let logs = LogFolder(
      LogFileRule.rules(briefing), zone: briefing.settings.system.zone, pace: reactor.pace,
      logger: logger)
    let settings = briefing.settings
    let monitoring = settings.monitoring
    let desk = TraderDesk(briefing, traders, reactor: reactor, logger: logger)
    var ports = MonitorPorts(clock: WatchClock(reactor), logs: logs, screens: desk)
    ports.machine = MachineSizes(database: briefing.path(settings.database.path))
    if monitoring.isEnabled, monitoring.recordsMetrics {
      metrics = MetricsShelf(path: briefing.path(MonitorFiles.metrics), logger: logger)
      ports.metrics = metrics
    }
    openNetwork(briefing)
    ports.alerts = post
    let role = MonitorRole(
      settings: MonitorSettings(settings, clockRate: reactor.pace.rate), ports: ports,
      logger: logger)
    self.logs = logs
    self.desk = desk
    self.role = role
    if let outlet {
      let own = try PipePair.make(capacity: 64 * 1_024)
      outlet.connect(descriptor: own.writeEnd.release())
      readTelemetry(of: .monitor, readEnd: own.readEnd)
    }
    host.reportReady()
    tickLater()
  }

  /// Without a channel and the endpoint there is no network and no thread for it. What cannot be
  /// opened is said and gone without: the log files are worth more.
  private func openNetwork(_ briefing: WorkerBriefing) {
    let monitoring = briefing.settings.monitoring
    let alerts = monitoring.alerts
    let hasChannel = alerts.isEnabled && (alerts.mail != nil || alerts.webhook != nil)
    guard monitoring.isEnabled, hasChannel || monitoring.endpointPort != nil else { return }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    if hasChannel {
      attempt("Alerts have no channel but their file") {
        post = try AlertPost(
          alerts, credentials: briefing.mail,
          authorityFile: briefing.settings.venue.caFilePath.map(briefing.path), group: group,
          reactor: reactor, logger: logger)
      }
    }
    if let port = monitoring.endpointPort {
      attempt("There is no page of metrics") {
        endpoint = try MetricsEndpoint.start(port: Int(port), group: group)
        logger.notice("Metrics are shown on this machine", metadata: ["port": "\(port)"])
      }
    }
  }

  private func attempt(_ failure: Logger.Message, _ body: () throws -> Void) {
    do {
      try body()
    } catch {
      logger.error(failure, metadata: ["problem": "\(error)"])
    }
  }

  private func tickLater() {
    let hurried = reactor.pace.realSpan(Self.tickInterval)
    let wait = min(Self.tickInterval, max(Self.leastTick, hurried))
    reactor.schedule(after: wait) { [weak self] in
      guard let self, let role = self.role else { return }
      role.tick()
      if let endpoint { endpoint.show(role.openMetrics) }
      self.tickLater()
    }
  }

  func attach(link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor) {
    readEnd.close()
    writeEnd.close()
  }

  func readTelemetry(of source: TelemetrySource, readEnd: Descriptor) {
    guard role != nil else { return readEnd.close() }
    // What the former pipe still holds comes first.
    readers[source]?.drain(mostBytes: Self.mostLastBytes)
    readers[source]?.close()
    do {
      readers[source] = try TelemetryReader(
        source, readEnd, on: reactor,
        received: { [weak self] frame in
          self?.desk?.heard(frame, of: source)
          self?.role?.received(frame, of: source)
        },
        ended: { [weak self] problem in
          self?.role?.ended(source, because: problem)
        })
    } catch {
      role?.ended(source, because: "\(error)")
    }
  }

  func serveScreens(listener: Descriptor) {
    guard let desk else { return listener.close() }
    desk.serve(listener)
  }

  func stop(done: @escaping () -> Void) {
    outlet?.flush(milliseconds: 100)
    reactor.schedule(after: Self.lastWords) { [weak self] in
      self?.finish()
      done()
    }
  }

  func orphaned() {
    finish()
    host.leave(.orphaned)
  }

  private func finish() {
    for reader in readers.values {
      reader.drain(mostBytes: Self.mostLastBytes)
      reader.close()
    }
    readers = [:]
    role = nil
    endpoint?.close()
    post?.close()
    metrics?.close()
    desk?.close()
    logs?.close()
  }

  func progress() -> RoleProgress {
    let figures = role?.figures ?? MonitorFigures()
    return RoleProgress(
      inputs: figures.frames, outputs: figures.records,
      figures: [
        "frames": figures.frames, "records": figures.records, "news": figures.news,
        "missed": figures.missed, "brokenPipes": figures.brokenPipes,
        "unwritten": logs?.unwritten ?? 0, "unrecorded": metrics?.unrecorded ?? 0,
        "healthChecks": figures.healthChecks, "failedChecks": figures.failedChecks,
        "samples": figures.samples, "alerts": figures.alerts,
        "alertsDelivered": post?.delivered ?? 0, "alertsUndelivered": post?.undelivered ?? 0,
      ])
  }
}

/// The clock of the watch: its intervals and windows are civil time, which a test may hurry.
private struct WatchClock: Clock {
  private let clock: any Clock
  private let pace: ClockPace
  private let start: MonotonicInstant

  init(_ reactor: Reactor) {
    clock = reactor.clock
    pace = reactor.pace
    start = reactor.clock.monotonicNow()
  }

  func now() -> Instant { clock.now() }
  func monotonicNow() -> MonotonicInstant {
    start + pace.civilSpan(clock.monotonicNow() - start)
  }
}

extension LogFileRule {
  /// The shipped files.
  static func rules(_ briefing: WorkerBriefing) -> [LogFile: LogFileRule] {
    let logging = briefing.settings.logging
    return logging.files.mapValues { file in
      LogFileRule(
        path: briefing.path(file.path), mostBytes: file.mostBytes, kept: Int(file.kept),
        startsDaily: logging.rotatesAtMidnight,
        days: logging.rotatesAtMidnight ? Int(logging.rotatedFilesKept) : 0)
    }.reduce(into: [:]) { rules, entry in
      if let file = LogFile(rawValue: entry.key.rawValue) { rules[file] = entry.value }
    }
  }
}

extension MonitorSettings {
  init(_ settings: RiskdSettings, clockRate: Int64 = 1_000) {
    let logging = settings.logging
    var levels: [LogFile: LoggedRecord.Level] = [:]
    for (name, file) in logging.files {
      guard let target = LogFile(rawValue: name.rawValue) else { continue }
      levels[target] = LoggedRecord.Level(rawValue: file.level.rawValue)
    }
    self.init(logs: LogBook(levels: levels, isText: logging.format == .text))
    let monitoring = settings.monitoring
    guard monitoring.isEnabled else { return }
    if monitoring.checksHealth {
      checks = monitoring.healthChecks.compactMap(HealthCheck.init(rawValue:))
    }
    healthInterval = monitoring.healthInterval
    metrics = monitoring.recordsMetrics ? monitoring.metrics : []
    metricsInterval = monitoring.metricsInterval
    metricsKept = .seconds(monitoring.retentionDays * 86_400)
    alertRules = monitoring.alerts.isEnabled ? monitoring.alerts.rules.compactMap(\.rule) : []
    repeatAfter = monitoring.alerts.repeatAfter
    self.clockRate = clockRate
  }
}
