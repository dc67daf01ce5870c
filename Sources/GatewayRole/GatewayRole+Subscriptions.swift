import HubProtocol
import Logging
import PeerProtocol
import RiskModel
import VenueAPI

// Subscriptions.
extension GatewayRole {
  /// True when a subscription was asked for, so that there may be another.
  func sendNextSubscription() -> Bool {
    let now = self.now
    let number = lastInvocationNumber + 1
    let deadline = now + settings.subscriptionTimeout
    for hub in hubs where self[hub].state == .open {
      if let next = self[hub].board.next(number: number, now: now, deadline: deadline) {
        armSubscriptions(hub)
        invoke(next, on: hub, generation: self[hub].generation)
        return true
      }
      let next = self[hub].successorSubscription(number: number, now: now, deadline: deadline)
      if let next, let successor = self[hub].successor {
        invoke(next, on: hub, generation: successor.generation)
        return true
      }
    }
    return false
  }

  func invoke(_ invocation: HubInvocation, on hub: Hub, generation: Int64) {
    lastInvocationNumber += 1
    ports.hubs.invoke(
      invocation, number: lastInvocationNumber, on: hub, generation: generation)
  }

  func armSubscriptions(_ hub: Hub) {
    if self[hub].state == .open, let moment = self[hub].board.nextMoment {
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

  func subscriptionCompleted(_ hub: Hub, _ number: Int64, isConfirmed: Bool) {
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
      wantRead(account, .full, .connected)
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

  private func readAfterConnection(_ account: AccountID) {
    if userHub.deliveries > 1, !settings.readsAfterReconnection {
      wantRead(account, .check, .connected)
      return
    }
    desks[account]?.owesSnapshot = true
    wantRead(account, .full, .connected)
  }

  /// A hub delivers once its subscriptions are answered and every account is known.
  func deliverIfSettled(_ hub: Hub) {
    guard self[hub].state == .open, !self[hub].isDelivering, self[hub].board.isSettled else {
      return
    }
    guard hub == .user else {
      marketHub.deliveryBegan(at: now)
      sayHubState(.market)
      rotateHubs()
      return
    }
    guard !desks.values.contains(where: { $0.standing == .unverified }) else { return }
    userHub.deliveryBegan(at: now)
    sayHubState(.user)
    let watched = accounts.filter { desks[$0]?.isWatched == true }
    if watched.contains(where: isSubscribed) {
      logger.info("SignalR Manager: Subscribed to positions, orders, trades")
    }
    for account in watched { readAfterConnection(account) }
    rotateHubs()
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
