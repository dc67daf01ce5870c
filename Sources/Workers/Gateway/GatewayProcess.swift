import GatewayRole
import HubClient
import HubProtocol
import Logging
import PeerLink
import PeerProtocol
import ProcessControl
import RequestWindow
import RiskModel
import RiskRules
import Settings
import Supervision
import TokenStore
import VenueAPI
import VenueREST

/// The gateway worker: the role on its reactor, with the network, the link and the supervisor.
final class GatewayProcess: WorkerDelegate {
  private let reactor: Reactor
  private let host: WorkerHost
  private let logger: Logger
  private var venue: VenueConnections?
  private var hubs: HubSessions?
  private var feed: FeedPort?
  private var role: GatewayRole?
  private var isReady = false

  init(reactor: Reactor, host: WorkerHost, logger: Logger) {
    self.reactor = reactor
    self.host = host
    self.logger = logger
  }

  func start(settings text: String) {
    do {
      try start(WorkerBriefing.decode(text))
    } catch {
      logger.critical("The gateway cannot start", metadata: ["problem": "\(error)"])
      host.leave(.configurationUnusable)
    }
  }

  private func start(_ briefing: WorkerBriefing) throws {
    guard let credentials = briefing.credentials else { throw BriefingError.credentialsMissing }
    let settings = briefing.settings.venue
    let venue = try VenueConnections(
      settings, authorityFile: settings.caFilePath.map(briefing.path), warmConnections: 2,
      reactor: reactor)
    self.venue = venue
    let hubs = HubSessions(
      reactor: reactor,
      connector: HubTransportConnector(group: venue.group, tls: venue.tls, clock: reactor.clock),
      addresses: try settings.hubAddresses(),
      limits: HubLimits(settings.health))
    let feed = FeedPort(
      WorkerLink(
        .feed, producerEpoch: reactor.clock.now().nanosSinceEpoch, committed: nil,
        reactor: reactor, host: host, logger: logger))
    let role = GatewayRole(
      settings: GatewaySettings(briefing.settings, credentials, clockRate: reactor.pace.rate),
      ports: GatewayPorts(
        venue: VenuePort(venue) { [weak feed] in feed?.flush() }, hubs: hubs, feed: feed,
        timers: TimerPort(reactor) { [weak feed] in feed?.flush() },
        tokens: GatewayTokens(
          SessionToken(TokenStore(briefing, credentials), logger: logger)),
        reports: self, clock: reactor.clock,
        window: RequestWindow.shared(briefing, logger).map(GatewayWindow.init)
          ?? UnlimitedRequests(),
        memory: KeptVenueMemory(
          beside: TokenPlace.file(briefing.settings, root: briefing.root),
          owner: credentials.owner(at: settings), logger: logger),
        random: { UInt64.random(in: .min ... .max) }),
      logger: logger)
    hubs.role = role
    hubs.flush = { [weak feed] in feed?.flush() }
    feed.role = role
    self.hubs = hubs
    self.feed = feed
    self.role = role
    role.start()
  }

  func attach(
    link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor
  ) {
    guard link == .feed else { return }
    feed?.link.attach(epoch: epoch, readEnd: readEnd, writeEnd: writeEnd)
  }

  func stop(done: @escaping () -> Void) {
    role?.stop()
    feed?.flush()
    venue?.close()
    done()
  }

  func orphaned() {
    role?.stop()
    venue?.close()
    host.leave(.orphaned)
  }

  func progress() -> RoleProgress {
    let figures = (role?.figures ?? [:]).merging(venue?.figures ?? [:]) { first, _ in first }
      .merging(hubs?.figures ?? [:]) { first, _ in first }
    return RoleProgress(
      inputs: figures["userEvents", default: 0] + figures["quotes", default: 0],
      outputs: figures["messagesSent", default: 0], figures: figures)
  }
}

extension GatewayProcess: LatencyTelling {
  var latencies: [String: LatencyCounts] { venue.map { ["api": $0.answerTimes] } ?? [:] }
}

