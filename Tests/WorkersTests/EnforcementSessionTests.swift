import GatewayRole
import Glibc
import ProcessControl
import RequestWindow
import RiskModel
import Settings
import SimulatedVenue
import Testing
import TokenStore
import VenueAPI

@testable import Workers

/// Where the enforcer has its token from, and that no neighbour can keep it from having one.
@Suite(.serialized) struct EnforcementSessionTests {
  private func session(
    _ bench: EdgeBench, _ configure: (inout TokenTiming) -> Void = { _ in }
  ) -> EnforcementSession {
    var timing = EnforcementSession.timing(bench.briefing.settings.venue.token)
    configure(&timing)
    let pace = EnforcementPace(
      venue: bench.connections, window: .shared(bench.briefing, bench.logger),
      reactor: bench.reactor)
    return EnforcementSession(
      store: SessionToken(bench.store, logger: bench.logger), pace: pace, reactor: bench.reactor,
      key: bench.key, timing: timing, logger: bench.logger)
  }

  /// A process that holds the lock and does not run.
  private func stoppedHolder(of lock: String) throws -> ChildProcess {
    let names = ["/usr/bin/flock", "/bin/flock"]
    let found = names.first { (name: String) in access(name, X_OK) == 0 }
    let path = try #require(found, "util-linux is installed")
    let holder = try ChildProcess.spawn(
      ChildLaunch(
        executable: path, arguments: ["--no-fork", "--exclusive", lock, "/bin/sleep", "600"]))
    return holder
  }

