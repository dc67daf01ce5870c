package import PeerProtocol
import RiskModel

/// One end of a link between two workers: a `LinkMachine` over the pipes of the moment.
///
/// It belongs to the thread of its event loop. The role sets `handler` before the first transport,
/// ignores SIGPIPE, and calls `flush` at the end of each of its turns: what it sends or commits
/// leaves then, and by the link's clock at the latest. That clock goes only while something waits:
/// an idle link wakes nobody up. `handler` is never called out of `send` or `commit`; it may call
/// every method.
package final class PeerLink<Outgoing: Codable & Sendable, Incoming: Codable & Sendable> {
  package typealias Event = PeerLinkEvent<Incoming>

  /// How long what waits may wait for the next look at it: an acknowledgement that gathers, a
  /// message that was not flushed, a congestion.
  private let tickInterval = TimeSpan.milliseconds(100)
  /// How long the peer may go on without reading before the link counts as broken.
  private let halfOpenGrace = TimeSpan.seconds(1)
  /// Calls to read per turn, so that one link cannot keep the loop to itself.
  private let readsPerTurn = 4

  package var handler: (Event) -> Void = { _ in }

  private var machine: LinkMachine
  private var reportedState = LinkState.connecting
  private let coder = MessageCoder()
  private let watcher: any DescriptorWatcher
  private var readBuffer: [UInt8]
  private var transport: LinkTransport?
  /// When the peer was found to read no more.
  private var halfOpenSince: MonotonicInstant?
  private var isTicking = false

  /// `producerEpoch` was never used before by this producer. `committed` is what a durable consumer
  /// has on its disk, `nil` for one that keeps nothing. One call reads at most `readChunk` bytes.
  package init(
    producerEpoch: Int64, committed: StreamPosition?, limits: LinkLimits = LinkLimits(),
    watcher: any DescriptorWatcher, readChunk: Int = 65_536
  ) {
    machine = LinkMachine(
      producerEpoch: producerEpoch, committed: committed, limits: limits, now: watcher.now)
    self.watcher = watcher
    readBuffer = [UInt8](repeating: 0, count: readChunk)
  }

  deinit {
    transport?.close()
  }

  package var state: LinkState { machine.state }
  package var figures: LinkFigures { machine.figures }

  /// Messages that wait to be sent or to be acknowledged.
  package var pending: Int { figures.waitingMessages + figures.unacknowledged }

  /// How full the peer's window is, in percent.
  package var windowUse: Int { figures.windowUse }
}

// The transport.
extension PeerLink {
  /// Takes ownership of a fresh pair of pipe ends; the former pair is closed. Both streams are
  /// taken up where the peers' hellos say.
  package func replaceTransport(epoch: Int64, readEnd: Int32, writeEnd: Int32) {
    defer { tickLater() }
    closeTransport()
    machine.advance(to: watcher.now)
    machine.opened(linkEpoch: epoch)
    reportState()
    let transport: LinkTransport
    do throws(LinkFault) {
      transport = LinkTransport(
        readEnd: try PipeEnd(readEnd), writeEnd: try PipeEnd(writeEnd), watcher: watcher)
    } catch {
      PipeEnd.close(readEnd)
      PipeEnd.close(writeEnd)
      perform(machine.failed(error))
      return
    }
    self.transport = transport
    transport.watchReadEnd { [weak self] _ in self?.readEndIsReady() }
    writeOutput()
  }

  /// Ends the transport. The streams stay; what is not acknowledged is kept.
  package func close() {
    perform(machine.failed(.closed))
  }

  private func closeTransport() {
    transport?.close()
    transport = nil
    halfOpenSince = nil
  }

  private func readEndIsReady() {
    defer { tickLater() }
    guard let transport else { return }
    machine.advance(to: watcher.now)
    for _ in 0..<readsPerTurn {
      switch transport.read(into: &readBuffer) {
      case .bytes(let count):
        transport.decoder.append(readBuffer[..<count])
        takeFrames(from: transport)
        guard transport === self.transport else { return }
        if count < readBuffer.count { return writeOutput() }
      case .blocked:
        return writeOutput()
      case .ended:
        let discarded = transport.decoder.pendingBytes
        return perform(machine.failed(.peerClosed(discardedBytes: discarded)))
      case .failed(let fault):
        return perform(machine.failed(fault))
      }
    }
    writeOutput()
  }

  /// Stops when a frame, or the role's answer to it, ends the transport.
  private func takeFrames(from transport: LinkTransport) {
    do throws(LinkFault) {
      while transport === self.transport, let frame = try transport.decoder.next() {
        perform(machine.received(frame))
      }
    } catch {
      perform(machine.failed(error))
    }
  }

