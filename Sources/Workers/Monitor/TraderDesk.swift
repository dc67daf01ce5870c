import ControlPlane
import Glibc
import Logging
import MonitorRole
import PeerProtocol
import ProcessControl
import RiskModel
import RiskRules
import Settings
import Store
import Supervision
import TraderFeed

/// The traders' screens: collects what they may see and shows it to who is connected.
///
/// Nothing that comes from a screen leaves this desk: two requests write the time sheet, and there are
/// no others.
final class TraderDesk: ScreenFeed {
  /// Of what the supervisor tells systemd, as text.
  static let serviceTopic = "service"
  /// Pictures follow a change at this distance at most, and one comes each second anyway.
  private static let pause = TimeSpan.milliseconds(250)
  private static let tick = TimeSpan.seconds(1)
  /// A monitor that dies takes no more of the day's course with it.
  private static let keepInterval = TimeSpan.seconds(10)

  private let reactor: Reactor
  private let logger: Logger
  private let settings: RiskdSettings
  private let databasePath: String
  private let sheet: TimeSheet
  private let access: TraderAccess
  private let names: [AccountID: String]
  /// When the exchange is open: of one file, and so the same for every account.
  private let exchange: SessionPlan?
  private let shelf: DayShelf
  private var keptAt: MonotonicInstant?
  private var server: TraderServer?
  private var board: FeedBoard
  private var heardAt: [TelemetrySource: Instant] = [:]
  private var startedAt: [TelemetrySource: Instant] = [:]
  private var serviceStatus: String?
  private var tokenValidUntil: Instant?
  private var isScheduled = false
  private var shownAt: MonotonicInstant?
  private var isClosed = false
  private var sheetProblem: String?

  init(
    _ briefing: WorkerBriefing, _ access: TraderAccess, reactor: Reactor, logger: Logger
  ) {
    self.access = access
    self.reactor = reactor
    self.logger = logger
    settings = briefing.settings
    databasePath = briefing.path(briefing.settings.database.path)
    sheet = TimeSheet(path: briefing.path(MonitorFiles.metrics))
    names = Self.nicknames(briefing.settings)
    exchange = briefing.settings.accounts.first.map { SessionPlan($0.rules.marketHours) }
    shelf = DayShelf(path: briefing.path(MonitorFiles.metrics), logger: logger)
    board = FeedBoard(earlier: shelf.days(at: reactor.clock.now()))
  }

  /// What the screens call the accounts that have a name of the trader's own.
  static func nicknames(_ settings: RiskdSettings) -> [AccountID: String] {
    Dictionary(
      settings.accounts.compactMap { account in account.nickname.map { (account.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  func serve(_ listener: Descriptor) {
    guard server == nil, !isClosed else { return listener.close() }
    do throws(ControlError) {
      server = try TraderServer(listener: listener, access: access, on: reactor) {
        [unowned self] request, peer in
        self.asked(request, by: peer)
      }
      server?.onFirstClient = { [weak self] in self?.show() }
      tickLater()
    } catch {
      logger.error("Traders' screens are not served", metadata: ["problem": "\(error)"])
    }
  }

  func close() {
    isClosed = true
    server?.close()
    sheet.close()
    shelf.keep(board.days)
    shelf.close()
  }

  func heard(_ frame: TelemetryFrame, of source: TelemetrySource) {
    let now = reactor.clock.now()
    heardAt[source] = now
    startedAt[source] = Instant(nanosSinceEpoch: frame.startedAt)
    guard source == .gateway, case .reading(let reading) = frame.message else { return }
    if let seconds = reading.figures["tokenSecondsLeft"] {
      tokenValidUntil = seconds > 0 ? now + .seconds(seconds) : nil
    }
  }

  func publish(topic: String, body: String, from source: TelemetrySource) {
    if source == .supervisor, topic == Self.serviceTopic { return take(serviceStatus: body) }
    guard source == .evaluator, topic == TraderPublisher.topic,
      var report = TraderLine.report(body)
    else { return }
    for index in report.accounts.indices {
      if let name = names[report.accounts[index].id] { report.accounts[index].name = name }
    }
    board.take(report)
    keepDays()
    changed()
  }

  private func keepDays() {
    let now = reactor.clock.monotonicNow()
    if let keptAt, now - keptAt < reactor.pace.realSpan(Self.keepInterval) { return }
    keptAt = now
    shelf.keep(board.days)
  }

  private func take(serviceStatus status: String) {
    guard status != serviceStatus else { return }
    serviceStatus = status
    changed()
  }

  private func changed() {
    guard !isScheduled, !isClosed, let server, server.clients > 0 else { return }
    isScheduled = true
    let now = reactor.clock.monotonicNow()
    let wait = shownAt.map { max(.zero, $0 + Self.pause - now) } ?? .zero
    reactor.schedule(after: wait) { [weak self] in
      guard let self, !self.isClosed else { return }
      self.isScheduled = false
      self.show()
    }
  }

  private func tickLater() {
    reactor.schedule(after: Self.tick) { [weak self] in
      guard let self, !self.isClosed else { return }
      self.changed()
      self.tickLater()
    }
  }

  private func show() {
    shownAt = reactor.clock.monotonicNow()
    server?.publish(picture())
  }

  private func picture() -> TraderFeed {
    let now = reactor.clock.now()
    return board.feed(
      at: now, zone: settings.system.zone, service: service(), clock: clock(at: now),
      exchange: exchange)
  }

  private func service() -> ServiceReport {
    var report = ServiceReport()
    report.release = RiskdVersion.release
    let pace = reactor.pace
    if !pace.isMachine {
      report.testClock = TestClockReport(
        anchor: pace.anchor, offset: pace.offset, ratePerMille: pace.rate)
    }
    report.status = serviceStatus
    report.startedAt = startedAt[.supervisor]
    report.workers = [TelemetrySource.gateway, .evaluator, .enforcer].map {
      WorkerReport(name: $0.rawValue, heardAt: heardAt[$0])
    }
    report.tokenValidUntil = tokenValidUntil
    var status = stat()
    let isThere = stat(databasePath, &status) == 0
    report.database = DatabaseReport(
      path: settings.database.path, bytes: isThere ? Int64(status.st_size) : nil)
    return report
  }

  private func clock(at now: Instant) -> ClockReport {
    let day = settings.system.tradingDay
    do throws(StoreError) {
      let entry = try sheet.summary(since: day.start(of: day.tradingDate(at: now)), until: now)
      sheetProblem = nil
      return ClockReport(clockedInAt: entry.openSince, earlierToday: entry.closed)
    } catch {
      complain(error)
      return ClockReport()
    }
  }

  /// - Returns: why it was not done; `nil` when it was.
  private func asked(_ request: TraderRequest, by peer: PeerCredentials) -> String? {
    let now = reactor.clock.now()
    do throws(StoreError) {
      switch request {
      case .clockIn:
        guard try sheet.clockIn(at: now) else { return "You are clocked in already." }
      case .clockOut:
        guard try sheet.clockOut(at: now) else { return "You are not clocked in." }
      }
    } catch {
      complain(error)
      return "The time sheet cannot be written."
    }
    logger.info(
      "A trader's time sheet", metadata: ["request": "\(request.rawValue)", "uid": "\(peer.user)"])
    changed()
    return nil
  }

  private func complain(_ error: StoreError) {
    let problem = "\(error)"
    guard problem != sheetProblem else { return }
    sheetProblem = problem
    logger.warning("The time sheet cannot be used", metadata: ["problem": "\(problem)"])
  }
}
