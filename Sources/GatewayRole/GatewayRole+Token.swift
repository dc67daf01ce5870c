import Logging
import RiskModel
import VenueAPI

extension GatewayRole {
  func perform(_ action: TokenKeeper.Action) {
    switch action {
    case .none:
      return
    case .signIn:
      moments.clear(.tokenRetry)
      moments.clear(.tokenRenewal)
      lane.withdraw { $0 == .signIn || $0 == .renewal }
      refreshWantedSince = refreshWantedSince ?? now
      askForNewToken()
    case .renew:
      logger.info("Token Manager: Token refresh begins")
      refreshWantedSince = refreshWantedSince ?? now
      askForNewToken()
    case .adopted(let token, let expiresAt, let renewAfter, let origin):
      adopted(token, expiresAt: expiresAt, renewAfter: renewAfter, origin)
    case .retry(let delay, let error):
      counts.tokenFailures += 1
      endRefresh()
      logger.warning(
        "Token Manager: no token: \(error); next attempt in \(delay.milliseconds) ms")
      moments.set(.tokenRetry, at: now + delay)
      alarmIfExpiring()
    case .refused(let code, let delay):
      counts.tokenFailures += 1
      endRefresh()
      logger.error(
        """
        Token Manager: the venue refuses the user or the API key (\(code)); check both and the \
        API subscription; next attempt in \(delay.milliseconds / 1_000) s
        """)
      moments.set(.tokenRetry, at: now + delay)
      raise(.credentialsRefused(code))
    }
  }

  /// One process at a time asks the venue for a new token. Whoever waits for that looks what its
  /// neighbour stored; a neighbour that does not come to an end is not waited for.
  func askForNewToken() {
    guard let since = refreshWantedSince else { return }
    let mayAsk = ports.tokens.beginRefresh()
    let found = token.refreshBegins(stored: ports.tokens.load(), now: ports.clock.now())
    guard found == .none else { return perform(found) }
    guard mayAsk || now >= since + settings.token.lockPatience else {
      moments.set(.tokenLock, at: now + settings.token.lockRetry)
      return
    }
    if !mayAsk {
      logger.warning("Token Manager: another process holds the token's lock; going on without it")
    }
    refreshWantedSince = nil
    moments.clear(.tokenLock)
    switch token.asks {
    case .signIn?:
      counts.signIns += 1
      _ = lane.add(.signIn, .loginKey(settings.key))
    case .renewal?:
      _ = lane.add(.renewal, .validate)
    case nil:
      endRefresh()
    }
  }

  private func endRefresh() {
    refreshWantedSince = nil
    moments.clear(.tokenLock)
    ports.tokens.endRefresh()
  }

  private func adopted(
    _ new: VenueToken, expiresAt: Instant, renewAfter: TimeSpan, _ origin: TokenKeeper.Origin
  ) {
    if origin == .venue, ports.tokens.load() != new { ports.tokens.save(new) }
    endRefresh()
    if origin == .venue { counts.tokenRefreshes += 1 }
    if token.revision > 1, origin == .venue {
      logger.info("Token Manager: Token refreshed successfully")
    }
    logger.info(
      "Token Manager: Token valid until \(VenueTimestamp.secondText(expiresAt))")
    let renewal = VenueTimestamp.secondText(ports.clock.now() + renewAfter)
    logger.info("Token Manager: Token refresh scheduled for \(renewal)")
    moments.clear(.tokenRetry)
    moments.set(.tokenRenewal, at: now + settings.realSpan(renewAfter))
    for hub in hubs where self[hub].state == .idle { openHub(hub) }
    rotateHubs()
    if desks.values.contains(where: { $0.standing == .unverified }) { checkAccounts() }
    if !isCatalogueHere { fetchCatalogue() }
  }

  private func alarmIfExpiring() {
    guard token.current != nil, let end = token.expiresAt else { return }
    let left = end - ports.clock.now()
    guard left < settings.token.alarmLead else { return }
    raise(.tokenExpiring(secondsLeft: left.nanos / Instant.nanosPerSecond))
  }

  func raise(_ alarm: GatewayAlarm) {
    logger.critical("\(alarm)")
    ports.reports.alarm(alarm)
  }
}