  private func perform(_ actions: [LinkMachine.Action]) {
    for action in actions {
      switch action {
      case .deliver(let body, let position):
        deliver(body, position)
      case .skipped(let position, let reason):
        handler(.skipped(position, reason: reason))
      case .peerRestarted(let producerEpoch):
        handler(.peerRestarted(producerEpoch: producerEpoch))
      case .snapshotNeeded(let reason):
        handler(.snapshotNeeded(reason))
      case .quarantined(let position, let body, let reason):
        handler(.quarantined(position, body: body, reason: reason))
      case .broken:
        closeTransport()
        reportState()
      case .live, .congested, .relieved:
        reportState()
      }
    }
  }

  private func deliver(_ body: [UInt8], _ position: StreamPosition) {
    do {
      handler(.received(try coder.decode(Incoming.self, from: body), position))
    } catch {
      perform(machine.rejected(position, body: body, problem: "\(error)"))
    }
  }

  private func reportState() {
    let state = machine.state
    guard state != reportedState else { return }
    reportedState = state
    handler(.changed(state))
  }

  private func writeOutput() {
    guard let transport, transport.canWrite else { return }
    while true {
      if !transport.hasOutput {
        machine.produce(into: &transport.output, limit: LinkTransport.writeChunk)
        guard transport.hasOutput else { return transport.stopWaitingUntilWritable() }
      }
      switch transport.write() {
      case .bytes:
        continue
      case .blocked:
        return transport.waitUntilWritable { [weak self] in self?.writeEndIsReady($0) }
      case .ended:
        return peerReadsNoMore()
      case .failed(let fault):
        return perform(machine.failed(fault))
      }
    }
  }

  private func writeEndIsReady(_ readiness: Readiness) {
    if readiness.contains(.hungUp) {
      peerReadsNoMore()
    } else {
      writeOutput()
    }
  }

  /// What the peer wrote before it died is still read; the end of its pipe ends the link.
  private func peerReadsNoMore() {
    transport?.closeWriteEnd()
    halfOpenSince = watcher.now
    tickLater()
  }
}

// The streams.
extension PeerLink {
  /// Encodes a message and queues it.
  ///
  /// - Throws: `SendRefusal`; the message is not taken then.
  package func send(_ message: Outgoing, priority: SendPriority = .reliable) throws(SendRefusal) {
    machine.advance(to: watcher.now)
    try machine.accept(try encode(message), priority: priority)
    tickLater()
  }

  /// Queues the messages from which the peer can go on; the answer to `snapshotNeeded`, now or
  /// later, or a way out of a full backlog. See `LinkMachine.accept(snapshot:replacing:)`.
  ///
  /// - Throws: `SendRefusal`; nothing is changed then.
  package func sendSnapshot(
    _ messages: [Outgoing], replacing replacement: SnapshotReplacement
  ) throws(SendRefusal) {
    var bodies: [[UInt8]] = []
    for message in messages { bodies.append(try encode(message)) }
    machine.advance(to: watcher.now)
    defer { tickLater() }
    perform(try machine.accept(snapshot: bodies, replacing: replacement))
  }

  private func encode(_ message: Outgoing) throws(SendRefusal) -> [UInt8] {
    do {
      return try coder.encode(message)
    } catch {
      throw .unencodable("\(error)")
    }
  }

  /// What was received or skipped, through `position`, has taken effect.
  package func commit(through position: StreamPosition) {
    machine.commit(through: position)
    tickLater()
  }

  /// Writes what is queued, as far as window and pipe allow, and acknowledges what is committed.
  package func flush() {
    machine.requestAcknowledgement()
    writeOutput()
  }

  /// Writes what is queued and leaves the acknowledgement to gather: it goes by the link's clock, a
  /// tenth of a second after the first commit that it is for, or as soon as
  /// `LinkLimits.acknowledgeEvery` messages wait for it. The peer is not woken up for every message
  /// that it sends.
  package func flushMessages() {
    writeOutput()
  }
}

// The clock.
extension PeerLink {
  /// Has the clock go if anything waits for it. Called behind everything that can make something
  /// wait: while the clock stands, nobody looks.
  private func tickLater() {
    guard !isTicking, transport != nil, machine.waitsForTime || halfOpenSince != nil else { return }
    isTicking = true
    watcher.call(after: tickInterval) { [weak self] in
      guard let self else { return }
      isTicking = false
      tick(at: watcher.now)
      tickLater()
    }
  }

  private func tick(at now: MonotonicInstant) {
    if let halfOpenSince, now - halfOpenSince >= halfOpenGrace {
      perform(machine.failed(.halfOpen))
    }
    perform(machine.tick(at: now))
    writeOutput()
  }
}
