import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
@testable import Supervision
import Synchronization
import Testing

/// A control server on a loop of its own thread, in a fresh directory.
///
/// It answers `status` and `history` at once and leaves a restart that waits unanswered until
/// `finishRestarts`.
final class ServedSocket: Sendable {
  let directory: String
  var path: String { directory + "/control.sock" }

  private struct Shared {
    var inbox: ReactorInbox?
    var server: ReactorBound<ControlServer>?
    var reactor: ReactorBound<Reactor>?
    var failure: ControlError?
    var peers: [PeerCredentials] = []
    var waiting: [ControlClientID] = []
    var requests: [ControlRequest] = []
    var clients: Int?
    var hasEnded = false
  }

  private let shared = Mutex(Shared())

  init(limits: ControlLimits = ControlLimits(), group: UInt32? = nil) throws {
    directory = try makeDirectory()
    let thread = Thread { [self] in serve(limits, group) }
    thread.start()
    try #require(eventually { self.shared.withLock { $0.server != nil || $0.failure != nil } })
    if let failure = shared.withLock(\.failure) { throw failure }
  }

  var peers: [PeerCredentials] { shared.withLock(\.peers) }
  var requests: [ControlRequest] { shared.withLock(\.requests) }
  var waiting: Int { shared.withLock { $0.waiting.count } }

  func clients() throws -> Int {
    shared.withLock { $0.clients = nil }
    onLoop { server in self.shared.withLock { $0.clients = server.clients } }
    try #require(eventually { self.shared.withLock { $0.clients != nil } })
    return shared.withLock { $0.clients ?? 0 }
  }

  func finishRestarts() {
    let waiting = shared.withLock { shared in
      defer { shared.waiting = [] }
      return shared.waiting
    }
    onLoop { server in
      for client in waiting { server.reply(.restarted(.evaluator, isReady: true), to: client) }
    }
  }

  /// Ends the loop and removes the directory.
  func end() throws {
    let (inbox, reactor) = shared.withLock { ($0.inbox, $0.reactor) }
    onLoop { $0.close() }
    inbox?.post { reactor?.value.stop() }
    try #require(eventually { self.shared.withLock(\.hasEnded) })
    try FileManager.default.removeItem(atPath: directory)
  }

  private func onLoop(_ body: @escaping @Sendable (ControlServer) -> Void) {
    let (inbox, server) = shared.withLock { ($0.inbox, $0.server) }
    inbox?.post { if let server { body(server.value) } }
  }

  private func serve(_ limits: ControlLimits, _ group: UInt32?) {
    do throws(ControlError) {
      guard let reactor = try? Reactor() else { throw .timedOut }
      let holder = ServerHolder()
      let server = try ControlServer(path: path, group: group, limits: limits, on: reactor) {
        request, peer, client in
        self.shared.withLock {
          $0.peers.append(peer)
          $0.requests.append(request)
        }
        self.answer(request, to: client, of: holder)
      }
      holder.server = server
      shared.withLock {
        $0.inbox = reactor.inbox
        $0.reactor = ReactorBound(reactor, reactor.inbox)
        $0.server = ReactorBound(server, reactor.inbox)
      }
      reactor.run()
      shared.withLock {
        $0.server = nil
        $0.reactor = nil
        $0.hasEnded = true
      }
    } catch {
      shared.withLock { $0.failure = error }
    }
  }

  private func answer(
    _ request: ControlRequest, to client: ControlClientID, of holder: ServerHolder
  ) {
    switch request {
    case .status:
      holder.server?.reply(.status(sampleReport()), to: client)
    case .history(let limit):
      holder.server?.reply(.history(sampleHistory(limit)), to: client)
    case .restart(let restart) where restart.wait:
      shared.withLock { $0.waiting.append(client) }
    case .reload:
      holder.server?.reply(.reload(ReloadReport(restarted: [.evaluator])), to: client)
    case .lockouts:
      holder.server?.reply(.lockouts([sampleLockout()]), to: client)
    case .endLockout(let id):
      holder.server?.reply(.lockoutEnded(id, standing: []), to: client)
    case .restart(let restart):
      holder.server?.reply(.restarted(restart.worker, isReady: false), to: client)
    }
  }

  private final class ServerHolder {
    weak var server: ControlServer?
  }
}

func sampleLockout() -> LockoutReport {
  LockoutReport(
    id: "184-0", account: 1001, rule: "daily_realized_loss", code: "DAILY_LOSS_REACHED",
    reason: "Today's result is -530.00 realized; the daily loss limit is 500.00.",
    scope: "account", isHard: true, since: "2025-11-21T14:30:00.250Z",
    end: "an administrator ends it", until: nil, isPermanent: true, reentries: 2)
}

/// Polls until the condition holds, for at most half a minute.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<15_000 {
    if condition() { return true }
    usleep(2_000)
  }
  return condition()
}

func makeDirectory() throws -> String {
  let path = NSTemporaryDirectory() + "riskd-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

/// A client that may send whatever it likes.
struct RawClient: ~Copyable {
  let number: Int32

  init(_ path: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let result = withSocketAddress(path) { [number] in connect(number, $0, $1) }
    try #require(result == 0)
  }

  deinit { close(number) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes {
      Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// What arrives until the end of a line or of the stream; the empty text is the end.
  func line(within seconds: Int32 = 30) -> String? {
    var text: [UInt8] = []
    while text.last != UInt8(ascii: "\n") {
      var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, seconds * 1_000) > 0 else { return nil }
      var byte: UInt8 = 0
      guard recv(number, &byte, 1, 0) == 1 else { break }
      text.append(byte)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

func sampleReport(_ state: OverallState = .running) -> StatusReport {
  StatusReport(
    state: state, since: "2025-11-21T14:30:00.000Z", time: "2025-11-21T15:30:00.000Z",
    version: "1.2.3",
    release: StatusReport.Release(id: nil, state: .unmanaged), isReady: true, problem: nil,
    workers: [
      StatusReport.Worker(
        name: .enforcer, state: .ready, pid: 101, since: "2025-11-21T14:30:00.000Z",
        uptimeSeconds: 3_600, life: 1, deathsInWindow: 0, lastCause: nil, lastDeath: nil,
        links: [StatusReport.Link(name: .verdict, epoch: 2, isConfirmed: true)],
        progress: WorkerProgress(loops: 7, inputs: 1_234, outputs: 5, backlog: 0),
        answerMilliseconds: 1, degraded: nil),
      StatusReport.Worker(
        name: .evaluator, state: .pausing, pid: nil, since: nil, uptimeSeconds: nil, life: 3,
        deathsInWindow: 2, lastCause: "signal 11 (SIGSEGV)",
        lastDeath: "2025-11-21T15:29:59.000Z",
        links: [
          StatusReport.Link(name: .feed, epoch: 4, isConfirmed: false),
          StatusReport.Link(name: .verdict, epoch: 2, isConfirmed: true),
        ],
        progress: nil, answerMilliseconds: nil, degraded: nil),
    ],
    deathsInWindow: 2, windowSeconds: 600, crashLoop: nil)
}

func sampleHistory(_ count: Int) -> [HistoryEntry] {
  let moment = Moment(
    monotonic: MonotonicInstant(nanos: 0), boot: BootInstant(nanos: 0),
    civil: Instant(secondsSinceEpoch: 1_763_735_400))
  return (0..<count).map {
    HistoryEntry(
      at: moment, .death, worker: .gateway, pid: Int32($0), cause: "exit 1", isCounted: true,
      deathsInWindow: 1, text: "gateway stopped: exit 1")
  }
}
