import HubProtocol
import Logging
package import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// The hubs that the configuration enables.
  var hubs: [Hub] {
    (settings.isUserHubEnabled ? [.user] : []) + (settings.isMarketHubEnabled ? [.market] : [])
  }

  /// The handshake of a connection is done.
  package func hubOpened(_ hub: Hub, generation: Int64) {
    turn {
      if self[hub].successor?.generation == generation {
        successorOpened(hub)
        return
      }
      let isAgain = self[hub].hasBeenOpen
      guard self[hub].opened(generation, at: now) else {
        counts.lateNews += 1
        return
      }
      moments.clear(.hubOpening(hub))
      logger.info("SignalR Manager: Connected to \(hub.title) (onconnected)")
      if isAgain {
        if hub == .user { venueReached() }
        logger.info("SignalR Manager: \(hub.title) reconnected (onreconnected)")
      }
      armSubscriptions(hub)
      deliverIfSettled(hub)
    }
  }

  /// A connection ended by itself, or the attempt failed. The reason is for people.
  /// `upgradeStatus` is the status of HTTP with which the venue refused the attempt, if it did so.
  package func hubClosed(
    _ hub: Hub, generation: Int64, reason: String, upgradeStatus: Int? = nil
  ) {
    turn {
      if let next = self[hub].successor, next.generation == generation {
        abandonRotation(hub, because: reason)
        tokenSeen(next.tokenRevision, at: hub, upgradeStatus: upgradeStatus)
        return
      }
      guard self[hub].isPresent(generation) else {
        counts.lateNews += 1
        return
      }
      let tokenRevision = self[hub].tokenRevision
      hubLost(hub, reason: reason)
      tokenSeen(tokenRevision, at: hub, upgradeStatus: upgradeStatus)
    }
  }

  /// 401: the next attempt needs another token. Each token is given up once at most, and one in ten
  /// minutes: a hub that takes none must not cost the other hub its connection again and again.
  private func tokenSeen(_ revision: Int64, at hub: Hub, upgradeStatus: Int?) {
    guard upgradeStatus == 401 else { return }
    let action = token.refusedByHub(
      revision: revision, stored: ports.tokens.load(), now: ports.clock.now())
    guard action != .none else { return }
    counts.tokensRefusedByHubs += 1
    logger.warning("Token Manager: the \(hub.title) refuses the token; another one is needed")
    for each in hubs { dropSuccessor(each) }
    perform(action)
  }

  /// What came of an invocation.
  package func hubCompleted(
    _ hub: Hub, generation: Int64, number: Int64, _ completion: HubCompletion
  ) {
    turn {
      if self[hub].successor?.generation == generation {
        successorCompleted(hub, number, completion)
        return
      }
      guard self[hub].isPresent(generation) else {
        counts.lateNews += 1
        return
      }
      if completion == .lost {
        hubFailed(hub, reason: "an invocation was not answered")
      } else {
        subscriptionCompleted(hub, number, isConfirmed: completion == .succeeded)
      }
    }
  }

  func openHub(_ hub: Hub) {
    guard let current = token.current else {
      self[hub].waitForToken()
      return
    }
    self[hub].attemptStarted(tokenRevision: token.revision)
    moments.set(.hubOpening(hub), at: now + settings.hubOpeningTimeout)
    ports.hubs.open(hub, generation: self[hub].generation, token: current)
  }

  /// The connection is of no use: ends it from this side.
  func hubFailed(_ hub: Hub, reason: String) {
    let generation = self[hub].generation
    guard self[hub].isPresent(generation) else { return }
    hubLost(hub, reason: reason)
    ports.hubs.close(hub, generation: generation)
  }

  private func hubLost(_ hub: Hub, reason: String) {
    if successorSteppedIn(hub, because: reason) { return }
    let now = self.now
    let wasDelivering = self[hub].isDelivering
    let isAgain = self[hub].hasBeenOpen
    let step = self[hub].lost(at: now, random: ports.random())
    moments.clear(.hubOpening(hub))
    moments.clear(.subscriptions(hub))
    moments.clear(.rotation(hub))
    if isAgain, !settings.isReconnectionEnabled {
      logger.error("SignalR Manager: \(hub.title) is closed (onclose): \(reason); it stays so")
      raise(.hubUnreachable(hub, attempts: 0))
    } else {
      announce(step, hub, reason: reason, isAgain: isAgain)
      moments.set(.hubRetry(hub), at: now + step.delay)
      if step.isCritical { raise(.hubUnreachable(hub, attempts: step.attempt - 1)) }
    }
    streamInterrupted(hub, wasDelivering: wasDelivering)
  }

  private func announce(
    _ step: ReconnectSchedule.Step, _ hub: Hub, reason: String, isAgain: Bool
  ) {
    if isAgain { counts.reconnections += 1 }
    logger.warning(
      """
      SignalR Manager: \(hub.title) is lost: \(reason); \
      \(isAgain ? "reconnecting" : "next attempt") in \(step.delay.milliseconds) ms \
      (attempt \(step.attempt))\(isAgain ? " (onreconnecting)" : "")
      """)
  }

  /// Events may be missed from here on.
  func streamInterrupted(_ hub: Hub, wasDelivering: Bool) {
    if wasDelivering { sayHubState(hub) }
    switch hub {
    case .user: if wasDelivering { pollAtOnce() }
    case .market: quotes.forgetAll()
    }
  }

  func sayHubState(_ hub: Hub) {
    say(.hub(hub, isConnected: self[hub].isDelivering, receivedAt: ports.clock.now()))
  }

  /// The venue ended the session: a new one, and the accounts are read meanwhile.
  ///
  /// What it says on the old of two connections is the end of that one: the second one is ours too.
  func loggedOut(_ hub: Hub, generation: Int64) {
    counts.logouts += 1
    if self[hub].isPresent(generation), self[hub].successor != nil {
      hubFailed(hub, reason: "the venue ended its session")
      return
    }
    raise(.loggedOut(hub))
    for each in hubs { dropSuccessor(each) }
    perform(token.loggedOut())
    for each in hubs { hubFailed(each, reason: "the venue ended the session") }
  }
}

extension Hub {
  /// The name in log lines.
  var title: String {
    switch self {
    case .user: "User Hub"
    case .market: "Market Hub"
    }
  }
}
