import PeerProtocol
import RiskModel

/// One end of a link between two roles: the link machine of the workers over simulated pipes.
final class LinkEnd<Outgoing: Codable & Sendable, Incoming: Codable & Sendable> {
  private static var tick: TimeSpan { .milliseconds(100) }

  var received: (Incoming, StreamPosition) -> Void = { _, _ in }
  var skipped: (StreamPosition) -> Void = { _ in }
  var snapshotNeeded: () -> Void = {}
  var changed: (Bool) -> Void = { _ in }
  /// The link is of no use any more; the supervisor makes another.
  var broken: (LinkFault) -> Void = { _ in }

  private unowned let world: World
  private var machine: LinkMachine
  private let coder = MessageCoder()
  private var decoder = FrameDecoder()
  private var input: Wire?
  private var output: Wire?
  private var isTicking = false
  private var wasUp = false

  init(_ world: World, producerEpoch: Int64, committed: StreamPosition?) {
    self.world = world
    machine = LinkMachine(
      producerEpoch: producerEpoch, committed: committed, now: world.clock.monotonicNow())
  }

  var isUp: Bool { machine.state == .live || machine.state == .congested }
  var figures: LinkFigures { machine.figures }

  /// Takes a fresh pair of pipes into use.
  func open(epoch: Int64, input: Wire, output: Wire) {
    decoder = FrameDecoder()
    self.input = input
    self.output = output
    input.arrived = { [weak self, weak input] in
      guard let self, let input, input === self.input else { return }
      take($0)
    }
    output.drained = { [weak self] in self?.write() }
    machine.advance(to: world.clock.monotonicNow())
    machine.opened(linkEpoch: epoch)
    report()
    write()
    tickLater()
  }

  /// The other end is gone.
  func peerEnded() {
    guard input != nil else { return }
    perform(machine.failed(.peerClosed(discardedBytes: decoder.pendingBytes)))
  }

  @discardableResult
  func send(_ message: Outgoing, priority: SendPriority = .reliable) -> Bool {
    guard let body = try? coder.encode(message) else {
      preconditionFailure("Invariant: \(message) can be encoded")
    }
    machine.advance(to: world.clock.monotonicNow())
    defer { tickLater() }
    do throws(SendRefusal) {
      try machine.accept(body, priority: priority)
      return true
    } catch {
      return false
    }
  }

  func sendSnapshot(_ messages: [Outgoing]) {
    machine.advance(to: world.clock.monotonicNow())
    defer { tickLater() }
    do {
      let bodies = try messages.map { try coder.encode($0) }
      perform(try machine.accept(snapshot: bodies, replacing: .everything))
    } catch {
      preconditionFailure("Invariant: a snapshot fits its link (\(error))")
    }
    write()
  }

  func commit(through position: StreamPosition) {
    machine.commit(through: position)
    tickLater()
  }

  func flush() { write() }

  private func take(_ bytes: [UInt8]) {
    machine.advance(to: world.clock.monotonicNow())
    decoder.append(bytes)
    let taken = input
    do throws(LinkFault) {
      while taken === input, input != nil, let frame = try decoder.next() {
        perform(machine.received(frame))
      }
    } catch {
      perform(machine.failed(error))
    }
    write()
    tickLater()
  }

  private func perform(_ actions: [LinkMachine.Action]) {
    for action in actions {
      switch action {
      case .deliver(let body, let position): deliver(body, position)
      case .skipped(let position, _): skipped(position)
      case .snapshotNeeded: snapshotNeeded()
      case .broken(let fault):
        input?.cut()
        output?.cut()
        input = nil
        output = nil
        world.note("a link is broken: \(fault)")
        report()
        broken(fault)
      case .quarantined(let position, _, let reason):
        world.note("message \(position) is in quarantine: \(reason)")
      case .peerRestarted: continue
      case .live, .congested, .relieved: report()
      }
    }
  }

  private func deliver(_ body: [UInt8], _ position: StreamPosition) {
    do {
      received(try coder.decode(Incoming.self, from: body), position)
    } catch {
      perform(machine.rejected(position, body: body, problem: "\(error)"))
    }
  }

  private func report() {
    guard isUp != wasUp else { return }
    wasUp = isUp
    changed(isUp)
  }

  private func write() {
    guard let output, output.hasRoom else { return }
    var bytes: [UInt8] = []
    machine.produce(into: &bytes, limit: 65_536)
    guard !bytes.isEmpty else { return }
    output.write(bytes)
  }

  /// As `PeerLink` does: ten times a second while something waits.
  private func tickLater() {
    guard !isTicking, machine.waitsForTime else { return }
    isTicking = true
    world.agenda.after(Self.tick) { [weak self] in
      guard let self else { return }
      isTicking = false
      perform(machine.tick(at: world.clock.monotonicNow()))
      write()
      tickLater()
    }
  }
}
