package import RiskModel

/// The connection to one hub: told what happened and when, it answers what to do.
///
/// The value outlives its connections; each attempt has a number, and news of an earlier one
/// change nothing. When to try again is the business of `ReconnectSchedule`.
package struct HubConnection: Sendable {
  private enum State: Sendable {
    /// Can transition to: connecting
    case disconnected
    /// The transport is being opened; how long that may take is the transport's business.
    /// Can transition to: handshaking, closed
    case connecting
    /// Can transition to: connected, closed
    case handshaking
    /// Can transition to: closed
    case connected
    /// Can transition to: connecting
    case closed(HubCloseReason)
  }

  /// The state in one word, for status screens.
  package enum Phase: String, Sendable {
    case disconnected, connecting, handshaking, connected, closed
  }

  package let limits: HubLimits
  package private(set) var counters = HubCounters()
  private var state = State.disconnected
  private var attempt = HubAttempt(number: 0)
  private var splitter: RecordSplitter
  private var lastSentAt = MonotonicInstant(nanos: 0)
  /// When anything came last; before the handshake, the beginning of time.
  package private(set) var lastReceivedAt = MonotonicInstant(nanos: 0)
  private var lastInvocation: Int64 = 0
  private var probing = HubProbing()
  /// Calls without an outcome, oldest first.
  private var pending: [HubInvocationID] = []

  package init(limits: HubLimits = HubLimits()) {
    self.limits = limits
    splitter = RecordSplitter(limit: limits.recordBytes)
  }

  package var phase: Phase {
    switch state {
    case .disconnected: .disconnected
    case .connecting: .connecting
    case .handshaking: .handshaking
    case .connected: .connected
    case .closed: .closed
    }
  }

  /// Why the last connection ended; `nil` while there is one and before the first.
  package var closeReason: HubCloseReason? {
    if case .closed(let reason) = state { reason } else { nil }
  }

  /// Starts an attempt. Without effect while one is under way or connected.
  package mutating func connect() -> [HubAction] {
    switch state {
    case .disconnected, .closed:
      attempt = HubAttempt(number: attempt.number + 1)
      splitter = RecordSplitter(limit: limits.recordBytes)
      probing = HubProbing()
      state = .connecting
      return [.openTransport(attempt)]
    case .connecting, .handshaking, .connected:
      return []
    }
  }

  /// Ends the connection, or the attempt at one, because the owner wants to.
  package mutating func disconnect() -> [HubAction] {
    switch state {
    case .disconnected, .closed:
      return []
    case .connecting, .handshaking:
      return close(.asked)
    case .connected:
      return [.send(HubRequest.close.bytes)] + close(.asked)
    }
  }

  package mutating func transportOpened(
    _ attempt: HubAttempt, at now: MonotonicInstant
  ) -> [HubAction] {
    guard isPresent(attempt), case .connecting = state else { return late() }
    state = .handshaking
    return [
      .send(HubRequest.handshake.bytes),
      .schedule(.handshake(attempt), at: now + limits.handshakeTimeout),
    ]
  }

  /// The transport is gone. `detail` says why, for people.
  package mutating func transportClosed(_ attempt: HubAttempt, detail: String?) -> [HubAction] {
    guard isPresent(attempt) else { return late() }
    switch state {
    case .connecting, .handshaking, .connected:
      return close(.transportLost(detail), closingTransport: false)
    case .disconnected, .closed:
      return []
    }
  }

  /// Bytes of the transport, in any cut. `readAt` is the moment at which they were read.
  package mutating func received(
    _ bytes: [UInt8], _ attempt: HubAttempt, at readAt: MonotonicInstant
  ) -> [HubAction] {
    guard isPresent(attempt) else { return late() }
    switch state {
    case .disconnected, .connecting, .closed:
      return late()
    case .handshaking, .connected:
      lastReceivedAt = readAt
      splitter.append(bytes)
      return handleRecords(readAt)
    }
  }

  /// The transport answered a probe; `readAt` is the moment at which the answer was read.
  package mutating func probeAnswered(
    _ attempt: HubAttempt, at readAt: MonotonicInstant
  ) -> [HubAction] {
    guard isPresent(attempt), case .connected = state else { return late() }
    counters.probesAnswered += 1
    probing.answered(at: readAt)
    return []
  }

  package mutating func timerFired(_ timer: HubTimer, at now: MonotonicInstant) -> [HubAction] {
    switch (timer, state) {
    case (.handshake(attempt), .handshaking):
      return close(.handshakeTimedOut)
    case (.keepAlive(attempt), .connected):
      return keepAlive(now)
    case (.silence(attempt), .connected):
      guard now < lastReceivedAt + limits.serverTimeout else {
        return close(.serverSilent(limits.serverTimeout))
      }
      return [.schedule(timer, at: lastReceivedAt + limits.serverTimeout)]
    case (.probe(attempt), .connected):
      return probe(now)
    case (.invocation(let id), _):
      return complete(id, .timedOut)
    default:
      return []
    }
  }

  /// Calls a method of the hub. The outcome comes as `.completed` with the id returned here.
  package mutating func invoke(
    _ target: String, _ arguments: [HubArgument], at now: MonotonicInstant
  ) -> (id: HubInvocationID, actions: [HubAction]) {
    lastInvocation += 1
    let id = HubInvocationID(lastInvocation)
    guard case .connected = state else { return (id, [.completed(id, .notConnected)]) }
    pending.append(id)
    let request = HubRequest.invocation(id: id, target: target, arguments: arguments)
    return (
      id,
      [send(request, now), .schedule(.invocation(id), at: now + limits.invocationTimeout)]
    )
  }
}