extension GatewayProcess: GatewayReports {
  func statusChanged(_ status: GatewayStatus) {
    switch status {
    case .starting:
      break
    case .protecting:
      becomeReady()
      host.reportDegraded(nil)
    case .degraded(let missing):
      // A venue that is away at the start must not become a start loop: ready, and degraded.
      becomeReady()
      host.reportDegraded(missing.joined(separator: "; "))
    }
  }

  private func becomeReady() {
    guard !isReady else { return }
    isReady = true
    host.reportReady()
  }

  func alarm(_ alarm: GatewayAlarm) {
    logger.critical("\(alarm)", metadata: alarm.messageID.map { ["message_id": "\($0.rawValue)"] })
  }
}

enum BriefingError: Error, CustomStringConvertible {
  case credentialsMissing

  var description: String { "the briefing has no credentials" }
}

extension GatewaySettings {
  init(_ settings: RiskdSettings, _ credentials: VenueCredentials, clockRate: Int64 = 1_000) {
    self.init(
      accounts: settings.enabledAccounts.map {
        ConfiguredAccount(id: $0.id, platformName: $0.platformName)
      },
      key: SignInKey(
        userName: credentials.userName.revealed, apiKey: credentials.apiKey.revealed))
    let venue = settings.venue
    tradingDay = settings.system.tradingDay
    // One calendar for all accounts.
    marketHours = settings.accounts.first?.rules.marketHours ?? .standard
    isUserHubEnabled = venue.userHub.isEnabled
    isMarketHubEnabled = venue.marketHub.isEnabled
    readsAfterReconnection = venue.reconciliation.onReconnect
    logsRawEvents = settings.development.savesRawEvents
    watchesSilence = venue.health.isEnabled
    reconnection = ReconnectSchedule.Settings(
      delays: venue.reconnection.delays,
      jitterPermille: venue.reconnection.jitter.thousandths,
      maxAttempts: Int(venue.reconnection.maxAttempts),
      stableAfter: venue.reconnection.stableAfter)
    isReconnectionEnabled = venue.reconnection.isEnabled
    silence.threshold = venue.health.staleThreshold
    silence.interval = min(
      silence.interval, TimeSpan(nanos: max(1, venue.health.staleThreshold.nanos / 4)))
    reads.isPeriodic = venue.reconciliation.isEnabled && venue.reconciliation.isPeriodic
    reads.minInterval = venue.reconciliation.minInterval
    reads.fullInterval = venue.reconciliation.maxInterval
    token.lead = venue.token.refreshLead
    token.retryDelays = venue.token.quickDelays
    reads.retryDelays = ReadTiming.delays(venue.retries)
    reads.attemptsToAlarm = venue.retries.isEnabled ? Int(venue.retries.maxAttempts) : 1
    if let size = venue.requestLimits.queueSize { requests.queueLimit = Int(size) }
    if let wait = venue.requestLimits.longestQueueWait { requests.longestWait = wait }
    reads.jitter = venue.retries.jitter.thousandths
    breaker = BreakerSettings(venue.circuitBreaker)
    // A quarter of what the gateway may send is for everything but polling.
    reads.pollRequestsPerMinute = RequestLimits(venue.requestLimits).othersPerMinute * 3 / 4
    requests.timeout = min(requests.timeout, venue.requestTimeout)
    startupTimeout = settings.system.connectTimeout
    self.clockRate = clockRate
  }
}

extension HubLimits {
  /// Stock clients ask after 15 s of their own silence, and stock servers drop a client that said
  /// nothing for 30 s; a configuration may ask sooner and not later.
  init(_ health: HubHealthSettings) {
    self.init(serverTimeout: health.serverTimeout)
    pingInterval = min(pingInterval, health.pingInterval)
    guard health.isEnabled else { return }
    probeInterval = health.probeInterval
    probeTimeout = health.pingTimeout
  }
}