  @Test func `the first sign-in is stored for everyone`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let session = session(bench)
    session.start()
    bench.turn { session.token != nil }
    #expect(try bench.store.load() == session.token)
    let lock = try #require(try bench.store.tryLock())
    lock.release()
    let second = self.session(bench)
    second.start()
    #expect(second.token == session.token)
    #expect(bench.venue.requests(.login).count == 1)
  }

  @Test func `a newer token of the store is tried before a sign-in`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let session = session(bench)
    session.start()
    bench.turn { session.token != nil }
    let dead = try #require(session.token)
    let newer = try bench.signIn()
    try bench.store.save(newer)
    session.refuse(dead)
    #expect(session.token == newer)
    session.refuse(dead)
    #expect(session.token == newer)
    // Both are refused: the store has nothing that is worth a try.
    session.refuse(newer)
    session.need()
    bench.turn { session.token != nil }
    #expect(session.token != newer && session.token != dead)
    #expect(try bench.store.load() == session.token)
    #expect(bench.venue.requests(.login).count == 3)
  }

  @Test func `a stopped process that holds the lock costs half a second, and nothing is stored`()
    throws
  {
    let bench = try EdgeBench()
    defer { bench.close() }
    let holder = try stoppedHolder(of: bench.store.lockPath)
    defer {
      Glibc.kill(holder.pid, SIGKILL)
      waitpid(holder.pid, nil, 0)
    }
    bench.turn {
      guard let lock = try? bench.store.tryLock() else { return true }
      lock.release()
      return false
    }
    #expect(Glibc.kill(holder.pid, SIGSTOP) == 0)
    let session = session(bench)
    let began = bench.reactor.clock.monotonicNow()
    session.start()
    #expect(session.token == nil)
    bench.turn { session.token != nil }
    let waited = bench.reactor.clock.monotonicNow() - began
    #expect(waited >= EnforcementSession.lockPatience)
    #expect(try bench.store.load() == nil)
    #expect(bench.logged("the enforcer signs in by itself") == 1)
  }

  @Test func `a token that the holder of the lock stores meanwhile is taken`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let lock = try #require(try bench.store.tryLock())
    let session = session(bench)
    session.start()
    let token = try bench.signIn()
    try bench.store.save(token)
    bench.turn { session.token != nil }
    #expect(session.token == token)
    #expect(bench.venue.requests(.login).count == 1)
    lock.release()
  }

  @Test func `a store that cannot be used is said once and is in nobody's way`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    try bench.store.save(VenueToken("a.b.c"))
    chmod(bench.store.path, 0o644)
    let session = session(bench)
    session.start()
    bench.turn { session.token != nil }
    #expect(bench.logged("is open to others (mode 644)") == 1)
    #expect(try bench.store.load() == session.token)
    var status = stat()
    #expect(stat(bench.store.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  /// Turns the reactor for so long, whatever happens.
  private func pass(_ time: TimeSpan, _ bench: EdgeBench) {
    var isOver = false
    bench.reactor.schedule(after: time) { isOver = true }
    bench.turn { isOver }
  }

  private func refuseKey(_ bench: EdgeBench) {
    bench.venue.addFault(
      .request(
        .login, .envelope(success: false, code: 9, message: nil, applied: false), count: nil))
  }

  @Test func `a refused key is told each time and asked again slowly, however many need a token`()
    throws
  {
    let bench = try EdgeBench()
    defer { bench.close() }
    refuseKey(bench)
    let session = session(bench) { $0.refusedInterval = .seconds(1) }
    var reasons: [String] = []
    session.failed = { reasons.append($0) }
    session.start()
    bench.turn { !reasons.isEmpty }
    #expect(reasons.first?.contains("apiSubscriptionNotFound") == true)
    #expect(session.trouble?.contains("apiSubscriptionNotFound") == true)
    #expect(bench.logged("critical The enforcer cannot sign in") == 1)
    for _ in 0..<50 {
      session.need()
      pass(.milliseconds(4), bench)
    }
    #expect(bench.venue.requests(.login).count == 1)
    // It asks again by itself.
    bench.turn { bench.venue.requests(.login).count == 2 }
    bench.turn { bench.logged("critical The enforcer cannot sign in") == 2 }
    bench.venue.clearFaults()
    bench.turn { session.token != nil }
    #expect(bench.venue.requests(.login).count == 3 && session.trouble == nil)
    #expect(bench.logged("demo-key") == 0)
  }

  @Test func `a sign-in that fails is repeated three times soon and then patiently`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    bench.venue.addFault(
      .request(.login, .status(503, applied: false, retryAfter: nil), count: 5))
    let session = session(bench) {
      $0.retryDelays = [.milliseconds(20), .milliseconds(40), .milliseconds(60)]
      $0.retryInterval = .milliseconds(500)
    }
    session.start()
    for _ in 0..<20 {
      session.need()
      pass(.milliseconds(2), bench)
    }
    bench.turn { session.token != nil }
    let moments = bench.venue.requests(.login).map(\.receivedMonotonic)
    #expect(moments.count == 6)
    let least: [Int64] = [20, 40, 60, 500, 500]
    for (index, wait) in least.enumerated() where index + 1 < moments.count {
      #expect(moments[index + 1] - moments[index] >= .milliseconds(wait), "\(index)")
    }
    // A person is told once, when the quick attempts are over.
    #expect(bench.logged("critical The enforcer cannot sign in") == 1)
    #expect(bench.logged("error The enforcer cannot sign in") == 4)
    #expect(session.trouble == nil)
  }

  @Test func `what a neighbour stores is taken while the key is refused`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let token = try bench.signIn()
    refuseKey(bench)
    let session = session(bench)
    session.start()
    bench.turn { session.trouble != nil }
    try bench.store.save(token)
    session.need()
    #expect(session.token == token && session.trouble == nil)
    #expect(bench.venue.requests(.login).count == 2)
  }

  @Test func `the shipped waits are those of the configuration, and a position waits less`() throws
  {
    let bench = try EdgeBench()
    defer { bench.close() }
    let timing = EnforcementSession.timing(bench.briefing.settings.venue.token)
    #expect(
      (0..<5).map { timing.wait(for: .tryAgain, after: $0).milliseconds } == [
        1_000, 5_000, 15_000, 15_000, 15_000,
      ])
    #expect(timing.wait(for: .tellPerson, after: 0) == .seconds(300))
    #expect(timing.lead == .seconds(7_200))
  }
}
