import HubProtocol
import Logging
package import PeerProtocol
import RiskModel
import VenueAPI

extension GatewayRole {
  /// The hubs that the configuration enables.
  var hubs: [Hub] { settings.isMarketHubEnabled ? [.user, .market] : [.user] }

  /// The handshake of a connection is done.
  package func hubOpened(_ hub: Hub, generation: Int64) {
    turn {
      guard self[hub].opened(generation, at: now) else {
        counts.lateNews += 1
        return
      }
      moments.clear(.hubOpening(hub))
      logger.info("SignalR Manager: Connected to \(hub.title)")
      armSubscriptions(hub)
      deliverIfSettled(hub)
    }
  }

  /// A connection ended by itself, or the attempt failed. The reason is for people.
  package func hubClosed(_ hub: Hub, generation: Int64, reason: String) {
    turn {
      guard self[hub].isPresent(generation) else {
        counts.lateNews += 1
        return
      }
      hubLost(hub, reason: reason)
    }
  }

  /// What came of an invocation.
  package func hubCompleted(
    _ hub: Hub, generation: Int64, number: Int64, _ completion: HubCompletion
  ) {
    turn {
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
    self[hub].attemptStarted()
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
    let now = self.now
    let wasDelivering = self[hub].isDelivering
    let step = self[hub].lost(at: now, random: ports.random())
    moments.clear(.hubOpening(hub))
    moments.clear(.subscriptions(hub))
    moments.set(.hubRetry(hub), at: now + step.delay)
    let isAgain = self[hub].hasBeenOpen
    if isAgain { counts.reconnections += 1 }
    logger.warning(
      """
      SignalR Manager: \(hub.title) is lost: \(reason); \
      \(isAgain ? "reconnecting" : "next attempt") in \(step.delay.milliseconds) ms \
      (attempt \(step.attempt))
      """)
    if step.isCritical { raise(.hubUnreachable(hub, attempts: step.attempt - 1)) }
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
  func loggedOut(_ hub: Hub) {
    counts.logouts += 1
    raise(.loggedOut(hub))
    perform(token.loggedOut())
    for each in hubs { hubFailed(each, reason: "the venue ended the session") }
  }
}

// Subscriptions.
extension GatewayRole {
  /// True when a subscription was asked for, so that there may be another.
  func sendNextSubscription() -> Bool {
    let now = self.now
    for hub in hubs where self[hub].state == .open {
      let number = lastInvocationNumber + 1
      let next = self[hub].board.next(
        number: number, now: now, deadline: now + settings.subscriptionTimeout)
      guard let next else { continue }
      lastInvocationNumber = number
      armSubscriptions(hub)
      ports.hubs.invoke(next, number: number, on: hub, generation: self[hub].generation)
      return true
    }
    return false
  }

  private func armSubscriptions(_ hub: Hub) {
    if let moment = self[hub].board.nextMoment {
      moments.set(.subscriptions(hub), at: moment)
    } else {
      moments.clear(.subscriptions(hub))
    }
  }

  /// Refused ones are asked for again by the turn itself.
  func subscriptionsDue(_ hub: Hub) {
    guard self[hub].state == .open else { return }
    if self[hub].board.hasLost(at: now) {
      hubFailed(hub, reason: "a subscription was not answered")
    }
  }

  private func subscriptionCompleted(_ hub: Hub, _ number: Int64, isConfirmed: Bool) {
    let retryAt = now + settings.subscriptionRetry
    let completed = self[hub].board.completed(
      number, isConfirmed: isConfirmed, retryAt: retryAt)
    armSubscriptions(hub)
    guard let completed else { return }
    if !isConfirmed {
      logger.warning("SignalR Manager: the venue refuses \(completed.method)")
      if let account = completed.account, desks[account]?.isWatched == true {
        tellUnknown(account, "the venue refuses \(completed.method)")
      }
      if hub == .user { moments.advance(.poll, to: now + pollInterval) }
    } else if hub == .user, userHub.isDelivering, let account = completed.account,
      isSubscribed(account), desks[account]?.isWatched == true
    {
      desks[account]?.owesSnapshot = true
      wantRead(account, .full)
    }
    deliverIfSettled(hub)
  }

  func isSubscribed(_ account: AccountID) -> Bool {
    userHub.board.isConfirmed(.subscribeAccounts)
      && GatewayRole.subscriptions(of: account).allSatisfy { userHub.board.isConfirmed($0) }
  }

  static func subscriptions(of account: AccountID) -> [HubInvocation] {
    [.subscribeOrders(account), .subscribePositions(account), .subscribeTrades(account)]
  }

  /// A hub delivers once its subscriptions are answered and every account is known.
  func deliverIfSettled(_ hub: Hub) {
    guard self[hub].state == .open, !self[hub].isDelivering, self[hub].board.isSettled else {
      return
    }
    guard hub == .user else {
      marketHub.deliveryBegan()
      sayHubState(.market)
      return
    }
    guard !desks.values.contains(where: { $0.standing == .unverified }) else { return }
    userHub.deliveryBegan()
    sayHubState(.user)
    let watched = accounts.filter { desks[$0]?.isWatched == true }
    if watched.contains(where: isSubscribed) {
      logger.info("SignalR Manager: Subscribed to positions, orders, trades")
    }
    for account in watched {
      desks[account]?.owesSnapshot = true
      wantRead(account, .full)
    }
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

extension HubInvocation {
  var account: AccountID? {
    switch self {
    case .subscribeOrders(let account), .subscribePositions(let account),
      .subscribeTrades(let account):
      account
    case .subscribeAccounts, .subscribeQuotes, .unsubscribeQuotes: nil
    }
  }
}
