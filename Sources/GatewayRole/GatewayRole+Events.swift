import Logging
package import PeerProtocol
package import RiskModel
import VenueAPI

extension GatewayRole {
  /// An event of a hub. `arguments` are the bytes of its JSON array; `readAt` is when they were
  /// read from the socket.
  package func hubEvent(
    _ hub: Hub, generation: Int64, target: String, arguments: [UInt8], readAt: MonotonicInstant
  ) {
    turn(isEvent: true) {
      guard self[hub].isHeard(generation) else {
        counts.lateNews += 1
        return
      }
      do throws(HubEventError) {
        let notice =
          hub == .user
          ? try decodeUserEvent(target: target, arguments: arguments)
          : try decodeMarketEvent(target: target, arguments: arguments)
        heard(notice, hub, generation, readAt: readAt)
      } catch {
        payloadFailed(error, hub)
      }
      if settings.logsRawEvents, hub == .user { logRaw(target, arguments) }
    }
  }

  private static let rawLimit = 2_000

  private func logRaw(_ target: String, _ arguments: [UInt8]) {
    logger.info(
      "Raw event of the User Hub: \(target)",
      metadata: [
        "arguments": "\(String(decoding: arguments.prefix(Self.rawLimit), as: UTF8.self))",
        "bytes": "\(arguments.count)",
      ])
  }

  private func heard(
    _ notice: HubNotice, _ hub: Hub, _ generation: Int64, readAt: MonotonicInstant
  ) {
    let receivedAt = ports.clock.now()
    switch notice {
    case .ignored: return
    case .logout: loggedOut(hub, generation: generation)
    case .events(let events):
      for event in events {
        if case .quote(let quote) = event {
          quoteHeard(quote, receivedAt: receivedAt, readAt: readAt)
        } else {
          userEventHeard(RecordedEvent(event: event, receivedAt: receivedAt, readAt: readAt))
        }
      }
    }
  }

  private func userEventHeard(_ item: RecordedEvent) {
    guard let account = item.event.account, var desk = desks.removeValue(forKey: account) else {
      counts.foreignEvents += 1
      return
    }
    guard desk.isWatched else {
      desks[account] = desk
      counts.foreignEvents += 1
      return
    }
    if userHub.hasEchoes(at: now), desk.book.knows(item.event) {
      desks[account] = desk
      counts.echoes += 1
      return
    }
    if desk.book.isOutdated(item.event) {
      // A reader that has heard less would take the order for what it was.
      desks[account] = desk
      counts.lateNews += 1
      return
    }
    counts.userEvents += 1
    let isNews = desk.isNews(item.event)
    desk.book.apply(item.event, heardAt: now)
    if isNews || item.event.isPosition { desk.read?.isOvertaken = true }
    if desk.isRecording { desk.recorded.append(item) }
    let isTold = !desk.isBuffering
    let isFull = desk.recorded.count > settings.reads.bufferLimit
    desks[account] = desk
    if isTold { deliver(item) }
    if case .position(let position) = item.event { logPosition(position) }
    if isFull { recordingFull(account) }
    if isNews {
      wantRead(account, .check, .news)
      reviewDoubt(account)
    }
    if let contract = item.event.contract, !wishes.contains(contract) { updateQuoteWishes() }
  }

  /// More events than are kept: a merge would lose some, so the read that they belong to is worth
  /// nothing and another one follows.
  private func recordingFull(_ account: AccountID) {
    guard hasReader else {
      desks[account]?.recorded = []
      return
    }
    logger.warning(
      "account \(account) has more events than are kept for a merge; read again",
      metadata: ["account": "\(account)"])
    desks[account]?.read?.isSpoiled = true
    if desks[account]?.isBuffering == true {
      tellUnknown(account, "too many events during the first read")
      stopBuffering(account)
    }
    desks[account]?.recorded = []
    wantRead(account, .full, .overflow)
  }

  /// Tells an event, after the data of its contract.
  func deliver(_ item: RecordedEvent) {
    if let contract = item.event.contract, !tellContract(contract) {
      heldEvents[contract, default: []].append(item)
    } else {
      tell(item)
    }
  }

  func tell(_ item: RecordedEvent) {
    say(.event(item.event, receivedAt: item.receivedAt, readAt: item.readAt))
  }

  func logPosition(_ position: Position) {
    logger.info(
      """
      GatewayUserPosition: \(position.contract) size \(position.signedSize) \
      at \(position.averagePrice)
      """, metadata: ["account": "\(position.account)"])
  }

  private func payloadFailed(_ error: HubEventError, _ hub: Hub) {
    counts.payloadErrors += 1
    if let suppressed = payloadThrottle.admit(at: now) {
      logger.warning(
        "an event of the \(hub.rawValue) hub cannot be used: \(error)",
        metadata: suppressed > 0 ? ["before": "\(suppressed) more"] : [:])
    }
    guard hub == .user else { return }
    if let account = error.account, desks[account]?.isWatched != true {
      counts.foreignEvents += 1
      return
    }
    for account in error.account.map({ [$0] }) ?? accounts
    where desks[account]?.isWatched == true {
      tellUnknown(account, "an event could not be read: \(error)")
      wantRead(account, .full, .unreadable)
    }
  }
}

extension VenueEvent {
  fileprivate var isPosition: Bool { if case .position = self { true } else { false } }
}
