import Logging
import PeerProtocol
import RiskModel
import VenueAPI

// A renewed token: each hub moves to a connection that began with it, one hub after the other. The
// venue does not say what becomes of a connection whose token ends.
extension GatewayRole {
  /// Begins the next change that is due. Called whenever one may have become possible.
  func rotateHubs() {
    guard let current = token.current,
      !hubs.contains(where: { self[$0].successor != nil }),
      let hub = hubs.first(where: {
        self[$0].isRotationDue(to: token.revision) && !moments.contains(.rotation($0))
      })
    else { return }
    let generation = self[hub].successorStarted(tokenRevision: token.revision)
    moments.set(.rotation(hub), at: now + settings.rotationTimeout)
    logger.info("SignalR Manager: \(hub.title) is given a second connection with the new token")
    ports.hubs.open(hub, generation: generation, token: current)
  }

  /// The time for a change is over, or the pause after one that failed.
  func rotationDue(_ hub: Hub) {
    if self[hub].successor != nil {
      abandonRotation(hub, because: "it was not ready in time")
    } else {
      rotateHubs()
    }
  }

  func successorOpened(_ hub: Hub) {
    self[hub].successorOpened()
    finishRotation(hub)
  }

  func successorCompleted(_ hub: Hub, _ number: Int64, _ completion: HubCompletion) {
    guard completion != .lost else {
      abandonRotation(hub, because: "an invocation was not answered")
      return
    }
    let retryAt = now + settings.subscriptionRetry
    _ = self[hub].successorCompleted(
      number, isConfirmed: completion == .succeeded, retryAt: retryAt)
    finishRotation(hub)
  }

  private func finishRotation(_ hub: Hub) {
    guard let isComplete = self[hub].isSuccessorComplete else { return }
    guard isComplete else {
      abandonRotation(hub, because: "the venue refuses a subscription on it")
      return
    }
    let old = self[hub].generation
    self[hub].successorTookOver(at: now)
    counts.rotations += 1
    moments.clear(.rotation(hub))
    armSubscriptions(hub)
    ports.hubs.close(hub, generation: old)
    logger.info("SignalR Manager: \(hub.title) has moved to its second connection")
    if hub == .user { for account in accounts { wantRead(account, .check, .changedConnection) } }
    rotateHubs()
  }

  /// The old connection goes on; another attempt follows.
  func abandonRotation(_ hub: Hub, because reason: String) {
    guard let generation = self[hub].successor?.generation else { return }
    dropSuccessor(hub)
    moments.set(.rotation(hub), at: now + settings.rotationRetry)
    logger.warning(
      """
      SignalR Manager: the second connection of the \(hub.title) failed (\(reason)); the first \
      one goes on
      """, metadata: ["generation": "\(generation)"])
    rotateHubs()
  }

  /// Ends a second connection without any other consequence.
  func dropSuccessor(_ hub: Hub) {
    guard let generation = self[hub].successor?.generation else { return }
    self[hub].successorFailed()
    moments.clear(.rotation(hub))
    ports.hubs.close(hub, generation: generation)
  }

  /// The present connection ended while a second one was on its way. False when there is none.
  func successorSteppedIn(_ hub: Hub, because reason: String) -> Bool {
    guard self[hub].successor != nil else { return false }
    let wasDelivering = self[hub].isDelivering
    self[hub].successorSteppedIn(at: now)
    moments.clear(.rotation(hub))
    counts.reconnections += 1
    if self[hub].state == .opening {
      moments.set(.hubOpening(hub), at: now + settings.hubOpeningTimeout)
    }
    armSubscriptions(hub)
    logger.warning(
      "SignalR Manager: \(hub.title) lost its first connection (\(reason)); the second takes over")
    streamInterrupted(hub, wasDelivering: wasDelivering)
    deliverIfSettled(hub)
    return true
  }
}
