import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import Settings
import SimulatedVenue
import Supervision
import Synchronization
import Testing

@testable import Workers

/// The three workers on threads of this process, with a supervisor of few words: it starts them,
/// links them, restarts them and asks what they have done.
final class HostedWorkers: @unchecked Sendable {
  // Safety: what is not behind `shared` is used on the supervising thread alone.
  struct Shared {
    var ready: Set<WorkerName> = []
    var answers: [WorkerName: WorkerProgress] = [:]
    var outcomes: [WorkerName: [WorkerOutcome]] = [:]
    var degraded: [WorkerName: String?] = [:]
  }

  let venue: SimulatedVenueServer
  let folder: TemporaryFolder
  let shared = Mutex(Shared())
  private let supervisor: ReactorInbox
  private let desk: Desk
  private let settings: RiskdSettings
  private let credentials: VenueCredentials

  /// What lives on the supervising thread.
  final class Desk: @unchecked Sendable {
    let reactor: Reactor
    var channels: [WorkerName: ControlChannel<SupervisorMessage, WorkerMessage>] = [:]
    var epochs: [LinkName: Int64] = [:]
    init(_ reactor: Reactor) { self.reactor = reactor }
  }

  init(_ configure: (inout SimulatedVenueConfiguration) -> Void = { _ in }) throws {
    var configuration = SimulatedVenueConfiguration()
    configure(&configuration)
    venue = try SimulatedVenueServer.start(configuration)
    folder = TemporaryFolder("riskd-hosted")
    (settings, credentials) = try HostedWorkers.configuration(folder, venue.port)
    let started = Mutex<Desk?>(nil)
    Thread.detach {
      guard let reactor = try? Reactor() else { return }
      started.withLock { $0 = Desk(reactor) }
      reactor.run()
    }
    desk = try #require(Self.poll { started.withLock { $0 } })
    supervisor = desk.reactor.inbox
  }

  private static func configuration(
    _ folder: TemporaryFolder, _ port: Int
  ) throws -> (RiskdSettings, VenueCredentials) {
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "config/demo")
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder.file("config"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    try files.createDirectory(
      atPath: folder.file("data"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    for (name, target) in [
      ("config.yaml", "config/config.yaml"), ("risk_config.yaml", "config/risk_config.yaml"),
      ("accounts.yaml", "config/accounts.yaml"), ("env.example", ".env"),
    ] {
      let data = try Data(contentsOf: source.appending(path: name))
      try data.write(to: URL(filePath: folder.file(target)))
      _ = chmod(folder.file(target), 0o600)
    }
    let outcome = SettingsLoader.load(
      root: folder.path,
      environment: [
        "RISKD_VENUE_BASE_URL": "http://127.0.0.1:\(port)",
        "RISKD_USER_HUB_URL": "ws://127.0.0.1:\(port)/hubs/user",
        "RISKD_MARKET_HUB_URL": "ws://127.0.0.1:\(port)/hubs/market",
      ])
    guard case .accepted(let settings, let credentials, _) = outcome else {
      throw JournalFault("the demo configuration is not accepted: \(outcome)")
    }
    return (settings, credentials)
  }

  struct JournalFault: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
  }

  func startAll() throws {
    for name in WorkerName.allCases { try start(name) }
    link(.verdict)
    link(.feed)
    for name in WorkerName.allCases {
      try #require(Self.waits { self.isReady(name) }, "\(name) is ready")
    }
  }

  func start(_ name: WorkerName) throws {
    let briefing = try WorkerBriefing(
      for: name, root: folder.path, settings: settings, credentials: credentials
    ).encoded()
    let ends = try ControlPacket.makeEnds()
    onSupervisor { desk in
      let channel = try? ControlChannel<SupervisorMessage, WorkerMessage>(
        ends.supervisor, on: desk.reactor
      ) { [weak self] event in
        if case .message(let message, _) = event { self?.heard(message, name) }
      }
      desk.channels[name] = channel
      channel?.send(.start(settings: briefing))
    }
    Thread.detach { [weak self] in
      guard let reactor = try? Reactor(),
        let host = try? WorkerHost(reactor: reactor, control: ends.worker, lastResort: .none)
      else { return }
      let worker = Worker(name, reactor: reactor, host: host, bootstrapsLogging: false)
      let outcome = (try? host.run(worker)) ?? .internalFailure
      self?.shared.withLock { $0.outcomes[name, default: []].append(outcome) }
    }
  }

  private func heard(_ message: WorkerMessage, _ name: WorkerName) {
    shared.withLock { shared in
      switch message {
      case .ready: shared.ready.insert(name)
      case .answer(_, let progress): shared.answers[name] = progress
      case .degraded(let reason): shared.degraded[name] = reason
      case .linkReplaced, .linkBroken: break
      }
    }
  }

  /// Fresh pipes for a link, given to both ends.
  func link(_ name: LinkName) {
    onSupervisor { desk in
      guard let there = try? PipePair.make(), let back = try? PipePair.make() else { return }
      let epoch = desk.epochs[name, default: 0] + 1
      desk.epochs[name] = epoch
      let (first, second) = name.ends
      desk.channels[first]?.send(
        .link(name, epoch: epoch), descriptors: [there.readEnd, back.writeEnd])
      desk.channels[second]?.send(
        .link(name, epoch: epoch), descriptors: [back.readEnd, there.writeEnd])
    }
  }

  func stop(_ name: WorkerName) throws {
    let before = shared.withLock { $0.outcomes[name]?.count ?? 0 }
    onSupervisor { $0.channels[name]?.send(.stop) }
    try #require(
      Self.waits { self.shared.withLock { ($0.outcomes[name]?.count ?? 0) > before } })
    onSupervisor {
      $0.channels[name]?.close()
      $0.channels[name] = nil
    }
    shared.withLock { _ = $0.ready.remove(name) }
  }

  func abandon(_ name: WorkerName) {
    onSupervisor {
      $0.channels[name]?.close()
      $0.channels[name] = nil
    }
  }

  func progress(of name: WorkerName) -> WorkerProgress? {
    shared.withLock { $0.answers[name] = nil }
    onSupervisor { $0.channels[name]?.send(.challenge(nonce: 1)) }
    return Self.poll { self.shared.withLock { $0.answers[name] } }
  }

  func isReady(_ name: WorkerName) -> Bool { shared.withLock { $0.ready.contains(name) } }

  func end() {
    for name in [WorkerName.gateway, .evaluator, .enforcer] where isReady(name) {
      try? stop(name)
    }
    onSupervisor { $0.reactor.stop() }
    venue.stop()
    folder.remove()
  }

  private func onSupervisor(_ work: @escaping @Sendable (Desk) -> Void) {
    let desk = self.desk
    supervisor.post { work(desk) }
  }

  static func waits(_ condition: () -> Bool) -> Bool {
    poll { condition() ? true : nil } ?? false
  }

  static func poll<Value>(seconds: Int = 20, _ condition: () -> Value?) -> Value? {
    for _ in 0..<(seconds * 100) {
      if let value = condition() { return value }
      usleep(10_000)
    }
    return condition()
  }
}

enum Thread {
  static func detach(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }, box)
    pthread_detach(thread)
  }
}
