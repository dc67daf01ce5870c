import EvaluatorRole
import PeerProtocol
import RiskModel
import RiskTestKit

/// The machine: three workers, the two links between them, a disk and a supervisor of a few lines.
///
/// It does what the supervisor of the product does to links and workers: a worker that died is
/// started again after a while, and each start of an end gets a fresh pair of pipes.
final class Machine {
  private unowned let world: World
  let disk: any WorldDisk
  private(set) var gateway: SimulatedGateway?
  private(set) var evaluator: SimulatedEvaluator?
  private(set) var enforcer: SimulatedEnforcer?
  private var feedWires: [Wire] = []
  private var verdictWires: [Wire] = []
  private var linkEpoch: Int64 = 0
  private var producerEpoch: Int64 = 0
  private var isOff = false
  let tokens = TokenFile()

  init(_ world: World) {
    self.world = world
    disk = world.options.usesDatabase ? DatabaseDisk(world) : MemoryDisk(world)
  }

  func start() {
    for worker in [WorkerName.enforcer, .evaluator, .gateway] { start(worker) }
  }

  /// Whether everything runs and is connected.
  var isWhole: Bool {
    evaluator?.feed.isUp == true && evaluator?.verdict.isUp == true
      && evaluator?.role.isRecorded == true
  }

  func end() {
    isOff = true
    gateway = nil
    evaluator = nil
    enforcer = nil
    disk.close()
  }

  private func start(_ worker: WorkerName) {
    guard !isOff else { return }
    let life = Life(worker, world)
    world.note("\(worker.rawValue) starts")
    switch worker {
    case .gateway where gateway == nil:
      gateway = SimulatedGateway(world, life)
      gateway?.start()
      linkFeed()
    case .evaluator where evaluator == nil:
      guard let evaluator = SimulatedEvaluator(world, life) else { return startLater(worker) }
      self.evaluator = evaluator
      linkFeed()
      linkVerdict()
    case .enforcer where enforcer == nil:
      enforcer = SimulatedEnforcer(world, life)
      enforcer?.start()
      linkVerdict()
    default: return
    }
  }

  private func startLater(_ worker: WorkerName) {
    // The first restart comes at once, later ones wait.
    let pause = world.random.chance(60) ? world.span(5...60) : world.span(60...4_000)
    world.agenda.after(pause) { [weak self] in self?.start(worker) }
  }

  private func linkFeed() {
    guard let gateway, let evaluator else { return }
    feedWires = connect(gateway.feed, evaluator.feed, replacing: feedWires)
  }

  private func linkVerdict() {
    guard let evaluator, let enforcer else { return }
    verdictWires = connect(evaluator.verdict, enforcer.link, replacing: verdictWires)
  }

  private func connect<A, B>(
    _ one: LinkEnd<A, B>, _ other: LinkEnd<B, A>, replacing old: [Wire]
  ) -> [Wire] {
    for wire in old { wire.cut() }
    linkEpoch += 1
    world.auditor.count("links")
    let wires = [Wire(world), Wire(world)]
    one.open(epoch: linkEpoch, input: wires[0], output: wires[1])
    other.open(epoch: linkEpoch, input: wires[1], output: wires[0])
    return wires
  }

  /// The workers take the time of their start; here no two starts have the same.
  func nextProducerEpoch() -> Int64 {
    producerEpoch += 1
    return producerEpoch
  }

  /// A link is broken at one end: the supervisor hears of it and makes another.
  func linkBroke(isFeed: Bool) {
    world.agenda.after(world.span(1...30)) { [weak self] in
      guard let self, !isOff else { return }
      if isFeed {
        if gateway?.feed.isUp != true || evaluator?.feed.isUp != true { linkFeed() }
      } else if evaluator?.verdict.isUp != true || enforcer?.link.isUp != true {
        linkVerdict()
      }
    }
  }
}

// What ends.
extension Machine {
  /// A process is dead. What it had written is still read; then its neighbours see the end.
  func ended(_ life: Life) {
    // Its role may be at work: it is let go when that is over.
    world.agenda.after(.zero) { [self] in
      switch life.worker {
      case .gateway where gateway?.life === life:
        gateway = nil
        world.hubs.ended(life)
        hangUp(isFeed: true) { $0.evaluator?.feed.peerEnded() }
      case .evaluator where evaluator?.life === life:
        evaluator = nil
        disk.processEnded()
        hangUp(isFeed: true) { $0.gateway?.feed.peerEnded() }
        hangUp(isFeed: false) { $0.enforcer?.link.peerEnded() }
      case .enforcer where enforcer?.life === life:
        enforcer = nil
        world.auditor.enforcerEnded()
        hangUp(isFeed: false) { $0.evaluator?.verdict.peerEnded() }
      default: return
      }
      startLater(life.worker)
    }
  }

  /// The other end sees the end of the pipe, unless it has a fresh one by then.
  private func hangUp(isFeed: Bool, _ body: @escaping (Machine) -> Void) {
    let wire = (isFeed ? feedWires : verdictWires).first
    world.agenda.after(world.span(upTo: .milliseconds(10))) { [weak self] in
      guard let self, wire === (isFeed ? feedWires : verdictWires).first else { return }
      body(self)
    }
  }

  func kill(_ worker: WorkerName) {
    let lives = [gateway?.life, evaluator?.life, enforcer?.life]
    lives.compactMap(\.self).first { $0.worker == worker }?.end("killed")
  }

  /// Pulls the plug: all processes end, and the disk forgets what it may forget.
  func cutPower() {
    world.note("the power is cut")
    world.auditor.count("power cuts")
    for worker in WorkerName.allCases { kill(worker) }
    disk.cutPower()
  }

  func cutLink(isFeed: Bool) {
    world.note("the \(isFeed ? "feed" : "verdict") link is cut")
    if isFeed {
      for wire in feedWires { wire.cut() }
      gateway?.feed.peerEnded()
      evaluator?.feed.peerEnded()
    } else {
      for wire in verdictWires { wire.cut() }
      evaluator?.verdict.peerEnded()
      enforcer?.link.peerEnded()
    }
  }

  func fillDisk(for span: TimeSpan) {
    world.note("the disk is full for \(span.milliseconds) ms")
    disk.isFull = true
    world.agenda.after(span) { [weak self] in self?.disk.isFull = false }
  }

  func mend() { disk.isFull = false }
}