extension HubConnection {
  private func isPresent(_ attempt: HubAttempt) -> Bool { attempt == self.attempt }

  private mutating func late() -> [HubAction] {
    counters.lateNews += 1
    return []
  }

  private mutating func send(_ request: HubRequest, _ now: MonotonicInstant) -> HubAction {
    lastSentAt = now
    return .send(request.bytes)
  }

  private mutating func handleRecords(_ readAt: MonotonicInstant) -> [HubAction] {
    var actions: [HubAction] = []
    do throws(HubEnvelopeError) {
      while let record = try splitter.next() {
        guard !record.isEmpty else {
          counters.unusedRecords += 1
          continue
        }
        if case .handshaking = state {
          actions += answered(try HubHandshakeAnswer(record), readAt)
        } else {
          actions += handle(try HubRecord(record), readAt)
        }
        if case .closed = state { break }
      }
    } catch {
      actions += close(.envelope(error))
    }
    return actions
  }

  /// A stock server watches for the silence of a client only after the client's first ping, so one
  /// leaves at once.
  private mutating func answered(
    _ answer: HubHandshakeAnswer, _ now: MonotonicInstant
  ) -> [HubAction] {
    switch answer {
    case .refused(let error):
      return close(.handshakeRefused(error))
    case .accepted:
      state = .connected
      counters.pingsSent += 1
      return [
        .connected,
        send(.ping, now),
        .schedule(.keepAlive(attempt), at: now + limits.pingInterval),
        .schedule(.silence(attempt), at: now + limits.serverTimeout),
      ] + probe(now)
    }
  }

  private mutating func handle(_ record: HubRecord, _ readAt: MonotonicInstant) -> [HubAction] {
    counters.records += 1
    switch record {
    case .invocation(let target, let arguments, let replyTo):
      counters.deliveries += 1
      let delivery = HubAction.deliver(
        target: target, arguments: arguments, receivedAt: readAt)
      guard let replyTo else { return [delivery] }
      let refusal = HubRequest.refusal(
        invocation: replyTo, error: "This client does not return results.")
      return [delivery, send(refusal, readAt)]
    case .completion(let wireID, let error):
      guard let id = HubInvocationID(wire: wireID), pending.contains(id) else {
        counters.strayCompletions += 1
        return []
      }
      return complete(id, error.map { .failed($0) } ?? .succeeded)
    case .ping:
      counters.pingsReceived += 1
      return []
    case .close(let error, let allowReconnect):
      return close(.closedByServer(error: error, allowReconnect: allowReconnect))
    case .unused:
      counters.unusedRecords += 1
      return []
    }
  }

  private mutating func keepAlive(_ now: MonotonicInstant) -> [HubAction] {
    let due = lastSentAt + limits.pingInterval
    guard now < due else {
      counters.pingsSent += 1
      return [
        send(.ping, now), .schedule(.keepAlive(attempt), at: now + limits.pingInterval),
      ]
    }
    return [.schedule(.keepAlive(attempt), at: due)]
  }

  private mutating func probe(_ now: MonotonicInstant) -> [HubAction] {
    guard let interval = limits.probeInterval else { return [] }
    let step = probing.turn(
      at: now, heardAt: lastReceivedAt, interval: interval, timeout: limits.probeTimeout)
    switch step {
    case .giveUp:
      return close(.probeUnanswered(limits.probeTimeout))
    case .ask(let next):
      counters.probesSent += 1
      return [.probe, .schedule(.probe(attempt), at: next)]
    case .wait(let next):
      return [.schedule(.probe(attempt), at: next)]
    }
  }

  private mutating func complete(
    _ id: HubInvocationID, _ outcome: HubInvocationOutcome
  ) -> [HubAction] {
    guard let index = pending.firstIndex(of: id) else { return [] }
    pending.remove(at: index)
    return [.completed(id, outcome)]
  }

  private mutating func close(
    _ reason: HubCloseReason, closingTransport: Bool = true
  ) -> [HubAction] {
    state = .closed(reason)
    let lost = pending.map { HubAction.completed($0, .connectionLost) }
    pending = []
    return (closingTransport ? [.closeTransport(attempt)] : []) + lost + [.closed(reason)]
  }
}
