import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit
import Synchronization
import TraderFeed

/// A riskd as a trader's screen sees it: a folder with run/trader.sock, served on a thread.
final class FeedStand: Sendable {
  let root: String

  private struct Shared {
    var inbox: ReactorInbox?
    var bound: ReactorBound<TraderServer>?
    var reactor: ReactorBound<Reactor>?
    var asked: [TraderRequest] = []
    var failure: String?
    var hasEnded = false
  }

  private let shared = Mutex(Shared())

  init() throws {
    root = NSTemporaryDirectory() + "risktop-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: root + "/run", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var asked: [TraderRequest] { shared.withLock(\.asked) }

  /// Begins to listen, and serves until `stop`.
  func start() {
    shared.withLock { $0.hasEnded = false }
    let thread = Thread { [self] in serve() }
    thread.start()
    _ = eventually { self.shared.withLock { $0.bound != nil || $0.failure != nil } }
  }

  func publish(_ feed: TraderFeed) {
    let (inbox, bound) = shared.withLock { ($0.inbox, $0.bound) }
    inbox?.post { bound?.value.publish(feed) }
  }

  func stop() {
    let (inbox, bound, reactor) = shared.withLock { ($0.inbox, $0.bound, $0.reactor) }
    inbox?.post {
      bound?.value.close()
      reactor?.value.stop()
    }
    _ = eventually { self.shared.withLock(\.hasEnded) }
  }

  private func serve() {
    do {
      let reactor = try Reactor()
      let server = try TraderServer(
        path: root + "/run/trader.sock", access: .forOwnUser(), on: reactor
      ) { [self] request, _ in
        shared.withLock { $0.asked.append(request) }
        return nil
      }
      shared.withLock {
        $0.inbox = reactor.inbox
        $0.bound = ReactorBound(server, reactor.inbox)
        $0.reactor = ReactorBound(reactor, reactor.inbox)
      }
      reactor.run()
    } catch {
      shared.withLock { $0.failure = "\(error)" }
    }
    shared.withLock {
      $0.inbox = nil
      $0.bound = nil
      $0.reactor = nil
      $0.hasEnded = true
    }
  }

  /// An account at this moment with a realized result.
  static func feed(realized dollars: Int64, clockedIn: Bool = false) -> TraderFeed {
    let now = SystemClock().now()
    let day = TradingDayRule.standard
    let date = day.tradingDate(at: now)
    var account = AccountReport(
      id: AccountID(1_001), at: now, tradingDate: date, dayStartedAt: day.start(of: date),
      dayEndsAt: day.end(of: date))
    account.name = "50KTC-V2"
    account.realized = Money(dollars: dollars)
    account.open = .zero
    account.costs = .zero
    return TraderFeed(
      at: now, accounts: [account], clock: ClockReport(clockedInAt: clockedIn ? now : nil))
  }
}

/// Polls until the condition holds, for at most half a minute.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<3_000 {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}

/// The program that was built beside these tests.
func builtProgram(_ name: String) -> String {
  let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  return URL(filePath: own).deletingLastPathComponent().appending(path: name).path()
}

/// Runs a program to its end.
func run(
  _ program: String, _ arguments: [String]
) throws -> (code: Int32, output: String, complaint: String) {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  process.standardInput = FileHandle.nullDevice
  let output = Pipe()
  let complaint = Pipe()
  process.standardOutput = output
  process.standardError = complaint
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let problems = complaint.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (
    process.terminationStatus, String(decoding: text, as: UTF8.self),
    String(decoding: problems, as: UTF8.self)
  )
}
