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
      counts.signIns += 1
      _ = lane.add(.signIn, .loginKey(settings.key))
    case .renew:
      logger.info("Token Manager: Token refresh begins")
      _ = lane.add(.renewal, .validate)
    case .adopted(let token, let expiresAt, let renewAfter):
      adopted(token, expiresAt: expiresAt, renewAfter: renewAfter)
    case .retry(let delay, let error):
      logger.warning(
        "Token Manager: no token: \(error); next attempt in \(delay.milliseconds) ms")
      moments.set(.tokenRetry, at: now + delay)
      alarmIfExpiring()
    case .refused(let code, let delay):
      logger.error(
        """
        Token Manager: the venue refuses the user or the API key (\(code)); check both and the \
        API subscription; next attempt in \(delay.milliseconds / 1_000) s
        """)
      moments.set(.tokenRetry, at: now + delay)
      raise(.credentialsRefused(code))
    }
  }

  private func adopted(_ new: VenueToken, expiresAt: Instant, renewAfter: TimeSpan) {
    if ports.tokens.load() != new { ports.tokens.save(new) }
    if token.revision > 1 { logger.info("Token Manager: Token refreshed successfully") }
    logger.info(
      "Token Manager: Token valid until \(VenueTimestamp.secondText(expiresAt))")
    let renewal = VenueTimestamp.secondText(ports.clock.now() + renewAfter)
    logger.info("Token Manager: Token refresh scheduled for \(renewal)")
    moments.clear(.tokenRetry)
    moments.set(.tokenRenewal, at: now + renewAfter)
    for hub in hubs where self[hub].state == .idle { openHub(hub) }
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
